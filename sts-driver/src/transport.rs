//! Errors that transports report.

use std::{
    error::Error as StdError,
    fmt,
    io::{self, ErrorKind},
    iter,
};

use sts_core::{TransportError, TransportErrorKind, http::StatusCode};

use crate::{handshake, proxy::Proxy};

/// The kind of transport error for an I/O error, while connecting or on an open connection.
pub fn kind_of(error: ErrorKind) -> TransportErrorKind {
    match error {
        // rustls reports rejected certificates and peers this way.
        ErrorKind::InvalidData => TransportErrorKind::Permanent,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => TransportErrorKind::Timeout,
        // An open connection broke, perhaps during the TLS handshake.
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => TransportErrorKind::Interrupted,
        // Refused, unreachable, or no such name (which has no kind of its own).
        _ => TransportErrorKind::Connect,
    }
}

/// Puts a TLS error into words if its own text does not say what to do.
pub fn explained(error: TransportError) -> TransportError {
    let source = || causes(&*error.source);
    let found = source().find_map(|cause| Some((cause.to_string(), handshake::words(cause)?)));
    let Some((text, words)) = found else { return error };
    // A proxy's name stays, but nothing that repeats the text.
    let outer = source().map(ToString::to_string).take_while(|outer| *outer != text);
    let path: String = outer.filter(|outer| !outer.contains(&text)).map(|outer| outer + ": ").collect();
    TransportError::new(error.kind, path + &words)
}

/// An error and its causes. The `source` of an I/O error is not the error that it holds, but the source of that.
pub fn causes<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    })
}

/// A failure on the way through a proxy, or behind it; the `source` says which.
#[derive(Debug)]
pub struct ProxyFailure {
    /// The proxy's URL, without credentials.
    proxy: String,
    error: Box<dyn StdError + Send + Sync>,
}

impl ProxyFailure {
    /// The error of a request through this proxy.
    pub fn of(
        proxy: &Proxy,
        kind: TransportErrorKind,
        error: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> TransportError {
        TransportError::new(kind, Self { proxy: proxy.to_string(), error: error.into() })
    }

    /// The error for a status from the proxy itself. A 5xx status is about the connection behind it (RFC 9110, 15.6) and may be transient.
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
        // Tinyproxy answers 401 to a wrong password.
        if matches!(self.0, StatusCode::PROXY_AUTHENTICATION_REQUIRED | StatusCode::UNAUTHORIZED) {
            f.write_str(": it asks for a user name and a password, or for others than these")?;
        }
        Ok(())
    }
}

impl StdError for Refusal {}
