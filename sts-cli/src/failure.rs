//! Error messages and exit codes. The exit codes are those of [the AWS CLI, version
//! 2](https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html).

use clap::error::ErrorKind;
use std::{
    error::Error as StdError,
    fmt::{self, Write as _},
    io::{self, Write as _},
    process::ExitCode,
};
use sts_blocking::{
    BuildError, Error,
    core::{
        ConfigError,
        endpoint::EndpointError,
        error::{Problem, ServiceError},
        proof::ProofError,
        validate::InvalidInput,
    },
    credentials::error::{PlanError, Problem as SourceProblem},
    provider::{ChainError, ProvideError},
    transport::TransportErrorKind,
};

use crate::terminal::printable;

/// The command line or a member is invalid.
const USAGE: u8 = 252;
/// The region, the endpoint or the credentials are missing or invalid.
const CONFIGURATION: u8 = 253;
/// The service returned an error.
const SERVICE: u8 = 254;
/// Any other error, such as no response, or one that is not from STS.
const OTHER: u8 = 255;

/// Why the program ends early.
pub(crate) enum Failure {
    /// The command line is invalid, or requests help or the version.
    Usage(clap::Error),
    Other {
        exit_code: u8,
        text: String,
    },
    /// The reader of the output closed it. Exits with 0, like the AWS CLI.
    Unread,
}

impl Failure {
    fn new(exit_code: u8, text: impl Into<String>) -> Self {
        Self::Other { exit_code, text: text.into() }
    }

    /// An invalid command line, found after parsing.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::Usage(clap::Error::raw(ErrorKind::ValueValidation, message))
    }

    /// The environment or a profile is invalid.
    pub(crate) fn configuration(text: impl Into<String>) -> Self {
        Self::new(CONFIGURATION, text)
    }

    /// An error caused by neither the user nor the service.
    pub(crate) fn caused(what: &str, cause: &dyn StdError) -> Self {
        Self::other(format!("{what}{}", causes(Some(cause))))
    }

    pub(crate) fn other(text: impl Into<String>) -> Self {
        Self::new(OTHER, text)
    }

    /// The program to run cannot be started. The exit code shows this, too.
    pub(crate) fn unstarted(exit_code: u8, program: &str, cause: &io::Error) -> Self {
        Self::new(exit_code, format!("Could not start {program}{}", causes(Some(cause))))
    }

    /// Prints the text. Like the AWS CLI, prints an empty line first, unless the command line is invalid.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Usage(error) if !error.use_stderr() => match error.print() {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => Self::unwritten(&error).report(),
            },
            Self::Usage(error) => {
                warn(&error.render().to_string());
                USAGE.into()
            }
            Self::Other { exit_code, text } => {
                warn(&format!("\n{text}\n"));
                (*exit_code).into()
            }
            Self::Unread => ExitCode::SUCCESS,
        }
    }

    /// Standard output cannot be written.
    pub(crate) fn unwritten(cause: &io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::BrokenPipe => Self::Unread,
            _ => Self::caused("Could not write the output", cause),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Endpoint(EndpointError::MissingRegion) => Self::new(CONFIGURATION, NO_REGION),
            // The library's text names a method, which users of this program do not have.
            ConfigError::Endpoint(EndpointError::Http(url)) => Self::new(
                CONFIGURATION,
                format!(
                    "The endpoint \"{url}\" is plain HTTP to another machine: credentials would travel in the clear. \
                     Use https://, a tunnel that begins on this machine, or --allow-http."
                ),
            ),
            error => Self::new(CONFIGURATION, error.to_string()),
        }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Config(error) => error.into(),
            BuildError::Profile(error) => error.into(),
            error => Self::new(CONFIGURATION, format!("{error}{}", causes(error.source()))),
        }
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        Self::new(CONFIGURATION, format!("Unable to locate credentials: {error}"))
    }
}

