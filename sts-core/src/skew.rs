//! Clock skew: the difference between the service's clock and the local clock.
//!
//! STS refuses a signature whose time is off by more than 15 minutes. Each response contains the service's time, so the next signature
//! can use a corrected time.

use core::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};
use http::{HeaderMap, header};
use time::SignedDuration;

use crate::{moment::Moment, timestamp};

/// The smallest difference that can be the reason for a refusal.
const CREDIBLE: SignedDuration = SignedDuration::minutes(4);
/// Slower exchanges are too imprecise for an estimate.
const LONGEST_ROUND_TRIP: Duration = Duration::from_secs(15 * 60);

/// The learned difference, the service's clock minus the local clock, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Skew(AtomicI64);

impl Skew {
    /// The duration to add to the local clock.
    pub(crate) fn correction(&self) -> SignedDuration {
        SignedDuration::milliseconds(self.0.load(Ordering::Relaxed))
    }

    /// Stores the estimate from a response of the service.
    pub(crate) fn learn(&self, estimate: Option<SignedDuration>) {
        if let Some(skew) = estimate {
            self.0.store(i64::try_from(skew.whole_milliseconds()).unwrap_or_default(), Ordering::Relaxed);
        }
    }

    /// Learns from a refusal that a wrong clock may have caused. `used` is the correction that the request was signed with; `again` says
    /// whether the previous attempt was also refused for its time. Returns whether to retry with the new correction.
    pub(crate) fn refused(&self, estimate: Option<SignedDuration>, used: SignedDuration, again: bool) -> bool {
        match estimate {
            // The request was not signed with the service's time.
            Some(skew) if (skew - used).abs() > CREDIBLE => {
                self.learn(estimate);
                true
            }
            // The learned correction may be wrong: reset it. If it came from the previous refusal, the clock is not the cause.
            _ if used.abs() > CREDIBLE => {
                self.learn(Some(SignedDuration::ZERO));
                !again
            }
            _ => {
                self.learn(estimate);
                false
            }
        }
    }
}

/// The service's clock minus the local clock: `Date` minus the middle of the exchange. `None` for a cached response (`Age`), whose date is
/// that of another exchange.
pub(crate) fn estimate(headers: &HeaderMap, sent: Moment, received: Moment) -> Option<SignedDuration> {
    let round_trip = received.since(sent);
    if headers.contains_key(header::AGE) || round_trip > LONGEST_ROUND_TRIP || received.disagrees_since(sent) {
        return None;
    }
    let date = headers.get(header::DATE)?.to_str().ok()?;
    // An implausible year cannot be the service's time, and might not be signable.
    let date = timestamp::parse_http_date(date).filter(|date| (2010..9999).contains(&date.year()))?;
    let half = SignedDuration::try_from(round_trip / 2).unwrap_or_default();
    Some(date - timestamp::later(sent.wall, half))
}

/// Whether a wrong clock can cause this code. `code` is the wire code.
pub(crate) fn may_be_skew(code: &str) -> bool {
    // `AccessDenied` without the suffix is an ordinary denial.
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
