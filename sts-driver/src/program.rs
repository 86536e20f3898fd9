//! Programs that the state machines run.

use std::{
    env, fs,
    io::{self, Read},
    mem,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError, SyncSender},
    thread,
    time::{Duration, Instant},
};

use sts_core::Secret;
use sts_credentials::machine::{Finished, RunProcess};
use zeroize::Zeroizing;

/// A program that a state machine asks for. Any thread can run it.
#[derive(Debug)]
pub struct Program {
    /// A path, or a name that the system looks up.
    path: String,
    arguments: Vec<Secret>,
    /// The profile that configures the program.
    origin: String,
    timeout: Duration,
    max_length: usize,
}

impl From<RunProcess<'_>> for Program {
    fn from(process: RunProcess<'_>) -> Self {
        let RunProcess { program, arguments, origin, timeout, max_length } = process;
        let (path, arguments) = (program.to_owned(), arguments.to_vec());
        Self { path, arguments, origin: origin.to_string(), timeout, max_length }
    }
}

/// Runs a program to its end and collects its output. The program inherits standard input, so it can prompt the user. It is killed after
/// the timeout, or when it prints too much to standard output. Excess standard error is dropped.
///
/// What a program leaves running in the background is not waited for. Where there is no terminal, as in a service, the program and all that
/// it starts are a process group, which is killed as one: also when the program has ended, if something in the background still holds
/// its pipes a second later. On a terminal it stays in our group, or it could not ask its user; there, the user ends what is left over.
///
/// A program that looks up credentials of the same profile would start itself endlessly. To prevent this, an environment variable lists the
/// profiles whose programs are running; these are not started again.
///
/// # Errors
/// The program cannot be started, does not end in time, prints too much, or would start itself. The error is text for the user.
pub fn run(process: &Program) -> Result<Finished, String> {
    let (profile, running) = (&process.origin, env::var(RUNNING).unwrap_or_default());
    if running.lines().any(|name| name == profile) {
        return Err(format!("comes back to {profile}, without an end; it must name another one"));
    }
    let mut command = Command::new(&process.path);
    command.args(process.arguments.iter().map(Secret::expose)).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env(RUNNING, format!("{running}{profile}\n"));
    let has_group = !has_terminal();
    #[cfg(unix)]
    if has_group {
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
    }
    let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
    let collected = collect(&mut child, process.timeout, process.max_length);
    if has_group && !matches!(&collected, Ok((_, Pipes::Closed))) {
        kill_group(child.id());
    }
    let finished = collected.map(|(finished, _)| finished);
    if finished.is_err() {
        // If it has ended by now, this does nothing.
        let _ = child.kill();
        let _ = child.wait();
    }
    finished
}

/// Whether there is a terminal from which a program could ask its user: a program in a group of its own could not read from it.
#[cfg(unix)]
fn has_terminal() -> bool {
    fs::File::open("/dev/tty").is_ok()
}

#[cfg(not(unix))]
fn has_terminal() -> bool {
    true
}

/// Kills the processes of a group, where Linux lists them. The standard library cannot signal a group, and the argument of `kill(1)` that
/// means one, a negative number, means every process to procps 4.0.2: so each process is named by its own number, to the shell's `kill`.
fn kill_group(group: u32) {
    for _ in 0..MAX_GENERATIONS {
        let members = members(group);
        if members.is_empty() {
            return;
        }
        let mut command = Command::new("sh");
        command.args(["-c", "kill -s KILL \"$@\"", "sh"]).args(members.iter().map(u32::to_string));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // One that has ended in between makes it fail, too.
        if command.status().is_err() {
            return;
        }
    }
}

/// How often a process may start another one while it is killed.
const MAX_GENERATIONS: u32 = 8;

/// The processes of a group, but none that is a zombie; none where the system has no `/proc` as Linux has.
fn members(group: u32) -> Vec<u32> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let ids = processes.filter_map(|process| process.ok()?.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| is_member(&stat, group))).collect()
}

/// Whether that is the state of a process of the group: "12 (name) S 1 12 …", where the name may hold anything, and the second number is
/// the group's ([proc(5)](https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html)).
fn is_member(stat: &str, group: u32) -> bool {
    let mut fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ');
    !matches!(fields.next(), None | Some("" | "Z" | "X")) && fields.nth(1).is_some_and(|id| id.parse() == Ok(group))
}

