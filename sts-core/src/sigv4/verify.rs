//! The server's side: whether a request was signed by whom it says, and now.

use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, iter};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header::AUTHORIZATION};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use time::{SignedDuration, UtcDateTime};

use super::{
    canonical::{CanonicalRequest, Content, LONGEST_PRESIGNED, PathRule, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN, parameters},
    key::SigningKey,
    string_to_sign::{ALGORITHM, TERMINATOR, Timestamp},
};
use crate::{
    credentials::{Credentials, Secret},
    timestamp,
};

/// How far the clocks may be apart, and how long a signature in a header is good.
const WINDOW: SignedDuration = SignedDuration::minutes(15);
/// The service that lets presigned requests live as long as signed ones, whatever they say themselves.
const IGNORES_EXPIRES: &str = "sts";

/// A request whose signature is right.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The key that signed.
    pub access_key_id: String,
    /// The region that it was signed for.
    pub region: String,
    /// The headers that are signed, in lower case.
    pub signed_headers: Vec<String>,
}

/// Checks a request's signature, in its `Authorization` header or, presigned, in its query: that it is complete, for `service` in any
/// region, not from more than 15 minutes ahead, not older than 15 minutes or than a presigned request's `X-Amz-Expires` (which `sts`
/// ignores, as AWS does), made with the key that `key` finds for the access key id, with that key's session token, before the key
/// expires, over this very request with all its `x-amz-` headers. The signature is compared in constant time.
///
/// What is signed is what STS and nearly every service want: the path without dots and encoded twice, and the body's hash. Requests to S3,
/// which takes the path as it is and bodies that are not signed, are not accepted.
///
/// # Errors
/// The first of these that does not hold, with the code and text of the real service.
pub fn verify<B: AsRef<[u8]>>(
    request: &Request<B>,
    service: &str,
    now: UtcDateTime,
    key: impl FnOnce(&str) -> Option<Credentials>,
) -> Result<Verified, VerifyError> {
    let claim = Claim::read(request)?;
    claim.check_scope(service)?;
    claim.check_time(now)?;
    let credentials = key(&claim.access_key_id).ok_or(VerifyError::InvalidToken)?;
    let token = |text: Option<&str>| text.map(Sha256::digest);
    // Hashes are compared, so that the time taken tells nothing about the token.
    if token(claim.session_token.as_deref()) != token(credentials.session_token.as_ref().map(Secret::expose)) {
        return Err(VerifyError::InvalidToken);
    }
    if credentials.expiration.is_some_and(|end| end <= now) {
        return Err(VerifyError::ExpiredToken);
    }

    let mut headers: Vec<(&str, &[u8])> = Vec::new();
    for name in &claim.signed_headers {
        let values = request.headers().get_all(&**name).into_iter().map(HeaderValue::as_bytes);
        let before = headers.len();
        headers.extend(values.map(|value| (&**name, value)));
        if headers.len() == before {
            headers.push((name, b""));
        }
    }
    let content = Content {
        method: request.method(),
        path: request.uri().path(),
        rule: PathRule::default(),
        parameters: parameters(&claim.query, iter::empty()),
        headers: &headers,
        payload: request.body().as_ref().into(),
    };
    let key = SigningKey::of(&credentials.secret_access_key, &claim.timestamp, &claim.region, &claim.service);
    let string_to_sign = key.string_to_sign(&claim.timestamp, content.hash());
    if !key.verify(string_to_sign.pieces(), &claim.signature) {
        let string_to_sign = string_to_sign.to_string();
        return Err(VerifyError::Mismatch { canonical_request: content.to_request(), string_to_sign });
    }
    Ok(Verified { access_key_id: claim.access_key_id, region: claim.region, signed_headers: claim.signed_headers })
}

/// Why a request is refused; `Display` is the real service's text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// There is no signature.
    Missing,
    /// The signature lacks something or is malformed.
    Incomplete(Cow<'static, str>),
    /// The scope is not the service's, or not of the signature's day.
    Scope(String),
    /// The signature is too old, or of a time to come.
    Time(String),
    /// No such access key, or the session token is not the key's.
    InvalidToken,
    /// The temporary credentials have expired.
    ExpiredToken,
    /// The signature is not this request's.
    Mismatch {
        /// The request as this side sees it. It may hold the session token.
        canonical_request: CanonicalRequest,
        /// What should have been signed.
        string_to_sign: String,
    },
}

