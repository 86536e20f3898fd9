//! AWS Signature Version 4: a signer for any `http::Request`, and a verifier for all services except S3.
//!
//! [`Signer::sign`] signs a request with a header, [`Signer::presign`] returns a signed URL, and [`Verifier::verify`] checks signatures on
//! the server. Both sides can show their [`CanonicalRequest`], to find the cause of a mismatch. The feature `sigv4a` adds
//! `sign_v4a` and `presign_v4a`, for signatures that are valid in several regions.
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
//! signer.sign(&mut request, body, utc_datetime!(2015-08-30 12:36:00))?;
//! assert_eq!(
//!     request.headers()["authorization"],
//!     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request, \
//!      SignedHeaders=content-type;host;x-amz-date, \
//!      Signature=94405bc26f219569999dadb25c560bc61134371b330f394151ebb698c4d5fb3a",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod canonical;
mod error;
mod key;
mod payload;
mod string_to_sign;
#[cfg(feature = "sigv4a")]
mod v4a;
mod verify;

use alloc::{borrow::Cow, vec::Vec};
use core::{iter, ops::Range, time::Duration};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Uri,
    header::{AUTHORIZATION, HOST},
    uri::Authority,
};
use time::UtcDateTime;

pub use canonical::CanonicalRequest;
pub use error::SignError;
pub use key::{KeyCache, SigningKey};
pub use payload::Payload;
pub use verify::{Verified, Verifier, VerifyError};

use crate::{
    credentials::Credentials,
    form::{Form, digits},
    host::host_header,
    secret::Secret,
};
use canonical::{
    Content, Headers, LONGEST_PRESIGNED, Parameters, PathRule, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN, parameters,
    write_names,
};
use key::Derived;
use string_to_sign::{ALGORITHM, Timestamp};

