// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! The cache in simulated time: single decisions as text, and a year with outages and clocks that jump.

use proptest::prelude::*;
use sts_core::{
    Credentials,
    provider::cache::{Cache, Decision},
};
use time::{Duration, UtcDateTime, macros::utc_datetime};

const START: UtcDateTime = utc_datetime!(2026-11-23 03:00);

fn key(id: &str, end: UtcDateTime) -> Credentials {
    Credentials::new(id, "secret").expiration(end)
}

fn text(decision: Decision) -> String {
    match decision {
        Decision::Use(credentials) => format!("use {}", credentials.access_key_id),
        Decision::UseAndRefresh(credentials) => format!("use {} and refresh", credentials.access_key_id),
        Decision::Refresh => "refresh".to_owned(),
        Decision::Wait => "wait".to_owned(),
        Decision::BackOff(until) => format!("back off for {}", until - START),
    }
}

fn at(cache: &mut Cache, seconds: i64) -> String {
    text(cache.decide(START + Duration::seconds(seconds)))
}

fn with(life: i64) -> Cache {
    let mut cache = Cache::new();
    assert_eq!(at(&mut cache, 0), "refresh");
    cache.succeed(START, key("K", START + Duration::seconds(life)));
    cache
}

#[test]
fn how_long_ahead() {
    for (life, ahead) in [(900, 300), (1200, 300), (1201, 900), (5399, 900), (5400, 3600), (43_200, 3600)] {
        let mut cache = with(life);
        assert_eq!(cache.next_refresh_at(), Some(START + Duration::seconds(life - ahead)));
        assert_eq!(at(&mut cache, life - ahead - 1), "use K", "{life}");
        assert_eq!(at(&mut cache, life - ahead), "use K and refresh", "{life}");
        assert_eq!(at(&mut cache, life - 61), "use K", "{life}");
        assert_eq!(at(&mut cache, life - 60), "wait", "{life}");
    }
    let mut cache = with(3600);
    assert_eq!(at(&mut cache, 3541), "refresh");
    assert_eq!(at(&mut cache, 3541), "wait");
}

#[test]
fn what_has_no_end_is_used_for_ever() {
    let mut cache = Cache::new();
    cache.succeed(START, Credentials::new("AKID", "secret"));
    assert_eq!((at(&mut cache, 1_000_000_000), cache.next_refresh_at()), ("use AKID".to_owned(), None));
}

#[test]
fn a_failure_that_may_pass() {
    let mut cache = with(3600);
    assert_eq!(at(&mut cache, 2700), "use K and refresh");
    cache.fail(START + Duration::seconds(2700), true, 0.5);
    assert_eq!(cache.next_refresh_at(), Some(START + Duration::seconds(2700 + 450)));
    assert_eq!(at(&mut cache, 3149), "use K");
    assert_eq!(at(&mut cache, 3150), "use K and refresh");
    cache.fail(START + Duration::seconds(3300), true, 1.0);
    // Past their end, too, while no attempt is due.
    assert_eq!(at(&mut cache, 3899), "use K");
    assert_eq!(at(&mut cache, 3900), "refresh");

    // Where there is nothing to use, the next caller tries at once.
    let mut cache = Cache::new();
    assert_eq!(at(&mut cache, 0), "refresh");
    cache.fail(START, true, 0.0);
    assert_eq!(at(&mut cache, 0), "refresh");
}

#[test]
fn a_failure_for_good() {
    let mut cache = with(3600);
    assert_eq!(at(&mut cache, 2700), "use K and refresh");
    cache.fail(START + Duration::seconds(2700), false, 0.25);
    assert_eq!(at(&mut cache, 2701), "back off for 45m2s");
    assert_eq!(at(&mut cache, 2702), "refresh");
    cache.succeed(START + Duration::seconds(2702), key("L", START + Duration::DAY));
    assert_eq!(at(&mut cache, 2703), "use L");
}

