//! Locations: the shared files, the user's home folder, and lines of files.

use alloc::{format, string::String, sync::Arc};
use core::fmt;

use sts_core::environment::{Environment, PROFILE};

/// Looks up an environment variable.
pub type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The platform, which determines path separators and the home folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux, macOS and everything else.
    Unix,
    /// Windows.
    Windows,
}

/// The paths of the shared files, and the profile that the environment names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedFiles {
    /// The config file, which may not exist; `None` if the user's home folder is unknown.
    pub config: Option<String>,
    /// The credentials file, with the same rules.
    pub credentials: Option<String>,
    /// `AWS_PROFILE`, then `AWS_DEFAULT_PROFILE`; `None` means `default`.
    pub profile: Option<String>,
}

impl SharedFiles {
    /// Reads `AWS_CONFIG_FILE`, `AWS_SHARED_CREDENTIALS_FILE` and the variables of [`profile_from_env`]. The home folder is `HOME`, or on
    /// Windows `HOME`, `USERPROFILE`, or `HOMEDRIVE` with `HOMEPATH`. Empty and blank values count as unset.
    pub fn from_env(platform: Platform, variable: Variable<'_>) -> Self {
        let file = |name, file| match Environment::new(variable).variable(name) {
            Some(path) => Some(expand(path, home(platform, variable).as_deref())),
            None => below_home(platform, variable, &[".aws", file]),
        };
        Self {
            config: file("AWS_CONFIG_FILE", "config"),
            credentials: file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            profile: profile_from_env(variable),
        }
    }
}

/// The profile that the environment names: `AWS_PROFILE`, or `AWS_DEFAULT_PROFILE`, an older name in the AWS CLI and the SDK for Python.
/// Empty and blank values count as unset.
pub fn profile_from_env(variable: Variable<'_>) -> Option<String> {
    Environment::new(variable).get(&PROFILE).ok().flatten()
}

/// A path below the user's home folder; `None` if the folder is unknown.
pub(crate) fn below_home(platform: Platform, variable: Variable<'_>, path: &[&str]) -> Option<String> {
    let separator = if platform == Platform::Windows { "\\" } else { "/" };
    let home = home(platform, variable)?;
    Some(path.iter().fold(home, |path, part| path + separator + part))
}

fn home(platform: Platform, variable: Variable<'_>) -> Option<String> {
    let variable = |name| Environment::new(variable).variable(name);
    variable("HOME").or_else(|| {
        let windows = platform == Platform::Windows;
        let drive = || Some(variable("HOMEDRIVE")? + &variable("HOMEPATH")?);
        if windows { variable("USERPROFILE").or_else(drive) } else { None }
    })
}

/// Expands `~/x`, since a variable may be set without a shell.
fn expand(path: String, home: Option<&str>) -> String {
    match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.starts_with(['/', '\\']) => format!("{home}{rest}"),
        _ => path,
    }
}

/// A line of a file. `Display` writes `~/.aws/config line 3`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The file.
    pub path: Arc<str>,
    /// The line, from 1.
    pub line: usize,
}

impl Location {
    pub(crate) fn new(path: &Arc<str>, line: usize) -> Self {
        Self { path: path.clone(), line }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}", self.path, self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn homes() {
        let locate = |platform, pairs: &[(&str, &str)]| {
            SharedFiles::from_env(platform, &|name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_string())
            })
        };
        let nowhere = SharedFiles { config: None, credentials: None, profile: None };
        assert_eq!(locate(Platform::Unix, &[("USERPROFILE", "C:"), ("HOME", ""), ("AWS_PROFILE", "")]), nowhere);
        let profiles = [("AWS_DEFAULT_PROFILE", "older"), ("AWS_PROFILE", "newer")];
        assert_eq!(locate(Platform::Unix, &profiles[..1]).profile.unwrap(), "older");
        assert_eq!(locate(Platform::Unix, &profiles).profile.unwrap(), "newer");
        let tilde = [("HOME", "/h"), ("AWS_CONFIG_FILE", "~/c"), ("AWS_SHARED_CREDENTIALS_FILE", "~other/c")];
        let found = locate(Platform::Unix, &tilde);
        assert_eq!([found.config, found.credentials], [Some("/h/c".to_string()), Some("~other/c".to_string())]);
    }
}
