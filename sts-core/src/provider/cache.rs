//! Which credentials to use now, and whether to look for newer ones: a value that decides, and never waits.
//!
//! | life in all | newer ones are looked for |
//! |---|---|
//! | up to 20 min | 5 min before the end |
//! | less than 90 min | 15 min before |
//! | longer | 60 min before |
//!
//! Until the last minute nobody waits for that: one caller is told to refresh, all others use what is there. In the last minute, and
//! when there is nothing, all wait for the one. When a refresh fails in a way that may pass, what is there is used on, even past its
//! end, since the service that gets it has the last word and may be more patient; the next attempt is made 5 to 10 minutes later.

use time::{Duration, UtcDateTime};

use crate::credentials::Credentials;

/// Credentials, and what is known about the looking for newer ones. A driver keeps it behind a lock, which it never holds while it
/// waits.
///
/// ```
/// use sts_core::{Credentials, provider::cache::{Cache, Decision}};
/// use time::{Duration, macros::utc_datetime};
///
/// let now = utc_datetime!(2026-11-23 03:00);
/// let mut cache = Cache::new();
/// assert!(matches!(cache.decide(now), Decision::Refresh));
/// assert!(matches!(cache.decide(now), Decision::Wait));
/// cache.succeed(now, Credentials::new("ASIA1", "secret").expiration(now + Duration::HOUR));
/// assert!(matches!(cache.decide(now + Duration::minutes(44)), Decision::Use(_)));
/// assert!(matches!(cache.decide(now + Duration::minutes(45)), Decision::UseAndRefresh(_)));
/// ```
#[derive(Debug, Default)]
pub struct Cache {
    kept: Option<Kept>,
    is_refreshing: bool,
    /// No attempt before that time, since the last one failed.
    not_before: Option<UtcDateTime>,
    /// Whether what failed cannot pass, so that its error is what callers get meanwhile.
    is_final: bool,
}

#[derive(Debug)]
struct Kept {
    credentials: Credentials,
    /// From when on newer ones are looked for; `None` for credentials without an end.
    refresh_at: Option<UtcDateTime>,
}

/// What a caller is to do.
#[derive(Debug)]
pub enum Decision {
    /// Use these.
    Use(Credentials),
    /// Use these, and look for newer ones: now, or in the background where there is one. Then tell [`Cache::succeed`] or
    /// [`Cache::fail`].
    UseAndRefresh(Credentials),
    /// Look for credentials, then tell [`Cache::succeed`] or [`Cache::fail`].
    Refresh,
    /// Somebody is looking; decide again when they are done.
    Wait,
    /// The last attempt failed for good; until that time, its error is the answer.
    BackOff(UtcDateTime),
}

impl Cache {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What to do at that time. [`Decision::Refresh`] and [`Decision::UseAndRefresh`] are given to one caller until it is done.
    pub fn decide(&mut self, now: UtcDateTime) -> Decision {
        let may_try = self.not_before.is_none_or(|time| now >= time);
        if let (false, true, Some(until)) = (may_try, self.is_final, self.not_before) {
            return Decision::BackOff(until);
        }
        let refresh = may_try && !self.is_refreshing;
        let Some(kept) = &self.kept else {
            self.is_refreshing |= refresh;
            return if refresh { Decision::Refresh } else { Decision::Wait };
        };
        let credentials = || kept.credentials.clone();
        if kept.refresh_at.is_none_or(|time| now < time) || !may_try {
            return Decision::Use(credentials());
        }
        self.is_refreshing = true;
        match (kept.credentials.expiration.is_some_and(|end| now >= end - LAST_MINUTE), refresh) {
            (true, true) => Decision::Refresh,
            (true, false) => Decision::Wait,
            (false, true) => Decision::UseAndRefresh(credentials()),
            (false, false) => Decision::Use(credentials()),
        }
    }

    /// Newer credentials were found.
    pub fn succeed(&mut self, now: UtcDateTime, credentials: Credentials) {
        let refresh_at = credentials.expiration.map(|end| end.saturating_sub(ahead(end - now)));
        *self = Self { kept: Some(Kept { credentials, refresh_at }), ..Self::default() };
    }

    /// None were found. `may_pass`: the next attempt may end otherwise, so that what is there is used meanwhile; if it is `false`, what is
    /// there is dropped and the error is the answer for 1 to 5 s. `fraction` is a random number from 0 to 1.
    ///
    /// The caller that waited for this attempt gets the error in either case, unless [`decide`](Self::decide) has credentials for it.
    pub fn fail(&mut self, now: UtcDateTime, may_pass: bool, fraction: f64) {
        let fraction = fraction.clamp(0.0, 1.0);
        self.is_refreshing = false;
        self.is_final = !may_pass;
        self.not_before = if !may_pass {
            self.kept = None;
            Some(now.saturating_add(Duration::seconds_f64(1.0 + 4.0 * fraction)))
        } else if self.kept.is_some() {
            Some(now.saturating_add(Duration::seconds_f64(300.0 + 300.0 * fraction)))
        } else {
            None
        };
    }

    /// A service says that the key of that id is expired or revoked. What is kept is dropped if it is that key, and only then: by now there
    /// may be another.
    pub fn invalidate(&mut self, access_key_id: &str) {
        if self.kept.as_ref().is_some_and(|kept| kept.credentials.access_key_id == access_key_id) {
            self.kept = None;
            self.not_before = None;
        }
    }

    /// When newer credentials will be looked for, if anybody asks; `None` when that is now, or never.
    pub fn next_refresh_at(&self) -> Option<UtcDateTime> {
        let refresh_at = self.kept.as_ref()?.refresh_at?;
        Some(self.not_before.map_or(refresh_at, |time| time.max(refresh_at)))
    }
}

const LAST_MINUTE: Duration = Duration::MINUTE;

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
