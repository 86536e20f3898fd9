//! A program that prints credentials.
//! [`credential_process`](https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html)

use alloc::{format, string::String, vec::Vec};
use core::fmt;
use time::UtcDateTime;

use crate::{
    document,
    machine::{Finished, Output},
    origin::Origin,
};
use sts_core::{Credentials, Secret, json::Value, text::beginning};

/// A program that prints credentials, run without a shell. `Display` and `Debug` show the program alone, since the arguments may
/// hold a secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Process {
    /// The program: a path, or a name to be looked for as the system does.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<Secret>,
    /// Who says so.
    pub origin: Origin,
}

impl Process {
    pub(crate) fn new((program, arguments): (String, Vec<Secret>), origin: Origin) -> Self {
        Self { program, arguments, origin }
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {} of {}", self.program, self.origin)
    }
}

/// Reads what the program printed; the error follows "the program".
pub(crate) fn credentials(finished: &Finished, now: UtcDateTime) -> Result<Credentials, String> {
    if finished.stdout.expose().len() > Output::MAX_LENGTH {
        return Err(format!("sent more than {} bytes", Output::MAX_LENGTH));
    }
    if finished.code != Some(0) {
        let mut error = match finished.code {
            Some(code) => format!("ended with exit code {code}"),
            None => "was ended by a signal".into(),
        };
        let said = shown(String::from_utf8_lossy(finished.stderr.expose()).trim());
        if !said.is_empty() {
            error += &format!(": {said}");
        }
        return Err(error);
    }
    let document = document::object(finished.stdout.expose())?;
    match document.get("Version") {
        Some(Value::Number("1")) => document::credentials(&document, "SessionToken", Some(now)),
        Some(Value::Number(other)) => Err(format!("sent Version {other}, expected 1")),
        _ => Err("sent no Version, expected 1".into()),
    }
}

/// What is shown of what a program said: its beginning, without secrets.
pub(crate) fn shown(text: &str) -> String {
    beginning(&redact(text), 1000).into()
}

/// Takes out what may be a key or a token: 20 and more characters of base64, with digits and letters of both cases, so that
/// neither words nor key ids, which are in capitals, nor most paths are meant.
fn redact(text: &str) -> String {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (word, behind) = rest.split_at(rest.find(|c| !is_base64(c)).unwrap_or(rest.len()));
        let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(test);
        let secret =
            word.len() >= 20 && has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
        shown += if secret { "[redacted]" } else { word };
        let next = behind.find(is_base64).unwrap_or(behind.len());
        shown += &behind[..next];
        rest = &behind[next..];
    }
    shown
}
