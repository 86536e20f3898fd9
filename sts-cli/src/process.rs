//! Other programs: what is run with credentials, and the programs of profiles.

use std::{env, io, process::Command};
use sts_blocking::provider::{
    PLATFORM,
    plan::{Origin, Plan, Source, Variable},
    profile::Location,
};

use crate::failure::Failure;

/// Goes on as another program, whose exit code is then this one's. Returns only if it cannot be started.
#[cfg(unix)]
pub(crate) fn become_program(mut command: Command) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt as _;

    Err(unstarted(&command.exec(), &command))
}

/// Runs a program and ends as it does. Returns only if it cannot be started.
#[cfg(not(unix))]
pub(crate) fn become_program(mut command: Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| unstarted(&error, &command))?;
    std::process::exit(status.code().unwrap_or(1))
}

/// With [the exit code of a shell](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02).
fn unstarted(error: &io::Error, command: &Command) -> Failure {
    let code = if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 };
    Failure::unstarted(code, &command.get_program().to_string_lossy(), error)
}

/// Profiles whose programs are running, one a line.
const RUNNING: &str = "STS_CREDENTIAL_PROCESS";

/// Keeps a profile whose `credential_process` is this program, for the same profile, from starting it again and again. Before a profile's
/// program is started, this one starts itself anew with the profile in the environment, which is inherited by whatever is started then;
/// `option` tells the new one to go ahead.
///
/// A shared file that is a pipe is empty when the new one reads it. If the program is from there, nothing comes back to it: it needs no guard.
pub(crate) fn guard(plan: &Plan, variable: Variable<'_>, option: &str) -> Result<(), Failure> {
    let Some(Source::Process(process)) = plan.sources.first() else { return Ok(()) };
    let (profile, running) = (process.origin.to_string(), env::var(RUNNING).unwrap_or_default());
    if running.lines().any(|name| name == profile) {
        return Err(Failure::configuration(format!(
            "The credential_process of {profile} comes back to that profile, without an end. Name another one with --profile."
        )));
    }
    if matches!(&process.origin, Origin::Profile { place: Some(place), .. } if is_pipe(&place.path)) {
        return Ok(());
    }
    let location = Location::from_env(PLATFORM, variable);
    if let Some(path) = [location.config, location.credentials].into_iter().flatten().find(|path| is_pipe(path)) {
        return Err(Failure::configuration(format!(
            "{path} is a pipe, which can be read once, and before the credential_process of {profile} is started, it would be read \
             again. Make it a file."
        )));
    }
    let program = env::current_exe().map_err(|error| Failure::caused("Could not find this program", &error))?;
    let mut command = Command::new(program);
    command.arg(option).args(env::args_os().skip(1)).env(RUNNING, format!("{running}{profile}\n"));
    become_program(command)
}

#[cfg(unix)]
fn is_pipe(path: &str) -> bool {
    use std::os::unix::fs::FileTypeExt as _;

    std::fs::metadata(path).is_ok_and(|file| file.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_: &str) -> bool {
    false
}

/// Hands on to a program what [`guard`] found when it was asked: credentials have been found, so that the profile's program may be started
/// again, but not one of those that wait for us.
pub(crate) fn lift(guarded: bool, command: &mut Command) {
    if !guarded {
        return;
    }
    let running = env::var(RUNNING).unwrap_or_default();
    match running.trim_end_matches('\n').rsplit_once('\n') {
        Some((others, _)) => command.env(RUNNING, format!("{others}\n")),
        None => command.env_remove(RUNNING),
    };
}
