//! AWS Signature Version 4, both sides of it, for any `http::Request`. Knows nothing of STS.
//!
//! [`Signer::sign`] signs a request's headers, [`Signer::presign`] a URL, and [`verify`] is the server's side.
//! What is signed can be had as a value, a [`CanonicalRequest`], so that a mismatch can be looked at step by step. With the feature
//! `sigv4a`, the signer has `sign_v4a` and `presign_v4a`, too: one signature for several regions.
//! [The algorithm](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)
//!
//! ```
//! use sts_core::{Credentials, sigv4::Signer};
//! use time::macros::utc_datetime;
//!
//! let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
//! let body = "Action=GetCallerIdentity&Version=2011-06-15";
//! let mut request = http::Request::post("https://sts.us-east-1.amazonaws.com/")
//!     .header("content-type", "application/x-www-form-urlencoded")
//!     .body(body)?;
//!
//! let signer = Signer::new(&credentials, "us-east-1", "sts");
//! signer.sign(&mut request, body.as_bytes(), utc_datetime!(2015-08-30 12:36:00))?;
//! assert_eq!(
//!     request.headers()["authorization"],
//!     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request, \
//!      SignedHeaders=content-type;host;x-amz-date, \
//!      Signature=94405bc26f219569999dadb25c560bc61134371b330f394151ebb698c4d5fb3a",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod canonical;
mod key;
#[cfg(feature = "sigv4a")]
mod v4a;
mod verify;

use alloc::{string::ToString, vec::Vec};
use core::{fmt, time::Duration};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Uri,
    header::{AUTHORIZATION, HOST},
    uri::Authority,
};
use sha2::{Digest, Sha256};
use time::UtcDateTime;

pub use canonical::CanonicalRequest;
pub use key::{KeyCache, SigningKey};
pub use verify::{Verified, VerifyError, verify};

use crate::{
    credentials::{Credentials, Secret},
    percent,
};
use canonical::PathRule;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Headers that are not signed, because they say something about the connection or are changed on the way. Those for proxies are
/// never signed.
const UNSIGNED: [&str; 15] = [
    "accept-encoding",
    "authorization",
    "baggage",
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// Whose signature, and for what.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Signer<'a> {
    credentials: &'a Credentials,
    region: &'a str,
    service: &'a str,
    path: PathRule,
    unsigned: &'a [&'a str],
    cache: Option<&'a KeyCache>,
}

impl<'a> Signer<'a> {
    /// Signs with these credentials for a region and a service, by their short names: `us-east-1`, `sts`.
    pub fn new(credentials: &'a Credentials, region: &'a str, service: &'a str) -> Self {
        Self { credentials, region, service, path: PathRule::default(), unsigned: &UNSIGNED, cache: None }
    }

    /// Whether `.`, `..` and empty segments are taken out of the path. On, as every service wants it except S3.
    pub fn normalize_path(mut self, on: bool) -> Self {
        self.path.normalize = on;
        self
    }

    /// Whether the path, encoded as it is sent, is encoded once more. On, as every service wants it except S3.
    pub fn double_encode_path(mut self, on: bool) -> Self {
        self.path.double_encode = on;
        self
    }

