//! What does not change between the calls of a client.

use alloc::{string::String, sync::Arc};
use core::{fmt, time::Duration};
use http::{HeaderValue, Uri};

use crate::{
    credentials::IncompleteCredentials,
    endpoint::{Endpoint, EndpointError, Parameters, is_host_label},
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
    pub(crate) signing_region: Option<String>,
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
        self.0.signing_region.as_deref()
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
    region: Option<String>,
    endpoint_url: Option<String>,
    signing_region: Option<String>,
    use_fips: Option<bool>,
    use_dual_stack: Option<bool>,
    use_legacy_global_endpoint: Option<bool>,
    max_attempts: Option<u32>,
    connect_timeout: Option<Duration>,
    attempt_timeout: Option<Duration>,
    call_timeout: Option<Duration>,
    skip_validation: bool,
    /// The first setting of the environment that has no meaning.
    invalid: Option<ConfigError>,
}

impl ConfigBuilder {
    /// The region, `eu-central-1`. There is no default.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// A custom endpoint, `http://127.0.0.1:4566`, instead of AWS's own.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// Signs for this region instead of the endpoint's.
    pub fn signing_region(mut self, region: impl Into<String>) -> Self {
        self.signing_region = Some(region.into());
        self
    }

    /// Uses FIPS 140 validated endpoints.
    pub fn use_fips(mut self, on: bool) -> Self {
        self.use_fips = Some(on);
        self
    }

    /// Uses endpoints that have IPv6 addresses, too.
    pub fn use_dual_stack(mut self, on: bool) -> Self {
        self.use_dual_stack = Some(on);
        self
    }

    /// Sends the older regions' calls to the global endpoint, as SDKs did before 2025.
    pub fn use_legacy_global_endpoint(mut self, on: bool) -> Self {
        self.use_legacy_global_endpoint = Some(on);
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

    /// Reads the environment through `variable` for what is not set yet. Empty values count as unset.
    /// [Settings reference](https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html)
    ///
    /// | variable | setting |
    /// |---|---|
    /// | `AWS_REGION`, else `AWS_DEFAULT_REGION` | region |
    /// | `AWS_ENDPOINT_URL_STS`, else `AWS_ENDPOINT_URL`, unless `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is `true` | custom endpoint |
    /// | `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` | `true` or `false` |
    /// | `AWS_STS_REGIONAL_ENDPOINTS` | `regional` or `legacy` |
    /// | `AWS_MAX_ATTEMPTS` | a number from 1 |
    pub fn env(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        let mut switch = |name, on: &str, off: &str, expected| {
            let value = variable(name)?;
            if value.eq_ignore_ascii_case(on) {
                return Some(true);
            }
            if !value.eq_ignore_ascii_case(off) {
                self.invalid.get_or_insert(ConfigError::Setting { name, value, expected });
            }
            Some(false)
        };
        let fips = switch("AWS_USE_FIPS_ENDPOINT", "true", "false", BOOLEAN);
        let dual_stack = switch("AWS_USE_DUALSTACK_ENDPOINT", "true", "false", BOOLEAN);
        let ignore_urls = switch("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", "false", BOOLEAN);
        let legacy = switch("AWS_STS_REGIONAL_ENDPOINTS", "legacy", "regional", "regional or legacy");
        self.use_fips = self.use_fips.or(fips);
        self.use_dual_stack = self.use_dual_stack.or(dual_stack);
        self.use_legacy_global_endpoint = self.use_legacy_global_endpoint.or(legacy);
        self.region = self.region.or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
        if ignore_urls != Some(true) {
            self.endpoint_url =
                self.endpoint_url.or_else(|| variable("AWS_ENDPOINT_URL_STS")).or_else(|| variable("AWS_ENDPOINT_URL"));
        }
        if let (None, Some(value)) = (self.max_attempts, variable("AWS_MAX_ATTEMPTS")) {
            self.max_attempts = value.parse().ok().filter(|attempts| *attempts > 0);
            if self.max_attempts.is_none() {
                let (name, expected) = ("AWS_MAX_ATTEMPTS", "a whole number from 1");
                self.invalid.get_or_insert(ConfigError::Setting { name, value, expected });
            }
        }
        self
    }

    /// The configuration.
    ///
    /// # Errors
    /// A setting of the environment has no meaning, or there is no endpoint: the region is missing, or settings contradict each
    /// other.
    pub fn build(self) -> Result<Config, ConfigError> {
        if let Some(error) = self.invalid {
            return Err(error);
        }
        let endpoint = Endpoint::resolve(&Parameters {
            region: self.region.as_deref(),
            url: self.endpoint_url.as_deref(),
            use_fips: self.use_fips.unwrap_or(false),
            use_dual_stack: self.use_dual_stack.unwrap_or(false),
            use_global: self.use_legacy_global_endpoint.unwrap_or(false),
        })?;
        if let Some(region) = self.signing_region.as_ref().filter(|region| !is_host_label(region)) {
            return Err(EndpointError::Region(region.clone()).into());
        }
        let signing_region = self.signing_region.or_else(|| endpoint.signing_region().map(String::from));
        Ok(Config(Arc::new(Settings {
            endpoint,
            signing_region,
            max_attempts: self.max_attempts.unwrap_or(3).max(1),
            connect_timeout: self.connect_timeout.unwrap_or(Duration::from_millis(3100)),
            attempt_timeout: self.attempt_timeout.unwrap_or(Duration::from_secs(10)),
            call_timeout: self.call_timeout.unwrap_or(Duration::from_secs(60)),
            validate: !self.skip_validation,
            user_agent: HeaderValue::from_static(concat!("sts-rust/", env!("CARGO_PKG_VERSION"))),
        })))
    }
}

/// What a switch may be.
const BOOLEAN: &str = "true or false";

/// Why there is no configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// No endpoint follows from the settings.
    Endpoint(EndpointError),
    /// A setting of the environment has no meaning.
    Setting {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        expected: &'static str,
    },
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
            Self::Setting { name, value, expected } => write!(f, "{name} is {value:?}, expected {expected}"),
            Self::Credentials(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConfigError {}
