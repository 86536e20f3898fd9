//! What is printed on failure, and exit codes: those of
//! [the AWS CLI, version 2](https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html).

use clap::error::{ContextKind, ErrorKind};
use std::{
    error::Error as StdError,
    fmt::{self, Write as _},
    io::{self, Write as _},
    process::ExitCode,
};
use sts_blocking::{
    ConfigError, LostKind,
    endpoint::EndpointError,
    error::{Error, Problem, ServiceError},
    identity_proof::ProofError,
    validate::InvalidInput,
};

/// The command line or a member is wrong.
const USAGE: u8 = 252;
/// The region, the endpoint or the credentials are missing or wrong.
const CONFIGURATION: u8 = 253;
/// The service refused.
const SERVICE: u8 = 254;
/// Anything else: nothing answered, or not the way STS does.
const OTHER: u8 = 255;

/// Why the program ends without doing what it was asked to.
pub(crate) enum Failure {
    /// The command line cannot be understood; or it asks for help or the version.
    Usage(clap::Error),
    Other {
        exit_code: u8,
        text: String,
    },
}

impl Failure {
    fn new(exit_code: u8, text: impl Into<String>) -> Self {
        Self::Other { exit_code, text: text.into() }
    }

    /// Found after the command line was parsed.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::Usage(clap::Error::raw(ErrorKind::ValueValidation, message))
    }

    /// A setting of the environment cannot be used.
    pub(crate) fn configuration(name: &str, cause: &dyn StdError) -> Self {
        Self::new(CONFIGURATION, format!("{name}{}", causes(Some(cause))))
    }

    /// Neither the user's nor the service's doing.
    pub(crate) fn caused(what: &str, cause: &dyn StdError) -> Self {
        Self::new(OTHER, format!("{what}{}", causes(Some(cause))))
    }

    /// Prints the text, after an empty line as the AWS CLI does.
    pub(crate) fn report(&self) -> ExitCode {
        // There is no one left to tell when this cannot be written.
        match self {
            Self::Usage(error) => {
                let _ = without_values(error).map_or_else(|| error.print(), |error| error.print());
                if error.use_stderr() { USAGE.into() } else { ExitCode::SUCCESS }
            }
            Self::Other { exit_code, text } => {
                // Part of the text comes from the service or a proxy, and shall not control the terminal.
                let text = text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "\u{fffd}");
                let _ = writeln!(io::stderr(), "\n{text}");
                (*exit_code).into()
            }
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Endpoint(EndpointError::MissingRegion) => Self::new(CONFIGURATION, NO_REGION),
            error => Self::new(CONFIGURATION, error.to_string()),
        }
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

impl From<sts_blocking::Error> for Failure {
    fn from(error: sts_blocking::Error) -> Self {
        match &error {
            Error::Input { problem, .. } => problem.into(),
            Error::Service(error) => Self::new(SERVICE, refusal(error)),
            Error::Transport(lost) if lost.lost.kind == LostKind::Connect => {
                let what = format!("Could not connect to the endpoint URL: \"{}\"", lost.endpoint);
                Self::caused(&what, &lost.lost.error)
            }
            error => Self::new(OTHER, format!("{error}{}", causes(error.source()))),
        }
    }
}

/// A usage error without the value that is wrong, since it may hold a token: the option, and what its parser says.
fn without_values(error: &clap::Error) -> Option<clap::Error> {
    let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    let text = match error.kind() {
        ErrorKind::ValueValidation => format!("{argument}: {}\n", error.source()?),
        ErrorKind::UnknownArgument if !argument.starts_with('-') => {
            "unexpected value, which is not shown as it may be a secret; the option before it takes one value, or none\n".into()
        }
        _ => return None,
    };
    Some(clap::Error::raw(error.kind(), text))
}

/// The AWS CLI's sentence, then what AWS's support asks for.
fn refusal(error: &ServiceError) -> String {
    let ServiceError { operation, wire_code, message, metadata, .. } = error;
    let message = if message.is_empty() { "Unknown" } else { message };
    let difference = error.difference.as_ref().map(|difference| format!("\n{difference}")).unwrap_or_default();
    format!(
        "An error occurred ({wire_code}) when calling the {operation} operation: {message}{difference}\n({metadata})"
    )
}

/// A line a cause.
fn causes(cause: Option<&dyn StdError>) -> String {
    let mut text = String::new();
    for cause in std::iter::successors(cause, |cause| (*cause).source()) {
        write!(text, "\n  caused by: {cause}").expect("a String takes every text");
    }
    text
}

const NO_REGION: &str = "You must specify a region. Pass --region or set AWS_REGION.";
const NO_CREDENTIALS: &str = "Unable to locate credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for temporary ones; profiles are not read.";
