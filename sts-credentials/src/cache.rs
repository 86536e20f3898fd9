//! Which credentials to use now, and whether to look for newer ones: a value that decides, and never waits.
//!
//! | life in all | newer ones are looked for |
//! |---|---|
//! | up to 5 min | after half of it |
//! | up to 20 min | 5 min before the end |
//! | less than 90 min | 15 min before |
//! | longer | 60 min before |
//!
//! Until the last minute nobody waits for that: one caller is told to refresh, all others use what is there. In the last minute, and
//! when there is nothing, all wait for the one. When a refresh fails in a way that may pass, what is there is used on, even past its
//! end, since the service that gets it has the last word and may be more patient; the next attempt is made 5 to 10 minutes later. The
//! same holds for credentials that are past their end when they come, as instance metadata sends them while it cannot renew them.
//!
//! # A driver
//! All of it that needs a lock is this loop. Beside it, a driver wakes those that wait whenever an attempt ends, and tells
//! [`Cache::abandon`] when an attempt is dropped half-way, or [`Cache::give_up`] when it has come to a standstill.
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
//!             // Or, where there is something to use, return it and do this in the background.
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

/// Credentials, and what is known about the looking for newer ones. A driver keeps it behind a lock, which it never holds while it
/// waits. `E` is why there are no credentials, cheap to clone, since all callers that waited get it.
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
/// assert!(matches!(cache.decide(now + Duration::minutes(44), None), Decision::Use(_)));
/// assert!(matches!(cache.decide(now + Duration::minutes(45), None), Decision::UseAndRefresh(..)));
/// ```
#[derive(Debug)]
pub struct Cache<E> {
    kept: Option<Kept>,
    failed: Option<Failed<E>>,
    /// How many attempts were begun.
    attempts: u64,
    is_refreshing: bool,
    random: SplitMix,
}

/// What a caller is to do.
#[derive(Debug)]
pub enum Decision<E> {
    /// Use these.
    Use(Arc<Credentials>),
    /// Use these, and look for newer ones: in the background where there is one, else now.
    UseAndRefresh(Arc<Credentials>, Refresh),
    /// Look for credentials.
    Refresh(Refresh),
    /// Somebody is looking: decide again when that attempt is over, and say that it was waited for.
    Wait(Attempt),
    /// There are none, and this is why: the attempt that was waited for, or one just before, failed.
    Fail(E),
}

