//! Why there are no credentials.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
};
use core::{error::Error as StdError, fmt};

use sts_core::{
    Error, TransportError,
    environment::{self, SettingError},
    text::{without_secrets, write_chain},
    web_identity::TokenError,
};

use crate::{origin::Origin, profile::SyntaxError};

/// Why there is no plan. The text names the profile and, where there is one, the line.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanError {
    /// What kind of problem it is.
    pub kind: PlanErrorKind,
    /// What is wrong, in words.
    pub problem: String,
    /// Where it is configured.
    pub origin: Origin,
}

/// What kind of problem it is that there is no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PlanErrorKind {
    /// No source of credentials is configured.
    NotConfigured,
    /// The profile is not defined.
    UndefinedProfile,
    /// A line of the profile cannot be read.
    UnreadableProfile,
    /// A source is configured wrongly.
    Invalid,
}

impl PlanError {
    pub(crate) fn new(kind: PlanErrorKind, problem: impl Into<String>) -> Self {
        Self { kind, problem: problem.into(), origin: Origin::Environment }
    }

    /// The environment, or a profile, says something wrong.
    pub(crate) fn invalid(problem: impl Into<String>, origin: Origin) -> Self {
        Self { kind: PlanErrorKind::Invalid, problem: problem.into(), origin }
    }

    /// A line of the profile's section cannot be read.
    pub(crate) fn unreadable(profile: &str, error: &SyntaxError) -> Self {
        let origin = Origin::Profile { name: profile.to_owned(), location: Some(error.location.clone()) };
        Self { kind: PlanErrorKind::UnreadableProfile, problem: error.problem.to_string(), origin }
    }
}

/// An invalid setting. URLs are shown without their secrets.
impl From<SettingError> for PlanError {
    fn from(error: SettingError) -> Self {
        let SettingError { origin, value, expected } = &error;
        let value = if value.contains("://") { &*without_secrets(value) } else { value };
        let problem = format!("{} is {value:?}, expected {expected}", origin.name());
        Self::invalid(
            match origin {
                environment::SettingOrigin::Property { location, .. } => format!("{problem} ({location})"),
                _ => problem,
            },
            Origin::Environment,
        )
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)?;
        match &self.origin {
            Origin::Environment => Ok(()),
            Origin::Profile { name, location: Some(location) } => write!(f, " (profile `{name}`, {location})"),
            Origin::Profile { name, location: None } => write!(f, " (profile `{name}`)"),
        }
    }
}

/// As `Display`: it is what a program prints that returns the error from `main`.
impl fmt::Debug for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_chain(self, f)
    }
}

impl StdError for PlanError {}

/// Why a source gives no credentials.
#[non_exhaustive]
pub struct SourceError {
    /// What was attempted, in the words of the plan.
    pub source: String,
    /// What went wrong.
    pub problem: Problem,
}

impl SourceError {
    /// Whether retrying later could succeed although nobody changes a profile, a role or a policy; for
    /// [`Cache::fail`](crate::cache::Cache::fail). Calls of STS know that [themselves](Error::is_transient). A person may sign in again and a
    /// file be replaced at any time.
    pub fn is_transient(&self) -> bool {
        match &self.problem {
            Problem::Call(error) => error.is_transient(),
            _ => true,
        }
    }
}

/// What went wrong at a source.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The call of STS failed.
    Call(Error),
    /// A file cannot be used.
    File {
        /// The file.
        path: String,
        /// Why.
        error: String,
    },
    /// The web identity token cannot be used, so that it was not sent.
    Token {
        /// The file that holds it.
        path: String,
        /// Why.
        error: TokenError,
    },
    /// There is no MFA code.
    Mfa {
        /// The device.
        serial: String,
        /// Why.
        error: String,
    },
    /// The program, the agent on this machine or a service failed, or sent something else than credentials.
    Answer {
        /// Who.
        from: &'static str,
        /// What it did.
        error: String,
    },
    /// The token of single sign-on is not there, or cannot be used any more.
    SignIn {
        /// Why.
        error: String,
        /// The command that gets a new one.
        command: String,
    },
    /// The agent on this machine, or a service, sent no response.
    NoResponse {
        /// Where the request went; of a container's agent, without the query.
        uri: String,
        /// The transport error of the last attempt.
        error: TransportError,
        /// What the cause may be, if there is a usual one.
        hint: Option<&'static str>,
    },
    /// The user's home folder is not known, where the token of `aws sso login` is kept.
    NoHomeFolder,
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no credentials from \"{}\": {}", self.source, self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::File { path, error } => write!(f, "{path} cannot be read: {error}"),
            Self::Token { path, error } => write!(f, "{error} ({path})"),
            Self::Mfa { serial, error } => write!(f, "no code of MFA device {serial}: {error}"),
            Self::Answer { from, error } => write!(f, "{from} {error}"),
            Self::SignIn { error, command } => write!(f, "{error}; run `{command}`"),
            Self::NoResponse { uri, error, hint } => {
                write!(f, "{} {uri}", error.kind)?;
                hint.map_or(Ok(()), |hint| write!(f, "; {hint}"))
            }
            Self::NoHomeFolder => {
                f.write_str("the user's home folder is not known, where the token of `aws sso login` would be")
            }
        }
    }
}

/// As `Display`, with the causes: it is what a program prints that returns the error from `main`.
impl fmt::Debug for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_chain(self, f)
    }
}

impl StdError for SourceError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.problem {
            Problem::Call(error) => error.source(),
            Problem::NoResponse { error, .. } => Some(&*error.source),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sts_core::TransportErrorKind;

    #[test]
    fn debug_is_readable() {
        let error = TransportError::new(TransportErrorKind::Connect, "connection refused");
        let problem = Problem::NoResponse { uri: "http://h/".into(), error, hint: None };
        let error = SourceError { source: "ask h".into(), problem };
        assert_eq!(
            format!("{error:?}"),
            "no credentials from \"ask h\": could not connect to http://h/: connection refused"
        );
        let error = PlanError::new(PlanErrorKind::NotConfigured, "nothing is configured");
        assert_eq!(format!("{error:?}"), error.to_string());
    }
}
