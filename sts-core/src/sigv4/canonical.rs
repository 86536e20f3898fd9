//! The canonical request: what both sides hash, byte for byte.

use alloc::{
    borrow::Cow,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{
    fmt,
    ops::{Deref, Range},
};
use http::{
    HeaderMap, HeaderName, Method,
    header::{AUTHORIZATION, HOST},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};
use time::UtcDateTime;

use super::{
    error::SignError,
    payload::{Payload, Source, hex_digits},
    string_to_sign::{ALGORITHM, StringToSign, Timestamp, scope},
};
use crate::{form::Form, percent};

/// When a request was signed.
pub(super) const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
/// The session token.
pub(super) const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
/// The longest life of a presigned request, in seconds: a week.
pub(super) const LONGEST_PRESIGNED: u32 = 604_800;

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

/// What SHA-256 takes at a time, in bytes.
const BLOCK: usize = 64;

/// What of a request is hashed and signed. It is hashed as it is, piece by piece, and put together only for who wants to see it.
pub(super) struct Content<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) rule: PathRule,
    pub(super) parameters: Parameters<'a>,
    /// The names of the headers that are signed, with their values; a name that has several stands several times.
    pub(super) headers: &'a [(&'a str, &'a [u8])],
    pub(super) payload: Payload<'a>,
}

impl Content<'_> {
    /// The canonical request's hash.
    pub(super) fn hash(&self) -> [u8; 64] {
        let mut hash = Sha256::new();
        match self.payload.0 {
            Source::Body(body) if body.len() >= BLOCK => self.hash_with(body, &mut hash),
            _ => {
                self.write_head(&mut |piece| hash.update(piece));
                self.payload.write(|text| hash.update(text));
            }
        }
        hex_digits(&hash.finalize().into())
    }

    /// Hashes body and request in turns, block by block: each block waits for the one before it in the same hash, and a processor is
    /// done with two such rows in six sevenths of the time.
    fn hash_with(&self, body: &[u8], hash: &mut Sha256) {
        let mut blocks = body.chunks(BLOCK);
        let mut body_hash = Sha256::new();
        let mut advance = || {
            if let Some(block) = blocks.next() {
                body_hash.update(block);
            }
        };
        let mut room = BLOCK;
        self.write_head(&mut |piece| {
            // Whole blocks are hashed where they are; what does not fill one is copied first.
            let (first, rest) = piece.split_at(room.min(piece.len()));
            room = BLOCK - (BLOCK - room + piece.len()) % BLOCK;
            hash.update(first);
            // Those that fill no block are put together while a block of the body is hashed; separators are too little work for that.
            if piece.len() > 1 {
                advance();
            }
            for part in rest.chunks(BLOCK) {
                hash.update(part);
                if part.len() == BLOCK {
                    advance();
                }
            }
        });
        blocks.for_each(|block| body_hash.update(block));
        hash.update(hex_digits(&body_hash.finalize().into()));
    }

    pub(super) fn to_request(&self) -> CanonicalRequest {
        let mut text = Vec::with_capacity(2048);
        self.write_head(&mut |piece| text.extend_from_slice(piece));
        let end = text.len() - b"\n".len();
        let mut length = 0;
        write_names(self.headers, |piece| length += piece.len());
        self.payload.write(|hash| text.extend_from_slice(hash));
        CanonicalRequest { text, names: end - length..end }
    }

    /// All of it but the payload's hash.
    fn write_head(&self, put: &mut impl FnMut(&[u8])) {
        put(self.method.as_str().as_bytes());
        put(b"\n");
        write_path(put, self.path, self.rule);
        put(b"\n");
        for (index, (name, value)) in self.parameters.iter().enumerate() {
            if index > 0 {
                put(b"&");
            }
            put(name);
            put(b"=");
            put(value);
        }
        put(b"\n");
        let mut last = None;
        for (name, value) in self.headers {
            if last == Some(*name) {
                put(b",");
            } else {
                if last.is_some() {
                    put(b"\n");
                }
                put(name.as_bytes());
                put(b":");
                last = Some(*name);
            }
            write_value(put, value);
        }
        put(if last.is_some() { b"\n\n" } else { b"\n" });
        write_names(self.headers, |piece| put(piece.as_bytes()));
        put(b"\n");
    }
}

/// `content-type;host;x-amz-date`, in pieces.
pub(super) fn write_names(headers: &[(&str, &[u8])], mut put: impl FnMut(&str)) {
    let mut last = "";
    for (name, _) in headers {
        if *name != last {
            put(if last.is_empty() { "" } else { ";" });
            put(name);
            last = name;
        }
    }
}

/// A query's parameters, encoded and sorted.
pub(super) type Parameters<'a> = Vec<(Cow<'a, [u8]>, Cow<'a, [u8]>)>;

/// Parameters sorted by encoded name, then encoded value: those of `query`, and `others`, which are encoded already.
pub(super) fn parameters<'a>(
    query: &'a str,
    others: impl ExactSizeIterator<Item = Option<(&'a str, &'a [u8])>>,
) -> Parameters<'a> {
    let given = query.split('&').filter(|parameter| !parameter.is_empty());
    let given = given.map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")));
    let mut parameters = Vec::with_capacity(given.clone().count() + others.len());
    parameters.extend(given.map(|(name, value)| (recode(name), recode(value))));
    parameters.extend(others.flatten().map(|(name, value)| (name.as_bytes().into(), value.into())));
    parameters.sort_unstable();
    parameters
}

