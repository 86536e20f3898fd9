//! How far the service's clock is from ours.
//!
//! STS refuses a signature that is more than 15 minutes off, so a client with a wrong clock would never get through.
//! Every response tells the service's time, though, and the next signature can use it.

use core::sync::atomic::{AtomicI64, Ordering};
use http::{HeaderMap, header};
use time::{SignedDuration, UtcDateTime};

use crate::timestamp;

/// A smaller difference is not what a signature is refused for.
const CREDIBLE: SignedDuration = SignedDuration::minutes(4);
/// A slower exchange tells nothing about clocks.
const LONGEST_ROUND_TRIP: SignedDuration = SignedDuration::minutes(15);

/// The difference that a client has learned, service minus own, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Skew(AtomicI64);

impl Skew {
    /// What to add to our clock for the service's.
    pub(crate) fn correction(&self) -> SignedDuration {
        SignedDuration::milliseconds(self.0.load(Ordering::Relaxed))
    }

    /// Learns from a response; the result says whether the correction that its request was signed with was so wrong that it
    /// may have been refused for that.
    pub(crate) fn learn(
        &self,
        headers: &HeaderMap,
        sent: UtcDateTime,
        received: UtcDateTime,
        used: SignedDuration,
    ) -> bool {
        let Some(skew) = estimate(headers, sent, received) else { return false };
        self.0.store(i64::try_from(skew.whole_milliseconds()).unwrap_or_default(), Ordering::Relaxed);
        (skew - used).abs() > CREDIBLE
    }
}

/// `Date` minus the middle of the exchange. A cached response (`Age`) tells the time of another exchange.
fn estimate(headers: &HeaderMap, sent: UtcDateTime, received: UtcDateTime) -> Option<SignedDuration> {
    let round_trip = received - sent;
    if headers.contains_key(header::AGE) || round_trip > LONGEST_ROUND_TRIP || round_trip.is_negative() {
        return None;
    }
    let date = headers.get(header::DATE)?.to_str().ok()?;
    // A service whose own clock is that wrong has nothing to teach, and what comes of it could not even be signed.
    let date = timestamp::parse_http_date(date).filter(|date| (2010..9999).contains(&date.year()))?;
    Some(date - timestamp::later(sent, round_trip / 2))
}

/// Whether the code, as it was sent, is one of those that a wrong clock causes.
pub(crate) fn may_be_skew(code: &str) -> bool {
    // Without its ending, this one is no more than a denial.
    code == "AccessDeniedException"
        || matches!(
            code.strip_suffix("Exception").unwrap_or(code),
            "SignatureDoesNotMatch"
                | "InvalidSignature"
                | "AuthFailure"
                | "RequestTimeTooSkewed"
                | "RequestExpired"
                | "RequestInTheFuture"
        )
}
