//! When a failed attempt is made again, and after how long: standard mode, revision 2.1.
//!
//! Everything here is a pure function of what happened, apart from the quota, an atomic counter that all calls of a client share.
//! [Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)

use core::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use http::{HeaderMap, HeaderName, StatusCode};

use crate::{error_code::ErrorCode, text::debug_in_words};

mod rate_limiter;

use rate_limiter::RateLimiter;

/// How retries are made.
/// [Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryMode {
    /// After a wait that doubles each time, as long as the client's quota of retries lasts.
    #[default]
    Standard,
    /// As `Standard`; besides, a client that is throttled sends no faster than the service has shown to bear, so that even a first attempt may
    /// have to wait. For programs that make many calls with one client and none that must be fast.
    Adaptive,
}

impl RetryMode {
    /// The mode's name: `standard` or `adaptive`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Adaptive => "adaptive",
        }
    }
}

/// Reads `standard`, `adaptive` or `legacy`, which means `standard`, in letters of any case.
impl FromStr for RetryMode {
    type Err = ParseRetryModeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let modes = [("standard", Self::Standard), ("adaptive", Self::Adaptive), ("legacy", Self::Standard)];
        let found = modes.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        found.map(|(_, mode)| mode).ok_or(ParseRetryModeError(()))
    }
}

/// The text is not a retry mode.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ParseRetryModeError(());

impl fmt::Display for ParseRetryModeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected standard, adaptive or legacy")
    }
}

impl core::error::Error for ParseRetryModeError {}

debug_in_words!(ParseRetryModeError);

/// Why an attempt may be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The failure will probably pass.
    Transient,
    /// The service asks for fewer requests.
    Throttling,
    /// The request was refused because of its time, and the time is corrected now.
    Skew,
    /// The role may be so new that not all of AWS knows it.
    Denied,
}

impl Reason {
    /// What a retry costs of the quota.
    pub(crate) fn cost(self) -> u32 {
        match self {
            Self::Throttling => 5,
            Self::Transient | Self::Skew | Self::Denied => 14,
        }
    }

    fn base_delay(self) -> Duration {
        match self {
            // It takes IAM seconds.
            Self::Throttling | Self::Denied => Duration::from_secs(1),
            Self::Transient | Self::Skew => Duration::from_millis(50),
        }
    }
}

/// Whether a refusal is worth another attempt.
pub(crate) fn classify_refusal(code: &ErrorCode, message: &str, status: StatusCode) -> Option<Reason> {
    match code {
        ErrorCode::Throttling => return Some(Reason::Throttling),
        ErrorCode::IdpCommunicationError => return Some(Reason::Transient),
        // The provider's keys could not be fetched: its trouble, not the token's.
        ErrorCode::InvalidIdentityToken if message.contains("retrieve verification key") => {
            return Some(Reason::Transient);
        }
        ErrorCode::Other(code) => match code.strip_suffix("Exception").unwrap_or(code) {
            "Throttled"
            | "RequestThrottled"
            | "TooManyRequests"
            | "ProvisionedThroughputExceeded"
            | "TransactionInProgress"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded"
            | "LimitExceeded"
            | "SlowDown"
            | "PriorRequestNotComplete"
            | "EC2Throttled" => return Some(Reason::Throttling),
            "RequestTimeout" => return Some(Reason::Transient),
            _ => {}
        },
        _ => {}
    }
    classify_status(status)
}

/// Whether a response is worth another attempt, going by its status alone.
pub(crate) fn classify_status(status: StatusCode) -> Option<Reason> {
    match status.as_u16() {
        429 => Some(Reason::Throttling),
        500 | 502 | 503 | 504 => Some(Reason::Transient),
        _ => None,
    }
}

/// How long to wait before the retry of that number (from 0). `random` is in 0..=1, `after` what `x-amz-retry-after` says.
pub(crate) fn delay(reason: Reason, retry: u32, random: f64, after: Option<Duration>) -> Duration {
    const LONGEST: Duration = Duration::from_secs(20);
    let most = reason.base_delay().saturating_mul(2_u32.saturating_pow(retry)).min(LONGEST);
    let delay = most.mul_f64(random);
    match after {
        Some(after) => after.clamp(delay, delay + Duration::from_secs(5)),
        None => delay,
    }
}

/// Reads `x-amz-retry-after`: whole milliseconds; anything else is ignored.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    const RETRY_AFTER: HeaderName = HeaderName::from_static("x-amz-retry-after");
    let milliseconds = headers.get(&RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_millis(milliseconds))
}

/// What limits the attempts of a client's calls.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    pub(crate) quota: Quota,
    pub(crate) rate: RateLimiter,
}

/// How many retries a client may still make, so that an outage is not made worse by them.
#[derive(Debug)]
pub(crate) struct Quota(AtomicU32);

impl Default for Quota {
    fn default() -> Self {
        Self(AtomicU32::new(Self::FULL))
    }
}

impl Quota {
    const FULL: u32 = 500;

    /// Takes the cost of a retry; `false` when there is not enough left.
    pub(crate) fn take(&self, cost: u32) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost)).is_ok()
    }

    /// Gives back after a success: the cost of the last retry, or 1 when there was none.
    pub(crate) fn give_back(&self, last_cost: Option<u32>) {
        let back = last_cost.unwrap_or(1);
        // The closure always returns a value, so the update cannot fail.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(Self::FULL.min(left + back)));
    }

    #[cfg(test)]
    pub(crate) fn left(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_twenty_seconds() {
        let delays = |reason| [0, 1, 2, 9, 40].map(|retry| delay(reason, retry, 1.0, None).as_millis());
        assert_eq!(delays(Reason::Transient), [50, 100, 200, 20_000, 20_000]);
        assert_eq!(delays(Reason::Throttling), [1_000, 2_000, 4_000, 20_000, 20_000]);
        assert_eq!(delay(Reason::Transient, 1, 0.25, None), Duration::from_millis(25));
    }

    #[test]
    fn retry_after_is_held_within_five_seconds_of_the_delay() {
        let after = |text: &str| {
            let headers = http::HeaderMap::from_iter([(
                http::HeaderName::from_static("x-amz-retry-after"),
                http::HeaderValue::from_str(text).unwrap(),
            )]);
            delay(Reason::Transient, 0, 1.0, retry_after(&headers)).as_millis()
        };
        assert_eq!(["1500", "0", "10000", "x", "-1", "1.5", ""].map(after), [1500, 50, 5050, 50, 50, 50, 50]);
    }

    #[test]
    fn the_quota_is_neither_overdrawn_nor_overfilled() {
        let quota = Quota::default();
        quota.give_back(None);
        assert_eq!(quota.left(), 500);
        for _ in 0..35 {
            assert!(quota.take(14));
        }
        assert!(!quota.take(14));
        assert_eq!(quota.left(), 10);
        quota.give_back(Some(14));
        quota.give_back(None);
        assert_eq!(quota.left(), 25);
    }
}
