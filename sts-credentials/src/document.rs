//! Credentials as a JSON object: what programs, container agents and the instance metadata service answer.

use alloc::{
    format,
    string::{String, ToString},
};
use time::UtcDateTime;

use sts_core::{Credentials, json::Value, timestamp};

/// Reads the members that all of them have; `token` is the name of the session token. What is wrong is said without any value that may be
/// a secret, to follow the name of the one that sent it. With `now`, credentials that have expired are wrong.
pub(crate) fn credentials(document: &Value<'_>, token: &str, now: Option<UtcDateTime>) -> Result<Credentials, String> {
    let required = |name: &str| text(document, name)?.ok_or_else(|| format!("sent no {name}"));
    let mut credentials = Credentials::new(required("AccessKeyId")?, required("SecretAccessKey")?);
    credentials.session_token = text(document, token)?.map(Into::into);
    if let Some(text) = text(document, "Expiration")? {
        let end =
            timestamp::parse(text).ok_or_else(|| format!("sent an Expiration that is no RFC 3339 time: {text:?}"))?;
        if now.is_some_and(|now| end <= now) {
            return Err(format!("sent credentials that expired at {text}"));
        }
        credentials.expiration = Some(end);
    }
    Ok(credentials)
}

/// A member that is a text; an empty one counts as none.
pub(crate) fn text<'d>(document: &'d Value<'_>, name: &str) -> Result<Option<&'d str>, String> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Text(text)) if text.is_empty() => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text.as_ref())),
        Some(_) => Err(format!("sent a {name} that is no text")),
    }
}

/// The object in a response or printed by a program.
pub(crate) fn object(bytes: &[u8]) -> Result<Value<'_>, String> {
    let text =
        core::str::from_utf8(bytes).map_err(|error| format!("sent no UTF-8 from byte {}", error.valid_up_to()))?;
    match Value::parse(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("sent JSON that is no object".to_string()),
        Err(_) if text.trim().is_empty() => Err("sent nothing".to_string()),
        Err(offset) => Err(format!("sent what is no JSON from byte {offset}")),
    }
}
