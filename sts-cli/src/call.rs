//! A command that makes one call: its options and JSON, the client, the exchange, its output.

use clap::{Arg, ArgMatches, Args, CommandFactory as _, FromArgMatches, error::ErrorKind};
use std::env;
use sts_blocking::{Auth, Client, Config, ConfigError, Credentials, Operation};
use sts_local::{Listener, LocalSts};

use crate::{
    cli::{Cli, Globals},
    commands::Command,
    failure::Failure,
    input::load,
    output::{self, Format},
};

/// The operation that a command line asks for.
pub(crate) struct Call<C: Command>(C::Operation);

impl<C: Command> Call<C> {
    /// Makes the call and prints what came of it.
    pub(crate) fn run(self, globals: &Globals) -> Result<(), Failure> {
        if matches!(globals.output, Format::Env) && C::CREDENTIALS.is_none() {
            let operation = C::Operation::NAME;
            return Err(conflict(format!("--output env prints credentials, and {operation} issues none")));
        }
        let (client, _local) = connect::<C::Operation>(globals)?;
        let output = client.send(&self.0)?.output;
        output::print(&match (globals.output, C::CREDENTIALS) {
            (Format::Env, Some(credentials)) => output::env(credentials(&output)),
            (Format::Text, _) => C::output(&output).to_text(),
            (Format::Json | Format::Env, _) => C::output(&output).to_json(),
        })
    }
}

/// A client for the operation, and the STS inside the program when that is to be called.
fn connect<O: Operation>(globals: &Globals) -> Result<(Client, Option<Listener>), Failure> {
    let variable = |name: &str| env::var(name).ok();
    let mut config = Config::builder();
    if let Some(region) = &globals.region {
        config = config.region(region);
    }
    if let Some(url) = &globals.endpoint_url {
        config = config.endpoint_url(url);
    }
    if globals.local {
        if globals.endpoint_url.is_some() {
            return Err(conflict("--local and --endpoint-url exclude each other".into()));
        }
        // Nothing is taken from the environment, so that it works the same everywhere.
        if globals.region.is_none() {
            config = config.region("us-east-1");
        }
        let sts =
            LocalSts::demo().serve(0).map_err(|error| Failure::caused("Could not start the local STS", &error))?;
        let client = Client::new(config.endpoint_url(sts.url()).build()?);
        return Ok((client.credentials(LocalSts::demo_credentials()), Some(sts)));
    }
    let client = Client::new(config.env(variable).build()?);
    let credentials = match O::AUTH {
        Auth::SigV4 => Credentials::from_env(variable).map_err(ConfigError::from)?,
        Auth::None => None,
    };
    Ok(match credentials {
        Some(credentials) => (client.credentials(credentials), None),
        None => (client, None),
    })
}

fn conflict(message: String) -> Failure {
    Failure::Usage(Cli::command().error(ErrorKind::ArgumentConflict, message))
}

const CLI_INPUT_JSON: &str = "cli-input-json";

/// The command's options, and `--cli-input-json`.
impl<C: Command> Args for Call<C> {
    fn augment_args(command: clap::Command) -> clap::Command {
        C::augment_args(command).arg(
            Arg::new(CLI_INPUT_JSON)
                .long(CLI_INPUT_JSON)
                .value_name("JSON")
                .help("Members as a JSON object, or file://PATH of one; options override it"),
        )
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl<C: Command> FromArgMatches for Call<C> {
    /// Begins with the JSON and lets the options override it.
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut members = match matches.get_one::<String>(CLI_INPUT_JSON) {
            Some(argument) => load(argument)
                .and_then(|json| serde_json::from_str(&json).map_err(|error| error.to_string()))
                .map_err(|error| wrong(ErrorKind::ValueValidation, &format!("--{CLI_INPUT_JSON}: {error}")))?,
            None => C::default(),
        };
        members.update_from_arg_matches(matches)?;
        members.operation().map(Self).map_err(|missing| wrong(ErrorKind::MissingRequiredArgument, &missing.to_string()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn wrong(kind: ErrorKind, message: &str) -> clap::Error {
    clap::Error::raw(kind, message)
}
