//! What can go wrong, said for the person who reads it.
//!
//! No `Display` text repeats its `source()`, starts with a capital or ends with a period (the service's own
//! messages excepted), and none holds a secret.

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
                write!(f, "the client is throttled and may not send before {} have passed", text::seconds(*wait))
            }
        }
    }
}

impl StdError for Problem {}

/// STS's refusal: an `ErrorResponse`.
/// [Common errors](https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html)
#[derive(Clone)]
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
#[derive(Clone)]
#[non_exhaustive]
pub struct ResponseError {
    /// The operation that was called.
    pub operation: &'static str,
    /// The target of the request: scheme, host and port.
    pub endpoint: String,
    /// What stopped the reading, and where.
    pub problem: ParseError,
    /// What the body looks like.
    pub content: Content,
    /// The beginning of the body when the status is an error and the body is a text for people; empty when it may hold credentials.
    pub snippet: String,
    /// Where a redirect points, which is not followed.
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

/// No response at all.
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
    /// How long the call took, attempts and waits together.
    pub elapsed: Duration,
    /// What the driver reported of the last attempt.
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

/// Why an exchange brought no response, as a driver reports it. `Display` and `source()` are those of the transport's own error.
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

debug_in_words!(Error, Problem, ServiceError, ResponseError, NoResponse, TransportError);

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
