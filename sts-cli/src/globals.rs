//! Options that stand before or after the command, and what they override: the environment, and behind that the profile.

use clap::{Args, ValueEnum};
use std::{cell::OnceCell, env, sync::Arc, time::Duration};
use sts_blocking::{
    Config, ConfigBuilder, ConfigError, Credentials,
    endpoint::EndpointError,
    provider::{
        Chain, LoadError, PLATFORM, ProvideError,
        plan::{Plan, PlanError, Source},
        profile::{Profiles, name_from_env},
        profiles,
        settings::Settings,
    },
};
use sts_local::{Listener, LocalSts};
use time::UtcDateTime;

use crate::{
    cache::Cache,
    failure::Failure,
    output::{self, Format, Value},
    proof::found,
    query::Query,
    terminal,
    watch::{Client, Watched},
};

/// Options that stand before or after the command.
#[derive(Args)]
#[command(next_help_heading = "Global options")]
#[expect(clippy::struct_excessive_bools, reason = "a flag is a bool")]
pub(crate) struct Globals {
    /// The profile of the AWS CLI's files, instead of AWS_PROFILE; it goes before keys in the environment
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// The region, instead of AWS_REGION, AWS_DEFAULT_REGION or the profile's
    #[arg(long, global = true)]
    region: Option<String>,
    /// Where requests go, instead of AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, the profile's or the region's endpoint
    #[arg(long, global = true, value_name = "URL")]
    endpoint_url: Option<String>,
    /// How the output is printed, instead of AWS_DEFAULT_OUTPUT, the profile's or json; env, powershell, fish: credentials as
    /// commands for a shell
    #[arg(long, global = true, value_name = "FORMAT")]
    output: Option<Format>,
    /// What of the output is printed, in JMESPath: Credentials.SessionToken
    #[arg(long, global = true, value_name = "EXPRESSION")]
    pub(crate) query: Option<Query>,
    /// Keep the credentials of a profile's role in ~/.aws/cli/cache, as the AWS CLI does, and use those that either has put there
    #[arg(long, global = true)]
    cache: bool,
    /// Call an STS inside this program, with credentials of its own
    #[arg(long, global = true)]
    pub(crate) local: bool,
    /// Sign nothing, and look for no credentials
    #[arg(long, global = true)]
    pub(crate) no_sign_request: bool,
    /// A PEM file of the certificates that are trusted, instead of AWS_CA_BUNDLE or the profile's
    #[arg(long, global = true, value_name = "FILE")]
    ca_bundle: Option<String>,
    /// Send over plain HTTP to another machine, too, where whoever is on the way can read credentials
    #[arg(long, global = true)]
    allow_http: bool,
    /// How long connecting may take; 0: as long as it likes
    #[arg(long, global = true, value_name = "SECONDS")]
    cli_connect_timeout: Option<u32>,
    /// How long an attempt may take, beside what --cli-connect-timeout adds; 0: as long as it likes
    #[arg(long, global = true, value_name = "SECONDS")]
    cli_read_timeout: Option<u32>,
    /// Say on standard error what is sent and what comes back, without secrets
    #[arg(long, global = true)]
    debug: bool,
    /// Accepted as the AWS CLI does; there is no pager
    #[arg(long, global = true)]
    no_cli_pager: bool,
    /// Accepted as the AWS CLI does; options are never prompted for
    #[arg(long, global = true)]
    no_cli_auto_prompt: bool,
    /// Accepted as the AWS CLI does; no output has pages
    #[arg(long, global = true)]
    no_paginate: bool,
    /// Accepted as the AWS CLI does; no member is binary
    #[arg(long, global = true, value_name = "FORMAT", value_parser = ["base64", "raw-in-base64-out"])]
    cli_binary_format: Option<String>,
    /// Accepted as the AWS CLI does; the output has no colours
    #[arg(long, global = true, value_name = "WHEN", value_parser = ["on", "off", "auto"])]
    color: Option<String>,
    /// The shared files, once they have been read: a pipe cannot be read again.
    #[arg(skip)]
    profiles: OnceCell<Profiles>,
}

