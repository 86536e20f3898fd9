//! The codes of service errors.

use alloc::boxed::Box;
use core::fmt;

/// A service error's code, for all operations. Unknown codes are kept as [`Other`](ErrorCode::Other).
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// 403: not allowed; also for a role that does not exist.
    AccessDenied,
    /// 403: the caller's own temporary credentials have expired.
    ExpiredToken,
    /// 400: the web identity token, the SAML assertion or the caller's credentials have expired.
    ExpiredTokenException,
    /// 400: the trade-in token has expired.
    ExpiredTradeInTokenException,
    /// 400: STS could not reach the identity provider. Retried.
    IdpCommunicationError,
    /// 403: the identity provider refused the claim.
    IdpRejectedClaim,
    /// 400: the `Authorization` header is incomplete.
    IncompleteSignature,
    /// 400: the requested credentials would outlive the caller's session.
    InsufficientSessionLifetime,
    /// 500: the service failed.
    InternalFailure,
    /// 400: no such operation.
    InvalidAction,
    /// 400: the message to decode is not valid.
    InvalidAuthorizationMessageException,
    /// 403: no such access key, or a session token that does not belong to it.
    InvalidClientTokenId,
    /// 400: a context assertion is malformed, has expired, or is not from a trusted provider.
    InvalidContextAssertion,
    /// 400: the web identity token or SAML assertion is not valid.
    InvalidIdentityToken,
    /// 400: the caller's credentials are not those of a session.
    InvalidSubjectCredentials,
    /// 400: the claims do not fit in a token.
    JwtPayloadSizeExceededException,
    /// 400: the request is not a valid form.
    MalformedInput,
    /// 400: the policy is not valid JSON or not a policy.
    MalformedPolicyDocument,
    /// 403: the request is not signed.
    MissingAuthenticationToken,
    /// 403: the account has not opted in to the service or region.
    OptInRequired,
    /// 403: the account does not issue outbound web identity tokens.
    OutboundWebIdentityFederationDisabledException,
    /// 400: session policies and tags exceed the size limit for session tokens.
    PackedPolicyTooLarge,
    /// 403: STS is not active for the account in this region.
    RegionDisabledException,
    /// 400: the request is older than the service accepts.
    RequestExpired,
    /// 503: the service is temporarily unavailable.
    ServiceUnavailable,
    /// 403: the requested token would outlive the caller's session.
    SessionDurationEscalationException,
    /// 403: the secret key is wrong, the request was changed in transit, or the clock is too far off.
    SignatureDoesNotMatch,
    /// 400: too many requests.
    Throttling,
    /// 400: a member violates a constraint.
    ValidationError,
    /// Any other code, as received.
    Other(Box<str>),
}

/// The codes by their wire names.
static CODES: [(&str, ErrorCode); 29] = [
    ("AccessDenied", ErrorCode::AccessDenied),
    ("ExpiredToken", ErrorCode::ExpiredToken),
    ("ExpiredTokenException", ErrorCode::ExpiredTokenException),
    ("ExpiredTradeInTokenException", ErrorCode::ExpiredTradeInTokenException),
    ("IDPCommunicationError", ErrorCode::IdpCommunicationError),
    ("IDPRejectedClaim", ErrorCode::IdpRejectedClaim),
    ("IncompleteSignature", ErrorCode::IncompleteSignature),
    ("InsufficientSessionLifetime", ErrorCode::InsufficientSessionLifetime),
    ("InternalFailure", ErrorCode::InternalFailure),
    ("InvalidAction", ErrorCode::InvalidAction),
    ("InvalidAuthorizationMessageException", ErrorCode::InvalidAuthorizationMessageException),
    ("InvalidClientTokenId", ErrorCode::InvalidClientTokenId),
    ("InvalidContextAssertion", ErrorCode::InvalidContextAssertion),
    ("InvalidIdentityToken", ErrorCode::InvalidIdentityToken),
    ("InvalidSubjectCredentials", ErrorCode::InvalidSubjectCredentials),
    ("JWTPayloadSizeExceededException", ErrorCode::JwtPayloadSizeExceededException),
    ("MalformedInput", ErrorCode::MalformedInput),
    ("MalformedPolicyDocument", ErrorCode::MalformedPolicyDocument),
    ("MissingAuthenticationToken", ErrorCode::MissingAuthenticationToken),
    ("OptInRequired", ErrorCode::OptInRequired),
    ("OutboundWebIdentityFederationDisabledException", ErrorCode::OutboundWebIdentityFederationDisabledException),
    ("PackedPolicyTooLarge", ErrorCode::PackedPolicyTooLarge),
    ("RegionDisabledException", ErrorCode::RegionDisabledException),
    ("RequestExpired", ErrorCode::RequestExpired),
    ("ServiceUnavailable", ErrorCode::ServiceUnavailable),
    ("SessionDurationEscalationException", ErrorCode::SessionDurationEscalationException),
    ("SignatureDoesNotMatch", ErrorCode::SignatureDoesNotMatch),
    ("Throttling", ErrorCode::Throttling),
    ("ValidationError", ErrorCode::ValidationError),
];

impl ErrorCode {
    /// The code with this wire name. If the name is unknown, it is also tried with and without the suffix `Exception`, since services and
    /// emulators disagree about it.
    pub fn from_wire(text: &str) -> Self {
        let known = |wanted: &str| CODES.iter().find(|(wire, _)| *wire == wanted).map(|(_, code)| code.clone());
        known(text)
            .or_else(|| match text.strip_suffix("Exception") {
                Some(stem) => known(stem),
                None => CODES
                    .iter()
                    .find(|(wire, _)| wire.strip_suffix("Exception") == Some(text))
                    .map(|(_, code)| code.clone()),
            })
            .unwrap_or_else(|| Self::Other(text.into()))
    }

    /// The code's wire name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(text) => text,
            known => CODES.iter().find(|(_, code)| code == known).map_or("", |(wire, _)| wire),
        }
    }
}

/// The wire name. A derived implementation would put all names into the program a second time.
impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(code) => write!(f, "Other({code:?})"),
            known => f.write_str(known.as_str()),
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{
        format,
        string::{String, ToString},
    };

    #[test]
    fn codes_are_read_with_and_without_exception() {
        for (wire, code) in &CODES {
            assert_eq!(ErrorCode::from_wire(wire), *code);
            assert_eq!((code.to_string(), format!("{code:?}")), (String::from(*wire), String::from(*wire)));
        }
        assert_eq!(ErrorCode::from_wire("AccessDeniedException"), ErrorCode::AccessDenied);
        assert_eq!(ErrorCode::from_wire("ThrottlingException"), ErrorCode::Throttling);
        assert_eq!(ErrorCode::from_wire("RegionDisabled"), ErrorCode::RegionDisabledException);
        assert_eq!(ErrorCode::from_wire("Exception"), ErrorCode::Other("Exception".into()));
        assert_eq!(ErrorCode::from_wire("SlowDown").as_str(), "SlowDown");
        assert_eq!(format!("{:?}", ErrorCode::from_wire("SlowDown")), "Other(\"SlowDown\")");
    }
}