    /// Headers that are not signed, in lower case, instead of those that describe the connection.
    pub fn unsigned_headers(mut self, names: &'a [&'a str]) -> Self {
        self.unsigned = names;
        self
    }

    /// Takes the day's signing key from there rather than deriving it for every signature.
    pub fn key_cache(mut self, cache: &'a KeyCache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Signs a request: sets `Host` if it is missing, `X-Amz-Date`, `X-Amz-Security-Token` and `Authorization`, and
    /// replaces what an earlier signature left of these. `payload` is what will be sent as the body.
    ///
    /// # Errors
    /// The request has no host, or the credentials or the date do not fit in a header.
    pub fn sign<B>(
        &self,
        request: &mut Request<B>,
        payload: impl Into<Payload>,
        now: UtcDateTime,
    ) -> Result<(), SignError> {
        let timestamp = Timestamp::new(now)?;
        let host = host(request.uri(), request.headers())?;
        let token = self.credentials.session_token.as_ref().map(sensitive).transpose()?;
        let headers = request.headers_mut();
        headers.remove(AUTHORIZATION);
        headers.insert(HOST, host);
        headers.insert(X_AMZ_DATE, timestamp.header());
        match token {
            Some(token) => headers.insert(X_AMZ_SECURITY_TOKEN, token),
            None => headers.remove(X_AMZ_SECURITY_TOKEN),
        };

        let canonical = self.canonical_request(request, payload);
        let authorization = self.with_key(&timestamp, |key| {
            let signature = hex_digits(&key.sign_pieces(canonical.string_to_sign(&timestamp, key.scope()).pieces()));
            let parts: [&[u8]; 8] = [
                b"AWS4-HMAC-SHA256 Credential=",
                self.credentials.access_key_id.as_bytes(),
                b"/",
                key.scope().as_bytes(),
                b", SignedHeaders=",
                canonical.signed_headers().as_bytes(),
                b", Signature=",
                &signature,
            ];
            parts.concat()
        });
        self.authorize(request.headers_mut(), authorization)
    }

    /// The request's URL with a signature in its query, good for `expires` from `now` on. Its headers are signed too and must
    /// be sent as they are; with none but `Host`, the URL alone is enough.
    ///
    /// # Errors
    /// The request has no host, or the URL would not be one.
    pub fn presign<B>(
        &self,
        request: &Request<B>,
        payload: impl Into<Payload>,
        expires: Duration,
        now: UtcDateTime,
    ) -> Result<Uri, SignError> {
        let timestamp = Timestamp::new(now)?;
        let mut headers = request.headers().clone();
        headers.insert(HOST, host(request.uri(), &headers)?);
        let names = canonical::names(&headers, self.unsigned);

        let path = request.uri().path();
        let mut target = Vec::with_capacity(4096);
        let mut put = |text: &str| target.extend_from_slice(text.as_bytes());
        put(path);
        put("?");
        if let Some(query) = request.uri().query().filter(|query| !query.is_empty()) {
            put(query);
            put("&");
        }
        put("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
        percent::encode(self.credentials.access_key_id.as_bytes(), |piece| target.extend_from_slice(piece));
        for part in [timestamp.date(), self.region, self.service, key::TERMINATOR] {
            target.extend_from_slice(b"%2F");
            percent::encode(part.as_bytes(), |piece| target.extend_from_slice(piece));
        }
        let mut put = |text: &str| target.extend_from_slice(text.as_bytes());
        put("&X-Amz-Date=");
        put(timestamp.as_str());
        put("&X-Amz-Expires=");
        put(&expires.as_secs().to_string());
        put("&X-Amz-SignedHeaders=");
        percent::encode(names.join(";").as_bytes(), |piece| target.extend_from_slice(piece));
        if let Some(token) = &self.credentials.session_token {
            target.extend_from_slice(b"&X-Amz-Security-Token=");
            percent::encode(token.expose().as_bytes(), |piece| target.extend_from_slice(piece));
        }

        let query = core::str::from_utf8(&target[path.len() + 1..]).map_err(|_| SignError::Uri)?;
        let canonical =
            CanonicalRequest::new(request.method(), path, query, self.path, &headers, &names, &payload.into());
        let signature = self
            .with_key(&timestamp, |key| key.sign_pieces(canonical.string_to_sign(&timestamp, key.scope()).pieces()));
        target.extend_from_slice(b"&X-Amz-Signature=");
        target.extend_from_slice(&hex_digits(&signature));
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(target.try_into().map_err(|_| SignError::Uri)?);
        Uri::from_parts(parts).map_err(|_| SignError::Uri)
    }

    /// What [`sign`](Self::sign) hashed, of a request that it has signed.
    pub fn canonical_request<B>(&self, request: &Request<B>, payload: impl Into<Payload>) -> CanonicalRequest {
        CanonicalRequest::new(
            request.method(),
            request.uri().path(),
            request.uri().query().unwrap_or_default(),
            self.path,
            request.headers(),
            &canonical::names(request.headers(), self.unsigned),
            &payload.into(),
        )
    }

    fn authorize(&self, headers: &mut HeaderMap, authorization: Vec<u8>) -> Result<(), SignError> {
        let mut authorization = HeaderValue::try_from(authorization).map_err(|_| {
            let is_legal = HeaderValue::from_str(&self.credentials.access_key_id).is_ok();
            if is_legal { SignError::Scope } else { SignError::AccessKeyId }
        })?;
        authorization.set_sensitive(true);
        headers.insert(AUTHORIZATION, authorization);
        Ok(())
    }

    fn with_key<T>(&self, timestamp: &Timestamp, sign: impl FnOnce(&SigningKey) -> T) -> T {
        let secret = &self.credentials.secret_access_key;
        match self.cache {
            Some(cache) => cache.with(secret, timestamp, self.region, self.service, sign),
            None => sign(&SigningKey::of(secret, timestamp, self.region, self.service)),
        }
    }
}

/// The SHA-256 hash of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload([u8; 64]);

impl Payload {
    /// A hash that is known already, in lower-case hexadecimal.
    pub fn from_hex(hash: [u8; 64]) -> Self {
        Self(hash)
    }

    fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Payload {
    fn from(body: &[u8]) -> Self {
        Self(hex_digits(&Sha256::digest(body).into()))
    }
}

/// Why something cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// The URL has no host, and there is no `Host` header.
    Host,
    /// The access key id holds a character that a header cannot.
    AccessKeyId,
    /// The session token holds a character that a header cannot.
    SessionToken,
    /// The region or the service holds a character that a header cannot.
    Scope,
    /// The set of regions holds a character that a header cannot.
    #[cfg(feature = "sigv4a")]
    RegionSet,
    /// The year is not one of four digits.
    Date,
    /// The signed URL is no URL, or too long for one.
    Uri,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "the request has no host to sign for",
            Self::AccessKeyId => "the access key id holds a character that a header cannot",
            Self::Scope => "the region or the service holds a character that a header cannot",
            Self::SessionToken => "the session token holds a character that a header cannot",
            #[cfg(feature = "sigv4a")]
            Self::RegionSet => "the set of regions holds a character that a header cannot",
            Self::Date => "the date is not between the years 0 and 9999",
            Self::Uri => "the signed URL is not a URL, or is longer than 65534 characters",
        })
    }
}