/// Whether anything still holds the pipes of a program that has ended.
enum Pipes {
    Closed,
    Held,
}

/// Profiles whose programs are running, one a line.
const RUNNING: &str = "STS_CREDENTIAL_PROCESS";

const STDOUT: usize = 0;
const STDERR: usize = 1;
/// The interval between checks whether the program has ended.
const TICK: Duration = Duration::from_millis(10);
/// How long output may take to arrive after the program has ended, in ticks.
const GRACE: u32 = 100;

fn collect(child: &mut Child, timeout: Duration, max_length: usize) -> Result<(Finished, Pipes), String> {
    let deadline = Instant::now() + timeout;
    let (sender, printed) = mpsc::sync_channel(1);
    // A program may fill either pipe first, so each has its own reading thread.
    let reading = read_aside(child.stdout.take(), STDOUT, sender.clone())
        .and_then(|()| read_aside(child.stderr.take(), STDERR, sender));
    reading.map_err(|error| format!("cannot be listened to: {error}"))?;
    // Allocated once: a buffer that grows leaves copies that are not wiped.
    let mut outputs = [(); 2].map(|()| Zeroizing::new(Vec::with_capacity(max_length)));
    let (mut status, mut ticks, mut pipes) = (None, 0, Pipes::Held);
    loop {
        match printed.recv_timeout(TICK) {
            Ok((output, bytes)) => {
                let printed: &mut Vec<u8> = &mut outputs[output];
                let room = (max_length - printed.len()).min(bytes.len());
                printed.extend_from_slice(&bytes[..room]);
                if output == STDOUT && room < bytes.len() {
                    return Err(format!("printed more than {max_length} bytes"));
                }
            }
            Err(RecvTimeoutError::Timeout) if status.is_some() => ticks += 1,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) if status.is_some() => (ticks, pipes) = (GRACE, Pipes::Closed),
            Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(1)),
        }
        if status.is_none() {
            status = child.try_wait().map_err(|error| format!("cannot be waited for: {error}"))?;
        }
        match status {
            // At the deadline, a background process may still be printing.
            Some(status) if ticks >= GRACE || Instant::now() >= deadline => {
                let [stdout, stderr] = outputs.map(|mut output| mem::take(&mut *output).into());
                return Ok((Finished { code: status.code(), stdout, stderr }, pipes));
            }
            None if Instant::now() >= deadline => {
                // It may have printed a prompt that the user did not see.
                let said = String::from_utf8_lossy(&outputs[STDERR]);
                let colon = if said.trim().is_empty() { "" } else { ": " };
                return Err(format!("did not end within {} s{colon}{}", timeout.as_secs(), said.trim()));
            }
            _ => {}
        }
    }
}

/// Forwards the output of a pipe, until its end or until the receiver is gone.
fn read_aside(pipe: Option<impl Read + Send + 'static>, output: usize, sender: SyncSender<Printed>) -> io::Result<()> {
    let Some(mut pipe) = pipe else { return Ok(()) };
    let thread = thread::Builder::new().spawn(move || {
        let mut buffer = Zeroizing::new(vec![0; 16 * 1024]);
        // An error ends the output; the exit code tells the rest.
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            if sender.send((output, Zeroizing::new(buffer[..length].to_vec()))).is_err() {
                return;
            }
        }
    });
    thread.map(drop)
}