impl Globals {
    /// The options, by id, that do anything.
    pub(crate) const WITH_EFFECT: [&str; 13] = [
        "cache",
        "profile",
        "region",
        "endpoint_url",
        "output",
        "query",
        "local",
        "no_sign_request",
        "ca_bundle",
        "allow_http",
        "cli_connect_timeout",
        "cli_read_timeout",
        "debug",
    ];

    /// The options that say what the STS inside the program has itself: credentials and an address.
    pub(crate) const WITHOUT_LOCAL: [&str; 4] = ["profile", "cache", "endpoint_url", "ca_bundle"];

    /// A client, and the STS inside the program when that is to be called.
    pub(crate) fn connect(&self) -> Result<(Client, Option<Listener>), Failure> {
        if self.local {
            return self.connect_locally();
        }
        Ok((self.client(&self.environment()?, self.builder())?, None))
    }

    /// What a client signs with. No region is needed, unless a role is to be assumed for it.
    pub(crate) fn find_credentials(&self) -> Result<Arc<Credentials>, Failure> {
        let environment = self.environment()?;
        let mut config = self.builder();
        let calls = |source: &Source| matches!(source, Source::AssumeRole(_) | Source::WebIdentity(_));
        if environment.region().is_none() && environment.plan().is_ok_and(|plan| !plan.sources.iter().any(calls)) {
            config = config.region("aws-global");
        }
        found(&self.client(&environment, config)?)
    }

    fn client(&self, environment: &Environment<'_>, config: ConfigBuilder) -> Result<Client, Failure> {
        let plan = environment.plan();
        let (profiles, profile) = (environment.profiles, self.profile.as_deref());
        let chain = Chain::with_profiles(config, &|name| self.variable(name), profiles, profile);
        let chain = chain.map_err(|error| match (error, plan) {
            // What is missing is not the region alone.
            (LoadError::Config(ConfigError::Endpoint(EndpointError::MissingRegion)), Err(error)) => error.into(),
            (error, _) => Failure::from(error),
        })?;
        let cache = chain
            .plan()
            .ok()
            .filter(|_| self.cache && !self.no_sign_request)
            .and_then(|plan| Cache::of(plan.sources.last()?, &|name| self.variable(name)));
        let client = self.watched(sts_blocking::Client::from_chain(chain.mfa_prompt(terminal::ask))?);
        let Some(cache) = cache else { return Ok(client) };
        let chain = client.clone();
        Ok(client.provider(move || {
            if let Some(kept) = cache.read(UtcDateTime::now()) {
                return Ok(kept);
            }
            let found = chain.find_credentials()?.ok_or_else(|| ProvideError::refused("there are none"))?;
            cache.write(&found);
            Ok((*found).clone())
        }))
    }

    fn watched(&self, client: sts_blocking::Client) -> Client {
        let client = client.wrap_transport(|transport| Watched::new(transport, !self.no_sign_request, self.debug));
        // Without a key, the library sends nothing that is to be signed; that signature is taken off again.
        if self.no_sign_request { client.credentials(Credentials::new("unsigned", "")) } else { client }
    }

    /// Nothing is taken from the environment, so that it works the same everywhere.
    fn connect_locally(&self) -> Result<(Client, Option<Listener>), Failure> {
        let sts =
            LocalSts::demo().serve(0).map_err(|error| Failure::caused("Could not start the local STS", &error))?;
        let config = self.builder().region(self.region.as_deref().unwrap_or("us-east-1")).endpoint_url(sts.url());
        let client = sts_blocking::Client::new(config.build()?).credentials(LocalSts::demo_credentials());
        Ok((self.watched(client), Some(sts)))
    }

