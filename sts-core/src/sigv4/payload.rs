//! The payload of a signature: the body or its hash.

use alloc::string::String;
use core::fmt;
use sha2::{Digest, Sha256};

/// The payload of a signature: a body, its SHA-256 hash, or [`UNSIGNED`](Self::UNSIGNED).
#[derive(Clone, Copy)]
pub struct Payload<'a>(pub(super) Source<'a>);

/// A body is hashed together with the request, which is faster than one after the other.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    Body(&'a [u8]),
    Text(&'a [u8]),
}

impl<'a> Payload<'a> {
    /// The body is not signed. S3 accepts this in presigned URLs, and with an `X-Amz-Content-Sha256: UNSIGNED-PAYLOAD` header.
    /// [S3: Authenticating requests](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html)
    pub const UNSIGNED: Payload<'static> = Payload(Source::Text(b"UNSIGNED-PAYLOAD"));

    /// A known hash, in lower-case hexadecimal.
    pub fn from_hex(hash: &'a [u8; 64]) -> Self {
        Self(Source::Text(hash))
    }
}

impl Payload<'_> {
    /// Writes the last line of the canonical request.
    pub(super) fn write(&self, put: impl FnOnce(&[u8])) {
        match self.0 {
            Source::Body(body) => put(&hex_digits(&Sha256::digest(body).into())),
            Source::Text(text) => put(text),
        }
    }
}

impl<'a> From<&'a [u8]> for Payload<'a> {
    fn from(body: &'a [u8]) -> Self {
        Self(Source::Body(body))
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Payload<'a> {
    fn from(body: &'a [u8; N]) -> Self {
        Self(Source::Body(body))
    }
}

impl<'a> From<&'a str> for Payload<'a> {
    fn from(body: &'a str) -> Self {
        Self(Source::Body(body.as_bytes()))
    }
}

/// Shows only a body's length, since it may contain a token.
impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Source::Body(body) => write!(f, "Payload({} bytes)", body.len()),
            Source::Text(text) => write!(f, "Payload({})", String::from_utf8_lossy(text)),
        }
    }
}

/// 32 bytes in lower-case hexadecimal.
pub(super) fn hex_digits(bytes: &[u8; 32]) -> [u8; 64] {
    let mut digits = [0; 64];
    hex::encode_to_slice(bytes, &mut digits).expect("64 digits hold 32 bytes");
    digits
}
