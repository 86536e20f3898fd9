//! Credentials as environment variables: commands that set them, for several shells.

use std::fmt;
use sts_blocking::Credentials;

use crate::{failure::Failure, timestamp::iso8601};

/// The shell that runs the commands.
#[derive(Clone, Copy)]
pub(crate) enum Shell {
    Posix,
    Powershell,
    Fish,
}

impl Shell {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Posix => "env",
            Self::Powershell => "powershell",
            Self::Fish => "fish",
        }
    }

    /// The error that there are no credentials to print.
    pub(crate) fn useless(self, command: &str) -> Failure {
        Failure::usage(format!("--output {self} prints credentials, and {command} issues none"))
    }

    /// The text quoted as one word. Since it comes from outside, a shell must not interpret it.
    pub(crate) fn quoted(self, text: &str) -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+,./:@".contains(&byte);
        if !text.is_empty() && text.bytes().all(plain) && !matches!(self, Self::Powershell) {
            return text.into();
        }
        let quoted = match self {
            // https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
            Self::Posix => text.replace('\'', r"'\''"),
            // https://fishshell.com/docs/current/language.html#quotes
            Self::Fish => text.replace('\\', r"\\").replace('\'', r"\'"),
            // Typographic quotes also end a text. Doubling a quote escapes it.
            // https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_quoting_rules
            Self::Powershell => text
                .chars()
                .flat_map(|c| {
                    std::iter::repeat_n(c, if "'\u{2018}\u{2019}\u{201a}\u{201b}".contains(c) { 2 } else { 1 })
                })
                .collect(),
        };
        format!("'{quoted}'")
    }
}

impl fmt::Display for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The variables that the SDKs and the AWS CLI read. `None` means unset, so that no value of other credentials remains;
/// `aws configure export-credentials` does not do this. `AWS_SECURITY_TOKEN` is an older name of the token, and takes precedence in the
/// SDKs for Python.
pub(crate) fn variables(credentials: &Credentials) -> [(&'static str, Option<String>); 5] {
    let token = credentials.session_token.as_ref().map(|token| token.expose().to_owned());
    [
        ("AWS_ACCESS_KEY_ID", Some(credentials.access_key_id.clone())),
        ("AWS_SECRET_ACCESS_KEY", Some(credentials.secret_access_key.expose().to_owned())),
        ("AWS_SESSION_TOKEN", token),
        ("AWS_SECURITY_TOKEN", None),
        ("AWS_CREDENTIAL_EXPIRATION", credentials.expiration.map(iso8601)),
    ]
}

/// Commands that set the variables.
pub(crate) fn exports(shell: Shell, credentials: &Credentials) -> Result<String, Failure> {
    let mut commands = String::new();
    for (name, value) in variables(credentials) {
        commands += &match (shell, value) {
            // No valid value has control characters, and shells and terminals may interpret them.
            (_, Some(value)) if value.contains(char::is_control) => {
                return Err(Failure::other(format!("{name} has a control character in it, and is not printed.")));
            }
            (Shell::Posix, Some(value)) => format!("export {name}={}\n", shell.quoted(&value)),
            (Shell::Posix, None) => format!("unset {name}\n"),
            (Shell::Powershell, Some(value)) => format!("$Env:{name} = {}\n", shell.quoted(&value)),
            (Shell::Powershell, None) => format!("$Env:{name} = $null\n"),
            (Shell::Fish, Some(value)) => format!("set -gx {name} {}\n", shell.quoted(&value)),
            (Shell::Fish, None) => format!("set -e {name}\n"),
        };
    }
    Ok(commands)
}
