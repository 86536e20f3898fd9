//! What is printed on success.

mod table;
mod text;
mod yaml;

use clap::{ValueEnum, builder::PossibleValue};
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::{Number, ser::PrettyFormatter};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{self, Write as _},
};
use sts_blocking::{
    Secret, TemporaryCredentials,
    shapes::{
        AssumedRoleUser, FederatedUser, OriginIdentity, ScopedSession, TransactionContext,
        TrustedIdentityPropagationContext,
    },
};
use time::UtcDateTime;

use crate::{failure::Failure, shell::Shell};

/// `--output`
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Json,
    Text,
    Table,
    Yaml,
    /// A list of outputs, each written as it comes: here, there is one.
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

/// An output as the AWS CLI has it, or what `--query` makes of it.
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Value>),
    /// Members in the order in which they are printed.
    Structure(Vec<(String, Value)>),
}

type Members<'a> = Vec<(&'a str, &'a Value)>;

/// A structure of the members that the service has sent.
pub(crate) fn structure<const N: usize>(members: [(&str, Value); N]) -> Value {
    let sent = members.into_iter().filter(|(_, value)| !matches!(value, Value::Null));
    Value::Structure(sent.map(|(key, value)| (key.into(), value)).collect())
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// `2026-11-23T03:00:00+00:00`, as version 2 of the AWS CLI writes it; microseconds follow the seconds when there are any.
impl From<UtcDateTime> for Value {
    fn from(time: UtcDateTime) -> Self {
        Self::Text(timestamp(time))
    }
}

impl From<&TemporaryCredentials> for Value {
    fn from(credentials: &TemporaryCredentials) -> Self {
        structure([
            ("AccessKeyId", credentials.access_key_id.as_str().into()),
            ("SecretAccessKey", credentials.secret_access_key.expose().into()),
            ("SessionToken", credentials.session_token.expose().into()),
            ("Expiration", credentials.expiration.into()),
        ])
    }
}

impl From<&AssumedRoleUser> for Value {
    fn from(user: &AssumedRoleUser) -> Self {
        structure([("AssumedRoleId", user.assumed_role_id.as_str().into()), ("Arn", user.arn.as_str().into())])
    }
}

impl From<&FederatedUser> for Value {
    fn from(user: &FederatedUser) -> Self {
        structure([("FederatedUserId", user.federated_user_id.as_str().into()), ("Arn", user.arn.as_str().into())])
    }
}

impl From<&ScopedSession> for Value {
    fn from(session: &ScopedSession) -> Self {
        structure([
            ("ScopedSessionId", session.scoped_session_id.as_str().into()),
            ("Arn", session.arn.as_str().into()),
        ])
    }
}

impl From<&TrustedIdentityPropagationContext> for Value {
    fn from(context: &TrustedIdentityPropagationContext) -> Self {
        structure([
            ("OriginIdentity", context.origin_identity.as_ref().into()),
            ("TransactionContext", context.transaction_context.as_ref().into()),
        ])
    }
}

impl From<&OriginIdentity> for Value {
    fn from(origin: &OriginIdentity) -> Self {
        structure([
            ("Subject", origin.subject.as_ref().map(Secret::expose).into()),
            ("SubjectType", origin.subject_type.as_ref().map(Secret::expose).into()),
            ("Issuer", origin.issuer.as_ref().map(Secret::expose).into()),
            ("FederatedProviderArn", origin.federated_provider_arn.as_deref().into()),
        ])
    }
}

impl From<&TransactionContext> for Value {
    fn from(context: &TransactionContext) -> Self {
        let map = |map: &BTreeMap<String, Secret>| {
            Self::Structure(map.iter().map(|(key, value)| (key.clone(), value.expose().into())).collect())
        };
        structure([("IdentityProvider", context.identity_provider.as_ref().map(map).into())])
    }
}

impl Value {
    /// JSON, indented by four spaces.
    pub(crate) fn to_json(&self) -> String {
        let mut json = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut json, PrettyFormatter::with_indent(b"    "));
        self.serialize(&mut serializer).expect("keys are texts, and a Vec takes every byte");
        json.push(b'\n');
        String::from_utf8(json).expect("serde_json writes UTF-8")
    }

    pub(crate) fn to_text(&self) -> String {
        text::write(self)
    }

    /// `title`: what the outermost table is called.
    pub(crate) fn to_table(&self, title: &str) -> String {
        table::write(self, title)
    }

    pub(crate) fn to_yaml(&self) -> String {
        yaml::write(self)
    }

    /// How text and table show a value that has no parts: Python's way, since the AWS CLI is written in it.
    fn scalar(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Null => Some("None".into()),
            Self::Bool(true) => Some("True".into()),
            Self::Bool(false) => Some("False".into()),
            Self::Number(number) => Some(number.to_string().into()),
            Self::Text(text) => Some(text.into()),
            Self::List(_) | Self::Structure(_) => None,
        }
    }

    /// The members, sorted by key as text and table have them, first those without parts; none unless it is a structure.
    fn sorted(&self) -> (Members<'_>, Members<'_>) {
        let Self::Structure(members) = self else { return Default::default() };
        let mut members: Members<'_> = members.iter().map(|(key, value)| (key.as_str(), value)).collect();
        members.sort_unstable_by_key(|(key, _)| *key);
        members.into_iter().partition(|(_, value)| value.scalar().is_some())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(elements) => elements.serialize(serializer),
            Self::Structure(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

/// As in [`Value`].
pub(crate) fn timestamp(time: UtcDateTime) -> String {
    let micro = time.microsecond();
    let fraction = if micro == 0 { String::new() } else { format!(".{micro:06}") };
    seconds(time) + &fraction + "+00:00"
}

/// `2026-11-23T03:00:00`
pub(crate) fn seconds(time: UtcDateTime) -> String {
    let (date, (hour, minute, second)) = (time.date(), time.as_hms());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// Prints to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Failure::unwritten(&error))
}
