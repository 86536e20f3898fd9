//! Compares all figures with those of other implementations: prints one table, and draws `plot.svg`. With `--build`, also builds the
//! minimal programs from scratch.
#![allow(clippy::print_stdout, reason = "what a program is for")]

use std::{
    collections::HashMap,
    error::Error,
    fs, io,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use sts_benches::{
    callgrind, clock,
    loopback::{self, Client, Rate, SERVE, Server},
    peers,
    plot::{self, Bar, Chart, round},
    program::{self, MINIMAL, STS},
    work::{self, OURS, Task},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if callgrind::run(&arguments, works) {
        return Ok(());
    }
    let is_building = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--build"] => true,
        [SERVE] => return Ok(loopback::serve()?),
        _ => return Err("usage: compare [--build]".into()),
    };
    let mut charts = in_memory()?;
    let server = Server::start()?;
    charts.push(over_loopback(&server.url)?);
    charts.extend(programs(&server.url, is_building)?);
    fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/plot.svg"), plot::svg(&charts))?;
    Ok(())
}

/// The tasks, each with our and other implementations.
fn works() -> Vec<work::Work> {
    let mut works = work::ours();
    works.extend(peers::all());
    works.sort_by_key(|work| Task::ALL.iter().position(|task| *task == work.task));
    works
}

fn in_memory() -> Result<Vec<Chart>, Box<dyn Error>> {
    println!("| in memory | by | µs | × sts-core | instructions | allocations |\n|---|---|---|---|---|---|");
    let mut works = works();
    let times = clock::fastest(&mut works);
    let ours: HashMap<_, _> = works
        .iter()
        .zip(&times)
        .filter(|(work, _)| work.by == OURS)
        .map(|(work, time)| (work.task.key(), *time))
        .collect();
    for (work, time) in works.iter().zip(&times) {
        let counts = callgrind::count(work.task, work.by)?;
        println!(
            "| {} | {} | {:.2} | {:.2} | {} | {} |",
            work.task.title(),
            work.by,
            time / 1000.0,
            time / ours[work.task.key()],
            counts.instructions,
            counts.allocations
        );
    }
    let chart = |title: &str, tasks: &[Task]| {
        let bars = works.iter().zip(&times).filter(|(work, _)| tasks.contains(&work.task));
        // Signing that includes the form represents signing.
        let bars = bars.filter(|(work, _)| tasks.len() == 1 || work.task == tasks[0] || work.by != OURS);
        let bar = |(work, time): (&work::Work, &f64)| bar(work.by, time / 1000.0, work.by == OURS);
        Chart { title: title.into(), bars: bars.map(bar).collect() }
    };
    Ok(vec![
        chart("Sign AssumeRole, µs (sts-core: with its form)", &[Task::SerialiseAndSign, Task::Sign]),
        chart("Read the response, µs", &[Task::Parse]),
        chart("Whole call in memory, µs", &[Task::WholeCall]),
    ])
}

fn over_loopback(url: &str) -> Result<Chart, Box<dyn Error>> {
    // Many short rounds: with one caller, a call takes two to four times as long in rounds where the system runs client and server on two
    // processors instead of one.
    const ROUNDS: usize = 9;
    const TIME: Duration = Duration::from_secs(1);
    println!("\n| over loopback, callers | by | calls/s | × bare | p50 µs | CPU µs/call | × bare |");
    println!("|---|---|---|---|---|---|---|");
    let mut bars = Vec::new();
    for callers in [1, 64] {
        let mut rounds: Vec<HashMap<Client, Rate>> = Vec::new();
        for _ in 0..ROUNDS {
            let rates = Client::ALL.map(|client| Ok((client, loopback::rate(client, callers, TIME, url)?)));
            rounds.push(rates.into_iter().collect::<io::Result<_>>()?);
        }
        for client in Client::ALL {
            let over_rounds = |figure: &dyn Fn(&Rate, &Rate) -> f64| {
                median(rounds.iter().map(|rates| figure(&rates[&client], &rates[&client.bare()])).collect())
            };
            let calls = over_rounds(&|rate, _| rate.calls_per_second);
            println!(
                "| {callers} | {} | {} | {:.2} | {} | {} | {:.2} |",
                client.name(),
                round(calls),
                over_rounds(&|rate, bare| rate.calls_per_second / bare.calls_per_second),
                round(over_rounds(&|rate, _| rate.median)),
                round(over_rounds(&|rate, _| rate.processor)),
                over_rounds(&|rate, bare| rate.processor / bare.processor),
            );
            if callers == 64 {
                bars.push(bar(client.name(), calls, client.is_ours()));
            }
        }
    }
    Ok(Chart { title: "Calls per second over loopback, 64 callers (longer is better)".into(), bars })
}

