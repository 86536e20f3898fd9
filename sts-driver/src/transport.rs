//! What a transport reports when there is no response.

use std::{error::Error as StdError, fmt, io::ErrorKind, iter};

use sts_core::{TransportError, TransportErrorKind, http::StatusCode};

use crate::proxy::Proxy;

/// What kind of failure an I/O error is, while connecting or on an open connection.
pub fn kind_of(error: ErrorKind) -> TransportErrorKind {
    match error {
        // How rustls reports a certificate or a peer that it refuses.
        ErrorKind::InvalidData => TransportErrorKind::Permanent,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => TransportErrorKind::Timeout,
        // There was a connection, which broke, perhaps within the TLS handshake.
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => TransportErrorKind::Interrupted,
        // Refused, unreachable, no such name (which has no kind of its own).
        _ => TransportErrorKind::Connect,
    }
}

/// The error with a word more where what rustls says of a certificate does not tell what to do.
pub fn explained(error: TransportError) -> TransportError {
    let causes = iter::successors(Some(&*error.source as &dyn StdError), |&cause| cause.source());
    let mut words = causes.filter_map(|cause| {
        let text = cause.to_string();
        let (_, refusal) = text.split_once("invalid peer certificate: ")?;
        CERTIFICATES.iter().find(|(name, _)| *name == refusal)
    });
    match words.next() {
        Some((_, words)) => TransportError::new(error.kind, Explained { error: error.source, words }),
        None => error,
    }
}

/// A transport's error, and what it means.
#[derive(Debug)]
struct Explained {
    error: Box<dyn StdError + Send + Sync>,
    words: &'static str,
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.error, self.words)
    }
}

impl StdError for Explained {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}

/// What rustls says of a certificate, and what that means.
const CERTIFICATES: [(&str, &str); 3] = [
    ("BadSignature", "a signature is wrong, or made with an RSA key that does not have 2048 to 8192 bits"),
    (
        "UnknownIssuer",
        "the certificate comes from no trusted authority; a file of others can be named, as in AWS_CA_BUNDLE",
    ),
    (
        "Other(OtherError(CaUsedAsEndEntity))",
        "the certificate is an authority's own, CA:TRUE, which is not taken for a server's, trusted or not",
    ),
];

/// What went wrong on the way through a proxy, or behind it: the source.
#[derive(Debug)]
pub struct ProxyFailure {
    /// Without credentials.
    proxy: String,
    error: Box<dyn StdError + Send + Sync>,
}

impl ProxyFailure {
    /// What a transport reports of a request that went through this proxy.
    pub fn of(
        proxy: &Proxy,
        kind: TransportErrorKind,
        error: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> TransportError {
        TransportError::new(kind, Self { proxy: proxy.to_string(), error: error.into() })
    }

    /// The proxy answered with this status of its own. One above 500 is about the connection behind it, RFC 9110, 15.6, and may pass.
    pub fn status(proxy: &Proxy, status: StatusCode) -> TransportError {
        let kind = if status.is_server_error() { TransportErrorKind::Connect } else { TransportErrorKind::Permanent };
        Self::of(proxy, kind, Refusal(status))
    }
}

impl fmt::Display for ProxyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "through the proxy {}", self.proxy)
    }
}

impl StdError for ProxyFailure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.error)
    }
}

#[derive(Debug)]
struct Refusal(StatusCode);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy answered {}", self.0)?;
        // Tinyproxy answers 401 where the password is wrong.
        if matches!(self.0, StatusCode::PROXY_AUTHENTICATION_REQUIRED | StatusCode::UNAUTHORIZED) {
            f.write_str(": it asks for a user name and a password, or for others than these")?;
        }
        Ok(())
    }
}

impl StdError for Refusal {}
