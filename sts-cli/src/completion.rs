//! Shell completion. The script of `sts completions` runs this program to complete a command line.

use clap_complete::{CompletionCandidate, env::Shells};
use std::{env, ffi::OsString, fs, io};
use sts_blocking::{
    credentials::{location::SharedFiles, profile::Profiles},
    provider::PLATFORM,
};
use sts_driver::file;

/// The variable with which the script requests candidates. Its value is the shell.
pub(crate) const VARIABLE: &str = "STS_COMPLETE";

/// The shells with a completion script.
pub(crate) fn shells() -> Shells<'static> {
    Shells::builtins()
}

/// The candidates for the last word after `--`, in the format of this shell; `None` for an unknown shell.
pub(crate) fn candidates(
    shell: &str,
    command: &mut clap::Command,
    arguments: impl Iterator<Item = OsString>,
) -> Option<io::Result<Vec<u8>>> {
    let words = arguments.skip_while(|argument| argument != "--").skip(1).collect();
    let folder = env::current_dir().ok();
    let mut candidates = Vec::new();
    command.build();
    let written = shells().completer(shell)?.write_complete(command, words, folder.as_deref(), &mut candidates);
    Some(written.map(|()| candidates))
}

/// The profiles of the shared files. Skips a file that is unreadable or can be read only once.
pub(crate) fn profiles() -> Vec<CompletionCandidate> {
    let SharedFiles { config, credentials, .. } =
        SharedFiles::from_env(PLATFORM, &|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()));
    let text = |path: &str| {
        let is_file = fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
        is_file.then(|| file::read(path, MAX_LENGTH).ok()).flatten()
    };
    let mut profiles = Profiles::default();
    if let Some(path) = config
        && let Some(text) = text(&path)
    {
        profiles.read_config(&path, &text);
    }
    if let Some(path) = credentials
        && let Some(text) = text(&path)
    {
        profiles.read_credentials(&path, &text);
    }
    profiles.profile_names().map(CompletionCandidate::new).collect()
}

/// The maximum size of a shared file, in bytes.
const MAX_LENGTH: usize = 1 << 20;

/// The Regions of all partitions.
pub(crate) fn regions() -> Vec<CompletionCandidate> {
    REGIONS.split(' ').map(CompletionCandidate::new).collect()
}

/// From `partitions.json` of botocore 1.44.8.
const REGIONS: &str = "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 \
    ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 \
    cn-north-1 cn-northwest-1 eu-central-1 eu-central-2 eu-isoe-west-1 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 \
    eusc-de-east-1 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1 \
    us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 us-isof-east-1 us-isof-south-1 us-west-1 us-west-2";
