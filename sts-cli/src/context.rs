//! What a command runs with: the global options, and behind them the environment and the profile.

use clap::ValueEnum as _;
use std::{cell::OnceCell, env};
use sts_blocking::{
    BuildError, Config, ConfigBuilder,
    credentials::{error::PlanError, location::profile_from_env, plan::Plan, profile::Profiles, settings::Settings},
    provider::{PLATFORM, profiles},
};

use crate::{
    failure::Failure,
    globals::Globals,
    output::{self, Format},
    value::Value,
};

/// What a command runs with. The shared files are read when they are first needed, and once: they may be pipes.
pub(crate) struct Context {
    pub(crate) globals: Globals,
    profiles: OnceCell<Profiles>,
}

impl Context {
    pub(crate) fn new(globals: Globals) -> Self {
        Self { globals, profiles: OnceCell::new() }
    }

    /// A variable of the environment, unless an option takes precedence. One that is not Unicode is not taken for unset: it is an error
    /// where it is used.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let option = self.globals.ca_bundle.as_ref().filter(|_| name == "AWS_CA_BUNDLE").cloned();
        option.or_else(|| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// The environment and the profile. A setting of the profile that has no meaning is an error here.
    pub(crate) fn environment(&self) -> Result<Environment<'_>, Failure> {
        let variable = |name: &str| self.variable(name);
        let profiles = match self.profiles.get() {
            Some(profiles) => profiles,
            None => profiles(&variable).map(|read| self.profiles.get_or_init(|| read))?,
        };
        Settings::new(&variable, profiles, self.globals.profile.as_deref()).map_err(BuildError::Setting)?;
        Ok(Environment { context: self, profiles })
    }

    /// The format of the output: `--output`, else the environment's, else the profile's.
    pub(crate) fn format(&self) -> Result<Format, Failure> {
        if let Some(format) = self.globals.output {
            return Ok(format);
        }
        let (origin, name) = match self.variable("AWS_DEFAULT_OUTPUT").filter(|name| !name.is_empty()) {
            Some(name) => ("AWS_DEFAULT_OUTPUT".to_owned(), name),
            None if self.globals.local => return Ok(Format::Json),
            None => match self.environment()?.property("output") {
                Some((place, name)) => (format!("output in {place}"), name),
                None => return Ok(Format::Json),
            },
        };
        // Commands for a shell are printed only where an option asks for them.
        Format::from_str(&name, false).ok().filter(|format| !matches!(format, Format::Shell(_))).ok_or_else(|| {
            Failure::configuration(format!(
                "{origin}: unknown output format {name:?}, expected json, text, table, yaml or yaml-stream"
            ))
        })
    }

    /// Prints what `--query` selects of a value. `title`: the name of the outermost table.
    pub(crate) fn print(&self, format: Format, value: Value, title: &str) -> Result<(), Failure> {
        let value = match &self.globals.query {
            Some(query) => query.apply(&value)?,
            None => value,
        };
        output::print(&format.write(value, title))
    }
}

/// The environment, and behind it the profile.
#[derive(Clone, Copy)]
pub(crate) struct Environment<'c> {
    context: &'c Context,
    pub(crate) profiles: &'c Profiles,
}

impl Environment<'_> {
    /// The sources of credentials.
    pub(crate) fn plan(&self) -> Result<Plan, PlanError> {
        Plan::new(PLATFORM, &|name| self.context.variable(name), self.profiles, self.globals().profile.as_deref())
    }

    /// The sources of credentials and what is passed over, the region and the endpoint, a line each: what is known of them.
    pub(crate) fn origins(&self) -> String {
        let mut text = match self.plan() {
            Ok(plan) => plan.to_string(),
            Err(error) => reasons(&error.problem),
        };
        text += &match self.region() {
            Some((region, origin)) => format!("region: {region}, from {origin}\n"),
            None => "region: none; pass --region, set AWS_REGION, or write region in the profile\n".into(),
        };
        if let Ok(config) = self.config() {
            let origin = self.endpoint_url().map_or("the region".into(), |(_, origin)| origin);
            text += &format!("endpoint: {}, from {origin}\n", config.endpoint());
        }
        text
    }

    /// A client's configuration.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        Ok(self.globals().config().env(|name| self.setting(name)).build()?)
    }

    /// A client's configuration without custom endpoints.
    pub(crate) fn config_of_region(&self) -> Result<Config, Failure> {
        let builder = self.globals().region.iter().fold(Config::builder(), ConfigBuilder::region);
        Ok(builder.env(|name| self.setting(name).filter(|_| !name.starts_with("AWS_ENDPOINT_URL"))).build()?)
    }

    /// The region, and its origin.
    pub(crate) fn region(&self) -> Option<(String, String)> {
        let option = self.globals().region.as_deref();
        self.first(option, "--region", &["AWS_REGION", "AWS_DEFAULT_REGION"])
    }

    /// The custom endpoint, and its origin.
    pub(crate) fn endpoint_url(&self) -> Option<(String, String)> {
        let ignored =
            self.setting("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|on| on.eq_ignore_ascii_case("true"));
        let variables: &[&str] = if ignored { &[] } else { &["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"] };
        self.first(self.globals().endpoint_url.as_deref(), "--endpoint-url", variables)
    }

    /// The first that is set, and its origin: the option, a variable of the environment, or the profile in its place.
    fn first(&self, option: Option<&str>, name: &str, variables: &[&str]) -> Option<(String, String)> {
        if let Some(value) = option {
            return Some((value.into(), name.into()));
        }
        variables.iter().find_map(|name| {
            let value = self.setting(name).filter(|value| !value.is_empty())?;
            let is_set = self.context.variable(name).is_some_and(|value| !value.is_empty());
            Some((value, if is_set { (*name).into() } else { format!("profile `{}`", self.profile()) }))
        })
    }

    /// A variable of the environment, or the profile's property in its place.
    fn setting(&self, name: &str) -> Option<String> {
        let variable = |name: &str| self.context.variable(name);
        let settings = Settings::new(&variable, self.profiles, self.globals().profile.as_deref()).ok()?;
        settings.variable(name)
    }

    /// A property of the profile, and its place in a file.
    fn property(&self, name: &str) -> Option<(String, String)> {
        let section = self.profiles.profile(&self.profile())?;
        let value = section.get(name).filter(|value| !value.is_empty())?;
        Some((section.location(name)?.to_string(), value.to_owned()))
    }

    /// The profile's name; it need not be defined.
    fn profile(&self) -> String {
        let variable = || profile_from_env(|name| self.context.variable(name));
        self.globals().profile.clone().or_else(variable).unwrap_or_else(|| "default".into())
    }

    fn globals(&self) -> &Globals {
        &self.context.globals
    }
}

/// Why no source is configured: the sources that a plan passes over.
fn reasons(problem: &str) -> String {
    let reasons = problem.strip_prefix("no source of credentials is configured: ").unwrap_or_default();
    reasons.split("; ").filter(|reason| !reason.is_empty()).map(|reason| format!("passed over: {reason}\n")).collect()
}
