//! Why there is no client, and why it has no credentials.

use std::{error::Error as StdError, fmt, io, sync::Arc};

use sts_core::{ConfigError, Error};
use sts_credentials::{
    error::{PlanError, SourceError},
    plan::Plan,
    source::Source,
};

use crate::{proxy::ProxyError, tls::TlsError};

/// Why there is no client.
#[non_exhaustive]
pub enum BuildError {
    /// A shared file is there and cannot be read. One that is not there counts as empty, also where the environment names it, as the AWS
    /// CLI and SDKs have it.
    File {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// The profile that is asked for is not defined, and there is no plan without it.
    Profile(PlanError),
    /// A setting of a profile has no meaning.
    Setting(PlanError),
    /// The configuration is wrong or not complete.
    Config(ConfigError),
    /// A proxy's URL is none.
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

/// Two methods of a builder that exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict {
    /// Their names.
    pub methods: [&'static str; 2],
    /// Why.
    pub reason: &'static str,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, other] = self.methods;
        write!(f, "`{one}` and `{other}` exclude each other: {}", self.reason)
    }
}

/// Why there are no credentials. All callers that waited for them get the same error, so that it is cheap to clone.
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

    /// The error itself, to be asked for its type: [`ChainError`] when the default chain failed.
    pub fn get_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.error
    }
}

/// A call that was to bring credentials failed, for a reason that is [transient](Error::is_transient) or not.
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

/// Why the default chain has no credentials.
#[non_exhaustive]
pub enum ChainError {
    /// No source is configured, or one is, but wrongly.
    Plan(PlanError),
    /// A source failed.
    Source {
        /// How.
        error: Box<SourceError>,
        /// The sources that are not configured, when this was the last resort.
        passed_over: Vec<String>,
    },
}

impl ChainError {
    /// That source of the plan failed.
    pub fn of(plan: &Plan, source: &Source, error: SourceError) -> ProvideError {
        let is_transient = error.is_transient();
        // Only at the chain's end is it of interest what else there could have been.
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
