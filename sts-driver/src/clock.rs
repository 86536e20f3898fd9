//! The clocks of a call.

use std::{
    sync::OnceLock,
    time::{Duration, Instant, SystemTime},
};

use sts_core::Moment;
use time::UtcDateTime;

/// The start of the monotonic clock, for all clients of the process.
static BEGINNING: OnceLock<Instant> = OnceLock::new();

/// The wall clock and the monotonic clock of a call.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// The clocks of this process.
    pub fn start() -> Self {
        Self { start: *BEGINNING.get_or_init(Instant::now) }
    }

    /// The current time of both clocks.
    pub fn now(&self) -> Moment {
        Moment { wall: now(), monotonic: self.start.elapsed() }
    }
}

/// The current time of the wall clock. The same as `UtcDateTime::now`, in less code.
pub fn now() -> UtcDateTime {
    utc(since_1970())
}

/// The time since 1970. Zero if the clock is set to an earlier date.
fn since_1970() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

fn utc(since_1970: Duration) -> UtcDateTime {
    let nanoseconds = i128::try_from(since_1970.as_nanos()).unwrap_or(i128::MAX);
    UtcDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(UtcDateTime::MAX)
}
