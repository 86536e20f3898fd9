//! Simulated failures, and the requests that they apply to.

use std::{collections::VecDeque, time::Duration};

use http::{Response, StatusCode};
use sts_core::ErrorCode;
use time::SignedDuration;

/// A failure of one request. [`LocalSts::fail`](crate::LocalSts::fail) selects the request.
///
/// The first three also apply to [`handle`](crate::LocalSts::handle). The others need a connection: they apply to a
/// [`Listener`](crate::Listener), plain or with TLS, while `handle` responds as usual. A failure after which no other response can follow
/// closes the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// An STS error with this code, such as `Throttling` or `InternalFailure`.
    Error(ErrorCode),
    /// This status with an empty body, as from a load balancer or a proxy in front of STS.
    Status(StatusCode),
    /// For this request, the service's clock is this much further ahead, within the years 1 to 9998.
    /// ([`clock_offset`](crate::LocalSts::clock_offset) applies to all requests.) A client corrects its clock when the request is refused,
    /// and corrects it back with the next request.
    Clock(SignedDuration),
    /// The correct response, after this delay.
    Delay(Duration),
    /// No response: the connection stays open until the client closes it.
    Silence,
    /// No response: the connection is closed.
    Close,
    /// No response: the connection is reset (TCP RST).
    Reset,
    /// The correct response, but the connection is closed after half of the body.
    Truncated,
    /// The correct response, one byte at a time, with this delay before each.
    Drip(Duration),
    /// The correct response with a `Content-Length` that is this many bytes too large, or too small if negative.
    WrongLength(i64),
    /// The correct head, and an endless body.
    Endless,
    /// Bytes that are not HTTP.
    Garbage,
    /// These steps instead of a response, for failures that the other variants do not cover. The connection is closed after the last step.
    Wire(Vec<Wire>),
}

/// A step on a connection, in a [`Fault::Wire`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wire {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes repeatedly until the client closes the connection.
    Repeat(Vec<u8>),
    /// Sends these bytes one at a time, with this delay before each.
    Drip(Vec<u8>, Duration),
    /// Sends nothing until the client closes the connection.
    Silence,
    /// Resets the connection (TCP RST).
    Reset,
}

impl From<ErrorCode> for Fault {
    fn from(code: ErrorCode) -> Self {
        Self::Error(code)
    }
}

impl Fault {
    /// The steps that replace the correct response; `None` for a failure that HTTP can express.
    pub(crate) fn wire(self, right: &Response<Vec<u8>>) -> Option<Vec<Wire>> {
        let body = right.body();
        let with_length = |length, body: &[u8]| Wire::Send([head(right, Some(length)), body.to_vec()].concat());
        Some(match self {
            Self::Error(_) | Self::Status(_) | Self::Clock(_) | Self::Delay(_) => return None,
            Self::Silence => vec![Wire::Silence],
            Self::Close => Vec::new(),
            Self::Reset => vec![Wire::Reset],
            Self::Truncated => vec![with_length(body.len(), &body[..body.len() / 2])],
            Self::Drip(pause) => vec![Wire::Drip([head(right, Some(body.len())), body.clone()].concat(), pause)],
            Self::WrongLength(off) => {
                let off = isize::try_from(off).unwrap_or(if off < 0 { isize::MIN } else { isize::MAX });
                vec![with_length(body.len().saturating_add_signed(off), body)]
            }
            Self::Endless => vec![Wire::Send(head(right, None)), Wire::Repeat(vec![b' '])],
            Self::Garbage => vec![Wire::Send((0..=u8::MAX).cycle().take(1 << 12).collect())],
            Self::Wire(steps) => steps,
        })
    }
}

