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
            Self::Http(error) if error.is_connect() => match io_kind(error) {
                // How rustls reports a certificate or a peer that it refuses.
                Some(io::ErrorKind::InvalidData) => LostKind::Permanent,
                Some(io::ErrorKind::TimedOut) => LostKind::Timeout,
                _ => LostKind::Connect,
            },
            Self::Body(error) if error.is::<LengthLimitError>() => LostKind::TooLarge,
            Self::Http(_) | Self::Body(_) => LostKind::Interrupted,
        }
    }
}

/// The innermost I/O error's kind.
fn io_kind(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    let causes = iter::successors(Some(error), |&error| error.source());
    causes.filter_map(|cause| cause.downcast_ref()).last().map(io::Error::kind)
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
