//! Errors while building a client or finding credentials.

use std::{error::Error as StdError, fmt, io, sync::Arc};

use sts_core::{ConfigError, Error};
use sts_credentials::{
    error::{PlanError, SourceError},
    plan::Plan,
    source::Source,
};

use crate::{proxy::ProxyError, tls::TlsError};

/// An error while building a client.
#[non_exhaustive]
pub enum BuildError {
    /// A shared file exists but cannot be read. A missing file counts as empty, even if the environment names it, as in the AWS CLI and
    /// SDKs.
    File {
        /// The path of the file.
        path: String,
        /// The cause.
        error: io::Error,
    },
    /// The selected profile is not defined, and no other source of credentials is configured.
    Profile(PlanError),
    /// A setting is invalid.
    Setting(PlanError),
    /// The configuration is invalid or incomplete.
    Config(ConfigError),
    /// A proxy URL is invalid.
    Proxy(ProxyError),
    /// Certificates or keys cannot be used.
    Tls(TlsError),
    /// Two settings exclude each other.
    Conflict(Conflict),
}

impl From<ConfigError> for BuildError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<ProxyError> for BuildError {
    fn from(error: ProxyError) -> Self {
        Self::Proxy(error)
    }
}

impl From<TlsError> for BuildError {
    fn from(error: TlsError) -> Self {
        Self::Tls(error)
    }
}

impl From<Conflict> for BuildError {
    fn from(error: Conflict) -> Self {
        Self::Conflict(error)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, .. } => write!(f, "{path} cannot be read"),
            Self::Profile(error) | Self::Setting(error) => error.fmt(f),
            Self::Config(error) => error.fmt(f),
            Self::Proxy(error) => error.fmt(f),
            Self::Tls(error) => error.fmt(f),
            Self::Conflict(error) => error.fmt(f),
        }
    }
}

impl StdError for BuildError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::File { error, .. } => Some(error),
            Self::Tls(error) => error.source(),
            _ => None,
        }
    }
}

/// Two builder methods that exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict {
    /// The names of the methods.
    pub methods: [&'static str; 2],
    /// Why they exclude each other.
    pub reason: &'static str,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, other] = self.methods;
        write!(f, "`{one}` and `{other}` exclude each other: {}", self.reason)
    }
}

/// An error while finding credentials. It is cheap to clone: all waiting callers get the same error.
#[derive(Clone)]
pub struct ProvideError {
    error: Arc<dyn StdError + Send + Sync>,
    is_transient: bool,
}

impl ProvideError {
    /// A transient error: another attempt could succeed. The client keeps using the old credentials, even after they expire.
    pub fn new(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { error: Arc::from(error.into()), is_transient: true }
    }

    /// A final refusal: another attempt would fail as well. The client drops the old credentials.
    pub fn refused(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { error: Arc::from(error.into()), is_transient: false }
    }

    /// Whether another attempt could succeed.
    pub fn is_transient(&self) -> bool {
        self.is_transient
    }

    /// The underlying error, for downcasting: [`ChainError`] if the default chain failed.
    pub fn get_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.error
    }
}

/// The error of a call for credentials, [transient](Error::is_transient) or not.
impl From<Error> for ProvideError {
    fn from(error: Error) -> Self {
        let cause = match &error {
            Error::Credentials { error, .. } => error.downcast_ref::<Self>(),
            _ => None,
        };
        let is_transient = cause.map_or_else(|| error.is_transient(), Self::is_transient);
        Self { error: Arc::new(error), is_transient }
    }
}

impl fmt::Display for ProvideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl StdError for ProvideError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}

/// An error of the default chain.
#[non_exhaustive]
pub enum ChainError {
    /// No source is configured, or a source is configured incorrectly.
    Plan(PlanError),
    /// A source failed.
    Source {
        /// The error of the source.
        error: Box<SourceError>,
        /// The sources that are not configured, if the last source of the chain failed.
        passed_over: Vec<String>,
    },
}

impl ChainError {
    /// The error of this source of the plan.
    pub fn of(plan: &Plan, source: &Source, error: SourceError) -> ProvideError {
        let is_transient = error.is_transient();
        // Only at the end of the chain does it help to list the skipped sources.
        let passed_over = match source {
            Source::InstanceMetadata(_) => plan.passed_over.clone(),
            _ => Vec::new(),
        };
        ProvideError { error: Arc::new(Self::Source { error: Box::new(error), passed_over }), is_transient }
    }
}

impl From<PlanError> for ProvideError {
    fn from(error: PlanError) -> Self {
        Self::refused(ChainError::Plan(error))
    }
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(error) => error.fmt(f),
            Self::Source { error, passed_over } => {
                error.fmt(f)?;
                if !passed_over.is_empty() {
                    write!(f, "; passed over: {}", passed_over.join("; "))?;
                }
                Ok(())
            }
        }
    }
}

impl StdError for ChainError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Plan(_) => None,
            Self::Source { error, .. } => StdError::source(&**error),
        }
    }
}

debug_in_words!(BuildError, ProvideError, ChainError);
