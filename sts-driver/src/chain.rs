//! The default credential chain, loaded from environment and files.

use std::{env, fmt, io::ErrorKind, sync::Arc};

use sts_core::{
    Config, ConfigBuilder, Secret,
    environment::{CA_BUNDLE, Environment},
};
use sts_credentials::{
    error::PlanError,
    location::{Platform, SharedFiles, Variable, profile_from_env},
    plan::Plan,
    profile::Profiles,
    settings::Settings,
};
use zeroize::Zeroizing;

use crate::{error::BuildError, file, proxy::Proxies};

/// The default credential chain: configuration and credential sources from environment and profiles. Loading it looks up no credentials.
///
/// See [`Settings`] for the settings that it reads, and [`plan`](sts_credentials::plan) for the order of the sources.
#[derive(Clone, Debug)]
pub struct Chain {
    config: Config,
    /// An error here affects only signed calls.
    plan: Result<Plan, PlanError>,
    ca_bundle: Option<String>,
    proxies: Proxies,
    prompt: Option<Prompt>,
}

impl Chain {
    /// Loads the chain from the environment; profiles supply what the environment leaves unset.
    ///
    /// # Errors
    /// A file cannot be read, the profile is not defined, no region is set, or settings are invalid or contradict each other.
    pub fn from_env() -> Result<Self, BuildError> {
        Self::load(Config::builder(), &variable, None)
    }

    /// Like [`from_env`](Self::from_env), with this profile. It takes precedence over keys and web identity in the environment.
    ///
    /// # Errors
    /// The same errors as [`from_env`](Self::from_env).
    pub fn from_profile(name: &str) -> Result<Self, BuildError> {
        Self::load(Config::builder(), &variable, Some(name))
    }

    /// Like [`from_env`](Self::from_env), with your own environment. Settings in `config` take precedence; `profile` selects a profile.
    ///
    /// # Errors
    /// The same errors as [`from_env`](Self::from_env).
    pub fn load(config: ConfigBuilder, variable: Variable<'_>, profile: Option<&str>) -> Result<Self, BuildError> {
        Self::with_profiles(config, variable, &profiles(variable)?, profile)
    }

    /// Like [`load`](Self::load), with shared files that were read before.
    ///
    /// # Errors
    /// The same errors as [`load`](Self::load), except that it reads no files.
    pub fn with_profiles(
        config: ConfigBuilder,
        variable: Variable<'_>,
        profiles: &Profiles,
        profile: Option<&str>,
    ) -> Result<Self, BuildError> {
        let settings = Settings::new(PLATFORM, variable, profiles, profile).map_err(BuildError::Setting)?;
        let plan = Plan::new(PLATFORM, variable, profiles, profile);
        let named = profile.map(str::to_owned).or_else(|| profile_from_env(variable));
        if named.is_some_and(|name| profiles.profile(&name).is_none())
            && let Err(error) = plan
        {
            // Reported before other settings that the profile would supply, such as the region.
            return Err(BuildError::Profile(error));
        }
        let mut proxies = Proxies::default();
        proxies.read(Environment::new(variable))?;
        Ok(Self {
            config: config.settings(settings.environment()).build().map_err(BuildError::Config)?,
            plan,
            ca_bundle: settings.environment().get(&CA_BUNDLE).map_err(|error| BuildError::Setting(error.into()))?,
            proxies,
            prompt: None,
        })
    }

    /// Sets the function that returns the code of an MFA device. It receives the device's serial number or ARN. Without it, a profile that
    /// needs a code is an error.
    #[must_use]
    pub fn mfa_prompt(mut self, prompt: impl Fn(&str) -> Result<Secret, String> + Send + Sync + 'static) -> Self {
        self.prompt = Some(Prompt(Arc::new(prompt)));
        self
    }

    /// The configuration of calls, such as region, endpoint and retries.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The credential sources, and the sources that were skipped.
    ///
    /// # Errors
    /// No source is configured, or a source is configured incorrectly.
    pub fn plan(&self) -> Result<&Plan, &PlanError> {
        self.plan.as_ref()
    }

    /// The file of root certificates from `AWS_CA_BUNDLE` or the profile's `ca_bundle`.
    pub fn ca_bundle(&self) -> Option<&str> {
        self.ca_bundle.as_deref()
    }

    /// The proxies from the environment.
    pub fn proxies(&self) -> &Proxies {
        &self.proxies
    }

    /// Asks for the code of this MFA device.
    ///
    /// # Errors
    /// No MFA prompt is set, or the prompt failed. The error is text for the user.
    pub fn ask(&self, serial: &str) -> Result<Secret, String> {
        match &self.prompt {
            Some(prompt) => (prompt.0)(serial),
            None => Err("the client was given nobody to ask".to_owned()),
        }
    }
}

/// The platform that this crate was built for.
pub const PLATFORM: Platform = if cfg!(windows) { Platform::Windows } else { Platform::Unix };

/// Reads the shared files. Missing files count as empty. A file may be a pipe, which can be read only once.
///
/// # Errors
/// A file cannot be read. A line that cannot be parsed is an error of its profile only.
pub fn profiles(variable: Variable<'_>) -> Result<Profiles, BuildError> {
    let location = SharedFiles::from_env(PLATFORM, variable);
    let mut profiles = Profiles::default();
    if let Some((path, text)) = shared_file(location.config)? {
        profiles.read_config(&path, &text);
    }
    if let Some((path, text)) = shared_file(location.credentials)? {
        profiles.read_credentials(&path, &text);
    }
    Ok(profiles)
}

/// A function that returns a device's code for its serial number.
#[derive(Clone)]
struct Prompt(Arc<Ask>);

type Ask = dyn Fn(&str) -> Result<Secret, String> + Send + Sync;

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prompt")
    }
}

/// Reads a shared file if it exists. Both shared files may hold secrets.
fn shared_file(path: Option<String>) -> Result<Option<(String, Zeroizing<String>)>, BuildError> {
    const MOST: usize = 16 << 20;
    let Some(path) = path else { return Ok(None) };
    // At startup, waiting for the writer of a pipe is fine, as in `AWS_SHARED_CREDENTIALS_FILE=<(sops …)`.
    match file::read_or_wait(&path, MOST) {
        Ok(text) => Ok(Some((path, Zeroizing::new(text)))),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(BuildError::File { path, error }),
    }
}

/// An environment variable. A value that is not Unicode counts as set, and is an error where it is used.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}
