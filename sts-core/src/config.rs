//! What does not change between the calls of a client.

use alloc::{string::String, sync::Arc};
use core::{fmt, time::Duration};
use http::{HeaderValue, Uri};

use crate::{
    credentials::IncompleteCredentials,
    endpoint::{Endpoint, EndpointError, Parameters},
};

/// What does not change between calls: where they go, and how long and how often they are tried.
/// Cheap to clone.
///
/// ```
/// use sts_core::Config;
///
/// let config = Config::builder().region("eu-central-1").build()?;
/// assert_eq!(config.endpoint(), "https://sts.eu-central-1.amazonaws.com/");
/// assert_eq!(Config::builder().build().unwrap_err().to_string(), "Invalid Configuration: Missing Region");
/// # Ok::<(), sts_core::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config(pub(crate) Arc<Settings>);

#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) endpoint: Endpoint,
    pub(crate) max_attempts: u32,
    pub(crate) connect_timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) call_timeout: Duration,
    pub(crate) validate: bool,
    pub(crate) user_agent: HeaderValue,
}

impl Config {
    /// A configuration to be put together.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// The configuration that the environment describes; see [`ConfigBuilder::env`].
    ///
    /// # Errors
    /// As [`ConfigBuilder::build`].
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Self::builder().env(variable).build()
    }

    /// The URL that requests are posted to.
    pub fn endpoint(&self) -> &Uri {
        self.0.endpoint.uri()
    }

    /// The region that requests are signed for; `None` for a custom endpoint when no region is set.
    pub fn signing_region(&self) -> Option<&str> {
        self.0.endpoint.signing_region()
    }

    /// How long a driver may take to connect.
    pub fn connect_timeout(&self) -> Duration {
        self.0.connect_timeout
    }
}

/// Puts a [`Config`] together.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ConfigBuilder {
    parameters: Parameters,
    max_attempts: Option<u32>,
    connect_timeout: Option<Duration>,
    attempt_timeout: Option<Duration>,
    call_timeout: Option<Duration>,
    skip_validation: bool,
}

impl ConfigBuilder {
    /// The region, `eu-central-1`. There is no default.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.parameters.region = Some(region.into());
        self
    }

    /// A custom endpoint, `http://127.0.0.1:4566`, instead of AWS's own.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.parameters.url = Some(url.into());
        self
    }

    /// Uses FIPS 140 validated endpoints.
    pub fn use_fips(mut self, on: bool) -> Self {
        self.parameters.use_fips = on;
        self
    }

    /// Uses endpoints that have IPv6 addresses, too.
    pub fn use_dual_stack(mut self, on: bool) -> Self {
        self.parameters.use_dual_stack = on;
        self
    }

    /// Sends the older regions' calls to the global endpoint, as SDKs did before 2025.
    pub fn use_legacy_global_endpoint(mut self, on: bool) -> Self {
        self.parameters.use_global = on;
        self
    }

    /// How often a request is sent at most, the first time included; 3 when not set, at least 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }

    /// How long connecting may take; 3.1 s when not set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How long one attempt may take, connecting included; 10 s when not set.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// How long a call may take, all attempts and the waits between them; 60 s when not set.
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = Some(timeout);
        self
    }

    /// Whether members are held against the API's constraints before anything is sent. On when not set.
    pub fn validate(mut self, on: bool) -> Self {
        self.skip_validation = !on;
        self
    }

    /// Reads the environment through `variable` for what is not set yet: `AWS_REGION`, else `AWS_DEFAULT_REGION`;
    /// `AWS_ENDPOINT_URL_STS`, else `AWS_ENDPOINT_URL`. Empty values count as unset.
    /// [Settings reference](https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html)
    pub fn env(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        let first =
            |names: [&str; 2]| names.into_iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
        let Parameters { region, url, .. } = &mut self.parameters;
        *region = region.take().or_else(|| first(["AWS_REGION", "AWS_DEFAULT_REGION"]));
        *url = url.take().or_else(|| first(["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"]));
        self
    }

    /// The configuration.
    ///
    /// # Errors
    /// There is no endpoint: the region is missing, or settings contradict each other.
    pub fn build(self) -> Result<Config, ConfigError> {
        let endpoint = Endpoint::resolve(&self.parameters)?;
        Ok(Config(Arc::new(Settings {
            endpoint,
            max_attempts: self.max_attempts.unwrap_or(3).max(1),
            connect_timeout: self.connect_timeout.unwrap_or(Duration::from_millis(3100)),
            attempt_timeout: self.attempt_timeout.unwrap_or(Duration::from_secs(10)),
            call_timeout: self.call_timeout.unwrap_or(Duration::from_secs(60)),
            validate: !self.skip_validation,
            user_agent: HeaderValue::from_static(concat!("sts-rust/", env!("CARGO_PKG_VERSION"))),
        })))
    }
}

/// Why there is no configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// No endpoint follows from the settings.
    Endpoint(EndpointError),
    /// The environment holds half an access key.
    Credentials(IncompleteCredentials),
}

impl From<EndpointError> for ConfigError {
    fn from(error: EndpointError) -> Self {
        Self::Endpoint(error)
    }
}

impl From<IncompleteCredentials> for ConfigError {
    fn from(error: IncompleteCredentials) -> Self {
        Self::Credentials(error)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(error) => error.fmt(f),
            Self::Credentials(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConfigError {}