#[test]
fn only_the_rejected_key_is_dropped() {
    let mut cache = with(3600);
    cache.invalidate("OLD");
    assert_eq!(at(&mut cache, 1), "use K");
    cache.invalidate("K");
    assert_eq!((at(&mut cache, 1), at(&mut cache, 1)), ("refresh".to_owned(), "wait".to_owned()));
}

/// One thing that happens to a client.
#[derive(Clone, Debug)]
enum Event {
    /// Time passes; it may go back, when somebody sets the clock.
    Pass(i64),
    Ask,
    /// Whoever looks for credentials is done: they live so many seconds.
    Succeed(i64),
    Fail(bool, f64),
    Revoke,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (-600_i64..8000).prop_map(Event::Pass),
        8 => Just(Event::Ask),
        3 => (900_i64..43_200).prop_map(Event::Succeed),
        1 => (any::<bool>(), 0.0..=1.0).prop_map(|(may_pass, fraction)| Event::Fail(may_pass, fraction)),
        1 => Just(Event::Revoke),
    ]
}

proptest! {
    /// At most one looks at a time; nobody gets what is over while an attempt could be made; nobody waits for nobody.
    #[test]
    fn at_any_time(events in prop::collection::vec(event(), 1..400)) {
        let (mut cache, mut now, mut looking, mut failed_at) = (Cache::new(), START, false, None);
        let mut serial = 0;
        for event in events {
            match event {
                Event::Pass(seconds) => now += Duration::seconds(seconds),
                Event::Ask => match cache.decide(now) {
                    Decision::Refresh => {
                        prop_assert!(!looking);
                        looking = true;
                    }
                    Decision::UseAndRefresh(credentials) => {
                        prop_assert!(!looking && credentials.expiration.unwrap() > now + Duration::MINUTE);
                        looking = true;
                    }
                    Decision::Use(credentials) => {
                        let backing_off = failed_at.is_some_and(|time| now < time + Duration::minutes(10));
                        prop_assert!(credentials.expiration.unwrap() > now || backing_off);
                    }
                    Decision::Wait => prop_assert!(looking),
                    Decision::BackOff(until) => {
                        prop_assert!(until > now && until <= failed_at.unwrap() + Duration::seconds(5));
                    }
                },
                Event::Succeed(life) if looking => {
                    serial += 1;
                    cache.succeed(now, key(&format!("K{serial}"), now + Duration::seconds(life)));
                    (looking, failed_at) = (false, None);
                }
                Event::Fail(may_pass, fraction) if looking => {
                    cache.fail(now, may_pass, fraction);
                    (looking, failed_at) = (false, Some(now));
                }
                Event::Revoke => cache.invalidate(&format!("K{serial}")),
                // Nobody is looking, so nobody is done.
                Event::Succeed(_) | Event::Fail(..) => {}
            }
        }
    }
}

/// Hourly credentials, asked for every half minute, while the source is out for two hours of each day: no caller ever waits or is refused
/// but the very first, and attempts are few.
#[test]
fn a_year() {
    let (mut cache, mut now) = (Cache::new(), START);
    let (mut attempts, mut stale) = (0, 0);
    while now < START + Duration::days(365) {
        let is_out = (8..10).contains(&now.hour());
        match cache.decide(now) {
            Decision::Use(credentials) => stale += u32::from(credentials.expiration.unwrap() <= now),
            Decision::UseAndRefresh(_) | Decision::Refresh if is_out => {
                attempts += 1;
                cache.fail(now, true, 0.5);
            }
            Decision::UseAndRefresh(_) | Decision::Refresh => {
                attempts += 1;
                cache.succeed(now, key("K", now + Duration::HOUR));
            }
            decision @ (Decision::Wait | Decision::BackOff(_)) => panic!("{decision:?} at {now}"),
        }
        now += Duration::seconds(30);
    }
    // 22 h in steps of 45 min, and 2 h in steps of 7.5 min: at most 46 a day.
    assert!((365 * 40..=365 * 47).contains(&attempts), "{attempts}");
    // An outage begins with 15 to 60 min of life left, so that 1 to 2 h of each day pass with what is over.
    assert!((365 * 120..=365 * 240).contains(&stale), "{stale}");
}
