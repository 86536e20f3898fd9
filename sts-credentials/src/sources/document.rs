//! Answers of programs, agents and services: credentials as a JSON object, or a reason why there are none.
//!
//! Errors omit values that may be secrets. They are predicates that follow the name of the sender: "sent no `AccessKeyId`".

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

/// Reads the credentials; `token` is the name of the session token's member. With `now`, expired credentials are an error.
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

/// A text member; an empty one counts as absent.
pub(super) fn text<'d>(document: &'d Value<'_>, name: &str) -> Result<Option<&'d str>, String> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Text(text)) if text.is_empty() => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text.as_ref())),
        Some(_) => Err(format!("sent a {name} that is not a string")),
    }
}

/// A time member, in any form that [`timestamp::parse`] reads, or in seconds since 1970.
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

/// Parses the object in a response, a file or the output of a program.
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

/// The reason in a response other than 200: members of a JSON object, or plain text.
pub(super) fn refusal(status: StatusCode, body: &[u8]) -> String {
    let mut text = format!("answered HTTP {}", status.as_u16());
    let Ok(document) = object(body) else {
        let plain = String::from_utf8_lossy(body);
        let plain = without_bom(&plain).trim();
        // An HTML page says no more than the status.
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

/// The message of an error object, as a suffix of the error's text.
pub(super) fn message(document: &Value<'_>) -> String {
    let message = ["message", "Message", "error_description"].into_iter().find_map(|name| document.get(name)?.as_str());
    message.map_or_else(String::new, |message| format!(": {}", snippet(&redacted(message))))
}

/// The beginning of a program's text, with secrets redacted.
pub(super) fn shown(text: &str) -> String {
    beginning(&redacted(text), 1000).into()
}

/// Redacts possible keys and tokens: 20 or more base64 characters that include digits and letters of both cases. Words and key ids do not
/// match, and paths rarely do.
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

/// A sensitive header value, which `Debug` redacts. The error follows "sent" or "cannot be asked with".
pub(super) fn secret_header(token: &str) -> Result<HeaderValue, String> {
    if token.is_empty() {
        return Err("an empty token".to_owned());
    }
    let value = HeaderValue::try_from(token);
    let mut value = value.map_err(|_| "a token that no HTTP header can hold".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}
