//! What can go wrong, said for the person who reads it.
//!
//! No `Display` text repeats its `source()`, starts with a capital or ends with a period (the service's own
//! messages excepted), and none holds a secret.

use alloc::{boxed::Box, string::String};
use core::{error::Error as StdError, fmt, time::Duration};

use crate::{response::Metadata, retry, sigv4::SignError, validate::InvalidInput, xml::ParseError};

/// Why a call failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The request was not sent, because it could not have succeeded.
    Input {
        /// The operation that was called.
        operation: &'static str,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The request was not sent, because the credentials to sign it with could not be had.
    Credentials {
        /// The operation that was called.
        operation: &'static str,
        /// What whoever finds credentials says.
        error: Box<dyn StdError + Send + Sync>,
    },
    /// STS refused.
    Service(Box<ServiceError>),
    /// Something answered, but not what STS answers.
    Response(Box<ResponseError>),
    /// Nothing answered.
    NoResponse(Box<NoResponse>),
}

impl Error {
    /// The service's code, when the service refused.
    pub fn code(&self) -> Option<&ErrorCode> {
        match self {
            Self::Service(error) => Some(&error.code),
            _ => None,
        }
    }

    /// What is known about the exchange, when there was a response.
    pub fn metadata(&self) -> Option<&Metadata> {
        match self {
            Self::Service(error) => Some(&error.metadata),
            Self::Response(error) => Some(&error.metadata),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { operation, problem } => write!(f, "{operation} was not sent: {problem}"),
            Self::Credentials { operation, error } => write!(f, "{operation} was not sent: {error}"),
            Self::Service(error) => error.fmt(f),
            Self::Response(error) => error.fmt(f),
            Self::NoResponse(error) => error.fmt(f),
        }
    }
}

impl Error {
    /// Whether the service says that the credentials have expired that signed the request, so that they are of no use for further calls. Ask
    /// only for operations that are signed: for others, it is the token in the request that has expired.
    pub fn rejects_credentials(&self) -> bool {
        matches!(self, Self::Service(error) if matches!(error.code, ErrorCode::ExpiredToken | ErrorCode::ExpiredTokenException))
    }

    /// Whether retrying the same call later could succeed although nobody changes the call, a role or a policy. When credentials cannot be
    /// renewed, a transient error keeps the old ones in use, and any other drops them, as in the AWS SDKs.
    ///
    /// Not transient: a call that was not sent because it could not have succeeded, and the refusals `AccessDenied`, `IDPRejectedClaim`,
    /// `InvalidIdentityToken` (unless the provider's keys could not be fetched), `MalformedPolicyDocument`, `PackedPolicyTooLarge` and
    /// `RegionDisabledException`. For [`Credentials`](Self::Credentials), ask the error inside.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Input { problem, .. } => matches!(problem, Problem::Throttled(_)),
            Self::Service(error) => {
                let is_final = matches!(
                    error.code,
                    ErrorCode::AccessDenied
                        | ErrorCode::IdpRejectedClaim
                        | ErrorCode::InvalidIdentityToken
                        | ErrorCode::MalformedPolicyDocument
                        | ErrorCode::PackedPolicyTooLarge
                        | ErrorCode::RegionDisabledException
                );
                !is_final || retry::classify_error(error, false).is_some()
            }
            Self::Credentials { .. } | Self::Response(_) | Self::NoResponse(_) => true,
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::NoResponse(error) => error.source(),
            Self::Credentials { error, .. } => error.source(),
            _ => None,
        }
    }
}

/// Why a request was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Members break the API's constraints.
    Invalid(InvalidInput),
    /// The operation is signed, and there are no credentials to sign with.
    NoCredentials,
    /// The operation is signed, and there is no region to sign for.
    NoRegion,
    /// The credentials cannot be put in a request.
    Sign(SignError),
    /// The service throttles the client, which sends nothing for that long in [adaptive mode](crate::RetryMode::Adaptive), and the call may not
    /// take so long.
    Throttled(Duration),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => error.fmt(f),
            Self::NoCredentials => f.write_str("there are no credentials to sign it with"),
            Self::NoRegion => f.write_str("there is no region to sign it for"),
            Self::Sign(error) => error.fmt(f),
            Self::Throttled(wait) => {
                // To a tenth, without floating point, which takes as much code as the rest of all errors.
                let wait = wait.saturating_add(Duration::from_millis(50));
                let (seconds, tenths) = (wait.as_secs(), wait.subsec_millis() / 100);
                write!(f, "the client is throttled and may not send before {seconds}.{tenths} s have passed")
            }
        }
    }
}

impl StdError for Problem {}

/// STS's refusal: an `ErrorResponse`.
/// [Common errors](https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html)
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServiceError {
    /// The operation that was called.
    pub operation: &'static str,
    /// What to dispatch on.
    pub code: ErrorCode,
    /// The code as it was sent.
    pub wire_code: String,
    /// The service's text; empty when it sent none.
    pub message: String,
    /// Whose fault the service says it is.
    pub fault: Option<Fault>,
    /// For `SignatureDoesNotMatch`: the first difference between the request that was signed and the one that the service saw, where
    /// its message quotes that.
    pub difference: Option<String>,
    /// Status, request id and so on.
    pub metadata: Metadata,
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was refused with {}", self.operation, self.code)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        if let Some(difference) = &self.difference {
            write!(f, "; {difference}")?;
        }
        write!(f, " ({})", self.metadata)
    }
}

impl StdError for ServiceError {}

/// `Type` of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// `Sender`: the request is wrong.
    Sender,
    /// `Receiver`: the service failed.
    Receiver,
}

