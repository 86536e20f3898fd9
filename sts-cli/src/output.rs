//! Output formats, and standard output.

mod json;
mod table;
mod text;
mod yaml;

use clap::{ValueEnum, builder::PossibleValue};
use std::{
    borrow::Cow,
    io::{self, IsTerminal as _, Write as _},
};

use crate::{failure::Failure, shell::Shell, terminal::printable, value::Value};

/// `--output`
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Json,
    Text,
    Table,
    Yaml,
    /// A list of outputs, each written when it arrives. Here, there is one.
    YamlStream,
    Shell(Shell),
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::Json,
            Self::Text,
            Self::Table,
            Self::Yaml,
            Self::YamlStream,
            Self::Shell(Shell::Posix),
            Self::Shell(Shell::Powershell),
            Self::Shell(Shell::Fish),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Json => "json",
            Self::Text => "text",
            Self::Table => "table",
            Self::Yaml => "yaml",
            Self::YamlStream => "yaml-stream",
            Self::Shell(shell) => shell.name(),
        }))
    }
}

impl Format {
    /// Formats a value. `title`: the name of the outermost table.
    pub(crate) fn write(self, value: Value, title: &str) -> String {
        match self {
            Self::Text => text::write(&value),
            Self::Table => table::write(&value, title),
            Self::Yaml => yaml::write(&value),
            Self::YamlStream => yaml::write(&Value::List(vec![value])),
            Self::Json | Self::Shell(_) => json::write(&value),
        }
    }
}

/// Formats a value as JSON, for output without other formats.
pub(crate) fn json(value: &Value) -> String {
    json::write(value)
}

/// Prints to standard output. On a terminal, control characters from the service are removed; a program gets the text unchanged.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let text = if out.is_terminal() { printable(text).into() } else { Cow::Borrowed(text) };
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Failure::unwritten(&error))
}