/// Headers that are not signed, because they describe the connection or may be changed in transit. `Authorization` and `Proxy-*` headers
/// are never signed either.
const UNSIGNED: [&str; 14] = [
    "accept-encoding",
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

/// A signer: credentials, region, service and options.
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
    /// A signer for a region and a service, by their short names: `us-east-1`, `sts`.
    pub fn new(credentials: &'a Credentials, region: &'a str, service: &'a str) -> Self {
        Self { credentials, region, service, path: PathRule::default(), unsigned: &UNSIGNED, cache: None }
    }

    /// Whether to remove `.`, `..` and empty segments from the path. On by default; turn it off for S3.
    pub fn normalize_path(mut self, on: bool) -> Self {
        self.path.normalize = on;
        self
    }

    /// Whether to percent-encode the already encoded path a second time. On by default; turn it off for S3.
    pub fn double_encode_path(mut self, on: bool) -> Self {
        self.path.double_encode = on;
        self
    }

    /// Replaces the list of headers that are not signed, which by default are those that describe the connection. In lower case.
    pub fn unsigned_headers(mut self, names: &'a [&'a str]) -> Self {
        self.unsigned = names;
        self
    }

    /// Caches the day's signing key, instead of deriving it for every signature.
    pub fn key_cache(mut self, cache: &'a KeyCache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Signs a request. Sets `X-Amz-Date`, `X-Amz-Security-Token` and `Authorization`, replacing those of an earlier signature, and `Host`
    /// if it is missing. `payload` is the body that will be sent.
    ///
    /// # Errors
    /// The request has no host, or the credentials or the date cannot be written in a header.
    pub fn sign<'p, B>(
        &self,
        request: &mut Request<B>,
        payload: impl Into<Payload<'p>>,
        now: UtcDateTime,
    ) -> Result<(), SignError> {
        let timestamp = Timestamp::new(now)?;
        let derived = match self.cache {
            Some(cache) => cache.get(self.credentials, &timestamp, self.region, self.service),
            None => Derived::new(self.credentials, &timestamp, self.region, self.service).into(),
        };
        set_headers(request, &timestamp, derived.token.clone()?)?;
        let scheme = Scheme { algorithm: ALGORITHM, scope: derived.key.scope(), regions: None };
        self.authorize(request, payload.into(), &scheme, |hash| derived.key.signature(&timestamp, hash))
    }

    /// The request's URL with a signature in its query, valid for `expires` from `now`. Replaces an earlier signature. The request's headers
    /// are signed, so they must be sent unchanged; if there are none except `Host`, the URL is all you need.
    ///
    /// # Errors
    /// The request has no host, the result is not a valid URL, or `expires` is less than a second or more than a week.
    pub fn presign<'p, B>(
        &self,
        request: &Request<B>,
        payload: impl Into<Payload<'p>>,
        expires: Duration,
        now: UtcDateTime,
    ) -> Result<Uri, SignError> {
        let timestamp = Timestamp::new(now)?;
        let (cached, own);
        let key = if let Some(cache) = self.cache {
            cached = cache.get(self.credentials, &timestamp, self.region, self.service);
            &cached.key
        } else {
            own = SigningKey::of(&self.credentials.secret_access_key, &timestamp, self.region, self.service);
            &own
        };
        let scheme = Scheme { algorithm: ALGORITHM, scope: key.scope(), regions: None };
        self.write_url(request, payload.into(), expires, &timestamp, &scheme, |hash| key.signature(&timestamp, hash))
    }

    /// The canonical request that [`sign`](Self::sign) hashed for a signed request.
    pub fn canonical_request<'p, B>(&self, request: &Request<B>, payload: impl Into<Payload<'p>>) -> CanonicalRequest {
        let host = missing_host(request.uri(), request.headers()).unwrap_or_default();
        let headers = Headers::new(request.headers(), host.as_deref(), self.unsigned);
        let parameters = parameters(request.uri().query().unwrap_or_default(), iter::empty());
        self.content(request, parameters, &headers, payload.into()).to_request()
    }

    fn content<'r, B>(
        &self,
        request: &'r Request<B>,
        parameters: Parameters<'r>,
        headers: &'r [(&'r str, &'r [u8])],
        payload: Payload<'r>,
    ) -> Content<'r> {
        let (method, path) = (request.method(), request.uri().path());
        Content { method, path, rule: self.path, parameters, headers, payload }
    }

    /// Sets the `Authorization` header. `sign` computes the signature from the canonical request's hash.
    fn authorize<B, S: AsRef<[u8]>>(
        &self,
        request: &mut Request<B>,
        payload: Payload<'_>,
        Scheme { algorithm, scope, .. }: &Scheme<'_>,
        sign: impl FnOnce([u8; 64]) -> S,
    ) -> Result<(), SignError> {
        // Headers may contain other bytes, but many HTTP clients refuse them.
        if !self.credentials.access_key_id.is_ascii() {
            return Err(SignError::AccessKeyId);
        }
        let headers = Headers::new(request.headers(), None, self.unsigned);
        let parameters = parameters(request.uri().query().unwrap_or_default(), iter::empty());
        let signature = sign(self.content(request, parameters, &headers, payload).hash());
        let beginning = [algorithm, " Credential=", &self.credentials.access_key_id, "/", scope, ", SignedHeaders="];
        // A `Vec` filled to its capacity becomes a header without a copy.
        let mut length = beginning.iter().map(|piece| piece.len()).sum::<usize>();
        write_names(&headers, |piece| length += piece.len());
        let mut text = Vec::with_capacity(length + b", Signature=".len() + signature.as_ref().len());
        for piece in beginning {
            text.extend_from_slice(piece.as_bytes());
        }
        write_names(&headers, |piece| text.extend_from_slice(piece.as_bytes()));
        text.extend_from_slice(b", Signature=");
        text.extend_from_slice(signature.as_ref());

        let mut authorization = HeaderValue::try_from(text).map_err(|_| {
            let is_legal = HeaderValue::from_str(&self.credentials.access_key_id).is_ok();
            if is_legal { SignError::Scope } else { SignError::AccessKeyId }
        })?;
        authorization.set_sensitive(true);
        insert(request.headers_mut(), AUTHORIZATION, authorization)
    }

    /// The signed URL. `sign` computes the signature from the canonical request's hash.
    fn write_url<B, S: AsRef<[u8]>>(
        &self,
        request: &Request<B>,
        payload: Payload<'_>,
        expires: Duration,
        timestamp: &Timestamp,
        Scheme { algorithm, scope, regions }: &Scheme<'_>,
        sign: impl FnOnce([u8; 64]) -> S,
    ) -> Result<Uri, SignError> {
        if !(1..=LONGEST_PRESIGNED.into()).contains(&expires.as_secs()) {
            return Err(SignError::Expires);
        }
        let host = missing_host(request.uri(), request.headers())?;
        let headers = Headers::new(request.headers(), host.as_deref(), self.unsigned);
        let query = &*unsigned_query(request.uri().query().unwrap_or_default());
        let token = self.credentials.session_token.as_ref().map(Secret::expose);
        // Few of a token's characters need encoding.
        let token_length = token.map_or(0, str::len);
        let mut target = Form::with_capacity(700 + query.len() + token_length + token_length / 2);
        for piece in [request.uri().path(), "?", query, if query.is_empty() { "" } else { "&" }] {
            target.append(piece.as_bytes());
        }

        let credential = [&self.credentials.access_key_id, "/", scope];
        let fields = [
            Some(write_field(&mut target, "X-Amz-Algorithm", |put| put(algorithm))),
            Some(write_field(&mut target, "X-Amz-Credential", |put| credential.into_iter().for_each(put))),
            Some(write_field(&mut target, "X-Amz-Date", |put| put(timestamp.as_str()))),
            Some(write_field(&mut target, "X-Amz-Expires", |put| put(digits(expires.as_secs(), &mut [0; 20])))),
            regions.map(|regions| write_field(&mut target, "X-Amz-Region-Set", |put| put(regions))),
            Some(write_field(&mut target, "X-Amz-SignedHeaders", |put| write_names(&headers, put))),
            token.map(|token| write_field(&mut target, "X-Amz-Security-Token", |put| put(token))),
        ];
        let written = |(name, place): &(_, Range<_>)| (*name, &target.as_bytes()[place.clone()]);
        let parameters = parameters(query, fields.iter().map(|field| field.as_ref().map(written)));
        let signature = sign(self.content(request, parameters, &headers, payload).hash());
        target.append(b"X-Amz-Signature=");
        target.append(signature.as_ref());
        let mut parts = request.uri().clone().into_parts();
        parts.authority =
            parts.authority.map(|authority| as_sent(request.uri().scheme_str(), authority)).transpose()?;
        parts.path_and_query = Some(target.into_vec().try_into().map_err(|_| SignError::Uri)?);
        Uri::from_parts(parts).map_err(|_| SignError::Uri)
    }
}

