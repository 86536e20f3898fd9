//! Spans and events for [`tracing`](https://docs.rs/tracing), with the feature of that name. Without it, this module does nothing.
//!
//! A call is a span `sts.call` at level `INFO`. An attempt is an event in it at level `DEBUG`. Both have the target `sts`. They contain
//! only the operation and region of a request, and only the status, code and request id of a response. An event at level `WARN` reports
//! that credentials could not be refreshed; callers get no error while the old ones are usable.

#[cfg(feature = "tracing")]
use std::time::Instant;

use sts_core::{Config, Error, Reply, TransportError, http::Response};
#[cfg(feature = "tracing")]
use tracing::{Level, Span, event, field, span};

use crate::error::ProvideError;

/// Reports that there are no newer credentials and that the old ones stay in use.
#[cfg(feature = "tracing")]
pub fn stale(error: &ProvideError) {
    event!(target: "sts", Level::WARN, %error, "credentials could not be refreshed; the old ones stay in use");
}

/// Reports that there are no newer credentials and that the old ones stay in use.
#[cfg(not(feature = "tracing"))]
pub fn stale(_: &ProvideError) {}

/// A running call.
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
    /// Starts a call.
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

    /// Notes that a request is about to be sent.
    pub fn sent(&mut self) {
        self.attempt += 1;
        self.sent = Instant::now();
    }

    /// Reports the result of the attempt.
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

    /// Ends the call.
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
    /// Starts a call.
    pub fn start(_: &'static str, _: &Config) -> Self {
        Self {}
    }

    /// Notes that a request is about to be sent.
    pub fn sent(&mut self) {}

    /// Reports the result of the attempt.
    pub fn received<B>(&self, _: &Result<Response<B>, TransportError>) {}

    /// Ends the call.
    pub fn end<T>(&self, _: &Result<Reply<T>, Error>) {}
}
