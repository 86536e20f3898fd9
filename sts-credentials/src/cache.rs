//! The credentials cache: decides which credentials to use and when to refresh them. It never waits.
//!
//! | lifetime of the credentials | an early refresh starts |
//! |---|---|
//! | up to 5 min | after half of it |
//! | up to 20 min | 5 min before expiration |
//! | less than 90 min | 15 min before |
//! | longer | 60 min before |
//!
//! For lifetimes of at least 10 minutes, this varies randomly by up to a third, so that programs that start together do not refresh
//! together: credentials of an hour are refreshed 10 to 20 minutes before they expire.
//!
//! During an early refresh, one caller refreshes and all others keep using the old credentials. In the last minute, and when there are no
//! credentials, all callers wait for one refresh.
//!
//! After a transient failure, the old credentials stay in use, even after they expire: the service decides whether to accept them.
//! The next attempt follows 5 to 10 minutes later, or earlier, after half of the remaining lifetime, but not before 90 to 180 s have
//! passed. If there are no credentials, all calls get the error for about a second. This period doubles after each further
//! failure, up to 90 to 180 s.
//!
//! After any other failure, the old credentials are dropped, and all calls get the error for 1 to 5 s.
//!
//! # A driver
//! Only this loop needs a lock. A driver also wakes waiting callers whenever an attempt ends, calls [`Cache::abandon`] if an
//! attempt is dropped before it ends, and [`Cache::give_up`] if an attempt hangs.
//! ```
//! use std::sync::{Arc, Condvar, Mutex};
//! use sts_core::Credentials;
//! use sts_credentials::cache::{Cache, Decision};
//! use time::UtcDateTime;
//!
//! type Error = Arc<str>;
//!
//! fn credentials(
//!     (cache, changed): (&Mutex<Cache<Error>>, &Condvar),
//!     now: impl Fn() -> UtcDateTime,
//!     find: impl Fn() -> Result<Credentials, Error>,
//! ) -> Result<Arc<Credentials>, Error> {
//!     let mut waited = None;
//!     let mut cache_now = cache.lock().unwrap();
//!     loop {
//!         match cache_now.decide(now(), waited) {
//!             Decision::Use(credentials) => return Ok(credentials),
//!             Decision::Fail(error) => return Err(error),
//!             Decision::Wait(attempt) => {
//!                 waited = Some(attempt);
//!                 cache_now = changed.wait(cache_now).unwrap();
//!             }
//!             // Or, where there are credentials, return them and do this in the background.
//!             Decision::UseAndRefresh(_, refresh) | Decision::Refresh(refresh) => {
//!                 waited = Some(refresh.attempt());
//!                 drop(cache_now);
//!                 let found = find();
//!                 cache_now = cache.lock().unwrap();
//!                 match found {
//!                     Ok(credentials) => cache_now.succeed(refresh, now(), credentials),
//!                     Err(error) => {
//!                         cache_now.fail(refresh, now(), error, true);
//!                     }
//!                 }
//!                 changed.notify_all();
//!             }
//!         }
//!     }
//! }
//!
//! let (cache, changed) = (Mutex::new(Cache::new(7)), Condvar::new());
//! let now = || time::macros::utc_datetime!(2026-11-23 03:00);
//! let ask = || credentials((&cache, &changed), now, || Ok(Credentials::new("AKID", "secret")));
//! assert!(Arc::ptr_eq(&ask()?, &ask()?));
//! # Ok::<(), Error>(())
//! ```

use alloc::sync::Arc;
use time::{Duration, UtcDateTime};

use sts_core::{Credentials, random::SplitMix, timestamp::later};

/// The current credentials and the state of their refresh. A driver protects it with a lock, and releases the lock while it waits. `E` is
/// the error of a failed refresh; each waiting caller gets a clone.
///
/// ```
/// use sts_core::Credentials;
/// use sts_credentials::cache::{Cache, Decision};
/// use time::{Duration, macros::utc_datetime};
///
/// let now = utc_datetime!(2026-11-23 03:00);
/// let mut cache = Cache::<&str>::new(7);
/// let Decision::Refresh(refresh) = cache.decide(now, None) else { unreachable!() };
/// assert!(matches!(cache.decide(now, None), Decision::Wait(_)));
/// cache.succeed(refresh, now, Credentials::new("ASIA1", "secret").expiration(now + Duration::HOUR));
/// assert!(matches!(cache.decide(now + Duration::minutes(40), None), Decision::Use(_)));
/// assert!(matches!(cache.decide(now + Duration::minutes(50), None), Decision::UseAndRefresh(..)));
/// ```
#[derive(Debug)]
pub struct Cache<E> {
    kept: Option<Kept>,
    failed: Option<Failed<E>>,
    /// The number of transient failures since the last success.
    failures: u32,
    /// The number of attempts started.
    attempts: u64,
    is_refreshing: bool,
    random: SplitMix,
}

