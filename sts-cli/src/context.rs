//! The context of a command: the global options, then the environment, then the profile.

use clap::ValueEnum as _;
use std::{cell::OnceCell, env};
use sts_blocking::{
    BuildError, Config, ConfigBuilder,
    core::environment::{self, Found, OUTPUT, REGION, Service},
    credentials::{error::PlanError, plan::Plan, profile::Profiles, settings::Settings},
    provider::{PLATFORM, profiles},
};

use crate::{
    failure::Failure,
    globals::Globals,
    output::{self, Format},
    value::Value,
};

/// The context of a command. Reads the shared files on first use, and only once: they may be pipes.
pub(crate) struct Context {
    pub(crate) globals: Globals,
    profiles: OnceCell<Profiles>,
}

impl Context {
    pub(crate) fn new(globals: Globals) -> Self {
        Self { globals, profiles: OnceCell::new() }
    }

    /// An environment variable, unless an option takes precedence. Values that are not Unicode do not count as unset: using one is an
    /// error.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let option = self.globals.ca_bundle.as_ref().filter(|_| name == "AWS_CA_BUNDLE").cloned();
        option.or_else(|| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// The environment and the profile. An unreadable profile is an error.
    pub(crate) fn environment(&self) -> Result<Environment<'_>, Failure> {
        let variable = |name: &str| self.variable(name);
        let profiles = match self.profiles.get() {
            Some(profiles) => profiles,
            None => profiles(&variable).map(|read| self.profiles.get_or_init(|| read))?,
        };
        let environment = Environment { context: self, profiles };
        environment.settings(&variable).map(drop).map_err(BuildError::Setting)?;
        Ok(environment)
    }

    /// The output format: `--output`, then the environment, then the profile.
    pub(crate) fn format(&self) -> Result<Format, Failure> {
        if let Some(format) = self.globals.output {
            return Ok(format);
        }
        let variable = |name: &str| self.variable(name);
        let found = environment::Environment::new(&variable).find(&OUTPUT).ok().flatten();
        let found = match found {
            None if !self.globals.local => self.environment()?.find(|environment| environment.find(&OUTPUT)),
            found => found,
        };
        let Some(Found { value: name, origin }) = found else { return Ok(Format::Json) };
        // Only an option can select shell commands.
        Format::from_str(&name, false).ok().filter(|format| !matches!(format, Format::Shell(_))).ok_or_else(|| {
            Failure::configuration(format!(
                "{origin}: unknown output format {name:?}, expected json, text, table, yaml or yaml-stream"
            ))
        })
    }

    /// Prints the value, filtered by `--query`. `title`: the name of the outermost table.
    pub(crate) fn print(&self, format: Format, value: Value, title: &str) -> Result<(), Failure> {
        let value = match &self.globals.query {
            Some(query) => query.apply(&value)?,
            None => value,
        };
        output::print(&format.write(value, title))
    }
}

/// The environment with the profile as fallback.
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

    /// The sources of credentials, the skipped ones, the region and the endpoint, one line each, as far as they are known.
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
        self.configured(self.globals().config(), &|name| self.context.variable(name))
    }

    /// A client's configuration without custom endpoints.
    pub(crate) fn config_of_region(&self) -> Result<Config, Failure> {
        let builder = self.globals().region.iter().fold(Config::builder(), ConfigBuilder::region);
        self.configured(builder, &|name| match name {
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" => Some("true".to_owned()),
            name => self.context.variable(name),
        })
    }

    fn configured(&self, builder: ConfigBuilder, variable: &Variable<'_>) -> Result<Config, Failure> {
        let settings = self.settings(variable)?;
        Ok(builder.settings(settings.environment()).build()?)
    }

    /// The region, and its origin.
    pub(crate) fn region(&self) -> Option<(String, String)> {
        let option = self.globals().region.clone().map(|region| (region, "--region".to_owned()));
        option.or_else(|| self.find(|environment| environment.find(&REGION)).map(with_origin))
    }

    /// The custom endpoint, and its origin.
    pub(crate) fn endpoint_url(&self) -> Option<(String, String)> {
        let option = self.globals().endpoint_url.clone().map(|url| (url, "--endpoint-url".to_owned()));
        option.or_else(|| self.find(|environment| environment.endpoint_url(Service::Sts)).map(with_origin))
    }

    /// A setting of the environment or the profile, if readable.
    fn find<T, E>(
        &self,
        find: impl FnOnce(environment::Environment<'_>) -> Result<Option<Found<T>>, E>,
    ) -> Option<Found<T>> {
        let variable = |name: &str| self.context.variable(name);
        let settings = self.settings(&variable).ok()?;
        find(settings.environment()).ok()?
    }

    fn settings<'s>(&'s self, variable: &'s Variable<'s>) -> Result<Settings<'s>, PlanError> {
        Settings::new(PLATFORM, variable, self.profiles, self.globals().profile.as_deref())
    }

    fn globals(&self) -> &Globals {
        &self.context.globals
    }
}

/// Looks up an environment variable.
type Variable<'v> = dyn Fn(&str) -> Option<String> + 'v;

fn with_origin(Found { value, origin }: Found<String>) -> (String, String) {
    (value, origin.to_string())
}

/// The reasons why no source is configured: the skipped sources of a plan.
fn reasons(problem: &str) -> String {
    let reasons = problem.strip_prefix("no source of credentials is configured: ").unwrap_or_default();
    reasons.split("; ").filter(|reason| !reason.is_empty()).map(|reason| format!("passed over: {reason}\n")).collect()
}
