//! JSON Web Tokens ([RFC 7519](https://www.rfc-editor.org/rfc/rfc7519)). Signatures are not checked.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::{Map, Value, json};
use time::UtcDateTime;

/// The claims of a token.
pub(crate) fn read(token: &str) -> Option<Map<String, Value>> {
    let parts: Vec<&str> = token.split('.').collect();
    let [_, claims, _] = parts[..] else { return None };
    serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()
}

pub(crate) fn write(algorithm: &str, claims: &str, signature: &[u8]) -> String {
    let header = json!({ "alg": algorithm, "typ": "JWT" }).to_string();
    [header.as_bytes(), claims.as_bytes(), signature].map(|part| BASE64.encode(part)).join(".")
}

/// `exp`, in seconds since 1970, which may have a fraction.
pub(crate) fn end(claims: &Map<String, Value>) -> Option<f64> {
    claims.get("exp")?.as_f64()
}

#[expect(clippy::cast_precision_loss, reason = "exact until the year 9999")]
pub(crate) fn has_ended(end: f64, now: UtcDateTime) -> bool {
    end <= now.unix_timestamp() as f64
}