/// A response that is neither the operation's output nor an error of STS: a proxy's page, a truncated
/// body, a redirect.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResponseError {
    /// The operation that was called.
    pub operation: &'static str,
    /// What stopped the reading, and where.
    pub problem: ParseError,
    /// Whether there was nothing to read, which is what a load balancer or a proxy sends with an error.
    pub is_empty: bool,
    /// The beginning of the body when the status is an error and the body is a text for people; empty when it may hold credentials.
    pub snippet: String,
    /// Where a redirect points, which is not followed.
    pub location: Option<String>,
    /// Status, request id and so on.
    pub metadata: Metadata,
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{}: redirected to {location:?}, which is not followed", self.operation)?;
        } else {
            write!(f, "{}: ", self.operation)?;
            if self.is_empty {
                f.write_str("empty response")?;
            } else {
                write!(f, "unreadable response: {}", self.problem)?;
            }
            if self.metadata.status.is_redirection() {
                f.write_str("; redirects are not followed")?;
            }
        }
        if !self.snippet.is_empty() {
            write!(f, ", which begins {:?}", self.snippet)?;
        }
        write!(f, " ({})", self.metadata)
    }
}

impl StdError for ResponseError {}

/// No response at all.
#[derive(Debug)]
#[non_exhaustive]
pub struct NoResponse {
    /// The operation that was called.
    pub operation: &'static str,
    /// Where the request went: scheme, host and port.
    pub endpoint: String,
    /// How often the request was sent, or tried to be.
    pub attempts: u32,
    /// How long the call waited before and between attempts, all waits together.
    pub retry_delay: Duration,
    /// What the driver reported of the last attempt.
    pub error: TransportError,
}

impl fmt::Display for NoResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, endpoint, attempts, error, .. } = self;
        write!(f, "{operation}: {} {endpoint}", error.kind)?;
        if *attempts > 1 {
            write!(f, " (attempt {attempts})")?;
        }
        Ok(())
    }
}

impl StdError for NoResponse {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.error.source)
    }
}

/// Why an exchange brought no response, as a driver reports it. `Display` and `source()` are those of the transport's own error.
#[derive(Debug)]
#[non_exhaustive]
pub struct TransportError {
    /// What went wrong; this decides whether the request is sent again.
    pub kind: TransportErrorKind,
    /// The transport's own error.
    pub source: Box<dyn StdError + Send + Sync>,
}

impl TransportError {
    /// An error of this kind, for this reason: the transport's own error, or a text.
    pub fn new(kind: TransportErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind, source: source.into() }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.source()
    }
}

/// What went wrong when an exchange brought no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: name resolution, refused, unreachable. Retried.
    Connect,
    /// The time for connecting, for the attempt or for the call ran out. Retried while there is time.
    Timeout,
    /// The connection broke, or the peer did not speak HTTP. Retried.
    Interrupted,
    /// The body is longer than the driver reads. Final.
    TooLarge,
    /// Another attempt would fail in the same way: certificates, configuration. Final.
    Permanent,
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "could not connect to",
            Self::Timeout => "timed out talking to",
            Self::Interrupted => "lost the connection to",
            Self::TooLarge => "got too long a response from",
            Self::Permanent => "could not talk to",
        })
    }
}

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
    /// 400: STS could not reach the identity provider. Worth another try.
    IdpCommunicationError,
    /// 403: the identity provider refused the claim.
    IdpRejectedClaim,
    /// 400: the `Authorization` header is incomplete.
    IncompleteSignature,
    /// 400: the credentials would outlive the session that asks for them.
    InsufficientSessionLifetime,
    /// 500: the service failed.
    InternalFailure,
    /// 400: no such operation.
    InvalidAction,
    /// 400: the message to decode is not one.
    InvalidAuthorizationMessageException,
    /// 403: no such access key, or a session token that does not belong to it.
    InvalidClientTokenId,
    /// 400: a context assertion is malformed, has expired, or is none of a trusted provider's.
    InvalidContextAssertion,
    /// 400: the web identity token or SAML assertion is not valid.
    InvalidIdentityToken,
    /// 400: the caller's credentials are none of a session.
    InvalidSubjectCredentials,
    /// 400: the claims do not fit in a token.
    JwtPayloadSizeExceededException,
    /// 400: the form is not one.
    MalformedInput,
    /// 400: the policy is not valid JSON or not a policy.
    MalformedPolicyDocument,
    /// 403: the request is not signed.
    MissingAuthenticationToken,
    /// 403: the account has not opted in to the service or region.
    OptInRequired,
    /// 403: the account does not issue outbound web identity tokens.
    OutboundWebIdentityFederationDisabledException,
    /// 400: the session token is too large, with policies and tags in it.
    PackedPolicyTooLarge,
    /// 403: STS is not active for the account in this region.
    RegionDisabledException,
    /// 400: the request is older than the service accepts.
    RequestExpired,
    /// 503: try later.
    ServiceUnavailable,
    /// 403: the token would outlive the session that asks for it.
    SessionDurationEscalationException,
    /// 403: wrong secret key, or a request that changed on its way; also a clock that is too far off.
    SignatureDoesNotMatch,
    /// 400: too many requests.
    Throttling,
    /// 400: a member breaks a constraint.
    ValidationError,
    /// Any other code, as it came.
    Other(Box<str>),
}

/// The codes and how they are written on the wire.
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
    /// The code that is written so on the wire. Where the text is no known code, it is tried with and without
    /// `Exception` at its end, since services and emulators disagree about it.
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

    /// How the code is written on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(text) => text,
            known => CODES.iter().find(|(_, code)| code == known).map_or("", |(wire, _)| wire),
        }
    }
}

/// As on the wire. Derived, the names would be in a program twice.
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
    use alloc::{format, string::ToString};

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
