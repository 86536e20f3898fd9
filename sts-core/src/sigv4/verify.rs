//! Verification of signatures, for servers.

use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, iter};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, StatusCode,
    header::{AUTHORIZATION, HOST},
    uri::Authority,
};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use time::{SignedDuration, UtcDateTime};

use super::{
    canonical::{CanonicalRequest, Content, LONGEST_PRESIGNED, PathRule, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN, parameters},
    key::SigningKey,
    string_to_sign::{ALGORITHM, TERMINATOR, Timestamp},
};
use crate::{credentials::Credentials, host::host_header, secret::Secret, text::debug_in_words, timestamp};

/// The maximum difference between the clocks, and the lifetime of a signature in a header.
const WINDOW: SignedDuration = SignedDuration::minutes(15);

/// Checks signatures for a service: the counterpart of [`Signer`](super::Signer).
///
/// A valid signature, in the `Authorization` header or (presigned) in the query,
/// - is complete, and is for the service, in any region,
/// - is at most 15 minutes in the future, and not older than 15 minutes (presigned: than `X-Amz-Expires`),
/// - was made with the secret of its access key id and that key's session token, and the key has not expired,
/// - covers the request, including all `x-amz-` headers.
///
/// Expects a normalized, doubly encoded path and a hashed body, as all services except S3 do. Does not support S3.
///
/// Refuses ambiguous requests: a `Host` header that differs from the URL's host, signed headers that are not in lower case, sorted and
/// distinct, and a raw `+` in the query, which form readers treat as a space. The work is linear in the request's length.
///
/// ```
/// use sts_core::{Credentials, sigv4::{Signer, Verifier}};
/// use time::macros::utc_datetime;
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// let now = utc_datetime!(2015-08-30 12:36:00);
/// let mut request = http::Request::post("https://sts.us-east-1.amazonaws.com/").body("Action=GetCallerIdentity")?;
/// let body = *request.body();
/// Signer::new(&credentials, "us-east-1", "sts").sign(&mut request, body, now)?;
///
/// let find_key = |access_key_id: &str| (access_key_id == "AKIDEXAMPLE").then(|| credentials.clone());
/// let verified = Verifier::new("sts").verify(&request, now, find_key)?;
/// assert_eq!(verified.region, "us-east-1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Verifier<'a> {
    service: &'a str,
    ignores_expires: bool,
}

impl<'a> Verifier<'a> {
    /// A verifier for a service, by its short name: `sts`.
    pub fn new(service: &'a str) -> Self {
        Self { service, ignores_expires: false }
    }

    /// Accepts presigned requests for 15 minutes, ignoring their `X-Amz-Expires`, as STS does. Off by default.
    pub fn ignore_expires(mut self, on: bool) -> Self {
        self.ignores_expires = on;
        self
    }

    /// Verifies a request's signature in constant time. `key` looks up the credentials for an access key id.
    ///
    /// # Errors
    /// The first rule that the request violates, with the code and text of the AWS service.
    pub fn verify<B: AsRef<[u8]>>(
        &self,
        request: &Request<B>,
        now: UtcDateTime,
        key: impl FnOnce(&str) -> Option<Credentials>,
    ) -> Result<Verified, VerifyError> {
        let claim = Claim::read(request)?;
        claim.check_scope(self.service)?;
        claim.check_time(now, if self.ignores_expires { None } else { claim.expires()? })?;
        let credentials = key(&claim.access_key_id).ok_or(VerifyError::InvalidToken)?;
        let token = |text: Option<&str>| text.map(Sha256::digest);
        // Compares hashes, so that the time does not depend on the token.
        if token(claim.session_token.as_deref()) != token(credentials.session_token.as_ref().map(Secret::expose)) {
            return Err(VerifyError::InvalidToken);
        }
        if credentials.expiration.is_some_and(|end| end <= now) {
            return Err(VerifyError::ExpiredToken);
        }
        let hash = claim.content(request, &claim.headers(request)).hash();
        let key = SigningKey::of(&credentials.secret_access_key, &claim.timestamp, &claim.region, &claim.service);
        if !key.verify(key.string_to_sign(&claim.timestamp, hash).pieces(), &claim.signature) {
            return Err(VerifyError::Mismatch);
        }
        let signed_headers = claim.names().map(str::to_owned).collect();
        Ok(Verified { access_key_id: claim.access_key_id, region: claim.region, signed_headers })
    }

