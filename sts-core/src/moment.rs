//! A point in time on two clocks.

use core::time::Duration;
use time::{SignedDuration, UtcDateTime};

/// A point in time on two clocks. The wall clock gives the time to sign with; it can be set at any time. The monotonic clock measures
/// durations; it may stop while the machine sleeps.
///
/// If you only have a wall clock, convert from its [`UtcDateTime`]:
///
/// ```
/// use std::time::Duration;
/// use sts_core::Moment;
/// use time::macros::utc_datetime;
///
/// let start: Moment = utc_datetime!(2026-11-23 03:00).into();
/// let end: Moment = utc_datetime!(2026-11-23 03:01).into();
/// assert_eq!(end.since(start), Duration::from_secs(60));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The wall clock.
    pub wall: UtcDateTime,
    /// The monotonic clock: the time since an origin that is the same for all moments of a client.
    pub monotonic: Duration,
}

impl Moment {
    /// The monotonic time since `earlier`; zero if it is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.monotonic.saturating_sub(earlier.monotonic)
    }

    /// Whether the two clocks disagree about the time since `earlier`: the wall clock was set, or the machine slept.
    pub(crate) fn disagrees_since(self, earlier: Self) -> bool {
        // Wall clocks are slewed, and the two clocks are not read at the same instant.
        const TOLERANCE: SignedDuration = SignedDuration::seconds(2);
        let monotonic = SignedDuration::try_from(self.since(earlier)).unwrap_or(SignedDuration::MAX);
        (self.wall - earlier.wall).saturating_sub(monotonic).abs() > TOLERANCE
    }
}

/// Uses the wall clock for both.
impl From<UtcDateTime> for Moment {
    fn from(wall: UtcDateTime) -> Self {
        Self { wall, monotonic: (wall - UtcDateTime::MIN).unsigned_abs() }
    }
}