impl core::error::Error for SignError {}

/// `20150830T123600Z`
#[derive(Clone, Copy)]
struct Timestamp([u8; 16]);

impl Timestamp {
    fn new(time: UtcDateTime) -> Result<Self, SignError> {
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

    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).expect("digits, T and Z are ASCII")
    }

    /// `20150830`
    fn date(&self) -> &str {
        &self.as_str()[..8]
    }

    fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).expect("digits, T and Z may stand in a header")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The `Host` header: the one that is there, or else the URL's host, with its port unless that is the scheme's own.
fn host(uri: &Uri, headers: &HeaderMap) -> Result<HeaderValue, SignError> {
    if let Some(host) = headers.get(HOST) {
        return Ok(host.clone());
    }
    let authority = uri.authority().ok_or(SignError::Host)?;
    host_header(uri.scheme_str(), authority).ok_or(SignError::Host)
}

/// What a transport sends as `Host` for an authority.
pub(crate) fn host_header(scheme: Option<&str>, authority: &Authority) -> Option<HeaderValue> {
    let is_default = matches!((scheme, authority.port_u16()), (Some("https"), Some(443)) | (Some("http"), Some(80)));
    let text = authority.as_str();
    let text = text.rsplit_once('@').map_or(text, |(_, host)| host);
    HeaderValue::from_str(if is_default { authority.host() } else { text }).ok()
}

/// 32 bytes in lower-case hexadecimal.
fn hex_digits(bytes: &[u8; 32]) -> [u8; 64] {
    let mut digits = [0; 64];
    hex::encode_to_slice(bytes, &mut digits).expect("64 digits hold 32 bytes");
    digits
}

fn sensitive(token: &Secret) -> Result<HeaderValue, SignError> {
    let mut value = HeaderValue::from_str(token.expose()).map_err(|_| SignError::SessionToken)?;
    value.set_sensitive(true);
    Ok(value)
}