/// A piece of output, after the index of the pipe it came from.
type Printed = (usize, Zeroizing<Vec<u8>>);

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    fn sh(script: &str, timeout: Duration) -> Result<Finished, String> {
        run(&program("sh", &["-c", script], timeout))
    }

    fn program(program: &str, arguments: &[&str], timeout: Duration) -> Program {
        let arguments = arguments.iter().map(|argument| Secret::from(*argument)).collect();
        let origin = "profile `default` (config line 2)".to_owned();
        Program { path: program.to_owned(), arguments, origin, timeout, max_length: 65_536 }
    }

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn both_outputs_and_the_exit_code() {
        let finished = sh("head -c 200000 /dev/zero >&2; head -c 65536 /dev/zero; exit 3", LONG).unwrap();
        assert_eq!(finished.code, Some(3));
        assert_eq!((finished.stdout.expose().len(), finished.stderr.expose().len()), (65536, 65536));
        assert_eq!(sh("kill -9 $$", LONG).unwrap().code, None);
    }

    /// A test of the program `sts` shows that the variable takes effect. A test cannot change its own environment.
    #[test]
    fn a_program_is_told_whose_it_is() {
        let finished = sh("printenv STS_CREDENTIAL_PROCESS", LONG).unwrap();
        assert_eq!(finished.stdout.expose(), b"profile `default` (config line 2)\n\n");
    }

    #[test]
    fn what_stays_in_the_background_is_not_waited_for() {
        let start = Instant::now();
        let finished = sh("echo here; sleep 20 & exit 0", LONG).unwrap();
        assert_eq!((finished.code, finished.stdout.expose()), (Some(0), &b"here\n"[..]));
        assert!(start.elapsed() < Duration::from_secs(15));
    }

    #[test]
    fn who_is_of_a_group() {
        for (stat, is_one) in [
            ("12 (sh) S 1 12 12 0 -1", true),
            ("13 (a) b) R 12 12 12 0 -1", true),
            ("13 (sh) S 12 120 12 0 -1", false),
            ("13 (sh) S 12 1 12 0 -1", false),
            ("12 (12 12 12) S 1 13 12 0 -1", false),
            ("13 (sh) Z 12 12 12 0 -1", false),
            ("13 (sh)", false),
            ("", false),
        ] {
            assert_eq!(is_member(stat, 12), is_one, "{stat}");
        }
    }

    /// Where there is no terminal, as in a service; tests may have one.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_program_starts_ends_with_it() {
        if has_terminal() {
            return;
        }
        let id_of = |text: &str| text.trim().parse::<u32>().unwrap();
        let is_alive = |id: u32| {
            let state = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            !state.is_empty() && !state.contains(") Z ")
        };
        let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
        let gone = |id| {
            (0..500).any(|_| {
                !is_alive(id) || {
                    thread::sleep(Duration::from_millis(10));
                    false
                }
            })
        };

        // It hangs, and so does its child.
        let error = sh("sleep 600 & echo $! >&2; wait", Duration::from_secs(1)).unwrap_err();
        assert!(gone(id_of(error.strip_prefix("did not end within 1 s: ").unwrap())));
        // It ends, and its child holds its pipes: the threads that read from them end, too.
        let before = threads();
        for _ in 0..3 {
            let finished = sh("sleep 600 & echo $!", LONG).unwrap();
            assert!(gone(id_of(&String::from_utf8_lossy(finished.stdout.expose()))));
        }
        assert!((0..500).any(|_| threads() <= before || {
            thread::sleep(Duration::from_millis(10));
            false
        }));
        // It ends, and its child has nothing to do with it any more.
        let finished = sh("sleep 600 >/dev/null 2>&1 & echo $!", LONG).unwrap();
        let id = id_of(&String::from_utf8_lossy(finished.stdout.expose()));
        assert!(is_alive(id));
        assert!(Command::new("kill").arg(id.to_string()).status().unwrap().success());
    }

    #[test]
    fn what_takes_too_long_or_prints_too_much_is_killed() {
        assert_eq!(sh("exec sleep 600", Duration::from_millis(50)).unwrap_err(), "did not end within 0 s");
        assert!(
            sh("exec cat /dev/zero >&2", Duration::from_millis(50)).unwrap_err().starts_with("did not end within 0 s")
        );
        let asked = sh("echo which account? >&2; exec sleep 600", Duration::from_secs(1)).unwrap_err();
        assert_eq!(asked, "did not end within 1 s: which account?");
        assert_eq!(sh("exec cat /dev/zero", LONG).unwrap_err(), "printed more than 65536 bytes");
        assert!(run(&program("/nowhere/x", &[], LONG)).unwrap_err().starts_with("cannot be started: No such file"));
    }

    /// The program is neither running nor a zombie.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_killed_program_is_gone() {
        for (program, timeout) in [("sleep 600", Duration::from_secs(1)), ("cat /dev/zero", LONG)] {
            let file = env::temp_dir().join(format!("sts-program-{}-{}", std::process::id(), timeout.as_secs()));
            sh(&format!("echo $$ > {}; exec {program}", file.display()), timeout).unwrap_err();
            let pid = std::fs::read_to_string(&file).unwrap();
            std::fs::remove_file(&file).unwrap();
            assert!(!std::path::Path::new("/proc").join(pid.trim()).exists(), "{program} still runs as {pid}");
        }
    }
}
