//! `sts exec`

use clap::{Args, ValueHint};
use std::{ffi::OsString, process::Command};

use crate::{context::Context, credentials::HandedOn, failure::Failure, process::become_program, shell};

/// Runs a program with credentials in its environment.
#[derive(Args)]
pub(crate) struct Exec {
    #[command(flatten)]
    credentials: HandedOn,
    /// Program to run, with its arguments
    #[arg(last = true, required = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    command: Vec<OsString>,
}

impl Exec {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        let region = context.environment()?.region();
        let credentials = self.credentials.find(context)?;
        let (program, arguments) = self.command.split_first().expect("the parser wants at least one");
        let mut command = Command::new(program);
        command.args(arguments);
        for (name, value) in shell::variables(&credentials) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some((region, _)) = region {
            command.env("AWS_REGION", &region).env("AWS_DEFAULT_REGION", region);
        }
        // If one of them were set, some programs would use the profile's credentials.
        command.env_remove("AWS_PROFILE").env_remove("AWS_DEFAULT_PROFILE");
        // The SDKs for Python use it as the account of these credentials. `export` keeps it, since the user may have set it in the shell.
        command.env_remove("AWS_ACCOUNT_ID");
        become_program(command)
    }
}