impl From<&ProvideError> for Failure {
    fn from(error: &ProvideError) -> Self {
        let exit_code = match error.get_ref().downcast_ref() {
            Some(ChainError::Plan(_)) => CONFIGURATION,
            Some(ChainError::Source { error, passed_over }) => match &error.problem {
                SourceProblem::Call(Error::Service(_)) => SERVICE,
                // As for a role that is not a profile's.
                SourceProblem::Call(Error::Input { problem: problem @ Problem::NoRegion, .. }) => {
                    return problem.into();
                }
                // Nothing was configured, and the last source in the chain failed.
                _ if !passed_over.is_empty() => CONFIGURATION,
                _ => OTHER,
            },
            _ => OTHER,
        };
        Self::new(exit_code, format!("Unable to locate credentials: {error}{}", causes(error.source())))
    }
}

impl From<ProvideError> for Failure {
    fn from(error: ProvideError) -> Self {
        (&error).into()
    }
}

impl From<&InvalidInput> for Failure {
    fn from(invalid: &InvalidInput) -> Self {
        let violations = invalid.violations().iter();
        let text =
            violations.fold("Parameter validation failed:".into(), |text, violation| format!("{text}\n{violation}"));
        Self::new(USAGE, text)
    }
}

impl From<&Problem> for Failure {
    fn from(problem: &Problem) -> Self {
        match problem {
            Problem::Invalid(invalid) => invalid.into(),
            Problem::NoCredentials => Self::new(CONFIGURATION, NO_CREDENTIALS),
            Problem::NoRegion => Self::new(CONFIGURATION, NO_REGION),
            problem => Self::new(CONFIGURATION, problem.to_string()),
        }
    }
}

impl From<ProofError> for Failure {
    fn from(error: ProofError) -> Self {
        match &error {
            ProofError::Cluster | ProofError::ServerId => Self::usage(error),
            ProofError::Endpoint => Self::new(CONFIGURATION, error.to_string()),
            ProofError::Sign(problem) => problem.into(),
            error => Self::new(OTHER, error.to_string()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match &error {
            Error::Input { problem, .. } => problem.into(),
            Error::Credentials { error: cause, .. } => match cause.downcast_ref::<ProvideError>() {
                Some(cause) => cause.into(),
                None => Self::other(format!("{error}{}", causes(error.source()))),
            },
            Error::Service(error) => Self::new(SERVICE, refusal(error)),
            Error::NoResponse(lost) if lost.error.kind == TransportErrorKind::Connect => {
                let what = format!("Could not connect to the endpoint URL: \"{}\"", lost.endpoint);
                Self::caused(&what, &lost.error)
            }
            error => Self::new(OTHER, format!("{error}{}", causes(error.source()))),
        }
    }
}

/// Prints to standard error. Parts of the text come from outside, and must not control the terminal.
pub(crate) fn warn(text: &str) {
    // There is no way to report an error here.
    let _ = io::stderr().write_all(printable(text).as_bytes());
}

/// The AWS CLI's sentence, then the ids that AWS Support needs.
fn refusal(error: &ServiceError) -> String {
    let ServiceError { operation, wire_code, message, metadata, .. } = error;
    let message = if message.is_empty() { "Unknown" } else { message };
    let difference = error.difference.as_ref().map(|difference| format!("\n{difference}")).unwrap_or_default();
    format!(
        "An error occurred ({wire_code}) when calling the {operation} operation: {message}{difference}\n({metadata})"
    )
}

/// The causes, one line each.
fn causes(cause: Option<&dyn StdError>) -> String {
    let mut text = String::new();
    for cause in std::iter::successors(cause, |cause| (*cause).source()) {
        write!(text, "\n  caused by: {cause}").expect("a String takes every text");
    }
    text
}

const NO_REGION: &str = "You must specify a region. Pass --region, set AWS_REGION, or write region in the profile.";
const NO_CREDENTIALS: &str = "Unable to locate credentials.";
