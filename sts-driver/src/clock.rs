//! The time of a call.

use std::time::Instant;

use time::UtcDateTime;

/// Wall-clock time that goes on with the steady clock: when the wall clock is set anew meanwhile, a call is neither shortened nor
/// stretched.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: UtcDateTime,
    clock: Instant,
}

impl Clock {
    /// Begins now.
    pub fn start() -> Self {
        Self { start: UtcDateTime::now(), clock: Instant::now() }
    }

    /// The time.
    pub fn now(&self) -> UtcDateTime {
        self.start + self.clock.elapsed()
    }
}
