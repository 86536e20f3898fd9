//! What hyper and the time limit report, and what kind of loss each is.

use std::{error::Error as StdError, fmt, io, iter};

use http_body_util::LengthLimitError;
use hyper_util::client::legacy;
use sts_core::LostKind;

/// Why there was no response.
#[derive(Debug)]
#[non_exhaustive]
pub enum TransportError {
    /// The time for the attempt ran out.
    Timeout,
    /// No connection, or no response on it.
    Http(legacy::Error),
    /// The response's body broke off, or is longer than 1 MiB.
    Body(Box<dyn StdError + Send + Sync>),
}

impl TransportError {
    pub(crate) fn kind(&self) -> LostKind {
        match self {
            Self::Timeout => LostKind::Timeout,
            Self::Body(error) if error.is::<LengthLimitError>() => LostKind::TooLarge,
            // A certificate or a peer that is refused, or that refuses.
            Self::Http(error) if causes(error).any(<dyn StdError>::is::<rustls::Error>) => LostKind::Permanent,
            Self::Http(error) if error.is_connect() => match causes(error).find_map(|cause| cause.downcast_ref()) {
                Some(error) => connecting(io::Error::kind(error)),
                None => LostKind::Connect,
            },
            Self::Http(_) | Self::Body(_) => LostKind::Interrupted,
        }
    }
}

fn connecting(kind: io::ErrorKind) -> LostKind {
    match kind {
        io::ErrorKind::TimedOut => LostKind::Timeout,
        // There was a connection, which broke within the TLS handshake.
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => LostKind::Interrupted,
        _ => LostKind::Connect,
    }
}

/// An error and what is behind it. The source of an I/O error is not what it holds, but the source of that.
fn causes<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    })
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "the time for the attempt ran out",
            Self::Http(_) => "no response",
            Self::Body(_) => "the response's body could not be read",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Timeout => None,
            Self::Http(error) => Some(error),
            Self::Body(error) => Some(&**error),
        }
    }
}
