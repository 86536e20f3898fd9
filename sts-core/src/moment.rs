//! A point in time on two clocks.

use core::time::Duration;
use time::{SignedDuration, UtcDateTime};

/// A point in time on two clocks. The wall clock says what is signed, and can be set at any time; the monotonic clock measures how long
/// something took, and may stand still while the machine sleeps.
///
/// Whoever has one clock passes its [`UtcDateTime`] as it is:
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
    /// The monotonic clock: the time since a beginning that is the same for all moments of a client.
    pub monotonic: Duration,
}

impl Moment {
    /// How long ago the other moment was, by the monotonic clock; zero when it was later.
    pub fn since(self, earlier: Self) -> Duration {
        self.monotonic.saturating_sub(earlier.monotonic)
    }

    /// Whether the two clocks disagree about how long ago the other moment was: one of them was set, or the machine slept.
    pub(crate) fn disagrees_since(self, earlier: Self) -> bool {
        // Clocks are slewed, and read one after the other.
        const TOLERANCE: SignedDuration = SignedDuration::seconds(2);
        let monotonic = SignedDuration::try_from(self.since(earlier)).unwrap_or(SignedDuration::MAX);
        (self.wall - earlier.wall).saturating_sub(monotonic).abs() > TOLERANCE
    }
}

/// The wall clock stands for both.
impl From<UtcDateTime> for Moment {
    fn from(wall: UtcDateTime) -> Self {
        Self { wall, monotonic: (wall - UtcDateTime::MIN).unsigned_abs() }
    }
}