/// The task to look for credentials, given to one caller at a time. It ends with [`Cache::succeed`], [`Cache::fail`] or
/// [`Cache::abandon`]; until then, nobody else looks.
#[must_use = "nobody else looks for credentials until the cache is told how this ended"]
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
    /// Nothing is known yet. `seed` is any number that differs between processes, so that they do not all come back at once.
    pub fn new(seed: u64) -> Self {
        Self { kept: None, failed: None, attempts: 0, is_refreshing: false, random: SplitMix::new(seed) }
    }

    /// What to do at that time. `waited` is the attempt that this caller waited for or made: what it brought is the answer, credentials or,
    /// where there are none to use, its error. So callers that waited do not try one after the other.
    pub fn decide(&mut self, now: UtcDateTime, waited: Option<Attempt>) -> Decision<E>
    where
        E: Clone,
    {
        let pausing = self.failed.as_ref().filter(|failed| failed.holds(now));
        if let Some(failed) = pausing.filter(|failed| failed.is_final) {
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

    /// Newer credentials were found.
    pub fn succeed(&mut self, refresh: Refresh, now: UtcDateTime, credentials: impl Into<Arc<Credentials>>) {
        let pause = self.pause();
        let attempt = self.end(refresh);
        if self.kept.as_ref().is_some_and(|kept| kept.attempt > attempt) {
            return;
        }
        self.failed = None;
        self.kept = Some(Kept::new(attempt, credentials.into(), now, pause));
    }

    /// None were found. `may_pass`: the next attempt may end otherwise, so that what is there is used meanwhile; if it is `false`, what is
    /// there is dropped and the error is everybody's answer for 1 to 5 s.
    /// [`ProviderError::may_pass`](super::machine::ProviderError::may_pass) knows which.
    ///
    /// Whether that counts: an attempt that was [given up](Self::give_up) may fail when there are newer credentials or a later failure, and
    /// is of no interest then.
    pub fn fail(&mut self, refresh: Refresh, now: UtcDateTime, error: E, may_pass: bool) -> bool {
        let attempt = self.end(refresh);
        let newest = self.kept.as_ref().map(|kept| kept.attempt).max(self.failed.as_ref().map(|failed| failed.attempt));
        if newest.is_some_and(|newest| newest > attempt) {
            return false;
        }
        let pause = if may_pass {
            self.pause()
        } else {
            self.kept = None;
            Duration::SECOND + Duration::seconds(4) * self.random.fraction()
        };
        let until = later(now, pause);
        self.failed = Some(Failed { attempt, error, is_final: !may_pass, at: now, until });
        true
    }

    /// Nobody looks any more, for reasons that have nothing to do with the source: the next caller that asks is told to.
    pub fn abandon(&mut self, refresh: Refresh) {
        self.end(refresh);
    }

    /// That attempt has come to a standstill, such as that of a task on an executor that does not run: the next caller that asks is told to
    /// make another. Credentials that it finds after all are used unless there are newer ones, even if a later one has failed; its failure
    /// counts unless there are newer credentials or a later failure.
    pub fn give_up(&mut self, attempt: Attempt) {
        // Else another is made already.
        if attempt.0 == self.attempts {
            self.is_refreshing = false;
        }
    }

    fn end(&mut self, Refresh(attempt): Refresh) -> Attempt {
        self.give_up(attempt);
        attempt
    }

    /// How long what there is is used on when there is nothing newer.
    fn pause(&self) -> Duration {
        Duration::minutes(5) + Duration::minutes(5) * self.random.fraction()
    }

    /// A service says that the key of that id is expired or revoked. What is kept is dropped if it is that key, and only then: by now there
    /// may be another.
    pub fn invalidate(&mut self, access_key_id: &str) {
        if self.kept.as_ref().is_some_and(|kept| kept.credentials.access_key_id == access_key_id) {
            self.kept = None;
        }
    }

    /// When newer credentials will be looked for, if anybody asks; `None` when that is now, or never.
    pub fn next_refresh_at(&self) -> Option<UtcDateTime> {
        let refresh_at = self.kept.as_ref()?.refresh_at?;
        Some(self.failed.as_ref().map_or(refresh_at, |failed| failed.until.max(refresh_at)))
    }
}

#[derive(Debug)]
struct Kept {
    credentials: Arc<Credentials>,
    /// The attempt that found them, and when.
    attempt: Attempt,
    found_at: UtcDateTime,
    /// From when on newer ones are looked for; `None` for credentials without an end.
    refresh_at: Option<UtcDateTime>,
    /// From when on all wait for that.
    mandatory_at: Option<UtcDateTime>,
}

impl Kept {
    /// `pause` is how long credentials are used that are past their end already.
    fn new(attempt: Attempt, credentials: Arc<Credentials>, now: UtcDateTime, pause: Duration) -> Self {
        let refresh_at = credentials.expiration.map(|end| match end - now {
            life if life <= Duration::ZERO => later(now, pause),
            // Less than that is left of what the source itself keeps: asking again at once would bring the same.
            life if life <= Duration::minutes(5) => later(now, life / 2),
            life => later(end, -ahead(life)),
        });
        let last_minute = credentials.expiration.map(|end| later(end, -Duration::MINUTE));
        Self { credentials, attempt, found_at: now, refresh_at, mandatory_at: last_minute.max(refresh_at) }
    }

    fn is_due(&self, now: UtcDateTime) -> bool {
        // Where the clock was set back, nobody knows how much of their life is left.
        self.refresh_at.is_some_and(|time| now >= time || is_before(now, self.found_at))
    }

    fn is_mandatory(&self, now: UtcDateTime) -> bool {
        self.mandatory_at.is_some_and(|time| now >= time)
    }
}

#[derive(Debug)]
struct Failed<E> {
    attempt: Attempt,
    error: E,
    /// Whether it cannot pass, so that the error is what callers get meanwhile.
    is_final: bool,
    at: UtcDateTime,
    /// No attempt before that time, while there is something to use or the error is the answer.
    until: UtcDateTime,
}

impl<E> Failed<E> {
    fn holds(&self, now: UtcDateTime) -> bool {
        now < self.until && !is_before(now, self.at)
    }
}

/// Whether the clock was set back in between. Threads look at the clock before they wait for a lock, so that a little is nothing.
fn is_before(now: UtcDateTime, past: UtcDateTime) -> bool {
    now < past.saturating_sub(Duration::MINUTE)
}

/// How long before the end newer ones are looked for.
fn ahead(life: Duration) -> Duration {
    let minutes = if life <= Duration::minutes(20) {
        5
    } else if life < Duration::minutes(90) {
        15
    } else {
        60
    };
    Duration::minutes(minutes)
}