/// A script that decides which requests [`fail`](crate::LocalSts::fail), and how. Nothing is random.
///
/// ```
/// use std::time::Duration;
/// use sts_core::ErrorCode;
/// use sts_local::{Fault, LocalSts, Script};
///
/// let sts = LocalSts::demo();
/// sts.fail(ErrorCode::Throttling);
/// sts.fail(Script::next([Fault::Reset, Fault::Delay(Duration::from_secs(2))]).of("AssumeRole"));
/// sts.fail(Script::every(10, [ErrorCode::InternalFailure]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    operation: Option<String>,
    faults: VecDeque<Fault>,
    /// `None`: each fault applies once, to one request each.
    every: Option<u32>,
    seen: u32,
}

impl Script {
    /// Fails the next requests, the first with the first fault, and so on. A retry counts as a request.
    pub fn next(faults: impl IntoIterator<Item = impl Into<Fault>>) -> Self {
        Self { operation: None, faults: faults.into_iter().map(Into::into).collect(), every: None, seen: 0 }
    }

    /// Fails every `nth` request, with the faults in turn, until [`recover`](crate::LocalSts::recover). With 10, the 10th, 20th and 30th
    /// request fail, and so on. 0 means 1: every request fails.
    pub fn every(nth: u32, faults: impl IntoIterator<Item = impl Into<Fault>>) -> Self {
        Self { every: Some(nth.max(1)), ..Self::next(faults) }
    }

    /// Limits the script to requests for this operation (`AssumeRole`). Other requests do not count.
    #[must_use]
    pub fn of(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Counts a request for this operation and returns its fault.
    pub(crate) fn take(&mut self, operation: Option<&str>) -> Option<Fault> {
        if self.operation.as_deref().is_some_and(|own| operation != Some(own)) {
            return None;
        }
        let Some(nth) = self.every else { return self.faults.pop_front() };
        self.seen = (self.seen + 1) % nth;
        if self.seen != 0 {
            return None;
        }
        self.faults.rotate_left(1.min(self.faults.len()));
        self.faults.back().cloned()
    }

    /// Whether the script has no faults left.
    pub(crate) fn is_over(&self) -> bool {
        self.faults.is_empty()
    }
}

impl<F: Into<Fault>> From<F> for Script {
    fn from(fault: F) -> Self {
        Self::next([fault])
    }
}

/// Status line and headers of a response after which the connection closes.
fn head(response: &Response<Vec<u8>>, length: Option<usize>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\nconnection: close\r\n", response.status()).into_bytes();
    for (name, value) in response.headers() {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    if let Some(length) = length {
        head.extend(format!("content-length: {length}\r\n").into_bytes());
    }
    head.extend(b"\r\n");
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(script: &mut Script, operations: &[&str]) -> String {
        let name = |fault| match fault {
            None => '.',
            Some(Fault::Close) => 'c',
            Some(Fault::Reset) => 'r',
            Some(_) => '?',
        };
        operations.iter().map(|operation| name(script.take(Some(operation)))).collect()
    }

    #[test]
    fn the_next_requests_fail_once() {
        let mut script = Script::next([Fault::Close, Fault::Reset]);
        assert_eq!(taken(&mut script, &["A", "B", "A"]), "cr.");
        assert!(script.is_over());
    }

    #[test]
    fn every_nth_request_fails_by_turns() {
        assert_eq!(taken(&mut Script::every(3, [Fault::Close, Fault::Reset]), &["A"; 13]), "..c..r..c..r.");
        assert_eq!(taken(&mut Script::every(0, [Fault::Close]), &["A"; 3]), "ccc");
        assert_eq!(taken(&mut Script::every(1, [Fault::Close; 0]), &["A"; 3]), "...");
    }

    #[test]
    fn other_operations_neither_fail_nor_count() {
        let operations = ["A", "B", "B", "A", "B"];
        assert_eq!(taken(&mut Script::next([Fault::Close]).of("B"), &operations), ".c...");
        assert_eq!(taken(&mut Script::every(2, [Fault::Close]).of("B"), &operations), "..c..");
        assert_eq!(Script::every(1, [Fault::Close]).of("A").take(None), None);
    }
}
