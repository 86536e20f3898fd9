//! The string to sign: the algorithm, the time, the scope and the canonical request's hash.

use alloc::string::String;
use core::fmt;
use http::HeaderValue;
use time::UtcDateTime;

use super::error::SignError;

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The last part of every scope.
pub(super) const TERMINATOR: &str = "aws4_request";

/// The text that is signed, as pieces that need not be joined.
pub(super) struct StringToSign<'a> {
    pub(super) algorithm: &'a str,
    pub(super) timestamp: &'a Timestamp,
    pub(super) scope: &'a str,
    /// The canonical request's hash.
    pub(super) hash: [u8; 64],
}

impl StringToSign<'_> {
    pub(super) fn pieces(&self) -> [&[u8]; 7] {
        let Self { algorithm, timestamp, scope, hash } = self;
        [algorithm.as_bytes(), b"\n", timestamp.as_bytes(), b"\n", scope.as_bytes(), b"\n", hash]
    }
}

impl fmt::Display for StringToSign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces().into_iter().try_for_each(|piece| f.write_str(&String::from_utf8_lossy(piece)))
    }
}

/// A signing time: `20150830T123600Z`.
#[derive(Clone, Copy)]
pub(super) struct Timestamp([u8; 16]);

impl Timestamp {
    pub(super) fn new(time: UtcDateTime) -> Result<Self, SignError> {
        let year = u16::try_from(time.year()).ok().filter(|year| *year <= 9999).ok_or(SignError::Date)?;
        let [century, year] = [year / 100, year % 100].map(|number| number.to_le_bytes()[0]);
        let mut text = *b"00000000T000000Z";
        let fields = [century, year, time.month().into(), time.day(), time.hour(), time.minute(), time.second()];
        for (position, number) in [0, 2, 4, 6, 9, 11, 13].into_iter().zip(fields) {
            text[position] += number / 10;
            text[position + 1] += number % 10;
        }
        Ok(Self(text))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).expect("digits, T and Z are ASCII")
    }

    pub(super) fn date_bytes(&self) -> &[u8] {
        &self.0[..8]
    }

    /// `20150830`
    pub(super) fn date(&self) -> &str {
        &self.as_str()[..8]
    }

    pub(super) fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).expect("digits, T and Z may stand in a header")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

pub(super) fn scope(timestamp: &Timestamp, region: &str, service: &str) -> String {
    [timestamp.date(), region, service, TERMINATOR].join("/")
}

/// `scope == self::scope(…)`, without an allocation.
pub(super) fn is_scope(scope: &str, timestamp: &Timestamp, region: &str, service: &str) -> bool {
    let rest = scope.as_bytes().strip_prefix(timestamp.date_bytes()).and_then(|rest| rest.strip_prefix(b"/"));
    let rest = rest
        .and_then(|rest| rest.strip_prefix(region.as_bytes())?.strip_prefix(b"/")?.strip_prefix(service.as_bytes()));
    rest == Some(b"/aws4_request")
}
