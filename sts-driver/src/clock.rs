//! The time of a call.

use std::{
    sync::OnceLock,
    time::{Duration, Instant, SystemTime},
};

use sts_core::Moment;
use time::UtcDateTime;

/// From here on the monotonic clock counts, for all clients of the process.
static BEGINNING: OnceLock<Instant> = OnceLock::new();

/// The two clocks of a call.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// The process's clocks.
    pub fn start() -> Self {
        Self { start: *BEGINNING.get_or_init(Instant::now) }
    }

    /// The time by both.
    pub fn now(&self) -> Moment {
        Moment { wall: now(), monotonic: self.start.elapsed() }
    }
}

/// The time, by the wall clock. What `UtcDateTime::now` says, in less code.
pub fn now() -> UtcDateTime {
    utc(since_1970())
}

/// A clock that is further back stands at the beginning.
fn since_1970() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

fn utc(since_1970: Duration) -> UtcDateTime {
    let nanoseconds = i128::try_from(since_1970.as_nanos()).unwrap_or(i128::MAX);
    UtcDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(UtcDateTime::MAX)
}
