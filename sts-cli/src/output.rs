//! What is printed on success.

use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::ser::PrettyFormatter;
use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, ErrorKind, Write as _},
};
use sts_blocking::{TemporaryCredentials, shapes::AssumedRoleUser};
use time::UtcDateTime;

use crate::failure::Failure;

/// `--output`
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Format {
    Json,
    Text,
    Env,
}

/// An output as the AWS CLI has it. STS's outputs are structures, texts and numbers.
pub(crate) enum Value {
    Text(String),
    Number(u32),
    /// Members in the order in which they are printed.
    Structure(Vec<(&'static str, Value)>),
    /// A member that the service did not send. Not printed.
    Absent,
}

pub(crate) fn structure<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    Value::Structure(members.into_iter().filter(|(_, value)| !matches!(value, Value::Absent)).collect())
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

impl From<&TemporaryCredentials> for Value {
    fn from(credentials: &TemporaryCredentials) -> Self {
        structure([
            ("AccessKeyId", credentials.access_key_id.as_str().into()),
            ("SecretAccessKey", credentials.secret_access_key.expose().into()),
            ("SessionToken", credentials.session_token.expose().into()),
            ("Expiration", Self::Text(timestamp(credentials.expiration))),
        ])
    }
}

impl From<&AssumedRoleUser> for Value {
    fn from(user: &AssumedRoleUser) -> Self {
        structure([("AssumedRoleId", user.assumed_role_id.as_str().into()), ("Arn", user.arn.as_str().into())])
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

    /// A line a structure: its name in capitals unless it is the outermost, then its texts and numbers, sorted by key; then
    /// the structures in it.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        self.write_text(None, &mut text);
        text
    }

    fn write_text(&self, name: Option<&str>, out: &mut String) {
        let Self::Structure(members) = self else { return };
        let mut members: Vec<_> = members.iter().collect();
        members.sort_unstable_by_key(|(key, _)| *key);
        let scalars: Vec<Cow<'_, str>> = members.iter().filter_map(|(_, value)| value.scalar()).collect();
        if !scalars.is_empty() {
            let cells: Vec<_> = name.map(|name| name.to_uppercase().into()).into_iter().chain(scalars).collect();
            out.push_str(&cells.join("\t"));
            out.push('\n');
        }
        for (key, value) in members {
            value.write_text(Some(key), out);
        }
    }

    fn scalar(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(text.into()),
            Self::Number(number) => Some(number.to_string().into()),
            Self::Structure(_) | Self::Absent => None,
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_u32(*number),
            Self::Absent => serializer.serialize_none(),
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

/// The credentials as variables that the SDKs and the AWS CLI read.
pub(crate) fn env(credentials: &TemporaryCredentials) -> String {
    let mut text = String::new();
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.expose()),
        ("AWS_SESSION_TOKEN", credentials.session_token.expose()),
        ("AWS_CREDENTIAL_EXPIRATION", &timestamp(credentials.expiration)),
    ] {
        writeln!(text, "export {name}={}", quoted(value)).expect("a String takes every text");
    }
    text
}

/// One word for a [POSIX shell](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02),
/// whatever the text holds: it comes from the service, and ends in `eval`.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+,./:@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.into()
    } else {
        format!("'{}'", text.replace('\'', r"'\''")).into()
    }
}

/// `2026-11-23T03:00:00+00:00`, as version 2 of the AWS CLI writes it; microseconds follow the seconds when there are any.
fn timestamp(time: UtcDateTime) -> String {
    let (date, (hour, minute, second, micro)) = (time.date(), time.as_hms_micro());
    let fraction = if micro == 0 { String::new() } else { format!(".{micro:06}") };
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}+00:00")
}

/// Prints to standard output. A reader that has gone away, as `head` does, has had what it wanted.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::caused("Could not write the output", &error))
        }
        _ => Ok(()),
    }
}
