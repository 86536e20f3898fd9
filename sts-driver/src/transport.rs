//! What a transport is told beside the request, and what it reports when there is no response.

use std::{error::Error as StdError, fmt, iter, time::Duration};

use sts_core::{
    Config, Route, TransportErrorKind,
    http::{StatusCode, Uri},
    proxy::{Proxy, ProxyScheme},
};

pub use sts_core::TransportError;

/// What a transport is told beside the request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// How long connecting may take, from looking the name up to the end of TLS.
    pub connect_timeout: Duration,
    /// How long the exchange may take in all, the response's body included; never zero.
    pub timeout: Duration,
    /// The request is for an agent on this machine, and it or its answer holds secrets, mostly over plain HTTP: no proxy may see it.
    pub is_local: bool,
}

impl Attempt {
    /// An exchange, as the core wants it.
    pub fn new(connect_timeout: Duration, timeout: Duration, route: Route) -> Self {
        Self { connect_timeout: connect_timeout.min(timeout), timeout, is_local: route == Route::Direct }
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

/// The proxy that a request goes through, if any.
///
/// # Errors
/// It is of a kind that the drivers do not speak to.
pub fn proxy_for<'c>(config: &'c Config, url: &Uri, attempt: Attempt) -> Result<Option<&'c Proxy>, TransportError> {
    let Some(proxy) = config.proxy_for(url).filter(|_| !attempt.is_local) else { return Ok(None) };
    match proxy.scheme {
        ProxyScheme::Http | ProxyScheme::Https | ProxyScheme::Socks5 | ProxyScheme::Socks5h => Ok(Some(proxy)),
        _ => Err(ProxyFailure::of(proxy, TransportErrorKind::Permanent, "proxies of this kind are not supported")),
    }
}

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