    /// The canonical request that the verifier hashes, to compare with [the signer's](super::Signer::canonical_request). It may contain
    /// the session token.
    ///
    /// # Errors
    /// The request has no signature, or a malformed one.
    pub fn canonical_request<B: AsRef<[u8]>>(&self, request: &Request<B>) -> Result<CanonicalRequest, VerifyError> {
        let claim = Claim::read(request)?;
        Ok(claim.content(request, &claim.headers(request)).to_request())
    }
}

/// The result of a successful verification.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The access key that signed the request.
    pub access_key_id: String,
    /// The region that the request was signed for.
    pub region: String,
    /// The names of the signed headers, in lower case.
    pub signed_headers: Vec<String>,
}

/// Why a request is refused. `Display` is the text of the AWS service.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// There is no signature.
    Missing,
    /// The signature is incomplete or malformed.
    Incomplete(Cow<'static, str>),
    /// The scope is for another service, or its date is not that of the signature.
    Scope(String),
    /// The signature is too old, or too far in the future.
    Time(String),
    /// No such access key, or the session token is not the key's.
    InvalidToken,
    /// The temporary credentials have expired.
    ExpiredToken,
    /// The signature does not match. [`Verifier::canonical_request`] shows what should have been signed.
    Mismatch,
}

impl VerifyError {
    /// The service's error code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationToken",
            Self::Incomplete(_) => "IncompleteSignature",
            Self::Scope(_) | Self::Time(_) | Self::Mismatch => "SignatureDoesNotMatch",
            Self::InvalidToken => "InvalidClientTokenId",
            Self::ExpiredToken => "ExpiredToken",
        }
    }

    /// The HTTP status that goes with the code.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Incomplete(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::FORBIDDEN,
        }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "Request is missing Authentication Token",
            Self::Incomplete(text) => text,
            Self::Scope(text) | Self::Time(text) => text,
            Self::InvalidToken => "The security token included in the request is invalid.",
            Self::ExpiredToken => "The security token included in the request is expired",
            Self::Mismatch => {
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
                 signing method. Consult the service documentation for details."
            }
        })
    }
}

impl core::error::Error for VerifyError {}

debug_in_words!(VerifyError);

/// The signature of a request, before verification.
struct Claim<'r> {
    access_key_id: String,
    date: String,
    region: String,
    service: String,
    /// Names in lower case, sorted and distinct, with semicolons between them.
    signed_headers: String,
    signature: Vec<u8>,
    session_token: Option<Cow<'r, str>>,
    time: UtcDateTime,
    timestamp: Timestamp,
    /// The claimed lifetime of a presigned request.
    expires: Expires<'r>,
    /// The signed part of the query.
    query: Cow<'r, str>,
    host: Cow<'r, [u8]>,
}

/// `X-Amz-Expires`
enum Expires<'r> {
    /// The signature is in a header.
    Signed,
    Presigned(Option<Cow<'r, str>>),
}