/// A request in the one form that is hashed and signed.
#[derive(Clone, PartialEq, Eq)]
pub struct CanonicalRequest {
    text: Vec<u8>,
    /// Where the list of signed headers stands.
    names: Range<usize>,
}

impl CanonicalRequest {
    /// The text that is hashed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// The text that the signing key of that day, region and service signs.
    /// [SigV4: create a string to sign](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-string-to-sign)
    ///
    /// # Errors
    /// The year is not one of four digits.
    pub fn string_to_sign(&self, now: UtcDateTime, region: &str, service: &str) -> Result<String, SignError> {
        let timestamp = &Timestamp::new(now)?;
        let (scope, hash) = (&*scope(timestamp, region, service), hex_digits(&Sha256::digest(&self.text).into()));
        Ok(StringToSign { algorithm: ALGORITHM, timestamp, scope, hash }.to_string())
    }

    /// `content-type;host;x-amz-date`
    pub fn signed_headers(&self) -> &str {
        core::str::from_utf8(&self.text[self.names.clone()]).unwrap_or_default()
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

/// The headers that are signed, sorted by name. Nearly always they fit without an allocation.
pub(super) struct Headers<'h> {
    few: [(&'h str, &'h [u8]); 16],
    many: Vec<(&'h str, &'h [u8])>,
    count: usize,
}

impl<'h> Headers<'h> {
    /// Those of `headers` without those that are not signed, and `Host`, where it is not among them.
    pub(super) fn new(headers: &'h HeaderMap, host: Option<&'h str>, unsigned: &[&str]) -> Self {
        let is_signed =
            |name: &str| !unsigned.contains(&name) && name != AUTHORIZATION.as_str() && !name.starts_with("proxy-");
        let host = host.map(|host| (HOST.as_str(), host.as_bytes()));
        let mut signed = Self { few: [("", &[]); 16], many: Vec::new(), count: 0 };
        if headers.len() >= signed.few.len() {
            signed.many = sorted(headers, host, is_signed);
            signed.count = signed.many.len();
            return signed;
        }
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        for header in headers.chain(host).filter(|(name, _)| is_signed(name)) {
            // Behind its equals, so that the values of a name stay in their order. Many are in order already.
            let before = signed.few[..signed.count].iter().rposition(|(name, _)| *name <= header.0);
            let place = before.map_or(0, |before| before + 1);
            signed.few.copy_within(place..signed.count, place + 1);
            signed.few[place] = header;
            signed.count += 1;
        }
        signed
    }
}

/// Any number of headers, sorted by name.
fn sorted<'h>(
    headers: &'h HeaderMap,
    host: Option<(&'h str, &'h [u8])>,
    is_signed: impl Fn(&str) -> bool,
) -> Vec<(&'h str, &'h [u8])> {
    // As parameters, so that their sort does it: another one is 5 kB of code.
    let names = headers.keys().map(HeaderName::as_str).filter(|name| is_signed(name));
    let mut names: Parameters<'h> = names.map(|name| (name.as_bytes().into(), Cow::default())).collect();
    names.sort_unstable();
    let mut all = Vec::with_capacity(headers.len() + 1);
    for (name, _) in names {
        let Cow::Borrowed(name) = name else { continue };
        let name = core::str::from_utf8(name).unwrap_or_default();
        all.extend(headers.get_all(name).iter().map(|value| (name, value.as_bytes())));
    }
    if let Some(host) = host.filter(|(name, _)| is_signed(name)) {
        let place = all.partition_point(|(name, _)| *name < host.0);
        all.insert(place, host);
    }
    all
}

impl<'h> Deref for Headers<'h> {
    type Target = [(&'h str, &'h [u8])];

    fn deref(&self) -> &Self::Target {
        let all = if self.many.is_empty() { &self.few[..] } else { &self.many };
        &all[..self.count]
    }
}

fn write_path(put: &mut impl FnMut(&[u8]), path: &str, rule: PathRule) {
    // What is encoded stays as it is, or is encoded once more; what an `http::Uri` lets through unencoded is encoded now.
    let set = if rule.double_encode { PATH } else { const { &PATH.remove(b'%') } };
    let path = if rule.normalize { normalize(path) } else { Cow::Borrowed(path) };
    for piece in utf8_percent_encode(&path, set) {
        put(piece.as_bytes());
    }
}

/// Without `.`, `..` and empty segments. Unlike in [RFC 3986 §5.2.4](https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4), `/a/.` and
/// `/a/b/..` become `/a`, as botocore and the AWS common runtime have it.
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
    let end = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    Cow::Owned(format!("/{}{end}", segments.join("/")))
}

/// A name or value of a query, encoded as SigV4 wants it, however it was encoded before.
fn recode(part: &str) -> Cow<'_, [u8]> {
    if percent::is_encoded(part.as_bytes()) {
        return Cow::Borrowed(part.as_bytes());
    }
    let decoded: Cow<'_, [u8]> = percent_decode_str(part).into();
    let mut encoded = Form::default();
    encoded.encode(&decoded, |_| ());
    Cow::Owned(encoded.into_vec())
}

/// A header's value, trimmed, inner runs of blanks folded to one space.
fn write_value(put: &mut impl FnMut(&[u8]), value: &[u8]) {
    // A tab is the one other control character in a header. Without an early end, the search is done for many bytes at a time.
    let blanks = value.iter().fold(0, |found, byte| found | u8::from(*byte <= b' '));
    if blanks == 0 {
        return put(value);
    }
    let words = value.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        if index > 0 {
            put(b" ");
        }
        put(word);
    }
}
