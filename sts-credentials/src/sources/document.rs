//! What programs, agents and services answer: credentials as a JSON object, or a reason why there are none.
//!
//! An error is said without any value that may be a secret, to follow the name of the one that sent it: "sent no `AccessKeyId`".

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

use http::{HeaderValue, StatusCode};
use sts_core::{
    Credentials,
    json::Value,
    text::{beginning, snippet, without_bom},
    timestamp,
};
use time::UtcDateTime;

/// Reads the members that all of them have; `token` is the name of the session token. With `now`, credentials that have expired are wrong.
pub(super) fn credentials(document: &Value<'_>, token: &str, now: Option<UtcDateTime>) -> Result<Credentials, String> {
    let required = |name: &str| text(document, name)?.ok_or_else(|| format!("sent no {name}"));
    let mut credentials = Credentials::new(required("AccessKeyId")?, required("SecretAccessKey")?);
    credentials.session_token = text(document, token)?.map(Into::into);
    if let Some(end) = time(document, "Expiration")? {
        if now.is_some_and(|now| end <= now) {
            return Err(format!("sent credentials that expired at {}", timestamp::format(end)));
        }
        credentials.expiration = Some(end);
    }
    Ok(credentials)
}

/// A member that is a text; an empty one counts as none.
pub(super) fn text<'d>(document: &'d Value<'_>, name: &str) -> Result<Option<&'d str>, String> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Text(text)) if text.is_empty() => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text.as_ref())),
        Some(_) => Err(format!("sent a {name} that is not a string")),
    }
}

/// A member that is a time, in any form that [`timestamp::parse`] reads, or a number of seconds.
pub(super) fn time(document: &Value<'_>, name: &str) -> Result<Option<UtcDateTime>, String> {
    let text = match document.get(name) {
        Some(Value::Number(seconds)) => seconds,
        _ => match text(document, name)? {
            Some(text) => text,
            None => return Ok(None),
        },
    };
    let end = timestamp::parse(text.trim());
    end.map(Some).ok_or_else(|| format!("sent an {name} that is not a time: {:?}", snippet(text)))
}

/// The object in a response, a file or the output of a program.
pub(super) fn object(bytes: &[u8]) -> Result<Value<'_>, String> {
    let text = core::str::from_utf8(bytes)
        .map_err(|error| format!("sent text that is not UTF-8 (byte {})", error.valid_up_to()))?;
    let json = without_bom(text);
    match Value::parse(json) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("sent JSON that is not an object".to_string()),
        Err(_) if json.trim().is_empty() => Err("sent nothing".to_string()),
        Err(offset) => Err(format!("sent invalid JSON (byte {})", offset + text.len() - json.len())),
    }
}

/// The reason that a response gives, which is not a 200: members of a JSON object, or plain text.
pub(super) fn refusal(status: StatusCode, body: &[u8]) -> String {
    let mut text = format!("answered HTTP {}", status.as_u16());
    let Ok(document) = object(body) else {
        let plain = String::from_utf8_lossy(body);
        let plain = without_bom(&plain).trim();
        // A page for people says nothing that the status does not.
        if !plain.is_empty() && !plain.starts_with('<') {
            let words = plain.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
            text += &format!(": {}", snippet(&redacted(&words.collect::<Vec<_>>().join(" "))));
        }
        return text;
    };
    let member = |names: &[&str]| names.iter().find_map(|name| document.get(name)?.as_str());
    if let Some(code) = member(&["code", "Code", "error"]) {
        text += &format!(", {}", snippet(&redacted(code)));
    }
    text + &message(&document)
}

/// The message in an object that refuses, to follow what else is said.
pub(super) fn message(document: &Value<'_>) -> String {
    let message = ["message", "Message", "error_description"].into_iter().find_map(|name| document.get(name)?.as_str());
    message.map_or_else(String::new, |message| format!(": {}", snippet(&redacted(message))))
}

/// What is shown of the words of a program: their beginning, without secrets.
pub(super) fn shown(text: &str) -> String {
    beginning(&redacted(text), 1000).into()
}

/// Takes out what may be a key or a token: 20 and more characters of base64, with digits and letters of both cases, which are neither
/// words nor key ids nor, as a rule, paths.
fn redacted(text: &str) -> String {
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

/// The value of a header that `Debug` does not show. The error follows "sent" or "cannot be asked with".
pub(super) fn secret_header(token: &str) -> Result<HeaderValue, String> {
    if token.is_empty() {
        return Err("an empty token".to_owned());
    }
    let value = HeaderValue::try_from(token);
    let mut value = value.map_err(|_| "a token that no HTTP header can hold".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}
