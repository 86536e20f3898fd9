//! The configuration of a client.

use alloc::{format, string::String, sync::Arc};
use core::{fmt, time::Duration};
use http::{HeaderValue, Uri};

use crate::{
    endpoint::{Endpoint, EndpointError, Parameters},
    environment::{self, Environment, InvalidCredentials, Service, SettingError},
    host::is_host_label,
    retry::RetryMode,
    text::debug_in_words,
};

/// The configuration of a client: endpoint, region, timeouts and retries.
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
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches")]
pub(crate) struct Settings {
    pub(crate) endpoint: Endpoint,
    pub(crate) signing_region: Option<String>,
    pub(crate) retry_mode: RetryMode,
    pub(crate) max_attempts: u32,
    pub(crate) attempt_timeout: Duration,
    pub(crate) call_timeout: Duration,
    pub(crate) validate: bool,
    pub(crate) correct_clock_skew: bool,
    pub(crate) retry_access_denied: bool,
    pub(crate) user_agent: HeaderValue,
    pub(crate) browser: bool,
}

impl Config {
    /// Starts a configuration.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// The configuration from environment variables; see [`ConfigBuilder::env`].
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

    /// The time limit for one attempt, including connecting.
    pub fn attempt_timeout(&self) -> Duration {
        self.0.attempt_timeout
    }
}

/// Builder of a [`Config`].
#[derive(Clone, Debug, Default)]
#[must_use]
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches")]
pub struct ConfigBuilder {
    region: Option<String>,
    endpoint_url: Option<String>,
    signing_region: Option<String>,
    use_fips: Option<bool>,
    use_dual_stack: Option<bool>,
    use_legacy_global_endpoint: Option<bool>,
    allow_http: bool,
    retry_mode: Option<RetryMode>,
    max_attempts: Option<u32>,
    attempt_timeout: Option<Duration>,
    call_timeout: Option<Duration>,
    skip_validation: bool,
    correct_clock_skew: Option<bool>,
    retry_access_denied: bool,
    app_id: Option<String>,
    browser: bool,
    /// The first invalid setting.
    invalid: Option<ConfigError>,
}

impl ConfigBuilder {
    /// The region, such as `eu-central-1`. There is no default.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// A custom endpoint, such as `http://127.0.0.1:4566`. Plain HTTP is only accepted for this machine, unless
    /// [`allow_http`](Self::allow_http) is on.
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

    /// Uses dual-stack endpoints (IPv4 and IPv6).
    pub fn use_dual_stack(mut self, on: bool) -> Self {
        self.use_dual_stack = Some(on);
        self
    }

    /// Sends calls for the oldest regions to the global endpoint, as AWS SDKs did before 2025.
    pub fn use_legacy_global_endpoint(mut self, on: bool) -> Self {
        self.use_legacy_global_endpoint = Some(on);
        self
    }

    /// Allows plain HTTP for a custom endpoint on another machine. Off by default: anyone on the network path could read session tokens
    /// and the credentials that STS issues. No environment variable turns it on.
    pub fn allow_http(mut self, on: bool) -> Self {
        self.allow_http = on;
        self
    }

    /// The retry mode; [`RetryMode::Standard`] by default.
    pub fn retry_mode(mut self, mode: RetryMode) -> Self {
        self.retry_mode = Some(mode);
        self
    }

    /// The maximum number of attempts, including the first; 3 by default. 0 counts as 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }

