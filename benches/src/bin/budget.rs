//! Compares all figures that need no clock with `budget.toml`, or updates the file with `--write`.
#![allow(clippy::print_stdout, reason = "what a program is for")]

use std::{error::Error, fs, io, process::ExitCode};

use sts_benches::{
    callgrind,
    program::{self, BARE_HYPER, BARE_UREQ, Program, STS, STS_ASYNC, STS_BLOCKING},
    work::{self, OURS, Task},
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/budget.toml");

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if callgrind::run(&arguments, work::ours) {
        return Ok(ExitCode::SUCCESS);
    }
    let is_writing = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--write"] => true,
        _ => return Err("usage: budget [--write]".into()),
    };
    let mut budget = Budget { text: fs::read_to_string(FILE)?, is_exceeded: false };
    for task in Task::ALL.into_iter().filter(|task| *task != Task::Serialise) {
        let counts = callgrind::count(task, OURS)?;
        budget.hold("instructions", task.key(), float(counts.instructions))?;
        budget.hold("allocations", task.key(), float(counts.allocations))?;
    }
    let crates = |program: Program| Ok::<_, io::Error>(float(program.crates()?));
    budget.hold("crates", "sts-core", float(program::crates("sts-core")?))?;
    budget.hold("crates", "sts-blocking-over-bare-ureq", crates(STS_BLOCKING)? - crates(BARE_UREQ)?)?;
    budget.hold("crates", "sts-async-over-bare-hyper", crates(STS_ASYNC)? - crates(BARE_HYPER)?)?;
    let bytes = |program: Program| Ok::<_, io::Error>(float(program::bytes(&program.build()?)?));
    budget.hold("size", "sts", bytes(STS)?)?;
    budget.hold("size", "sts-blocking-by-bare-ureq", bytes(STS_BLOCKING)? / bytes(BARE_UREQ)?)?;
    budget.hold("size", "sts-async-by-bare-hyper", bytes(STS_ASYNC)? / bytes(BARE_HYPER)?)?;
    if is_writing {
        fs::write(FILE, budget.text)?;
    }
    Ok(if budget.is_exceeded && !is_writing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The budget file, with updated limits.
struct Budget {
    text: String,
    is_exceeded: bool,
}

impl Budget {
    /// Prints a figure and its limit.
    fn hold(&mut self, section: &str, key: &str, measured: f64) -> Result<(), String> {
        let limit = find(&self.text, section, key).ok_or_else(|| format!("no {key} in [{section}]"))?;
        let (margin, step) = margin(section, key);
        let new = (measured * (1.0 + margin) / step).ceil() * step;
        let verdict = if measured > limit {
            self.is_exceeded = true;
            format!("over the budget; --write would put {}", number(new))
        } else if new < limit * (1.0 - margin) {
            format!("better: please tighten the budget to {}, with --write", number(new))
        } else {
            String::new()
        };
        println!("{section:12} {key:28} {:>12} of {:>12}  {verdict}", number(measured), number(limit));
        self.text = replace(&self.text, section, key, new);
        Ok(())
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts are small")]
fn float(count: impl TryInto<u64>) -> f64 {
    count.try_into().map_or(f64::INFINITY, |count: u64| count as f64)
}

/// The margin of a new limit over the figure, and the step to which it is rounded up.
fn margin(section: &str, key: &str) -> (f64, f64) {
    match (section, key) {
        ("instructions", _) => (0.03, 100.0),
        ("size", "sts") => (0.01, 10_000.0),
        ("size", _) => (0.01, 0.001),
        _ => (0.0, 1.0),
    }
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.3}") }
}

fn find(budget: &str, section: &str, key: &str) -> Option<f64> {
    lines(budget).find_map(|(here, line)| value_of(line, key).filter(|_| here == section)?.parse().ok())
}

fn replace(budget: &str, section: &str, key: &str, value: f64) -> String {
    let line = |(here, line): (&str, &str)| match value_of(line, key) {
        Some(_) if here == section => format!("{key} = {}\n", number(value)),
        _ => format!("{line}\n"),
    };
    lines(budget).map(line).collect()
}

/// The lines, each with its section.
fn lines(budget: &str) -> impl Iterator<Item = (&str, &str)> {
    budget.lines().scan("", |section, line| {
        if let Some(name) = line.strip_prefix('[') {
            *section = name.trim_end_matches(']');
        }
        Some((*section, line))
    })
}

fn value_of<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.split_once(" = ").filter(|(name, _)| *name == key).map(|(_, value)| value)
}
