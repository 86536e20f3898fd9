//! The server's side: whether a request was signed by whom it says, and now.

use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;
use http::{HeaderMap, Request, StatusCode, header::AUTHORIZATION};
use sha2::{Digest, Sha256};
use time::{SignedDuration, UtcDateTime};

use super::{
    ALGORITHM, CanonicalRequest, SigningKey, Timestamp, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN, canonical::PathRule,
};
use crate::{
    credentials::{Credentials, Secret},
    timestamp,
};

/// How far the clocks may be apart, and how long a signature is good.
const WINDOW: SignedDuration = SignedDuration::minutes(15);

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

/// Checks the signature in a request's `Authorization` header: that it is complete, of now (±15 minutes), for
/// `service` in any region, made with the key that `key` finds for the access key id, with that key's session token, before the key
/// expires, over this very request. The signature is compared in constant time.
///
/// # Errors
/// The first of these that does not hold, with the code and text of the real service.
pub fn verify<B: AsRef<[u8]>>(
    request: &Request<B>,
    service: &str,
    now: UtcDateTime,
    key: impl FnOnce(&str) -> Option<Credentials>,
) -> Result<Verified, VerifyError> {
    let claim = Claim::read(request.headers())?;
    claim.check_scope(service)?;
    claim.check_time(now)?;
    let credentials = key(claim.access_key_id).ok_or(VerifyError::InvalidToken)?;
    let token = |text: Option<&str>| text.map(Sha256::digest);
    // Hashes are compared, so that the time taken tells nothing about the token.
    if token(claim.session_token) != token(credentials.session_token.as_ref().map(Secret::expose)) {
        return Err(VerifyError::InvalidToken);
    }
    if credentials.expiration.is_some_and(|end| end <= now) {
        return Err(VerifyError::ExpiredToken);
    }

    let canonical = CanonicalRequest::new(
        request.method(),
        request.uri().path(),
        request.uri().query().unwrap_or_default(),
        PathRule::default(),
        request.headers(),
        &claim.signed_headers,
        &request.body().as_ref().into(),
    );
    let key = SigningKey::of(&credentials.secret_access_key, &claim.timestamp, claim.region, claim.service);
    let string_to_sign = canonical.string_to_sign(&claim.timestamp, key.scope());
    if !key.verify(string_to_sign.pieces(), &claim.signature) {
        let string_to_sign = string_to_sign.to_string();
        return Err(VerifyError::Mismatch { canonical_request: canonical, string_to_sign });
    }
    Ok(Verified {
        access_key_id: claim.access_key_id.to_owned(),
        region: claim.region.to_owned(),
        signed_headers: claim.signed_headers.into_iter().map(str::to_owned).collect(),
    })
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
    /// The signature is older or younger than 15 minutes.
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
    access_key_id: &'r str,
    date: &'r str,
    region: &'r str,
    service: &'r str,
    signed_headers: Vec<&'r str>,
    signature: Vec<u8>,
    session_token: Option<&'r str>,
    time: UtcDateTime,
    timestamp: Timestamp,
}

impl<'r> Claim<'r> {
    fn read(headers: &'r HeaderMap) -> Result<Self, VerifyError> {
        let header = |name| Some(headers.get(name)?.to_str().ok()?.trim());
        let authorization = header(AUTHORIZATION).ok_or(VerifyError::Missing)?;
        let (algorithm, parameters) = authorization.split_once(' ').unwrap_or((authorization, ""));
        if algorithm != ALGORITHM {
            return Err(incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
        }
        let parameter =
            |name: &str| parameters.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
        let (Some(credential), Some(signature), Some(signed_headers), Some(date_header)) =
            (parameter("Credential"), parameter("Signature"), parameter("SignedHeaders"), header(X_AMZ_DATE))
        else {
            let mut text = String::new();
            for name in ["Credential", "Signature", "SignedHeaders"] {
                if parameter(name).is_none() {
                    text += &format!("Authorization header requires '{name}' parameter. ");
                }
            }
            if header(X_AMZ_DATE).is_none() {
                text += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
            }
            return Err(incomplete(format!("{text}Authorization={ALGORITHM}")));
        };
        // Signatures are compared as texts, so capitals do not match; what is no signature at all does not, either.
        let is_signature = signature.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        let signature = hex::decode(signature).ok().filter(|_| is_signature).unwrap_or_default();
        let mut parts = credential.rsplitn(5, '/');
        let (Some("aws4_request"), Some(service), Some(region), Some(date), Some(access_key_id)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
            ));
        };

        let signed_headers: Vec<_> = signed_headers.split(';').collect();
        let is_signed = |name: &str| signed_headers.contains(&name);
        for (required, present) in [
            ("host", true),
            (X_AMZ_DATE.as_str(), true),
            (X_AMZ_SECURITY_TOKEN.as_str(), headers.contains_key(X_AMZ_SECURITY_TOKEN)),
        ] {
            if present && !is_signed(required) {
                return Err(incomplete(format!("'{required}' must be a 'SignedHeader' in the AWS Authorization.")));
            }
        }
        let time = timestamp::parse_basic(date_header).ok_or_else(|| {
            incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{date_header}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ))
        })?;
        let timestamp = Timestamp::new(time).map_err(|error| incomplete(error.to_string()))?;
        let session_token = header(X_AMZ_SECURITY_TOKEN);
        Ok(Self { access_key_id, date, region, service, signed_headers, signature, session_token, time, timestamp })
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
        if age.abs() <= WINDOW {
            return Ok(());
        }
        let show = |time| Timestamp::new(time).map(|timestamp| timestamp.to_string()).unwrap_or_default();
        let (signed, now) = (&self.timestamp, (now, show(now)));
        Err(VerifyError::Time(if age.is_negative() {
            let latest = show(now.0.saturating_add(WINDOW));
            format!("Signature not yet current: {signed} is still later than {latest} ({} + 15 min.)", now.1)
        } else {
            let earliest = show(now.0.saturating_sub(WINDOW));
            format!("Signature expired: {signed} is now earlier than {earliest} ({} - 15 min.)", now.1)
        }))
    }
}

fn incomplete(text: impl Into<Cow<'static, str>>) -> VerifyError {
    VerifyError::Incomplete(text.into())
}