    /// What is behind these options.
    pub(crate) fn environment(&self) -> Result<Environment<'_>, Failure> {
        let variable = |name: &str| self.variable(name);
        let profiles = match self.profiles.get() {
            Some(profiles) => profiles,
            None => profiles(&variable).map(|read| self.profiles.get_or_init(|| read))?,
        };
        // Found out here, so that a setting can be asked for without a thought of errors.
        Settings::new(&variable, profiles, self.profile.as_deref()).map_err(LoadError::Setting)?;
        Ok(Environment { globals: self, profiles })
    }

    /// A variable of the environment, unless an option goes before it. What is not Unicode is not taken for unset: it is an error where it is
    /// used.
    fn variable(&self, name: &str) -> Option<String> {
        let option = self.ca_bundle.as_ref().filter(|_| name == "AWS_CA_BUNDLE").cloned();
        option.or_else(|| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    fn builder(&self) -> ConfigBuilder {
        let mut config = Config::builder().allow_http(self.allow_http);
        if let Some(region) = &self.region {
            config = config.region(region);
        }
        if let Some(url) = &self.endpoint_url {
            config = config.endpoint_url(url);
        }
        if let Some(seconds) = self.cli_connect_timeout {
            config = config.connect_timeout(limit(seconds));
        }
        if self.cli_connect_timeout.or(self.cli_read_timeout).is_some() {
            // To the library, connecting is a part of an attempt, and would end with it.
            let connecting = self.cli_connect_timeout.map_or(Duration::ZERO, limit);
            let attempt = connecting + limit(self.cli_read_timeout.unwrap_or(READ_TIMEOUT));
            // The attempts are limited, so that the call is.
            config = config.attempt_timeout(attempt).call_timeout(limit(0));
        }
        config
    }

    /// `--output`
    pub(crate) fn output(&self) -> Option<Format> {
        self.output
    }

    /// How an output is printed: as the option says, else the environment, else the profile.
    pub(crate) fn format(&self) -> Result<Format, Failure> {
        if let Some(format) = self.output {
            return Ok(format);
        }
        let (origin, name) = match self.variable("AWS_DEFAULT_OUTPUT").filter(|name| !name.is_empty()) {
            Some(name) => ("AWS_DEFAULT_OUTPUT".to_owned(), name),
            None if self.local => return Ok(Format::Json),
            None => match self.environment()?.property("output") {
                Some((place, name)) => (format!("output in {place}"), name),
                None => return Ok(Format::Json),
            },
        };
        // Commands for a shell are asked for, not got by default.
        Format::from_str(&name, false).ok().filter(|format| !matches!(format, Format::Shell(_))).ok_or_else(|| {
            Failure::configuration(format!(
                "{origin}: unknown output format {name:?}, expected json, text, table, yaml or yaml-stream"
            ))
        })
    }

    /// Prints what these options want of an output. `title`: what a table is called.
    pub(crate) fn print(&self, format: Format, mut value: Value, title: &str) -> Result<(), Failure> {
        if let Some(query) = &self.query {
            value = query.apply(&value)?;
        }
        output::print(&match format {
            Format::Text => value.to_text(),
            Format::Table => value.to_table(title),
            Format::Yaml => value.to_yaml(),
            Format::YamlStream => Value::List(vec![value]).to_yaml(),
            Format::Json | Format::Shell(_) => value.to_json(),
        })
    }
}

/// How many seconds an attempt may take when only the limit for connecting is given: what the library gives it.
const READ_TIMEOUT: u32 = 10;

/// The AWS CLI's time limits, in which zero stands for none.
fn limit(seconds: u32) -> Duration {
    // More than anybody waits, and less than clocks overflow at.
    Duration::from_secs(if seconds == 0 { u32::MAX } else { seconds }.into())
}

/// What is behind the options: the environment, and behind that the profile.
pub(crate) struct Environment<'g> {
    globals: &'g Globals,
    profiles: &'g Profiles,
}