impl<'r> Claim<'r> {
    fn read<B>(request: &'r Request<B>) -> Result<Self, VerifyError> {
        let mut claim = match header(request.headers(), &AUTHORIZATION) {
            Some(authorization) => Self::read_header(request, &authorization),
            None => Self::read_query(request),
        }?;
        claim.host = host(request)?;
        if claim.query.contains('+') {
            return Err(incomplete(
                "The query has a '+', which stands for itself or for a space: encode it as %2B or %20.",
            ));
        }
        let signed: Vec<_> = claim.names().collect();
        // Bounds the work: each name is a lookup, and a repeated name would hash its header again.
        let is_canonical = signed.is_sorted_by(|one, next| one < next)
            && signed.iter().all(|name| HeaderName::from_lowercase(name.as_bytes()).is_ok());
        if !is_canonical {
            return Err(incomplete("'SignedHeaders' must be names in lower case, sorted and each once."));
        }
        // An unsigned header could have been added in transit, so headers with a meaning must be signed.
        let must_be_signed = request.headers().keys().map(HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
        for name in iter::once(HOST.as_str()).chain(must_be_signed) {
            if signed.binary_search(&name).is_err() {
                return Err(incomplete(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")));
            }
        }
        Ok(claim)
    }

    fn read_header<B>(request: &'r Request<B>, authorization: &str) -> Result<Self, VerifyError> {
        let (algorithm, parameters) = authorization.split_once(' ').unwrap_or((authorization, ""));
        if algorithm != ALGORITHM {
            return Err(incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
        }
        let fields = parameters.split(',').map(str::trim_ascii).filter(|field| !field.is_empty());
        if let Some(field) = fields.clone().find(|field| !field.contains('=')) {
            return Err(incomplete(format!(
                "'{field}' not a valid key=value pair (missing equal-sign) in Authorization header: '{authorization}'"
            )));
        }
        // The last value of a repeated parameter counts; unknown parameters are ignored.
        let parameter = |name: &str| fields.clone().rev().find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
        let date = header(request.headers(), &X_AMZ_DATE);
        let (Some(credential), Some(signature), Some(signed_headers), Some(date)) =
            (parameter("Credential"), parameter("Signature"), parameter("SignedHeaders"), date.as_deref())
        else {
            let mut text = String::new();
            for name in ["Credential", "Signature", "SignedHeaders"] {
                if parameter(name).is_none() {
                    text += &format!("Authorization header requires '{name}' parameter. ");
                }
            }
            if date.is_none() {
                text += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
            }
            return Err(incomplete(format!("{text}Authorization={ALGORITHM}")));
        };
        let session_token = header(request.headers(), &X_AMZ_SECURITY_TOKEN);
        let query = request.uri().query().unwrap_or_default().into();
        Self::new([credential, signature, signed_headers, date], session_token, Expires::Signed, query)
    }

    fn read_query<B>(request: &'r Request<B>) -> Result<Self, VerifyError> {
        const FIELDS: [&str; 4] = ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"];
        let query = request.uri().query().unwrap_or_default();
        let parameter = |name: &str| {
            let mut fields = query.split('&').filter_map(|field| field.split_once('='));
            fields.find(|(key, _)| *key == name).map(|(_, value)| percent_decode_str(value).decode_utf8_lossy())
        };
        if parameter("X-Amz-Algorithm").is_none_or(|algorithm| algorithm != ALGORITHM) {
            return Err(VerifyError::Missing);
        }
        let [Some(credential), Some(signature), Some(signed_headers), Some(date)] = FIELDS.map(parameter) else {
            return Err(missing(FIELDS.into_iter().filter(|name| parameter(name).is_none())));
        };
        let signed: Vec<_> = query.split('&').filter(|field| !field.starts_with("X-Amz-Signature=")).collect();
        let fields = [&*credential, &signature, &signed_headers, &date];
        let (token, expires) = (parameter("X-Amz-Security-Token"), Expires::Presigned(parameter("X-Amz-Expires")));
        Self::new(fields, token, expires, signed.join("&").into())
    }

    fn new(
        [credential, signature, signed_headers, date]: [&str; 4],
        session_token: Option<Cow<'r, str>>,
        expires: Expires<'r>,
        query: Cow<'r, str>,
    ) -> Result<Self, VerifyError> {
        // AWS compares signatures as text: capitals do not match. An undecodable signature becomes an empty one, which never matches.
        let is_signature = signature.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        let signature = hex::decode(signature).ok().filter(|_| is_signature).unwrap_or_default();
        let mut parts = credential.rsplitn(5, '/').map(str::to_owned);
        let mut next = || parts.next();
        let (Some(TERMINATOR), Some(service), Some(region), Some(scope_date), Some(access_key_id)) =
            (next().as_deref(), next(), next(), next(), next())
        else {
            return Err(incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
            ));
        };
        let time = timestamp::parse_basic(date).ok_or_else(|| {
            incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ))
        })?;
        Ok(Self {
            access_key_id,
            date: scope_date,
            region,
            service,
            signed_headers: signed_headers.to_owned(),
            signature,
            session_token,
            time,
            timestamp: Timestamp::new(time).map_err(|error| incomplete(error.to_string()))?,
            expires,
            query,
            host: Cow::default(),
        })
    }

    /// The names of the signed headers.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.signed_headers.split(';')
    }

