//! Retry rules: which failures are retried, and after which delay. Standard mode, revision 2.1.
//!
//! All functions are pure, except for the quota, an atomic counter that all calls of a client share.
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

/// The retry mode.
/// [Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryMode {
    /// Retries with exponential backoff, limited by the client's retry quota.
    #[default]
    Standard,
    /// Like `Standard`. In addition, once the service has throttled a client, the client limits its own sending rate, so even a first
    /// attempt may have to wait. For programs that make many calls with one client and tolerate delays.
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

/// Parses `standard`, `adaptive` or `legacy` (an alias of `standard`), ignoring case.
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

/// Why an attempt is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The failure is probably temporary.
    Transient,
    /// The service throttles the client.
    Throttling,
    /// The request was refused because of its time, which has been corrected since.
    Skew,
    /// The role may be so new that it has not reached every part of AWS.
    Denied,
}

impl Reason {
    /// The cost of a retry in quota.
    pub(crate) fn cost(self) -> u32 {
        match self {
            Self::Throttling => 5,
            Self::Transient | Self::Skew | Self::Denied => 14,
        }
    }

    fn base_delay(self) -> Duration {
        match self {
            // IAM needs seconds to propagate a role.
            Self::Throttling | Self::Denied => Duration::from_secs(1),
            Self::Transient | Self::Skew => Duration::from_millis(50),
        }
    }
}

/// Whether to retry after a service error.
pub(crate) fn classify_refusal(code: &ErrorCode, message: &str, status: StatusCode) -> Option<Reason> {
    match code {
        ErrorCode::Throttling => return Some(Reason::Throttling),
        ErrorCode::IdpCommunicationError => return Some(Reason::Transient),
        // STS could not fetch the identity provider's keys; the token may be valid.
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

/// Whether to retry after a response with this status.
pub(crate) fn classify_status(status: StatusCode) -> Option<Reason> {
    match status.as_u16() {
        429 => Some(Reason::Throttling),
        408 | 500 | 502 | 503 | 504 => Some(Reason::Transient),
        _ => None,
    }
}

/// The delay before a retry. `retry` counts from 0, `random` is in 0..=1, `after` is the value of `x-amz-retry-after`.
pub(crate) fn delay(reason: Reason, retry: u32, random: f64, after: Option<Duration>) -> Duration {
    const MAX_DELAY: Duration = Duration::from_secs(20);
    let max = reason.base_delay().saturating_mul(2_u32.saturating_pow(retry)).min(MAX_DELAY);
    let delay = max.mul_f64(random);
    match after {
        Some(after) => after.clamp(delay, delay + Duration::from_secs(5)),
        None => delay,
    }
}

/// Reads `x-amz-retry-after`, in whole milliseconds. Any other value is ignored.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    const RETRY_AFTER: HeaderName = HeaderName::from_static("x-amz-retry-after");
    let milliseconds = headers.get(&RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_millis(milliseconds))
}

/// The limits that all calls of a client share.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    pub(crate) quota: Quota,
    pub(crate) rate: RateLimiter,
}

/// The retry quota of a client. It keeps retries from making an outage worse.
#[derive(Debug)]
pub(crate) struct Quota(AtomicU32);

impl Default for Quota {
    fn default() -> Self {
        Self(AtomicU32::new(Self::FULL))
    }
}

impl Quota {
    const FULL: u32 = 500;

    /// Takes the cost of a retry; `false` if not enough is left.
    pub(crate) fn take(&self, cost: u32) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost)).is_ok()
    }

    /// Returns quota after a success: the cost of the last retry, or 1 if there was none.
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
