//! The canonical request: what both sides hash, byte for byte.

use alloc::{borrow::Cow, format, string::String, vec::Vec};
use core::{fmt, ops::Range};
use http::{HeaderMap, HeaderName, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::{ALGORITHM, Payload, Timestamp, hex_digits};
use crate::percent;

/// What of a path is encoded: everything reserved but the separator.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// How a path is made canonical.
#[derive(Clone, Copy, Debug)]
pub(super) struct PathRule {
    pub(super) normalize: bool,
    pub(super) double_encode: bool,
}

impl Default for PathRule {
    fn default() -> Self {
        Self { normalize: true, double_encode: true }
    }
}

/// A request in the one form that is hashed and signed.
#[derive(Clone, PartialEq, Eq)]
pub struct CanonicalRequest {
    text: Vec<u8>,
    /// Where the list of signed headers stands.
    names: Range<usize>,
}

impl CanonicalRequest {
    pub(super) fn new(
        method: &Method,
        path: &str,
        query: &str,
        rule: PathRule,
        headers: &HeaderMap,
        names: &[&str],
        payload: &Payload,
    ) -> Self {
        let mut text = Vec::with_capacity(2048);
        text.extend_from_slice(method.as_str().as_bytes());
        text.push(b'\n');
        write_path(&mut text, path, rule);
        text.push(b'\n');
        write_query(&mut text, query);
        text.push(b'\n');
        for name in names {
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            for (index, value) in headers.get_all(*name).iter().enumerate() {
                if index > 0 {
                    text.push(b',');
                }
                write_value(&mut text, value.as_bytes());
            }
            text.push(b'\n');
        }
        text.push(b'\n');
        let start = text.len();
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                text.push(b';');
            }
            text.extend_from_slice(name.as_bytes());
        }
        let names = start..text.len();
        text.push(b'\n');
        text.extend_from_slice(payload.as_bytes());
        Self { text, names }
    }

    /// The text that is hashed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// `content-type;host;x-amz-date`
    pub fn signed_headers(&self) -> &str {
        core::str::from_utf8(&self.text[self.names.clone()]).unwrap_or_default()
    }

    /// What is signed: algorithm, time, scope and this request's hash.
    pub(super) fn string_to_sign<'a>(&self, timestamp: &'a Timestamp, scope: &'a str) -> StringToSign<'a> {
        StringToSign { timestamp, scope, hash: hex_digits(&Sha256::digest(&self.text).into()) }
    }
}

impl fmt::Display for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.text))
    }
}

/// Holds the session token when there is one, so only its length is shown.
impl fmt::Debug for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CanonicalRequest({} bytes, signed headers {})", self.text.len(), self.signed_headers())
    }
}

/// The text that the signing key signs, in pieces that need not be put together.
pub(super) struct StringToSign<'a> {
    timestamp: &'a Timestamp,
    scope: &'a str,
    hash: [u8; 64],
}

impl StringToSign<'_> {
    pub(super) fn pieces(&self) -> [&[u8]; 7] {
        [
            ALGORITHM.as_bytes(),
            b"\n",
            self.timestamp.as_str().as_bytes(),
            b"\n",
            self.scope.as_bytes(),
            b"\n",
            &self.hash,
        ]
    }
}

impl fmt::Display for StringToSign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces().into_iter().try_for_each(|piece| f.write_str(&String::from_utf8_lossy(piece)))
    }
}

/// The names of a request's headers, sorted, without those that are not signed.
pub(super) fn names<'h>(headers: &'h HeaderMap, unsigned: &[&str]) -> Vec<&'h str> {
    let mut names = Vec::with_capacity(headers.keys_len());
    names.extend(
        headers.keys().map(HeaderName::as_str).filter(|name| !unsigned.contains(name) && !name.starts_with("proxy-")),
    );
    names.sort_unstable();
    names
}

fn write_path(text: &mut Vec<u8>, path: &str, rule: PathRule) {
    let path = if rule.normalize { normalize(path) } else { Cow::Borrowed(path) };
    if rule.double_encode {
        text.extend(utf8_percent_encode(&path, PATH).flat_map(str::as_bytes));
    } else {
        // What is encoded stays as it is; what an `http::Uri` lets through unencoded is encoded now.
        let set = const { &PATH.remove(b'%') };
        text.extend(utf8_percent_encode(&path, set).flat_map(str::as_bytes));
    }
}

/// [RFC 3986 §6.2.2.3](https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.3), and empty segments removed.
fn normalize(path: &str) -> Cow<'_, str> {
    if !path.contains("//") && !path.contains("/.") {
        return Cow::Borrowed(if path.is_empty() { "/" } else { path });
    }
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let is_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    let end = if is_folder && !segments.is_empty() { "/" } else { "" };
    Cow::Owned(format!("/{}{end}", segments.join("/")))
}

/// Parameters sorted by encoded name, then encoded value.
fn write_query(text: &mut Vec<u8>, query: &str) {
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    let mut parameters: Vec<_> = parameters
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        .map(|(name, value)| (recode(name), recode(value)))
        .collect();
    parameters.sort_unstable();
    for (index, (name, value)) in parameters.iter().enumerate() {
        if index > 0 {
            text.push(b'&');
        }
        text.extend_from_slice(name);
        text.push(b'=');
        text.extend_from_slice(value);
    }
}

/// A name or value of a query, encoded as SigV4 wants it, however it was encoded before.
fn recode(part: &str) -> Cow<'_, [u8]> {
    if percent::is_encoded(part.as_bytes()) {
        return Cow::Borrowed(part.as_bytes());
    }
    let decoded: Cow<'_, [u8]> = percent_decode_str(part).into();
    let mut encoded = Vec::new();
    percent::encode(&decoded, |piece| encoded.extend_from_slice(piece));
    Cow::Owned(encoded)
}

/// A header's value, trimmed, inner runs of blanks folded to one space.
fn write_value(text: &mut Vec<u8>, value: &[u8]) {
    // Without an early end, the search is done for many bytes at a time.
    if !value.iter().fold(false, |found, byte| found | matches!(byte, b' ' | b'\t')) {
        return text.extend_from_slice(value);
    }
    let words = value.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        if index > 0 {
            text.push(b' ');
        }
        text.extend_from_slice(word);
    }
}