/// What a caller must do.
#[derive(Debug)]
pub enum Decision<E> {
    /// Use these credentials.
    Use(Arc<Credentials>),
    /// Use these credentials, and refresh them: in the background if the driver supports that, otherwise now.
    UseAndRefresh(Arc<Credentials>, Refresh),
    /// There are no usable credentials. Get new ones.
    Refresh(Refresh),
    /// Another caller is getting credentials. When that attempt ends, call [`Cache::decide`] again and pass this attempt as `waited`.
    Wait(Attempt),
    /// There are no credentials: the attempt that the caller waited for, or a recent one, failed.
    Fail(E),
}

/// The task of getting new credentials. One caller has it at a time, until it calls [`Cache::succeed`], [`Cache::fail`] or
/// [`Cache::abandon`].
#[must_use = "no other caller refreshes until the cache knows how this one ended"]
#[derive(Debug)]
pub struct Refresh(Attempt);

impl Refresh {
    /// The number of this attempt.
    pub fn attempt(&self) -> Attempt {
        self.0
    }
}

/// The number of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt(u64);

impl<E> Cache<E> {
    /// An empty cache. `seed` should differ between processes, so that they do not all refresh at once.
    pub fn new(seed: u64) -> Self {
        Self { kept: None, failed: None, failures: 0, attempts: 0, is_refreshing: false, random: SplitMix::new(seed) }
    }

    /// Decides what the caller must do. `waited` is the attempt that this caller made or waited for. The caller gets its result (the
    /// credentials or, if none are usable, the error), so that waiting callers do not all retry one after another.
    pub fn decide(&mut self, now: UtcDateTime, waited: Option<Attempt>) -> Decision<E>
    where
        E: Clone,
    {
        let pausing = self.failed.as_ref().filter(|failed| failed.holds(now));
        // After an attempt was given up, another one may already be running.
        if let (Some(failed), None, false) = (pausing, &self.kept, self.is_refreshing) {
            return Decision::Fail(failed.error.clone());
        }
        let is_answer = |kept: &&Kept| waited.is_some_and(|waited| kept.attempt >= waited);
        if let Some(kept) = self.kept.as_ref().filter(|kept| pausing.is_some() || is_answer(kept) || !kept.is_due(now))
        {
            return Decision::Use(kept.credentials.clone());
        }
        let usable = self.kept.as_ref().filter(|kept| !kept.is_mandatory(now)).map(|kept| kept.credentials.clone());
        if let (None, Some(failed), Some(waited)) = (&usable, &self.failed, waited)
            && failed.attempt >= waited
        {
            return Decision::Fail(failed.error.clone());
        }
        match (usable, self.is_refreshing) {
            (Some(credentials), true) => Decision::Use(credentials),
            (Some(credentials), false) => Decision::UseAndRefresh(credentials, self.begin()),
            (None, true) => Decision::Wait(Attempt(self.attempts)),
            (None, false) => Decision::Refresh(self.begin()),
        }
    }

    fn begin(&mut self) -> Refresh {
        self.is_refreshing = true;
        self.attempts += 1;
        Refresh(Attempt(self.attempts))
    }

    /// Ends a refresh with new credentials.
    pub fn succeed(&mut self, refresh: Refresh, now: UtcDateTime, credentials: impl Into<Arc<Credentials>>) {
        let attempt = self.end(refresh);
        if self.kept.as_ref().is_some_and(|kept| kept.attempt > attempt) {
            return;
        }
        (self.failed, self.failures) = (None, 0);
        self.kept = Some(Kept::new(attempt, credentials.into(), now, &self.random));
    }

    /// Ends a refresh with an error. If the error is [transient](crate::error::SourceError::is_transient), the old credentials stay in use;
    /// otherwise they are dropped, and all calls get the error for 1 to 5 s.
    ///
    /// Returns whether the failure counts. It does not if a later attempt has already ended, which can happen after
    /// [`give_up`](Self::give_up).
    pub fn fail(&mut self, refresh: Refresh, now: UtcDateTime, error: E, is_transient: bool) -> bool {
        let attempt = self.end(refresh);
        let newest = self.kept.as_ref().map(|kept| kept.attempt).max(self.failed.as_ref().map(|failed| failed.attempt));
        if newest.is_some_and(|newest| newest > attempt) {
            return false;
        }
        let pause = if is_transient {
            self.failures = self.failures.saturating_add(1);
            self.pause(now)
        } else {
            self.kept = None;
            draw(&self.random, Duration::SECOND, Duration::seconds(5))
        };
        self.failed = Some(Failed { attempt, error, at: now, until: later(now, pause) });
        true
    }

    /// Ends a refresh that was dropped: its caller is gone, its executor has shut down, or it panicked. If there are no usable
    /// credentials, the next caller gets the task immediately; otherwise after a delay, so that a refresh that always panics does not loop.
    pub fn abandon(&mut self, refresh: Refresh, now: UtcDateTime) {
        self.end(refresh);
        let pause = retry_pause(&self.random);
        if let Some(kept) = self.kept.as_mut().filter(|kept| !kept.is_mandatory(now)) {
            kept.refresh_at = Some(later(now, pause)).min(kept.mandatory_at);
        }
    }

