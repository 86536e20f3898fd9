//! Members of an operation, as option values and as JSON.

use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use serde_json::Value;
use std::{borrow::Cow, fmt, str::FromStr};
use sts_blocking::Secret;

use crate::{
    argument::load,
    input_json::{from_json, in_words},
    shorthand,
};

/// A text member. On the command line, `file://PATH` stands for the file's content.
///
/// It may be a secret, so it has no `Debug`, and errors never show it.
#[derive(Clone)]
pub(crate) struct Text(String);

impl FromStr for Text {
    type Err = String;

    fn from_str(argument: &str) -> Result<Self, String> {
        Ok(Self(load(argument)?.into_owned()))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // `String`'s own error shows the value, and a number here may be an MFA code.
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("expected a string")),
        }
    }
}

impl Text {
    /// A text that is not an argument. This is no `From`, since the parser would use that for arguments.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Text> for Cow<'_, str> {
    fn from(text: Text) -> Self {
        Self::Owned(text.0)
    }
}

impl From<Text> for Secret {
    fn from(text: Text) -> Self {
        text.0.into()
    }
}

/// A text without white space at its ends, such as a token. Editors, `echo` and `base64` end a file with a line break, which would make the
/// service refuse the token. The AWS CLI does send it.
pub(crate) fn token(argument: &str) -> Result<Text, String> {
    Ok(Text(load(argument)?.trim().into()))
}

/// An element of a list: a structure or a text.
pub(crate) trait Item: DeserializeOwned {
    /// Parses one argument: JSON or shorthand.
    fn parse(argument: &str) -> Result<Self, String> {
        if argument.trim_start().starts_with('{') {
            return from_json(argument);
        }
        let members = shorthand::parse(argument)?.into_iter().map(|(key, value)| (key, Value::String(value)));
        Self::deserialize(Value::Object(members.collect())).map_err(|error| in_words(&error))
    }
}

impl Item for Text {
    fn parse(argument: &str) -> Result<Self, String> {
        Ok(Self(argument.into()))
    }
}

/// Parses a structure member from one argument.
pub(crate) fn item<T: Item>(argument: &str) -> Result<T, String> {
    T::parse(&load(argument)?)
}

/// The elements in one argument of a list: several in a JSON array, otherwise one.
#[derive(Clone)]
pub(crate) struct Items<T>(Vec<T>);

impl<T: Item> FromStr for Items<T> {
    type Err = String;

    fn from_str(argument: &str) -> Result<Self, String> {
        let argument = load(argument)?;
        if argument.trim_start().starts_with('[') {
            return from_json(&argument).map(Self);
        }
        Ok(Self(vec![T::parse(&argument)?]))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(vec![T::deserialize(deserializer)?]))
    }
}

/// The elements of all arguments of a list.
pub(crate) fn all<T: Into<U>, U>(arguments: Vec<Items<T>>) -> impl Iterator<Item = U> {
    arguments.into_iter().flat_map(|items| items.0).map(Into::into)
}

/// The missing required members, as options.
pub(crate) struct Missing(Vec<&'static str>);

impl Missing {
    /// The options that are not given.
    pub(crate) fn among<const N: usize>(options: [(&'static str, bool); N]) -> Self {
        Self(options.into_iter().filter(|(_, given)| !given).map(|(option, _)| option).collect())
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the following arguments are required: {}", self.0.join(", "))
    }
}

/// The texts, if all are given.
pub(crate) fn required<const N: usize>(members: [(&'static str, Option<Text>); N]) -> Result<[Text; N], Missing> {
    let missing = Missing::among(members.each_ref().map(|(option, value)| (*option, value.is_some())));
    let values: Vec<_> = members.into_iter().filter_map(|(_, value)| value).collect();
    values.try_into().map_err(|_| missing)
}
