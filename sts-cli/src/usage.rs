//! Errors of the command line: the problem and how to fix it, without values that may be secrets.

use clap::{
    builder::StyledStr,
    error::{ContextKind, ContextValue, Error, ErrorKind},
};
use std::{
    error::Error as _,
    ffi::OsString,
    num::{IntErrorKind, ParseIntError},
};

/// Whether the command line is `sts COMMAND help`, the AWS CLI's `--help`.
pub(crate) fn asks_for_help(error: &Error) -> bool {
    let text = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => text(ContextKind::InvalidArg) == "help",
        // The value of a positional argument.
        ErrorKind::InvalidValue => {
            text(ContextKind::InvalidValue) == "help" && text(ContextKind::InvalidArg).starts_with('<')
        }
        _ => false,
    }
}

/// The parser's error, reworded.
pub(crate) fn explained(mut error: Error, arguments: &[OsString]) -> Error {
    let text = match error.kind() {
        ErrorKind::ValueValidation => wrong_value(&error),
        ErrorKind::UnknownArgument if !argument(&error).starts_with('-') => Some(unexpected(&error, arguments)),
        ErrorKind::InvalidSubcommand => {
            let similar = error.remove(ContextKind::SuggestedSubcommand);
            if let Some(tip) = tip(&error) {
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
            } else if let Some(ContextValue::Strings(names)) = similar
                && let Some(best) = names.into_iter().next_back()
            {
                error.insert(ContextKind::SuggestedSubcommand, ContextValue::String(best));
            }
            None
        }
        _ => None,
    };
    match text {
        Some(text) => Error::raw(error.kind(), text),
        None => error,
    }
}

/// The option and its parser's error, without the value.
fn wrong_value(error: &Error) -> Option<String> {
    let (option, cause) = (argument(error), error.source()?);
    let cause = match cause.downcast_ref::<ParseIntError>().map(ParseIntError::kind) {
        Some(IntErrorKind::PosOverflow | IntErrorKind::NegOverflow) => "out of range".into(),
        Some(_) => "expected a whole number".into(),
        None => cause.to_string(),
    };
    Some(format!("{option}: {cause}\n"))
}

/// An unexpected argument.
fn unexpected(error: &Error, arguments: &[OsString]) -> String {
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    let argument = argument(error);
    let index = arguments.iter().position(|known| *known == *argument).unwrap_or_default();
    let before = |distance| arguments.get(index.checked_sub(distance)?)?.to_str()?.strip_prefix("--");
    let tip = if usage.contains(" -- ") {
        "put -- before the program to run".to_owned()
    } else {
        match (before(1), before(2)) {
            (Some(option), _) => match option.split_once('=') {
                Some((option, _)) => format!("--{option} takes one value; quote a value that has spaces"),
                None => format!("--{option} takes no value"),
            },
            (None, Some(option)) if !option.contains('=') => {
                format!("--{option} takes one value; quote a value that has spaces")
            }
            _ => "this command takes options only".to_owned(),
        }
    };
    format!("unexpected argument, which is not shown because it may be a secret: {tip}\n\n{usage}\n")
}

/// A hint for a common unknown command.
fn tip(error: &Error) -> Option<&'static str> {
    match error.get(ContextKind::InvalidSubcommand)? {
        ContextValue::String(name) if name == "sts" => {
            Some("leave out the second 'sts', for example: sts get-caller-identity")
        }
        ContextValue::String(name) if ["login", "sso", "configure"].contains(&name.as_str()) => {
            Some("sign in with 'aws login' or 'aws sso login'; sts uses their sessions")
        }
        _ => None,
    }
}

fn argument(error: &Error) -> String {
    error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default()
}
