//! Errors of calls.
//!
//! `Display` texts contain no secrets. They do not repeat their `source()`, start with a capital or end with a period, except in messages
//! of the service.

use alloc::{boxed::Box, string::String};
use core::{error::Error as StdError, fmt, time::Duration};

use crate::{
    error_code::ErrorCode,
    metadata::Metadata,
    retry,
    sigv4::SignError,
    text::{self, debug_in_words},
    validate::InvalidInput,
    xml::ParseError,
};

/// Why a call failed.
#[non_exhaustive]
pub enum Error {
    /// The request was not sent, because it could not succeed.
    Input {
        /// The operation that was called.
        operation: &'static str,
        /// The reason.
        problem: Problem,
    },
    /// The request was not sent, because no credentials could be obtained.
    Credentials {
        /// The operation that was called.
        operation: &'static str,
        /// The error of the credentials provider.
        error: Box<dyn StdError + Send + Sync>,
    },
    /// STS refused the request.
    Service(Box<ServiceError>),
    /// A response arrived, but not a valid one of STS.
    Response(Box<ResponseError>),
    /// No response arrived.
    NoResponse(Box<NoResponse>),
}

impl Error {
    /// The service's error code, if the service refused the request.
    pub fn code(&self) -> Option<&ErrorCode> {
        match self {
            Self::Service(error) => Some(&error.code),
            _ => None,
        }
    }

    /// The response's metadata, if a response arrived.
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
    /// Whether the service says that the credentials that signed the request have expired. Only meaningful for signed operations: for
    /// others, the expired token is the one in the request.
    pub fn rejects_credentials(&self) -> bool {
        matches!(self, Self::Service(error) if matches!(error.code, ErrorCode::ExpiredToken | ErrorCode::ExpiredTokenException))
    }

    /// Whether retrying the same call later could succeed without a change to the call, a role or a policy. After a transient error in a
    /// renewal, the old credentials stay in use; after any other error they are dropped, as in the AWS SDKs.
    ///
    /// Not transient: [`Input`](Self::Input) errors (except throttling) and the refusals `AccessDenied`, `IDPRejectedClaim`,
    /// `InvalidIdentityToken` (unless STS could not fetch the identity provider's keys), `MalformedPolicyDocument`, `PackedPolicyTooLarge`
    /// and `RegionDisabledException`. For [`Credentials`](Self::Credentials), check the inner error.
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
                !is_final || retry::classify_refusal(&error.code, &error.message, error.metadata.status).is_some()
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
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Members violate the API's constraints.
    Invalid(InvalidInput),
    /// The operation must be signed, but there are no credentials.
    NoCredentials,
    /// The operation must be signed, but no region is set.
    NoRegion,
    /// The request could not be signed.
    Sign(SignError),
    /// In [adaptive mode](crate::RetryMode::Adaptive): the client is throttled for this duration, which exceeds the call's remaining time.
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
                write!(f, "the client is throttled and may not send before {} have passed", text::seconds(*wait))
            }
        }
    }
}

impl StdError for Problem {}

/// An error that STS returned: an `ErrorResponse`.
/// [Common errors](https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html)
#[derive(Clone)]
#[non_exhaustive]
pub struct ServiceError {
    /// The operation that was called.
    pub operation: &'static str,
    /// The code, to match on.
    pub code: ErrorCode,
    /// The code as the service sent it.
    pub wire_code: String,
    /// The service's message; may be empty.
    pub message: String,
    /// Whether the request or the service is at fault, if the service says so.
    pub fault: Option<Fault>,
    /// For `SignatureDoesNotMatch`: the first difference between the signed request and the request that the service received, if the
    /// message quotes it.
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

/// A response that is neither the operation's output nor an STS error, such as a proxy's error page, a truncated body or a redirect.
#[derive(Clone)]
#[non_exhaustive]
pub struct ResponseError {
    /// The operation that was called.
    pub operation: &'static str,
    /// The target of the request: scheme, host and port.
    pub endpoint: String,
    /// What is wrong with the body, and where.
    pub problem: ParseError,
    /// The kind of the body.
    pub content: Content,
    /// The beginning of the body of an error page; empty if the body may contain credentials.
    pub snippet: String,
    /// The target of a redirect. Redirects are not followed.
    pub location: Option<String>,
    /// Status, request id and so on.
    pub metadata: Metadata,
}

/// What a body looks like that is not STS's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// There is nothing to read, which is what a load balancer or a proxy sends with an error.
    Empty,
    /// An HTML page: of a proxy, or of a page to log in to the network.
    Html,
    /// JSON: of a gateway, or of another service.
    Json,
    /// XML or anything else.
    Other,
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, endpoint, problem, content, snippet, location, metadata } = self;
        write!(f, "{operation}: {endpoint} answered HTTP {}, not an STS response: ", metadata.status.as_u16())?;
        match (location, content) {
            (Some(location), _) => write!(f, "a redirect to {location:?}, which is not followed")?,
            (None, Content::Empty) => f.write_str("an empty body")?,
            (None, Content::Html) => f.write_str("an HTML page, as proxies and login pages send")?,
            (None, Content::Json) => f.write_str("JSON, as gateways and other services send")?,
            (None, Content::Other) => problem.fmt(f)?,
        }
        if metadata.status.is_redirection() && location.is_none() {
            f.write_str("; redirects are not followed")?;
        }
        if !snippet.is_empty() {
            write!(f, ", which begins {snippet:?}")?;
        }
        match metadata.details() {
            details if details.is_empty() => Ok(()),
            details => write!(f, " ({})", details.join(", ")),
        }
    }
}

impl StdError for ResponseError {}

/// A call without a response: the last attempt ended in a transport error.
#[non_exhaustive]
pub struct NoResponse {
    /// The operation that was called.
    pub operation: &'static str,
    /// Where the request went: scheme, host and port.
    pub endpoint: String,
    /// How many attempts were made.
    pub attempts: u32,
    /// The total time that the call waited before and between attempts.
    pub retry_delay: Duration,
    /// The total time of the call, including attempts and waits.
    pub elapsed: Duration,
    /// The transport error of the last attempt.
    pub error: TransportError,
}

impl fmt::Display for NoResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, endpoint, attempts, error, .. } = self;
        write!(f, "{operation}: {} {endpoint}", error.kind)?;
        if *attempts > 1 {
            write!(f, " ({attempts} attempts)")?;
        }
        Ok(())
    }
}

impl StdError for NoResponse {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.error.source)
    }
}

/// A driver's report that an exchange failed without a response. `Display` and `source()` are those of the transport's own error.
#[non_exhaustive]
pub struct TransportError {
    /// The kind of failure, which decides whether the request is retried.
    pub kind: TransportErrorKind,
    /// The transport's own error.
    pub source: Box<dyn StdError + Send + Sync>,
}

impl TransportError {
    /// An error of this kind. `source` is the transport's own error, or a text.
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

debug_in_words!(Error, Problem, ServiceError, ResponseError, NoResponse, TransportError);

/// Why an exchange failed without a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: name resolution failed, connection refused, or host unreachable. Retried.
    Connect,
    /// The timeout for connecting, for the attempt or for the call expired. Retried while the call has time left.
    Timeout,
    /// The connection broke, or the peer did not speak HTTP. Retried.
    Interrupted,
    /// The body exceeds the driver's size limit. Not retried.
    TooLarge,
    /// A failure that a retry cannot fix, such as an invalid certificate or configuration. Not retried.
    Permanent,
}

impl TransportErrorKind {
    /// Whether another attempt could succeed.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Connect | Self::Timeout | Self::Interrupted)
    }
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