    /// The time limit for one attempt, including connecting; 10 s by default.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// The time limit for a call, including all attempts and the waits between them; 60 s by default.
    ///
    /// Finding credentials does not count. It has separate limits: this one for each STS call, 60 s for a credential process, three times
    /// the attempt timeout for single sign-on, and 1 s for an agent on this machine. MFA prompts and custom providers have no limit.
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = Some(timeout);
        self
    }

    /// Whether to check members against the API's constraints before sending. On by default.
    pub fn validate(mut self, on: bool) -> Self {
        self.skip_validation = !on;
        self
    }

    /// Whether to correct for a wrong local clock: the client learns the service's time from its responses, signs with it, and retries a
    /// request that was refused because of its time. On by default.
    pub fn correct_clock_skew(mut self, on: bool) -> Self {
        self.correct_clock_skew = Some(on);
        self
    }

    /// Whether to retry `AccessDenied` when a role is assumed. A role that was just created can be denied for some seconds:
    /// [IAM is eventually consistent](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency).
    /// Off by default, since most denials are final.
    ///
    /// Each wait is random, up to 1, 2, 4, … 20 s. Three attempts wait 1.5 s on average, which is often too short;
    /// [`max_attempts(6)`](Self::max_attempts) waits 15 s on average.
    pub fn retry_access_denied(mut self, on: bool) -> Self {
        self.retry_access_denied = on;
        self
    }

    /// The [application id](https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html) in the user agent: up to 50 letters, digits
    /// and ``!#$%&'*+-.^_`|~``. As in the AWS SDKs, any other character becomes `-`, and a longer id is sent unchanged.
    pub fn app_id(mut self, id: impl Into<String>) -> Self {
        self.app_id = Some(id.into());
        self
    }

    /// Adapts requests to browsers, which do not allow setting `User-Agent` and send a CORS preflight for most other headers. Signed
    /// requests carry the user agent in the signed header `x-amz-user-agent`. Unsigned requests carry neither that header nor `amz-sdk-*`,
    /// and need no preflight. Off by default.
    pub fn browser(mut self, on: bool) -> Self {
        self.browser = on;
        self
    }

    /// Reads environment variables for all settings that are not set yet. Empty and blank values count as unset.
    /// [Settings reference](https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html)
    ///
    /// | variable | setting |
    /// |---|---|
    /// | `AWS_REGION`, then `AWS_DEFAULT_REGION` | region |
    /// | `AWS_ENDPOINT_URL_STS`, then `AWS_ENDPOINT_URL`, unless `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is `true` | custom endpoint |
    /// | `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` | `true` or `false` |
    /// | `AWS_STS_REGIONAL_ENDPOINTS` | `regional` or `legacy` |
    /// | `AWS_RETRY_MODE` | `standard` or `adaptive`; `legacy` means `standard` |
    /// | `AWS_MAX_ATTEMPTS` | a number from 1 |
    /// | `AWS_DISABLE_CLOCK_SKEW_CORRECTION` | `true` or `false` |
    /// | `AWS_SDK_UA_APP_ID` | application id |
    pub fn env(self, variable: impl Fn(&str) -> Option<String>) -> Self {
        self.settings(Environment::new(&variable))
    }

    /// Like [`env`](Self::env), and falls back to the environment's profile, if it has one.
    pub fn settings(mut self, environment: Environment<'_>) -> Self {
        if let Err(error) = self.read(environment) {
            self.invalid.get_or_insert(error);
        }
        self
    }

    fn read(&mut self, environment: Environment<'_>) -> Result<(), ConfigError> {
        fn fill<T>(
            setting: &mut Option<T>,
            found: impl FnOnce() -> Result<Option<T>, SettingError>,
        ) -> Result<(), SettingError> {
            if setting.is_none() {
                *setting = found()?;
            }
            Ok(())
        }

        fill(&mut self.region, || environment.get(&environment::REGION))?;
        fill(&mut self.endpoint_url, || Ok(environment.endpoint_url(Service::Sts)?.map(|found| found.value)))?;
        fill(&mut self.use_fips, || environment.get(&environment::USE_FIPS_ENDPOINT))?;
        fill(&mut self.use_dual_stack, || environment.get(&environment::USE_DUALSTACK_ENDPOINT))?;
        fill(&mut self.use_legacy_global_endpoint, || environment.get(&environment::STS_LEGACY_ENDPOINT))?;
        fill(&mut self.retry_mode, || environment.get(&environment::RETRY_MODE))?;
        fill(&mut self.max_attempts, || environment.get(&environment::MAX_ATTEMPTS))?;
        fill(&mut self.correct_clock_skew, || {
            Ok(environment.get(&environment::DISABLE_CLOCK_SKEW_CORRECTION)?.map(|is_disabled| !is_disabled))
        })?;
        fill(&mut self.app_id, || environment.get(&environment::APP_ID))?;
        Ok(())
    }

    /// Builds the configuration.
    ///
    /// # Errors
    /// A setting is invalid, the region is missing, or settings contradict each other.
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
        if endpoint.is_exposed() && !self.allow_http {
            return Err(EndpointError::Http(endpoint.uri().clone()).into());
        }
        if let Some(region) = self.signing_region.as_ref().filter(|region| !is_host_label(region)) {
            return Err(EndpointError::Region(region.clone()).into());
        }
        let signing_region = self.signing_region.or_else(|| endpoint.signing_region().map(String::from));
        Ok(Config(Arc::new(Settings {
            endpoint,
            signing_region,
            retry_mode: self.retry_mode.unwrap_or_default(),
            max_attempts: self.max_attempts.unwrap_or(3).max(1),
            attempt_timeout: self.attempt_timeout.unwrap_or(Duration::from_secs(10)),
            call_timeout: self.call_timeout.unwrap_or(Duration::from_secs(60)),
            validate: !self.skip_validation,
            correct_clock_skew: self.correct_clock_skew.unwrap_or(true),
            retry_access_denied: self.retry_access_denied,
            user_agent: user_agent(self.app_id.as_deref().unwrap_or_default()),
            browser: self.browser,
        })))
    }
}

fn user_agent(app_id: &str) -> HeaderValue {
    const NAME: &str = concat!("sts-rust/", env!("CARGO_PKG_VERSION"));
    if app_id.is_empty() {
        return HeaderValue::from_static(NAME);
    }
    // A token of RFC 9110, 5.6.2.
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let app_id: String = app_id.chars().map(|c| if is_allowed(c) { c } else { '-' }).collect();
    HeaderValue::try_from(format!("{NAME} app/{app_id}")).expect("a token may stand in a header")
}

/// Why a configuration could not be built.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The settings do not determine a valid endpoint.
    Endpoint(EndpointError),
    /// A value in the environment or the profile is not valid for its setting.
    Setting(SettingError),
    /// The credentials in the environment are incomplete or invalid.
    Credentials(InvalidCredentials),
}

impl From<SettingError> for ConfigError {
    fn from(error: SettingError) -> Self {
        Self::Setting(error)
    }
}

impl From<EndpointError> for ConfigError {
    fn from(error: EndpointError) -> Self {
        Self::Endpoint(error)
    }
}

impl From<InvalidCredentials> for ConfigError {
    fn from(error: InvalidCredentials) -> Self {
        Self::Credentials(error)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(error) => error.fmt(f),
            Self::Setting(error) => error.fmt(f),
            Self::Credentials(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConfigError {}

debug_in_words!(ConfigError);
