//! The default chain of credentials, loaded from environment and files.

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

/// What environment and profiles describe: where calls go, and where the credentials for them come from. Nothing is looked for yet.
///
/// See [`Settings`] for what is read, and [`plan`](sts_credentials::plan) for the order of the sources.
#[derive(Clone, Debug)]
pub struct Chain {
    config: Config,
    /// An error here matters only to calls that are signed.
    plan: Result<Plan, PlanError>,
    ca_bundle: Option<String>,
    proxies: Proxies,
    prompt: Option<Prompt>,
}

impl Chain {
    /// What the environment says, and the profiles for what it leaves open.
    ///
    /// # Errors
    /// A file cannot be read, the profile is not defined, there is no region, or settings have no meaning or contradict each other.
    pub fn from_env() -> Result<Self, BuildError> {
        Self::load(Config::builder(), &variable, None)
    }

    /// As [`from_env`](Self::from_env), with that profile, which goes before keys and web identity of the environment.
    ///
    /// # Errors
    /// As there.
    pub fn from_profile(name: &str) -> Result<Self, BuildError> {
        Self::load(Config::builder(), &variable, Some(name))
    }

    /// As [`from_env`](Self::from_env), with settings that go before all others, an environment of the caller's and perhaps a profile.
    ///
    /// # Errors
    /// As there.
    pub fn load(config: ConfigBuilder, variable: Variable<'_>, profile: Option<&str>) -> Result<Self, BuildError> {
        Self::with_profiles(config, variable, &profiles(variable)?, profile)
    }

    /// As [`load`](Self::load), with shared files that have been read before.
    ///
    /// # Errors
    /// As there.
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
            // Before anything that the profile would have said is missed, such as the region.
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

    /// Asks this function for the code of an MFA device, whose serial number or ARN it gets. Without one, a profile that needs a code is
    /// an error.
    #[must_use]
    pub fn mfa_prompt(mut self, prompt: impl Fn(&str) -> Result<Secret, String> + Send + Sync + 'static) -> Self {
        self.prompt = Some(Prompt(Arc::new(prompt)));
        self
    }

    /// Where calls go, and how often they are tried.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The sources, and what was passed over.
    ///
    /// # Errors
    /// None is configured, or one is, but wrongly.
    pub fn plan(&self) -> Result<&Plan, &PlanError> {
        self.plan.as_ref()
    }

    /// The file of root certificates that `AWS_CA_BUNDLE` or the profile's `ca_bundle` names.
    pub fn ca_bundle(&self) -> Option<&str> {
        self.ca_bundle.as_deref()
    }

    /// The proxies that the environment names.
    pub fn proxies(&self) -> &Proxies {
        &self.proxies
    }

    /// Asks for the code of that MFA device.
    ///
    /// # Errors
    /// There is nobody to ask, or no answer: in words.
    pub fn ask(&self, serial: &str) -> Result<Secret, String> {
        match &self.prompt {
            Some(prompt) => (prompt.0)(serial),
            None => Err("the client was given nobody to ask".to_owned()),
        }
    }
}

/// The system that this crate was built for.
pub const PLATFORM: Platform = if cfg!(windows) { Platform::Windows } else { Platform::Unix };

/// Reads the shared files; one that is not there says nothing. They may be pipes, which can be read once.
///
/// # Errors
/// A file cannot be read. A line that cannot be read is an error of its profile alone.
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

/// From a device's serial number to its code.
#[derive(Clone)]
struct Prompt(Arc<Ask>);

type Ask = dyn Fn(&str) -> Result<Secret, String> + Send + Sync;

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prompt")
    }
}

/// A shared file, if it is there. Each of the two may hold secrets.
fn shared_file(path: Option<String>) -> Result<Option<(String, Zeroizing<String>)>, BuildError> {
    const MOST: usize = 16 << 20;
    let Some(path) = path else { return Ok(None) };
    // At the start, when there is somebody who waits, as for `AWS_SHARED_CREDENTIALS_FILE=<(sops …)`.
    match file::read_or_wait(&path, MOST) {
        Ok(text) => Ok(Some((path, Zeroizing::new(text)))),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(BuildError::File { path, error }),
    }
}

/// A variable of the environment. What is not Unicode is not taken for unset: it is an error where it is used.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}
