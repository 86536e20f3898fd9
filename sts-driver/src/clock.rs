//! The time of a call.

use std::time::{Duration, Instant, SystemTime};

use time::UtcDateTime;

/// Wall-clock time that goes on with the steady clock: when the wall clock is set anew meanwhile, a call is neither shortened nor
/// stretched.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Since 1970.
    start: Duration,
    clock: Instant,
}

impl Clock {
    /// Begins now.
    pub fn start() -> Self {
        Self { start: since_1970(), clock: Instant::now() }
    }

    /// The time.
    pub fn now(&self) -> UtcDateTime {
        utc(self.start.saturating_add(self.clock.elapsed()))
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