    /// The parts of the request that are hashed.
    fn content<'c, B: AsRef<[u8]>>(&'c self, request: &'c Request<B>, headers: &'c [(&str, &[u8])]) -> Content<'c> {
        Content {
            method: request.method(),
            path: request.uri().path(),
            rule: PathRule::default(),
            parameters: parameters(&self.query, iter::empty()),
            headers,
            payload: request.body().as_ref().into(),
        }
    }

    /// The signed headers with their values; the value of a missing header is empty.
    fn headers<'c, B>(&'c self, request: &'c Request<B>) -> Vec<(&'c str, &'c [u8])> {
        let mut headers = Vec::new();
        for name in self.names() {
            let before = headers.len();
            if name != HOST.as_str() {
                headers.extend(request.headers().get_all(name).iter().map(|value| (name, value.as_bytes())));
            }
            if headers.len() == before {
                headers.push((name, if name == HOST.as_str() { &self.host } else { b"" }));
            }
        }
        headers
    }

    fn expires(&self) -> Result<Option<SignedDuration>, VerifyError> {
        let Expires::Presigned(text) = &self.expires else { return Ok(None) };
        let text = text.as_ref().ok_or_else(|| missing(["X-Amz-Expires"]))?;
        let seconds: Option<u32> = text.parse().ok().filter(|seconds| *seconds <= LONGEST_PRESIGNED);
        let seconds = seconds.ok_or_else(|| {
            incomplete(format!("X-Amz-Expires must be a number of seconds from 0 to {LONGEST_PRESIGNED}."))
        })?;
        Ok(Some(SignedDuration::seconds(seconds.into())))
    }

    fn check_scope(&self, service: &str) -> Result<(), VerifyError> {
        if self.service != service {
            return Err(VerifyError::Scope(format!("Credential should be scoped to correct service: '{service}'.")));
        }
        if self.date != self.timestamp.date() {
            return Err(VerifyError::Scope(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', from '{}'.",
                self.date,
                self.timestamp.date(),
                self.timestamp,
            )));
        }
        Ok(())
    }

    fn check_time(&self, now: UtcDateTime, expires: Option<SignedDuration>) -> Result<(), VerifyError> {
        let age = now - self.time;
        let lifetime = expires.unwrap_or(WINDOW);
        if age > lifetime {
            let (earliest, now) = (show(now.saturating_sub(lifetime)), show(now));
            let lifetime = match expires {
                Some(seconds) => format!("{} sec.", seconds.whole_seconds()),
                None => "15 min.".to_owned(),
            };
            let text =
                format!("Signature expired: {} is now earlier than {earliest} ({now} - {lifetime})", self.timestamp);
            return Err(VerifyError::Time(text));
        }
        if age < -WINDOW {
            let (latest, now) = (show(now.saturating_add(WINDOW)), show(now));
            let text =
                format!("Signature not yet current: {} is still later than {latest} ({now} + 15 min.)", self.timestamp);
            return Err(VerifyError::Time(text));
        }
        Ok(())
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Cow<'h, str>> {
    // Not `to_str`, which only accepts ASCII: signers may send any text, and a header that is not text still exists.
    Some(String::from_utf8_lossy(headers.get(name)?.as_bytes().trim_ascii()))
}

/// The host of a request: its `Host` header, or its URL's host as in HTTP/2.
fn host<B>(request: &Request<B>) -> Result<Cow<'_, [u8]>, VerifyError> {
    let scheme = request.uri().scheme_str();
    let named = request.uri().authority().map(|authority| host_header(scheme, authority));
    let is_named = |given: &[u8], named: &str| {
        Authority::try_from(given.trim_ascii()).is_ok_and(|given| host_header(scheme, &given) == named)
    };
    let mut given = request.headers().get_all(HOST).iter().map(HeaderValue::as_bytes);
    match (given.next(), given.next(), named) {
        (_, Some(_), _) => Err(incomplete("The request has more than one 'Host' header.")),
        (Some(given), None, Some(named)) if !is_named(given, &named) => {
            Err(incomplete("The 'Host' header is not the host of the request's URL."))
        }
        (Some(given), None, _) => Ok(given.into()),
        (None, None, Some(Cow::Borrowed(named))) => Ok(named.as_bytes().into()),
        (None, None, Some(Cow::Owned(named))) => Ok(named.into_bytes().into()),
        (None, None, None) => Ok(Cow::default()),
    }
}

fn show(time: UtcDateTime) -> String {
    Timestamp::new(time).map(|timestamp| timestamp.to_string()).unwrap_or_default()
}

fn missing(names: impl IntoIterator<Item = &'static str>) -> VerifyError {
    let missing = names.into_iter().map(|name| format!("AWS query-string parameters must include '{name}'. "));
    incomplete(missing.collect::<String>() + "Re-examine the query-string parameters.")
}

fn incomplete(text: impl Into<Cow<'static, str>>) -> VerifyError {
    VerifyError::Incomplete(text.into())
}
