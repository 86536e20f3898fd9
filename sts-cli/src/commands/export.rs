//! `sts export`

use clap::{
    Args, ValueEnum as _,
    builder::{PossibleValuesParser, TypedValueParser},
};

use crate::{
    context::Context,
    credentials::{HandedOn, document},
    failure::Failure,
    output::{self, Format},
    shell::exports,
};

/// Prints credentials as commands for a shell.
#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    credentials: HandedOn,
    /// Commands for a POSIX shell (env), PowerShell or fish, or the JSON of credential-process
    #[arg(long, value_name = "FORMAT", default_value = "env", value_parser = formats())]
    format: Format,
}

fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(["env", "json", "powershell", "fish"]).try_map(|name| Format::from_str(&name, false))
}

impl Export {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        let credentials = self.credentials.find(context)?;
        output::print(&match self.format {
            Format::Shell(shell) => exports(shell, &credentials)?,
            _ => document(&credentials),
        })
    }
}
