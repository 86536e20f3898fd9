//! A command that makes one call: its options and JSON, the client, the call, its output.

use clap::{Arg, ArgMatches, Args, FromArgMatches, error::ErrorKind};
use sts_blocking::Operation;

use crate::{
    argument::load,
    client::connect,
    context::Context,
    failure::Failure,
    input_json::members,
    operation::OperationArgs,
    output::{self, Format},
    shell, skeleton,
};

/// The action that a command line requests.
pub(crate) enum Call<C: OperationArgs> {
    Send(C::Operation),
    /// Show an input with all members.
    InputSkeleton,
    /// Check the operation and show an example output.
    OutputSkeleton(C::Operation),
}

impl<C: OperationArgs> Call<C> {
    /// Makes the call and prints the result.
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        let operation = C::Operation::NAME;
        let exports = match (context.globals.output, &context.globals.query, C::CREDENTIALS) {
            (Some(Format::Shell(shell)), None, Some(credentials)) => Some((shell, credentials)),
            (Some(Format::Shell(shell)), Some(_), _) => {
                return Err(Failure::usage(format!("--output {shell} and --query exclude each other")));
            }
            (Some(Format::Shell(shell)), None, None) => return Err(shell.useless(operation)),
            _ => None,
        };
        // Report an unknown format before the call, since a call may not be repeatable.
        let format = if matches!(self, Self::InputSkeleton) { Format::Json } else { context.format()? };
        let unreadable = |error: &dyn std::error::Error| Failure::caused("Could not generate the skeleton", error);
        let output = match self {
            Self::InputSkeleton => {
                let skeleton = skeleton::input::<C>().map_err(|error| unreadable(&error))?;
                return output::print(&output::json(&skeleton));
            }
            Self::OutputSkeleton(operation) => {
                operation.to_body().map_err(|invalid| Failure::from(&invalid))?;
                skeleton::output().map_err(|error| unreadable(&error))?
            }
            Self::Send(operation) => {
                let (client, _local) = connect(context)?;
                client.send(&operation)?.output
            }
        };
        match exports {
            Some((shell, credentials)) => output::print(&shell::exports(shell, &credentials(&output).clone().into())?),
            None => context.print(format, C::output(&output), operation),
        }
    }
}

/// The width of a help text in columns: the default of clap.
const WIDTH: usize = 100;

const CLI_INPUT_JSON: &str = "cli-input-json";
const GENERATE_CLI_SKELETON: &str = "generate-cli-skeleton";

/// The command's own options, and the options that every command has.
impl<C: OperationArgs> Args for Call<C> {
    fn augment_args(command: clap::Command) -> clap::Command {
        let json = Arg::new(CLI_INPUT_JSON)
            .long(CLI_INPUT_JSON)
            .value_name("JSON")
            .help("Parameters as a JSON object, or file://PATH; options take precedence");
        let skeleton = Arg::new(GENERATE_CLI_SKELETON)
            .long(GENERATE_CLI_SKELETON)
            .value_name("KIND")
            .value_parser(["input", "output"])
            .num_args(0..=1)
            .default_missing_value("input")
            .help("Print a template for --cli-input-json, or of the output; sends nothing");
        let command = C::augment_args(command);
        // They are optional for the parser, since the JSON can contain them.
        let is_required = |option: &&Arg| option.get_help().is_some_and(|help| help.to_string().contains("(required)"));
        let written = |option: &Arg| {
            let name = option.get_value_names().unwrap_or_default().concat();
            let more = if option.get_num_args().is_some() { "..." } else { "" };
            format!(" --{} <{name}>{more}", option.get_long().unwrap_or_default())
        };
        let mut usage = format!("sts {} [OPTIONS]", command.get_name());
        let mut width = "Usage: ".len() + usage.len();
        for option in command.get_arguments().filter(is_required).map(written) {
            width += option.len();
            if width > WIDTH {
                usage += "\n          ";
                width = "          ".len() + option.len();
            }
            usage += &option;
        }
        command.override_usage(usage).args([json, skeleton])
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl<C: OperationArgs> FromArgMatches for Call<C> {
    /// Starts with the JSON; options override it.
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