fn programs(url: &str, is_building: bool) -> Result<[Chart; 2], Box<dyn Error>> {
    let mut programs = MINIMAL.to_vec();
    programs.push(STS);
    let (mut commands, mut sizes) = (Vec::new(), HashMap::new());
    for program in &programs {
        let path = program.build()?;
        #[allow(clippy::cast_precision_loss, reason = "a few megabytes")]
        sizes.insert(program.name, program::bytes(&path)? as f64 / 1e6);
        let arguments = if program.name == STS.name { cli_arguments(&[], url) } else { vec![url.to_owned()] };
        commands.push((path, arguments, 40));
    }
    // Not part of this repository, and not installed everywhere.
    commands.push(("aws".into(), cli_arguments(&["sts"], url), 5));
    let mut times = start_to_exit(&commands);
    let aws_cli = times.pop().flatten();
    let times: Option<HashMap<_, _>> =
        programs.iter().zip(times).map(|(program, time)| Some((program.name, time?))).collect();
    let times = times.ok_or("a program does not run")?;

    println!(
        "\n| program | crates | MB | × bare | start to exit, ms | × bare | cold build, CPU s |\n|---|---|---|---|---|---|---|"
    );
    let (mut time_bars, mut size_bars) = (Vec::new(), Vec::new());
    for program in programs {
        let (crates, size, time) = (program.crates()?, sizes[program.name], times[program.name]);
        let build = if is_building { round(program.build_from_nothing()?) } else { String::new() };
        let (by_size, by_time) = (size / sizes[program.bare], time / times[program.bare]);
        println!("| {} | {crates} | {size:.2} | {by_size:.2} | {time:.2} | {by_time:.2} | {build} |", program.name);
        time_bars.push(bar(program.name, time, program.is_ours()));
        size_bars.push(bar(&format!("{}, {crates} crates", program.name), size, program.is_ours()));
    }
    if let Some(time) = aws_cli {
        println!("| AWS CLI | | | | {time:.0} | {:.0} | |", time / times[STS.bare]);
        time_bars.push(bar("AWS CLI", time, false));
    }
    Ok([
        Chart { title: "A program with one call, from start to exit, ms".into(), bars: time_bars },
        Chart { title: "Its stripped binary, MB".into(), bars: size_bars },
    ])
}

fn cli_arguments(before: &[&str], url: &str) -> Vec<String> {
    let call = ["assume-role", "--role-arn", "arn:aws:iam::123456789012:role/demo", "--role-session-name", "me"];
    [before, &call, &["--region", "us-east-1", "--endpoint-url", url]].concat().into_iter().map(str::to_owned).collect()
}

/// The median run time of each program in milliseconds; the programs take turns. `None` for a program that does not run.
fn start_to_exit(commands: &[(PathBuf, Vec<String>, usize)]) -> Vec<Option<f64>> {
    let mut times = vec![Some(Vec::new()); commands.len()];
    // The first run loads the file from disk.
    for round in 0..=commands.iter().map(|(_, _, runs)| *runs).max().unwrap_or_default() {
        for ((path, arguments, runs), times) in commands.iter().zip(&mut times) {
            if round > *runs {
                continue;
            }
            let start = Instant::now();
            let status = Command::new(path)
                .args(arguments)
                .env_clear()
                .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
                .envs([("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG")])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            let elapsed = start.elapsed().as_secs_f64() * 1000.0;
            match status {
                Ok(status) if status.success() => {
                    if let (Some(times), 1..) = (times.as_mut(), round) {
                        times.push(elapsed);
                    }
                }
                _ => *times = None,
            }
        }
    }
    times.into_iter().map(|times| times.map(median)).collect()
}

fn bar(label: &str, value: f64, ours: bool) -> Bar {
    Bar { label: label.into(), value, ours }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