    /// Gives up an attempt that hangs, such as a task on an executor that does not run. The next caller gets the task. If the attempt still
    /// succeeds later, its credentials are used unless there are newer ones; if it fails, the failure counts unless there are newer
    /// credentials or a later failure.
    pub fn give_up(&mut self, attempt: Attempt) {
        // Otherwise, another attempt is already running.
        if attempt.0 == self.attempts {
            self.is_refreshing = false;
            // Failures before this attempt do not delay the next one.
            if let Some(failed) = &mut self.failed {
                failed.until = failed.at;
            }
        }
    }

    fn end(&mut self, Refresh(attempt): Refresh) -> Attempt {
        self.give_up(attempt);
        attempt
    }

    /// How long to wait before the next attempt after a transient failure.
    fn pause(&self, now: UtcDateTime) -> Duration {
        let shortest = retry_pause(&self.random);
        match &self.kept {
            Some(kept) => {
                let left = kept.credentials.expiration.map_or(Duration::MAX, |end| end - now);
                draw(&self.random, Duration::minutes(5), Duration::minutes(10)).min(left / 2).max(shortest)
            }
            // 1, 2, 4, … 64 of 120 parts, which is about as many seconds.
            None => match self.failures {
                failures @ 1..=7 => shortest * (1 << (failures - 1)) / 120,
                _ => shortest,
            },
        }
    }

    /// Drops the credentials with this access key id, because a service says that they are expired or revoked. Does nothing if the cache
    /// already has other credentials.
    pub fn invalidate(&mut self, access_key_id: &str) {
        if self.kept.as_ref().is_some_and(|kept| kept.credentials.access_key_id == access_key_id) {
            (self.kept, self.failed) = (None, None);
        }
    }

    /// When the next refresh is due; `None` if it is due now or never.
    pub fn next_refresh_at(&self) -> Option<UtcDateTime> {
        let refresh_at = self.kept.as_ref()?.refresh_at?;
        Some(self.failed.as_ref().map_or(refresh_at, |failed| failed.until.max(refresh_at)))
    }
}

#[derive(Debug)]
struct Kept {
    credentials: Arc<Credentials>,
    /// The attempt that returned the credentials, and its time.
    attempt: Attempt,
    since: UtcDateTime,
    /// When an early refresh starts; `None` for credentials that do not expire.
    refresh_at: Option<UtcDateTime>,
    /// When callers start to wait for the refresh.
    mandatory_at: Option<UtcDateTime>,
}

impl Kept {
    fn new(attempt: Attempt, credentials: Arc<Credentials>, now: UtcDateTime, random: &SplitMix) -> Self {
        let refresh_at = credentials.expiration.map(|end| match end - now {
            // Instance metadata returns expired credentials while it cannot renew them.
            life if life <= Duration::ZERO => later(now, retry_pause(random)),
            life => later(end, -margin(life, random)),
        });
        let last_minute = credentials.expiration.map(|end| later(end, -Duration::MINUTE));
        Self { credentials, attempt, since: now, refresh_at, mandatory_at: last_minute.max(refresh_at) }
    }

    fn is_due(&self, now: UtcDateTime) -> bool {
        // If the clock was set back, the remaining lifetime is unknown.
        self.refresh_at.is_some_and(|time| now >= time || is_before(now, self.since))
    }

    fn is_mandatory(&self, now: UtcDateTime) -> bool {
        self.mandatory_at.is_some_and(|time| now >= time)
    }
}

#[derive(Debug)]
struct Failed<E> {
    attempt: Attempt,
    error: E,
    at: UtcDateTime,
    /// No attempt starts before this time. Until then, callers get the old credentials or, if there are none, the error.
    until: UtcDateTime,
}

impl<E> Failed<E> {
    fn holds(&self, now: UtcDateTime) -> bool {
        now < self.until && !is_before(now, self.at)
    }
}

/// Whether the clock was set back. Ignores small differences, since threads read the clock before they wait for a lock.
fn is_before(now: UtcDateTime, past: UtcDateTime) -> bool {
    now < past.saturating_sub(Duration::MINUTE)
}

/// How long before expiration an early refresh starts.
fn margin(life: Duration, random: &SplitMix) -> Duration {
    // With less than 10 minutes left, the source probably caches its credentials, and would return the same ones again.
    if life <= Duration::minutes(5) {
        return life / 2;
    }
    let minutes = match life {
        life if life < Duration::minutes(10) => return Duration::minutes(5),
        life if life <= Duration::minutes(20) => 5,
        life if life < Duration::minutes(90) => 15,
        _ => 60,
    };
    draw(random, Duration::minutes(minutes) * 2 / 3, Duration::minutes(minutes) * 4 / 3)
}

/// The shortest time between two attempts after repeated failures.
fn retry_pause(random: &SplitMix) -> Duration {
    draw(random, Duration::seconds(90), Duration::seconds(180))
}

/// A random duration between `min` and `max`.
fn draw(random: &SplitMix, min: Duration, max: Duration) -> Duration {
    min + (max - min) * random.fraction()
}
