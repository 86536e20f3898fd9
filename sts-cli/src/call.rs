//! A command that makes one call: its options and JSON, the client, the exchange, its output.

use clap::{Arg, ArgMatches, Args, FromArgMatches, error::ErrorKind};
use std::env;
use sts_blocking::{Auth, Client, Config, ConfigError, Credentials, Operation};
use sts_local::{Listener, LocalSts};

use crate::{
    cli::Globals,
    commands::Command,
    failure::Failure,
    input::{load, members},
    output::{self, Format},
    skeleton,
};

/// What a command line asks for.
pub(crate) enum Call<C: Command> {
    Send(C::Operation),
    /// Show what could be asked for.
    InputSkeleton,
    /// Check the operation and show what it could return.
    OutputSkeleton(C::Operation),
}

impl<C: Command> Call<C> {
    /// Makes the call and prints what came of it.
    pub(crate) fn run(self, globals: &Globals) -> Result<(), Failure> {
        let format = globals.format()?;
        let operation = C::Operation::NAME;
        match (format, &globals.query, C::CREDENTIALS) {
            (Format::Env, Some(_), _) => return Err(Failure::usage("--output env and --query exclude each other")),
            (Format::Env, _, None) => {
                return Err(Failure::usage(format!("--output env prints credentials, and {operation} issues none")));
            }
            _ => {}
        }
        let unreadable = |error: &dyn std::error::Error| Failure::caused("Could not generate the skeleton", error);
        let output = match self {
            Self::InputSkeleton => {
                return output::print(&skeleton::input::<C>().map_err(|error| unreadable(&error))?.to_json());
            }
            Self::OutputSkeleton(operation) => {
                operation.to_body().map_err(|invalid| Failure::from(&invalid))?;
                skeleton::output().map_err(|error| unreadable(&error))?
            }
            Self::Send(operation) => {
                let (client, _local) = connect::<C::Operation>(globals)?;
                client.send(&operation)?.output
            }
        };
        if let (Format::Env, Some(credentials)) = (format, C::CREDENTIALS) {
            return output::print(&output::env(credentials(&output)));
        }
        globals.print(C::output(&output), operation)
    }
}

/// A client for the operation, and the STS inside the program when that is to be called.
pub(crate) fn connect<O: Operation>(globals: &Globals) -> Result<(Client, Option<Listener>), Failure> {
    if globals.local {
        if globals.endpoint_url.is_some() {
            return Err(Failure::usage("--local and --endpoint-url exclude each other"));
        }
        // Nothing is taken from the environment, so that it works the same everywhere.
        let config = Config::builder().region(globals.region.as_deref().unwrap_or("us-east-1"));
        let sts =
            LocalSts::demo().serve(0).map_err(|error| Failure::caused("Could not start the local STS", &error))?;
        let client = Client::new(config.endpoint_url(sts.url()).build()?);
        return Ok((client.credentials(LocalSts::demo_credentials()), Some(sts)));
    }
    let mut client = Client::new(globals.config().build()?);
    if let Some(path) = variable("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) {
        client = client.ca_bundle(&path).map_err(|error| Failure::configuration("AWS_CA_BUNDLE", &error))?;
    }
    let credentials = match O::AUTH {
        Auth::SigV4 => credentials()?,
        Auth::None => None,
    };
    Ok(match credentials {
        Some(credentials) => (client.credentials(credentials), None),
        None => (client, None),
    })
}

/// The credentials of the environment, if there are any.
pub(crate) fn credentials() -> Result<Option<Credentials>, Failure> {
    Ok(Credentials::from_env(variable).map_err(ConfigError::from)?)
}

/// A variable of the environment. What is not Unicode is not taken for unset: it is an error where it is used.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

const CLI_INPUT_JSON: &str = "cli-input-json";
const GENERATE_CLI_SKELETON: &str = "generate-cli-skeleton";

/// The command's options, and those that every command has.
impl<C: Command> Args for Call<C> {
    fn augment_args(command: clap::Command) -> clap::Command {
        let json = Arg::new(CLI_INPUT_JSON)
            .long(CLI_INPUT_JSON)
            .value_name("JSON")
            .help("Members as a JSON object, or file://PATH of one; options override it");
        let skeleton = Arg::new(GENERATE_CLI_SKELETON)
            .long(GENERATE_CLI_SKELETON)
            .value_parser(["input", "output"])
            .num_args(0..=1)
            .default_missing_value("input")
            .help("Send nothing; print what --cli-input-json takes, or what the command prints, with nothing in it");
        C::augment_args(command).args([json, skeleton])
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl<C: Command> FromArgMatches for Call<C> {
    /// Begins with the JSON and lets the options override it.
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let skeleton = matches.get_one::<String>(GENERATE_CLI_SKELETON).map(String::as_str);
        if skeleton == Some("input") {
            return Ok(Self::InputSkeleton);
        }
        let mut command: C = match matches.get_one::<String>(CLI_INPUT_JSON) {
            Some(argument) => load(argument).and_then(|json| members(&json)).map_err(|error| {
                clap::Error::raw(ErrorKind::ValueValidation, format!("--{CLI_INPUT_JSON}: {error}"))
            })?,
            None => C::default(),
        };
        command.update_from_arg_matches(matches)?;
        let operation =
            command.operation().map_err(|missing| clap::Error::raw(ErrorKind::MissingRequiredArgument, missing))?;
        Ok(if skeleton.is_some() { Self::OutputSkeleton(operation) } else { Self::Send(operation) })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
