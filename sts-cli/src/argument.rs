//! The text that an argument stands for: itself, or for `file://PATH` the content of that file.

use std::{borrow::Cow, env, path::PathBuf};
use sts_driver::file;

/// The argument itself; for `file://PATH` the file's content, without a byte order mark. `~/` in a path is the home directory: a shell
/// expands it only at the start of a word.
///
/// Pipes are read, too: `file:///dev/stdin`.
pub(crate) fn load(argument: &str) -> Result<Cow<'_, str>, String> {
    if argument.starts_with("fileb://") {
        return Err("fileb:// is for binary members, and there are none; use file://".into());
    }
    let Some(path) = argument.strip_prefix("file://") else {
        return Ok(argument.into());
    };
    if path.is_empty() {
        return Err("there is no path behind file://".into());
    }
    let path = match (path.strip_prefix("~/"), env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    };
    let path = path.to_string_lossy();
    let text = file::read_or_wait(&path, MAX_LENGTH).map_err(|error| format!("cannot read {path}: {error}"))?;
    // Windows editors and PowerShell begin files with one.
    Ok(Cow::Owned(text.strip_prefix('\u{feff}').map(Into::into).unwrap_or(text)))
}

/// No member is nearly as long, in bytes.
const MAX_LENGTH: usize = 1 << 20;
