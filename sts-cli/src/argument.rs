//! The text of an argument: the argument itself or, for `file://PATH`, the file's content.

use std::{borrow::Cow, env, path::PathBuf};
use sts_driver::file;

/// Returns the argument itself or, for `file://PATH`, the file's content without a byte order mark. Expands `~/` in the path, since a shell
/// expands it only at the start of a word.
///
/// Pipes work, too: `file:///dev/stdin`.
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
    // Windows editors and PowerShell write a byte order mark.
    Ok(Cow::Owned(text.strip_prefix('\u{feff}').map(Into::into).unwrap_or(text)))
}

/// In bytes; far above the length of any member.
const MAX_LENGTH: usize = 1 << 20;
