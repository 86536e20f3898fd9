//! A second parser of seconds since 1970.

use time::UtcDateTime;

/// Parses seconds with an optional fraction of any length.
pub fn parse(text: &str) -> Option<UtcDateTime> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    if [whole, fraction].iter().any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let nanoseconds: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let nanoseconds = whole.parse::<i128>().ok()?.checked_mul(1_000_000_000)? + nanoseconds.parse::<i128>().ok()?;
    UtcDateTime::from_unix_timestamp_nanos(nanoseconds).ok()
}
