//! Which credentials to use now, and when to refresh them: a value that decides, and never waits.
//!
//! | lifetime of the credentials | an early refresh begins |
//! |---|---|
//! | up to 5 min | after half of it |
//! | up to 20 min | 5 min before the end |
//! | less than 90 min | 15 min before |
//! | longer | 60 min before |
//!
//! For lifetimes of 10 minutes and more, this is drawn by up to a third either way, so that programs that start together do not refresh
//! together for ever: credentials of an hour are refreshed 10 to 20 minutes before their end.
//!
//! Nobody waits for an early refresh: one caller makes it, all others use the old credentials. In the last minute, and when there are no
//! credentials, all callers wait for one refresh.
//!
//! After a transient failure the old credentials stay in use, even after they expire, since the service that gets them has the last word.
//! The next attempt is made 5 to 10 minutes later, but no later than after half of the time that is left, and not before 90 to 180 s have
//! passed. When there are no credentials, the error is the answer to all calls for about a second, and for twice as long after each further
//! failure, up to 90 to 180 s.
//!
//! After any other failure the old credentials are dropped, and the error is the answer to all calls for 1 to 5 s.
//!
//! # A driver
//! This loop is all that needs a lock. A driver also wakes the waiting callers whenever an attempt ends, calls [`Cache::abandon`] when an
//! attempt is dropped before its end, and [`Cache::give_up`] when it has come to a standstill.
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

/// The credentials in use, and the state of their refresh. A driver keeps it behind a lock, which it never holds while it waits. `E` is the
/// error of a failed refresh; it is cloned for every caller that waited.
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
    /// How many transient failures there were since the last success.
    failures: u32,
    /// How many attempts were begun.
    attempts: u64,
    is_refreshing: bool,
    random: SplitMix,
}

/// What a caller must do.
#[derive(Debug)]
pub enum Decision<E> {
    /// Use these credentials.
    Use(Arc<Credentials>),
    /// Use these credentials, and refresh them: in the background if the driver has one, else now.
    UseAndRefresh(Arc<Credentials>, Refresh),
    /// There are no usable credentials: get new ones.
    Refresh(Refresh),
    /// Another caller is getting them: call [`Cache::decide`] again when that attempt is over, and say that it was waited for.
    Wait(Attempt),
    /// There are no credentials, since the attempt that was waited for, or a recent one, failed.
    Fail(E),
}

/// The task of getting new credentials, given to one caller at a time. It ends with [`Cache::succeed`], [`Cache::fail`] or
/// [`Cache::abandon`]; until then, no other caller gets it.
#[must_use = "no other caller refreshes until the cache knows how this one ended"]
#[derive(Debug)]
pub struct Refresh(Attempt);

impl Refresh {
    /// Which attempt this is.
    pub fn attempt(&self) -> Attempt {
        self.0
    }
}

/// The number of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt(u64);

impl<E> Cache<E> {
    /// A cache without credentials. `seed` is a number that differs between processes, so that they do not all refresh at once.
    pub fn new(seed: u64) -> Self {
        Self { kept: None, failed: None, failures: 0, attempts: 0, is_refreshing: false, random: SplitMix::new(seed) }
    }

