//! `sts completions`

use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser},
};

use crate::{completion, failure::Failure, output};

/// Prints a shell's completion script.
#[derive(Args)]
pub(crate) struct Completions {
    /// Shell that reads the script
    #[arg(value_parser = PossibleValuesParser::new(completion::shells().names().map(PossibleValue::new)))]
    shell: String,
}

impl Completions {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let shells = completion::shells();
        let shell = shells.completer(&self.shell).expect("the parser takes no other");
        let mut script = Vec::new();
        shell
            .write_registration(completion::VARIABLE, "sts", "sts", "sts", &mut script)
            .map_err(|error| Failure::caused("Could not write the script", &error))?;
        output::print(&String::from_utf8_lossy(&script))
    }
}
