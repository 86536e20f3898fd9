//! Running other programs with credentials.

use std::{io, process::Command};

use crate::failure::Failure;

/// Replaces this process by another program. Returns only if that cannot be started.
#[cfg(unix)]
pub(crate) fn become_program(mut command: Command) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt as _;

    Err(unstarted(&command.exec(), &command))
}

/// Runs a program and exits with its exit code. Returns only if the program cannot be started.
#[cfg(not(unix))]
pub(crate) fn become_program(mut command: Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| unstarted(&error, &command))?;
    std::process::exit(status.code().unwrap_or(1))
}

/// Uses [the exit code of a shell](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02).
fn unstarted(error: &io::Error, command: &Command) -> Failure {
    let code = if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 };
    Failure::unstarted(code, &command.get_program().to_string_lossy(), error)
}