impl VerifyError {
    /// The service's error code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationToken",
            Self::Incomplete(_) => "IncompleteSignature",
            Self::Scope(_) | Self::Time(_) | Self::Mismatch { .. } => "SignatureDoesNotMatch",
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
            Self::Mismatch { .. } => {
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
                 signing method. Consult the service documentation for details."
            }
        })
    }
}

impl core::error::Error for VerifyError {}

/// What a request says about its signature.
struct Claim<'r> {
    access_key_id: String,
    date: String,
    region: String,
    service: String,
    signed_headers: Vec<String>,
    signature: Vec<u8>,
    session_token: Option<Cow<'r, str>>,
    time: UtcDateTime,
    timestamp: Timestamp,
    /// How long a presigned request lives; `None` for a signed one, and where nobody asks.
    expires: Option<SignedDuration>,
    /// What of the query is signed.
    query: Cow<'r, str>,
}

impl<'r> Claim<'r> {
    fn read<B>(request: &'r Request<B>) -> Result<Self, VerifyError> {
        let claim = match header(request.headers(), &AUTHORIZATION) {
            Some(authorization) => Self::read_header(request, &authorization),
            None => Self::read_query(request),
        }?;
        // What anybody could add on the way must not mean anything.
        for name in request.headers().keys().map(HeaderName::as_str).filter(|name| name.starts_with("x-amz-")) {
            claim.check_signed(name)?;
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
        // The last of those that are given twice counts; those that are not known do not.
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
        Self::new([credential, signature, signed_headers, date], session_token, query)
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
        let require = |names: &[&str]| {
            let missing = names.iter().filter(|name| parameter(name).is_none());
            let text: String =
                missing.map(|name| format!("AWS query-string parameters must include '{name}'. ")).collect();
            incomplete(text + "Re-examine the query-string parameters.")
        };
        let [Some(credential), Some(signature), Some(signed_headers), Some(date)] = FIELDS.map(parameter) else {
            return Err(require(&FIELDS));
        };
        let signed: Vec<_> = query.split('&').filter(|field| !field.starts_with("X-Amz-Signature=")).collect();
        let fields = [&*credential, &signature, &signed_headers, &date];
        let mut claim = Self::new(fields, parameter("X-Amz-Security-Token"), signed.join("&").into())?;
        if claim.service != IGNORES_EXPIRES {
            let expires = parameter("X-Amz-Expires").ok_or_else(|| require(&["X-Amz-Expires"]))?;
            let seconds: Option<u32> = expires.parse().ok().filter(|seconds| *seconds <= LONGEST_PRESIGNED);
            let seconds = seconds.ok_or_else(|| {
                incomplete(format!("X-Amz-Expires must be a number of seconds from 0 to {LONGEST_PRESIGNED}."))
            })?;
            claim.expires = Some(SignedDuration::seconds(seconds.into()));
        }
        Ok(claim)
    }

    fn new(
        [credential, signature, signed_headers, date]: [&str; 4],
        session_token: Option<Cow<'r, str>>,
        query: Cow<'r, str>,
    ) -> Result<Self, VerifyError> {
        // Signatures are compared as texts, so capitals do not match; what is no signature at all does not, either.
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
        let claim = Self {
            access_key_id,
            date: scope_date,
            region,
            service,
            signed_headers: signed_headers.split(';').map(str::to_owned).collect(),
            signature,
            session_token,
            time,
            timestamp: Timestamp::new(time).map_err(|error| incomplete(error.to_string()))?,
            expires: None,
            query,
        };
        claim.check_signed("host")?;
        Ok(claim)
    }

    fn check_signed(&self, name: &str) -> Result<(), VerifyError> {
        if self.signed_headers.iter().any(|signed| signed == name) {
            return Ok(());
        }
        Err(incomplete(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")))
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

    fn check_time(&self, now: UtcDateTime) -> Result<(), VerifyError> {
        let age = now - self.time;
        let lifetime = self.expires.unwrap_or(WINDOW);
        if age > lifetime {
            let (earliest, now) = (show(now.saturating_sub(lifetime)), show(now));
            let lifetime = match self.expires {
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
    // Not `to_str`, which takes ASCII alone: the signer can put any text in a header. What is no text is there all the same.
    Some(String::from_utf8_lossy(headers.get(name)?.as_bytes().trim_ascii()))
}

fn show(time: UtcDateTime) -> String {
    Timestamp::new(time).map(|timestamp| timestamp.to_string()).unwrap_or_default()
}

fn incomplete(text: impl Into<Cow<'static, str>>) -> VerifyError {
    VerifyError::Incomplete(text.into())
}
