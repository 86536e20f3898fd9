//! Programs that the state machines run.

use std::{
    env,
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
/// The function does not wait for background processes that the program leaves, even if they hold its pipes.
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
    let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
    let finished = collect(&mut child, process.timeout, process.max_length);
    if finished.is_err() {
        // If it has ended by now, this does nothing.
        let _ = child.kill();
        let _ = child.wait();
    }
    finished
}

/// The profiles whose programs are running, one per line.
const RUNNING: &str = "STS_CREDENTIAL_PROCESS";

const STDOUT: usize = 0;
const STDERR: usize = 1;
/// The interval between checks whether the program has ended.
const TICK: Duration = Duration::from_millis(10);
/// How long output may take to arrive after the program has ended, in ticks.
const GRACE: u32 = 100;

fn collect(child: &mut Child, timeout: Duration, max_length: usize) -> Result<Finished, String> {
    let deadline = Instant::now() + timeout;
    let (sender, printed) = mpsc::sync_channel(1);
    // A program may fill either pipe first, so each has its own reading thread.
    let reading = read_aside(child.stdout.take(), STDOUT, sender.clone())
        .and_then(|()| read_aside(child.stderr.take(), STDERR, sender));
    reading.map_err(|error| format!("cannot be listened to: {error}"))?;
    // Allocated once: a buffer that grows leaves copies that are not wiped.
    let mut outputs = [(); 2].map(|()| Zeroizing::new(Vec::with_capacity(max_length)));
    let (mut status, mut ticks) = (None, 0);
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
            // Both pipes are closed.
            Err(RecvTimeoutError::Disconnected) if status.is_some() => ticks = GRACE,
            Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(1)),
        }
        if status.is_none() {
            status = child.try_wait().map_err(|error| format!("cannot be waited for: {error}"))?;
        }
        match status {
            // At the deadline, a background process may still be printing.
            Some(status) if ticks >= GRACE || Instant::now() >= deadline => {
                let [stdout, stderr] = outputs.map(|mut output| mem::take(&mut *output).into());
                return Ok(Finished { code: status.code(), stdout, stderr });
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
