//! What a call tells [`tracing`](https://docs.rs/tracing) with the feature of that name. Without it, there is nothing here to be done.
//!
//! A call is a span `sts.call` of the level `INFO`, an attempt an event of the level `DEBUG` in it, both with the target `sts`. Neither
//! holds anything of a request but its operation and region, and nothing of a response but its status, code and request id. Besides, there
//! is an event of the level `WARN` when newer credentials cannot be had, which no caller is told as long as the old ones will do.

#[cfg(feature = "tracing")]
use std::time::Instant;

use sts_core::{Config, Error, Reply, TransportError, http::Response};
#[cfg(feature = "tracing")]
use tracing::{Level, Span, event, field, span};

use crate::error::ProvideError;

/// There are no newer credentials, and the old ones stay in use.
#[cfg(feature = "tracing")]
pub fn stale(error: &ProvideError) {
    event!(target: "sts", Level::WARN, %error, "credentials could not be refreshed; the old ones stay in use");
}

/// There are no newer credentials, and the old ones stay in use.
#[cfg(not(feature = "tracing"))]
pub fn stale(_: &ProvideError) {}

/// A call that goes on.
#[derive(Debug)]
pub struct Trace {
    #[cfg(feature = "tracing")]
    span: Span,
    #[cfg(feature = "tracing")]
    attempt: u32,
    #[cfg(feature = "tracing")]
    sent: Instant,
}

#[cfg(feature = "tracing")]
impl Trace {
    /// A call begins.
    pub fn start(operation: &'static str, config: &Config) -> Self {
        let span = span!(
            target: "sts",
            Level::INFO,
            "sts.call",
            operation,
            region = config.signing_region(),
            attempts = field::Empty,
            request_id = field::Empty,
            code = field::Empty,
        );
        Self { span, attempt: 0, sent: Instant::now() }
    }

    /// A request is about to be sent.
    pub fn sent(&mut self) {
        self.attempt += 1;
        self.sent = Instant::now();
    }

    /// That came of it.
    pub fn received<B>(&self, result: &Result<Response<B>, TransportError>) {
        let (attempt, elapsed) = (self.attempt, self.sent.elapsed());
        match result {
            Ok(response) => {
                let status = response.status().as_u16();
                event!(target: "sts", parent: &self.span, Level::DEBUG, attempt, status, ?elapsed, "attempt");
            }
            Err(error) => {
                event!(target: "sts", parent: &self.span, Level::DEBUG, attempt, lost = ?error.kind, ?elapsed, "attempt");
            }
        }
    }

    /// The call is over.
    pub fn end<T>(&self, result: &Result<Reply<T>, Error>) {
        let metadata = match result {
            Ok(reply) => Some(&reply.metadata),
            Err(error) => error.metadata(),
        };
        self.span.record("attempts", self.attempt);
        if let Some(id) = metadata.and_then(|metadata| metadata.request_id.as_deref()) {
            self.span.record("request_id", id);
        }
        if let Some(code) = result.as_ref().err().and_then(Error::code) {
            self.span.record("code", code.as_str());
        }
    }
}

#[cfg(not(feature = "tracing"))]
impl Trace {
    /// A call begins.
    pub fn start(_: &'static str, _: &Config) -> Self {
        Self {}
    }

    /// A request is about to be sent.
    pub fn sent(&mut self) {}

    /// That came of it.
    pub fn received<B>(&self, _: &Result<Response<B>, TransportError>) {}

    /// The call is over.
    pub fn end<T>(&self, _: &Result<Reply<T>, Error>) {}
}