/// The algorithm and scope of a signature.
struct Scheme<'a> {
    algorithm: &'a str,
    scope: &'a str,
    /// The set of regions (`SigV4A`), which the scope does not contain.
    regions: Option<&'a str>,
}

/// Sets the headers that signing adds, except `Authorization`.
fn set_headers<B>(
    request: &mut Request<B>,
    timestamp: &Timestamp,
    token: Option<HeaderValue>,
) -> Result<(), SignError> {
    let host = missing_host(request.uri(), request.headers())?;
    let host = host.map(|host| HeaderValue::from_str(&host).map_err(|_| SignError::Host)).transpose()?;
    let headers = request.headers_mut();
    if let Some(host) = host {
        insert(headers, HOST, host)?;
    }
    insert(headers, X_AMZ_DATE, timestamp.header())?;
    match token {
        Some(token) => insert(headers, X_AMZ_SECURITY_TOKEN, token)?,
        None => drop(headers.remove(X_AMZ_SECURITY_TOKEN)),
    }
    Ok(())
}

/// Inserts a header. (`HeaderMap::insert` panics if the map is full.)
fn insert(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) -> Result<(), SignError> {
    headers.try_insert(name, value).map(drop).map_err(|_| SignError::Headers)
}

/// The authority with its host written as in the `Host` header, so that any client sends the host that was signed.
fn as_sent(scheme: Option<&str>, authority: Authority) -> Result<Authority, SignError> {
    let text = authority.as_str();
    let host = host_header(scheme, &authority);
    if host == text {
        return Ok(authority);
    }
    let user = text.rfind('@').map_or("", |at| &text[..=at]);
    [user, &host].concat().try_into().map_err(|_| SignError::Uri)
}

/// A query without the parameters of an earlier signature.
fn unsigned_query(query: &str) -> Cow<'_, str> {
    const ADDED: [&str; 8] = [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Region-Set",
        "X-Amz-SignedHeaders",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
    ];
    if !query.contains("X-Amz-Signature=") {
        return query.into();
    }
    let is_added = |field: &str| ADDED.contains(&field.split_once('=').map_or(field, |(name, _)| name));
    let kept: Vec<_> = query.split('&').filter(|field| !is_added(field)).collect();
    kept.join("&").into()
}

/// Appends a field and a `&` to a URL, percent-encoding its value. Returns the field's name and the range of its value.
fn write_field(
    target: &mut Form,
    name: &'static str,
    write: impl FnOnce(&mut dyn FnMut(&str)),
) -> (&'static str, Range<usize>) {
    target.append(name.as_bytes());
    target.append(b"=");
    let start = target.len();
    write(&mut |piece| target.encode(piece.as_bytes(), |_| ()));
    let end = target.len();
    target.append(b"&");
    (name, start..end)
}

/// The value of the `Host` header, if the request does not have one.
fn missing_host<'r>(uri: &'r Uri, headers: &HeaderMap) -> Result<Option<Cow<'r, str>>, SignError> {
    if headers.contains_key(HOST) {
        return Ok(None);
    }
    let authority = uri.authority().ok_or(SignError::Host)?;
    Ok(Some(host_header(uri.scheme_str(), authority)))
}
