//! Errors in planning and running sources.

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

/// The error of a plan. The text names the profile and, if known, the line.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanError {
    /// What kind of problem it is.
    pub kind: PlanErrorKind,
    /// A description of the problem.
    pub problem: String,
    /// Where it is configured.
    pub origin: Origin,
}

/// The kind of a [`PlanError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PlanErrorKind {
    /// No source of credentials is configured.
    NotConfigured,
    /// The profile is not defined.
    UndefinedProfile,
    /// A line of the profile cannot be read.
    UnreadableProfile,
    /// A source's configuration is invalid.
    Invalid,
}

impl PlanError {
    pub(crate) fn new(kind: PlanErrorKind, problem: impl Into<String>) -> Self {
        Self { kind, problem: problem.into(), origin: Origin::Environment }
    }

    /// An invalid setting in the environment or a profile.
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

/// Like `Display`, since a program that returns the error from `main` prints this.
impl fmt::Debug for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_chain(self, f)
    }
}

impl StdError for PlanError {}

/// The error of a source.
#[non_exhaustive]
pub struct SourceError {
    /// The source, as described in the plan.
    pub source: String,
    /// What went wrong.
    pub problem: Problem,
}

impl SourceError {
    /// Whether retrying later could succeed without a change to a profile, a role or a policy; for
    /// [`Cache::fail`](crate::cache::Cache::fail). For failed STS calls, this is [`Error::is_transient`]. Missing or expired sign-ins and
    /// unreadable files are transient, since the user may sign in again and files may be replaced at any time.
    pub fn is_transient(&self) -> bool {
        match &self.problem {
            Problem::Call(error) => error.is_transient(),
            _ => true,
        }
    }
}

/// The problem of a source.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The STS call failed.
    Call(Error),
    /// A file cannot be used.
    File {
        /// The file.
        path: String,
        /// The reason.
        error: String,
    },
    /// The web identity token is not usable and was not sent.
    Token {
        /// The file that holds it.
        path: String,
        /// The reason.
        error: TokenError,
    },
    /// There is no MFA code.
    Mfa {
        /// The device.
        serial: String,
        /// The reason.
        error: String,
    },
    /// The program, the agent on this machine or a service failed, or its answer contains no valid credentials.
    Answer {
        /// The program, agent or service.
        from: &'static str,
        /// What it did.
        error: String,
    },
    /// The single sign-on token is missing or no longer usable.
    SignIn {
        /// The reason.
        error: String,
        /// The command that gets a new token.
        command: String,
    },
    /// The agent on this machine, or a service, sent no response.
    NoResponse {
        /// The request's URL; without the query for a container's agent.
        uri: String,
        /// The transport error of the last attempt.
        error: TransportError,
        /// A likely cause, if there is one.
        hint: Option<&'static str>,
    },
    /// The user's home folder, which contains the token of `aws sso login`, is unknown.
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

/// Like `Display`, with the causes, since a program that returns the error from `main` prints this.
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