impl Environment<'_> {
    /// Where credentials come from.
    pub(crate) fn plan(&self) -> Result<Plan, PlanError> {
        Plan::new(PLATFORM, &|name| self.globals.variable(name), self.profiles, self.globals.profile.as_deref())
    }

    /// What a client is configured with.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        Ok(self.globals.builder().env(|name| self.setting(name)).build()?)
    }

    /// The same without custom endpoints.
    pub(crate) fn config_of_region(&self) -> Result<Config, Failure> {
        let builder = self.globals.region.iter().fold(Config::builder(), ConfigBuilder::region);
        Ok(builder.env(|name| self.setting(name).filter(|_| !name.starts_with("AWS_ENDPOINT_URL"))).build()?)
    }

    /// A variable of the environment, or what the profile says in its place.
    fn setting(&self, name: &str) -> Option<String> {
        let variable = |name: &str| self.globals.variable(name);
        let settings = Settings::new(&variable, self.profiles, self.globals.profile.as_deref()).ok()?;
        settings.variable(name)
    }

    /// A property of the profile, and where it is written.
    fn property(&self, name: &str) -> Option<(String, String)> {
        let section = self.profiles.profile(&self.profile())?;
        let value = section.get(name).filter(|value| !value.is_empty())?;
        Some((section.place(name)?.to_string(), value.to_owned()))
    }

    /// The profile's name; it need not be defined.
    pub(crate) fn profile(&self) -> String {
        let variable = || name_from_env(|name| self.globals.variable(name));
        self.globals.profile.clone().or_else(variable).unwrap_or_else(|| "default".into())
    }

    /// The region, and who says so.
    pub(crate) fn region(&self) -> Option<(String, String)> {
        let option = self.globals.region.as_deref();
        self.first(option, "--region", &["AWS_REGION", "AWS_DEFAULT_REGION"])
    }

    /// The custom endpoint, and who says so.
    pub(crate) fn endpoint_url(&self) -> Option<(String, String)> {
        let ignored =
            self.setting("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|on| on.eq_ignore_ascii_case("true"));
        let variables: &[&str] = if ignored { &[] } else { &["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"] };
        self.first(self.globals.endpoint_url.as_deref(), "--endpoint-url", variables)
    }

    /// The first that is given, and who says so: the option, a variable of the environment, or the profile in its place.
    fn first(&self, option: Option<&str>, name: &str, variables: &[&str]) -> Option<(String, String)> {
        if let Some(value) = option {
            return Some((value.into(), name.into()));
        }
        variables.iter().find_map(|name| {
            let value = self.setting(name).filter(|value| !value.is_empty())?;
            let is_set = self.globals.variable(name).is_some_and(|value| !value.is_empty());
            Some((value, if is_set { (*name).into() } else { format!("profile `{}`", self.profile()) }))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
    use super::*;
    use clap::Parser;
    use std::convert::Infallible;
    use sts_blocking::{Call, GetCallerIdentity, Learned, Step};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        globals: Globals,
    }

    /// The limits, in seconds, for connecting and for the whole attempt.
    fn limits(options: &[&str]) -> (u64, u64) {
        let line = Line::parse_from([&["sts", "--region", "eu-west-1"], options].concat());
        let config = line.globals.builder().build().unwrap();
        let (learned, credentials) = (Learned::new(0), LocalSts::demo_credentials());
        let call = Call::new(&GetCallerIdentity::new(), &config, &learned, Some(&credentials));
        let Step::Transmit(_, call) = call.start::<Infallible>(UtcDateTime::UNIX_EPOCH) else { panic!("no request") };
        (config.connect_timeout().as_secs(), call.timeout().as_secs())
    }

    #[test]
    fn the_limit_for_connecting_is_not_cut_by_that_of_an_attempt() {
        let (connect, read, none) = ("--cli-connect-timeout", "--cli-read-timeout", u64::from(u32::MAX));
        assert_eq!(limits(&[]), (3, 10));
        assert_eq!(limits(&[connect, "90"]), (90, 100));
        assert_eq!(limits(&[connect, "90", read, "5"]), (90, 95));
        assert_eq!(limits(&[read, "90"]), (3, 90));
        // The call's own limit is above all.
        assert_eq!(limits(&[connect, "0"]), (none, none));
        assert_eq!(limits(&[connect, "0", read, "0"]), (none, none));
    }
}