    /// What to do at that time. `waited` is the attempt that this caller waited for or made. Its result is the answer: credentials, or its
    /// error when there are none to use. So callers that waited do not try one after the other.
    pub fn decide(&mut self, now: UtcDateTime, waited: Option<Attempt>) -> Decision<E>
    where
        E: Clone,
    {
        let pausing = self.failed.as_ref().filter(|failed| failed.holds(now));
        // Another attempt may run already, after one that was given up.
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

    /// The refresh brought new credentials.
    pub fn succeed(&mut self, refresh: Refresh, now: UtcDateTime, credentials: impl Into<Arc<Credentials>>) {
        let attempt = self.end(refresh);
        if self.kept.as_ref().is_some_and(|kept| kept.attempt > attempt) {
            return;
        }
        (self.failed, self.failures) = (None, 0);
        self.kept = Some(Kept::new(attempt, credentials.into(), now, &self.random));
    }

    /// The refresh failed. If that is transient, the old credentials stay in use; else they are dropped, and the error is the answer to all
    /// calls for 1 to 5 s. [`SourceError::is_transient`](crate::error::SourceError::is_transient) knows which.
    ///
    /// Returns whether the failure counts: it does not when newer credentials or a later failure came before it, as can happen after
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

    /// The refresh was dropped before its end: its caller is gone, its executor has shut down, or it panicked. When there are no usable
    /// credentials, the next caller gets the task at once; else it has time, so that a refresh that always panics is not begun again and again.
    pub fn abandon(&mut self, refresh: Refresh, now: UtcDateTime) {
        self.end(refresh);
        let pause = retry_pause(&self.random);
        if let Some(kept) = self.kept.as_mut().filter(|kept| !kept.is_mandatory(now)) {
            kept.refresh_at = Some(later(now, pause)).min(kept.mandatory_at);
        }
    }

    /// That attempt has come to a standstill, such as a task on an executor that does not run: the next caller gets the task. Credentials
    /// that the attempt brings after all are used unless there are newer ones, even if a later attempt has failed; its failure counts
    /// unless there are newer credentials or a later failure.
    pub fn give_up(&mut self, attempt: Attempt) {
        // Else another one runs already.
        if attempt.0 == self.attempts {
            self.is_refreshing = false;
            // What failed before this attempt is no reason to wait.
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
            // 1, 2, 4, … 64 of 120 parts, so about as many seconds.
            None => match self.failures {
                failures @ 1..=7 => shortest * (1 << (failures - 1)) / 120,
                _ => shortest,
            },
        }
    }

    /// A service says that the key of that id is expired or revoked. The credentials are dropped if that is theirs, and only then: by now
    /// there may be others.
    pub fn invalidate(&mut self, access_key_id: &str) {
        if self.kept.as_ref().is_some_and(|kept| kept.credentials.access_key_id == access_key_id) {
            (self.kept, self.failed) = (None, None);
        }
    }

    /// When the next refresh is due, if a caller asks then; `None` when it is due now, or never.
    pub fn next_refresh_at(&self) -> Option<UtcDateTime> {
        let refresh_at = self.kept.as_ref()?.refresh_at?;
        Some(self.failed.as_ref().map_or(refresh_at, |failed| failed.until.max(refresh_at)))
    }
}

#[derive(Debug)]
struct Kept {
    credentials: Arc<Credentials>,
    /// The attempt that brought them, and when.
    attempt: Attempt,
    since: UtcDateTime,
    /// From when on one caller refreshes; `None` for credentials without an end.
    refresh_at: Option<UtcDateTime>,
    /// From when on all callers wait for that.
    mandatory_at: Option<UtcDateTime>,
}

impl Kept {
    fn new(attempt: Attempt, credentials: Arc<Credentials>, now: UtcDateTime, random: &SplitMix) -> Self {
        let refresh_at = credentials.expiration.map(|end| match end - now {
            // Instance metadata sends expired credentials while it cannot renew them.
            life if life <= Duration::ZERO => later(now, retry_pause(random)),
            life => later(end, -margin(life, random)),
        });
        let last_minute = credentials.expiration.map(|end| later(end, -Duration::MINUTE));
        Self { credentials, attempt, since: now, refresh_at, mandatory_at: last_minute.max(refresh_at) }
    }

    fn is_due(&self, now: UtcDateTime) -> bool {
        // When the clock was set back, nobody knows how much of their lifetime is left.
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
    /// No attempt is made before that time: callers get the old credentials or, when there are none, the error.
    until: UtcDateTime,
}

impl<E> Failed<E> {
    fn holds(&self, now: UtcDateTime) -> bool {
        now < self.until && !is_before(now, self.at)
    }
}

/// Whether the clock was set back in between. A little does not count: threads read the clock before they wait for a lock.
fn is_before(now: UtcDateTime, past: UtcDateTime) -> bool {
    now < past.saturating_sub(Duration::MINUTE)
}

/// How long before the end an early refresh begins.
fn margin(life: Duration, random: &SplitMix) -> Duration {
    // Less than 10 minutes is what remains of credentials that the source keeps: asking again at once would bring the same.
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

/// The shortest time between two attempts when the source has failed for longer.
fn retry_pause(random: &SplitMix) -> Duration {
    draw(random, Duration::seconds(90), Duration::seconds(180))
}

/// A duration between these two.
fn draw(random: &SplitMix, min: Duration, max: Duration) -> Duration {
    min + (max - min) * random.fraction()
}
