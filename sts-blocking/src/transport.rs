//! The agent, and what kind of loss each of its errors is.

use std::io::ErrorKind;

use sts_core::{Lost, LostKind};
use ureq::{Agent, tls::TlsConfig};

pub(crate) fn agent(tls: TlsConfig) -> Agent {
    // One idle connection for each of the threads that may share the client.
    let builder = Agent::config_builder().max_idle_connections(64).max_idle_connections_per_host(64);
    builder.tls_config(tls).build().into()
}

pub(crate) fn lost(error: ureq::Error) -> Lost<ureq::Error> {
    let kind = match &error {
        ureq::Error::Timeout(_) => LostKind::Timeout,
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => LostKind::Connect,
        ureq::Error::BodyExceedsLimit(_) => LostKind::TooLarge,
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => LostKind::Interrupted,
        ureq::Error::Io(error) => match error.kind() {
            // How rustls reports a certificate or a peer that it refuses.
            ErrorKind::InvalidData => LostKind::Permanent,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => LostKind::Timeout,
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => LostKind::Interrupted,
            // Refused, unreachable, no such name (which has no kind of its own).
            _ => LostKind::Connect,
        },
        _ => LostKind::Permanent,
    };
    Lost { error, kind }
}
