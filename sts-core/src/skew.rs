//! How far the service's clock is from ours.
//!
//! STS refuses a signature that is more than 15 minutes off, so a client with a wrong clock would never get through.
//! Every response tells the service's time, though, and the next signature can use it.

use core::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};
use http::{HeaderMap, header};
use time::SignedDuration;

use crate::{moment::Moment, timestamp};

/// A smaller difference is not what a signature is refused for.
const CREDIBLE: SignedDuration = SignedDuration::minutes(4);
/// A slower exchange tells nothing about clocks.
const LONGEST_ROUND_TRIP: Duration = Duration::from_secs(15 * 60);

/// The difference that a client has learned, service minus own, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Skew(AtomicI64);

impl Skew {
    /// What to add to our clock for the service's.
    pub(crate) fn correction(&self) -> SignedDuration {
        SignedDuration::milliseconds(self.0.load(Ordering::Relaxed))
    }

    /// Learns from a response of the service.
    pub(crate) fn learn(&self, estimate: Option<SignedDuration>) {
        if let Some(skew) = estimate {
            self.0.store(i64::try_from(skew.whole_milliseconds()).unwrap_or_default(), Ordering::Relaxed);
        }
    }

    /// Learns from a refusal that a wrong clock may have caused, of a request that was signed with the correction `used`. `again`: the one
    /// before it was refused for its time, too. The result says whether the next request is signed with another time, and may be accepted
    /// for that.
    pub(crate) fn refused(&self, estimate: Option<SignedDuration>, used: SignedDuration, again: bool) -> bool {
        match estimate {
            // The service's clock is not what the request was signed with.
            Some(skew) if (skew - used).abs() > CREDIBLE => {
                self.learn(estimate);
                true
            }
            // What was learned may be wrong. When it was learned from the refusal before, it was not the clock.
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

/// The service's clock minus ours: `Date` minus the middle of the exchange. A cached response (`Age`) tells the time of another exchange.
pub(crate) fn estimate(headers: &HeaderMap, sent: Moment, received: Moment) -> Option<SignedDuration> {
    let round_trip = received.since(sent);
    if headers.contains_key(header::AGE) || round_trip > LONGEST_ROUND_TRIP || received.disagrees_since(sent) {
        return None;
    }
    let date = headers.get(header::DATE)?.to_str().ok()?;
    // A service whose own clock is that wrong has nothing to teach, and what comes of it could not even be signed.
    let date = timestamp::parse_http_date(date).filter(|date| (2010..9999).contains(&date.year()))?;
    let half = SignedDuration::try_from(round_trip / 2).unwrap_or_default();
    Some(date - timestamp::later(sent.wall, half))
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
