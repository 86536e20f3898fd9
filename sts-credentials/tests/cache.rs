// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! The cache in simulated time: single decisions as text, anything that can happen in any order, and a year with outages, clocks that
//! jump and keys that are revoked.

use proptest::prelude::*;
use sts_core::Credentials;
use sts_credentials::cache::{Attempt, Cache, Decision, Refresh};
use time::{Duration, UtcDateTime, macros::utc_datetime};

const START: UtcDateTime = utc_datetime!(2026-11-23 03:00);

fn key(id: &str, end: UtcDateTime) -> Credentials {
    Credentials::new(id, "secret").expiration(end)
}

/// A cache, and the tasks that it gave to callers which are not done yet.
struct World {
    cache: Cache<&'static str>,
    refreshes: Vec<Refresh>,
}

impl World {
    fn new() -> Self {
        Self { cache: Cache::new(7), refreshes: Vec::new() }
    }

    /// One with credentials `K` that live so many seconds from the start on.
    fn with(life: i64) -> Self {
        let mut world = Self::new();
        assert_eq!(world.at(0), "refresh");
        world.succeed(0, "K", life);
        world
    }

    fn at(&mut self, seconds: i64) -> String {
        self.after(seconds, None)
    }

    fn after(&mut self, seconds: i64, waited: Option<Attempt>) -> String {
        match self.cache.decide(START + Duration::seconds(seconds), waited) {
            Decision::Use(credentials) => format!("use {}", credentials.access_key_id),
            Decision::UseAndRefresh(credentials, refresh) => {
                self.refreshes.push(refresh);
                format!("use {} and refresh", credentials.access_key_id)
            }
            Decision::Refresh(refresh) => {
                self.refreshes.push(refresh);
                "refresh".to_owned()
            }
            Decision::Wait(_) => "wait".to_owned(),
            Decision::Fail(error) => format!("fail: {error}"),
        }
    }

    /// What the one who looks at that time waits for.
    fn waiting(&mut self, seconds: i64) -> Attempt {
        let Decision::Wait(attempt) = self.cache.decide(START + Duration::seconds(seconds), None) else {
            panic!("there is nothing to wait for")
        };
        attempt
    }

    fn refresh(&mut self) -> Refresh {
        self.refreshes.pop().unwrap()
    }

    fn succeed(&mut self, seconds: i64, id: &str, life: i64) {
        let (now, refresh) = (START + Duration::seconds(seconds), self.refresh());
        self.cache.succeed(refresh, now, key(id, now + Duration::seconds(life)));
    }

    fn fail(&mut self, seconds: i64, error: &'static str, may_pass: bool) {
        let refresh = self.refresh();
        assert!(self.cache.fail(refresh, START + Duration::seconds(seconds), error, may_pass));
    }

    fn next(&self) -> i64 {
        (self.cache.next_refresh_at().unwrap() - START).whole_seconds()
    }
}

/// The caches of many processes.
fn fleet(size: u64) -> impl Iterator<Item = World> {
    (0..size).map(|seed| World { cache: Cache::new(seed), refreshes: Vec::new() })
}

#[test]
fn how_long_before_the_end() {
    for (life, margin) in [
        (60, 30),
        (300, 150),
        (301, 300),
        (599, 300),
        (600, 300),
        (1200, 300),
        (1201, 900),
        (5399, 900),
        (5400, 3600),
        (43_200, 3600),
    ] {
        let mut margins: Vec<i64> = Vec::new();
        for mut world in fleet(200) {
            assert_eq!(world.at(0), "refresh");
            world.succeed(0, "K", life);
            let next = world.next();
            assert_eq!(world.at(next - 1), "use K", "{life}");
            let due = if life - next > 61 { "use K and refresh" } else { "refresh" };
            assert_eq!(world.at(next + 1), due, "{life}");
            if life - next > 61 {
                assert_eq!(world.at(life - 61), "use K", "{life}");
            }
            assert_eq!(world.at(life - 1), "wait", "{life}");
            margins.push(life - next);
        }
        let (min, max) = (*margins.iter().min().unwrap(), *margins.iter().max().unwrap());
        if life < 600 {
            assert_eq!((min, max), (margin, margin));
            continue;
        }
        // By up to a third either way, and nearly that far.
        let near = |found: i64, expected: i64| (found - expected).abs() <= margin / 20 + 1;
        assert!(near(min, margin * 2 / 3) && near(max, margin * 4 / 3), "{life}: {min} to {max}");
    }
    let mut world = World::with(3600);
    assert_eq!(world.at(3540), "refresh");
    assert_eq!(world.at(3540), "wait");
}

#[test]
fn what_has_expired_already_is_used_for_two_minutes() {
    for mut world in fleet(50) {
        assert_eq!(world.at(0), "refresh");
        world.succeed(0, "K", -3600);
        let next = world.next();
        assert!((90..=180).contains(&next), "{next}");
        assert_eq!(world.at(next - 1), "use K");
        assert_eq!((world.at(next + 1), world.at(next + 1)), ("refresh".to_owned(), "wait".to_owned()));
    }
}

#[test]
fn what_has_no_end_is_used_for_ever() {
    let mut world = World::with(900);
    assert_eq!(world.at(900), "refresh");
    let refresh = world.refresh();
    world.cache.succeed(refresh, START, Credentials::new("AKID", "secret"));
    assert_eq!((world.at(1_000_000_000), world.at(-1_000_000_000)), ("use AKID".to_owned(), "use AKID".to_owned()));
    assert_eq!(world.cache.next_refresh_at(), None);
}

#[test]
fn using_copies_nothing() {
    let mut world = World::with(3600);
    let mut used = || match world.cache.decide(START, None) {
        Decision::Use(credentials) => credentials,
        decision => panic!("{decision:?}"),
    };
    assert!(std::sync::Arc::ptr_eq(&used(), &used()));
}

#[test]
fn a_transient_failure() {
    let mut world = World::with(3600);
    assert_eq!(world.at(3000), "use K and refresh");
    let attempt = world.refreshes[0].attempt();
    world.fail(3000, "out", true);
    // Half of what is left at most.
    let next = world.next();
    assert_eq!(next, 3300);
    // Whoever made the attempt has something to use, too.
    assert_eq!(world.after(3000, Some(attempt)), "use K");
    assert_eq!(world.at(next - 1), "use K");
    assert_eq!(world.at(next), "use K and refresh");
    world.fail(3590, "out", true);
    // In use past their end, while no attempt is due.
    let next = world.next();
    assert!((3590 + 90..=3590 + 180).contains(&next), "{next}");
    assert_eq!(world.at(next - 1), "use K");
    assert_eq!((world.at(next + 1), world.at(next + 1)), ("refresh".to_owned(), "wait".to_owned()));
    world.succeed(next + 2, "L", 3600);
    assert_eq!(world.at(next + 2), "use L");

    let mut pauses: Vec<i64> = Vec::new();
    for mut world in fleet(200) {
        assert_eq!(world.at(0), "refresh");
        world.succeed(0, "K", 43_200);
        assert_eq!(world.at(42_000), "use K and refresh");
        world.fail(42_000, "out", true);
        pauses.push(world.next() - 42_000);
    }
    let (min, max) = (*pauses.iter().min().unwrap(), *pauses.iter().max().unwrap());
    assert!((300..310).contains(&min) && (590..=600).contains(&max), "{min} to {max}");
}

/// When there is nothing to use, the error answers for a while that doubles each time, up to 90 to 180 s.
#[test]
fn failures_without_credentials() {
    let mut world = World::new();
    assert_eq!(world.at(0), "refresh");
    let (mine, waited) = (world.refreshes[0].attempt(), world.waiting(0));
    assert_eq!(mine, waited);
    world.fail(1, "out", true);
    assert_eq!((world.after(1, Some(mine)), world.at(1)), ("fail: out".into(), "fail: out".into()));
    assert_eq!(world.at(3), "refresh");
    // The next attempt does not matter to one who waited for the first, and whoever waits for it does not get the old error.
    assert_eq!(world.after(3, Some(waited)), "fail: out");
    let waited = world.waiting(3);
    assert_eq!(world.after(3, Some(waited)), "wait");
    world.succeed(4, "K", 1);
    // What an attempt brought is the answer for those who waited, however short it lives; others look for better.
    assert_eq!((world.after(5, Some(waited)), world.at(5)), ("use K".to_owned(), "refresh".to_owned()));

    for mut world in fleet(50) {
        let mut now = 0;
        assert_eq!(world.at(now), "refresh");
        for expected in [1, 2, 4, 8, 16, 32, 64, 120, 120, 120] {
            world.fail(now, "out", true);
            let until = (now..now + 200).find(|second| world.at(*second) != "fail: out").unwrap();
            assert!((expected * 3 / 4..=expected * 3 / 2 + 1).contains(&(until - now)), "{expected}: {}", until - now);
            assert_eq!(world.refreshes.len(), 1);
            now = until;
        }
        // It begins anew after a success.
        world.succeed(now, "K", 3600);
        world.cache.invalidate("K");
        assert_eq!(world.at(now + 1), "refresh");
        world.fail(now + 1, "out", true);
        assert_eq!(world.at(now + 3), "refresh");
    }
}

/// A fleet that starts together does not come back together.
#[test]
fn a_fleet_spreads_its_refreshes() {
    const SIZE: u64 = 20_000;
    let mut seconds = vec![0; 3600];
    for mut world in fleet(SIZE) {
        assert_eq!(world.at(0), "refresh");
        world.succeed(0, "K", 3600);
        seconds[usize::try_from(world.next()).unwrap()] += 1;
    }
    // 33 a second in ten minutes. As many as 60 are less likely than one in ten thousand, even in one of 600 seconds.
    assert_eq!(seconds[2400..3000].iter().sum::<u64>(), SIZE);
    assert!(seconds.iter().max() < Some(&70), "{:?}", seconds.iter().max());
}

/// An outage of an hour, in which each process needs its credentials every ten seconds: how often it asks, and when it has new ones.
#[test]
fn a_fleet_in_an_outage() {
    const SIZE: u64 = 2000;
    for has_credentials in [true, false] {
        let (mut attempts, mut delays) = (0, Vec::new());
        for (number, mut world) in (0..).zip(fleet(SIZE)) {
            // The end of the old ones is anywhere in the hour.
            let first = -number * 3600 / 2000;
            if has_credentials {
                assert_eq!(world.at(first), "refresh");
                world.succeed(first, "K", 3600);
            }
            for second in (0..).map(|n| n * 10 + number % 10) {
                if world.at(second).ends_with("refresh") {
                    if second >= 3600 {
                        delays.push(second - 3600);
                        break;
                    }
                    attempts += 1;
                    world.fail(second, "out", true);
                }
            }
        }
        let (mean, max) = (delays.iter().sum::<i64>() / 2000, *delays.iter().max().unwrap());
        let each = attempts / SIZE;
        assert!(mean <= 80 && max <= 190, "{has_credentials}: back after {mean} s, {max} s at most");
        assert!(each <= if has_credentials { 17 } else { 35 }, "{has_credentials}: {each} attempts each");
    }
}

#[test]
fn a_failure_for_good() {
    let mut world = World::with(3600);
    assert_eq!(world.at(3000), "use K and refresh");
    world.fail(3000, "denied", false);
    for seconds in [3000, 3001] {
        assert_eq!(world.at(seconds), "fail: denied");
    }
    assert_eq!((world.at(3005), world.at(3005)), ("refresh".to_owned(), "wait".to_owned()));
    world.succeed(3006, "L", 86_400);
    assert_eq!(world.at(3006), "use L");
    // The answer from memory lasts 1 to 5 s, and not always the same.
    let lengths = [3, 5, 8, 13, 21, 34].map(|seed| {
        let mut world = World { cache: Cache::new(seed), refreshes: Vec::new() };
        assert_eq!(world.at(0), "refresh");
        world.fail(0, "denied", false);
        (1..=10).find(|second| world.at(*second) != "fail: denied").unwrap()
    });
    assert!(lengths.iter().all(|length| (1..=5).contains(length)), "{lengths:?}");
    assert!(lengths.iter().any(|length| *length != lengths[0]), "{lengths:?}");
}

#[test]
fn a_refresh_that_is_dropped_is_handed_on() {
    let mut world = World::new();
    assert_eq!(world.at(0), "refresh");
    let (refresh, waited) = (world.refresh(), world.waiting(0));
    world.cache.abandon(refresh, START);
    // One of those who waited gets it, the others wait for that one.
    assert_eq!((world.after(1, Some(waited)), world.after(1, Some(waited))), ("refresh".to_owned(), "wait".to_owned()));

    let mut world = World::with(3600);
    assert_eq!(world.at(3000), "use K and refresh");
    assert_eq!(world.at(3001), "use K");
    let refresh = world.refresh();
    world.cache.abandon(refresh, START + Duration::seconds(3001));
    // What always panics must not do so at every call.
    let next = world.next();
    assert!((3001 + 90..=3001 + 180).contains(&next), "{next}");
    assert_eq!((world.at(next - 1), world.at(next + 1)), ("use K".to_owned(), "use K and refresh".to_owned()));
    // When new ones are needed, there is no pause.
    let refresh = world.refresh();
    world.cache.abandon(refresh, START + Duration::seconds(3530));
    assert_eq!((world.at(3539), world.at(3540)), ("use K".to_owned(), "refresh".to_owned()));
    let refresh = world.refresh();
    world.cache.abandon(refresh, START + Duration::seconds(3541));
    assert_eq!(world.at(3541), "refresh");
}

#[test]
fn one_that_comes_to_a_standstill_is_made_again_by_another() {
    let stalled = || {
        let mut world = World::new();
        assert_eq!(world.at(0), "refresh");
        let first = world.refreshes.pop().unwrap();
        let waited = first.attempt();
        world.cache.give_up(waited);
        assert_eq!(world.after(5, Some(waited)), "refresh");
        // The others find out a little later, and leave the new one alone.
        world.cache.give_up(waited);
        assert_eq!(world.after(5, Some(waited)), "wait");
        (world, first, waited)
    };
    // It ends after all: that is as good, and the second goes on.
    let (mut world, first, waited) = stalled();
    world.cache.succeed(first, START + Duration::seconds(6), key("K", START + Duration::seconds(3600)));
    assert_eq!(
        (world.after(6, Some(waited)), world.at(2400), world.at(3540)),
        ("use K".into(), "use K".into(), "wait".into())
    );
    world.succeed(7, "L", 3600);
    assert_eq!(world.at(7), "use L");
    let (mut world, first, waited) = stalled();
    assert!(world.cache.fail(first, START + Duration::seconds(6), "denied", false));
    assert_eq!((world.after(6, Some(waited)), world.at(20)), ("fail: denied".into(), "wait".into()));
    world.succeed(21, "L", 3600);
    assert_eq!(world.at(21), "use L");

    // What it finds is better than a later failure, of whatever kind.
    for may_pass in [true, false] {
        let (mut world, first, waited) = stalled();
        world.fail(6, "denied", may_pass);
        assert_eq!(world.after(7, Some(waited)), "fail: denied");
        world.cache.succeed(first, START + Duration::seconds(7), key("K", START + Duration::seconds(3600)));
        assert_eq!((world.after(7, Some(waited)), world.at(7)), ("use K".into(), "use K".into()), "{may_pass}");
    }

    // It ends when there is something newer: of no interest any more.
    let (mut world, first, _) = stalled();
    world.succeed(6, "L", 3600);
    world.cache.succeed(first, START + Duration::seconds(7), key("K", START + Duration::seconds(60)));
    assert_eq!(world.at(8), "use L");
    let (mut world, first, _) = stalled();
    world.succeed(6, "L", 3600);
    assert!(!world.cache.fail(first, START + Duration::seconds(7), "denied", false));
    assert_eq!(world.at(8), "use L");
    let (mut world, first, waited) = stalled();
    world.fail(6, "denied", false);
    assert!(!world.cache.fail(first, START + Duration::seconds(7), "out", true));
    assert_eq!(world.after(7, Some(waited)), "fail: denied");
}

#[test]
fn only_the_rejected_key_is_dropped() {
    let mut world = World::with(3600);
    world.cache.invalidate("OLD");
    assert_eq!(world.at(1), "use K");
    world.cache.invalidate("K");
    assert_eq!((world.at(1), world.at(1)), ("refresh".to_owned(), "wait".to_owned()));

    // A key that is used on during an outage has had its time when a service refuses it.
    let mut world = World::with(3600);
    assert_eq!(world.at(3540), "refresh");
    world.fail(3540, "out", true);
    assert_eq!(world.at(3601), "use K");
    world.cache.invalidate("K");
    assert_eq!(world.at(3602), "refresh");
}

#[test]
fn a_clock_that_is_set_back_stalls_nothing() {
    const YEAR: i64 = 365 * 86_400;
    // Nobody knows how long the key lives; it is used while a newer one is looked for.
    let mut world = World::with(3600);
    assert_eq!((world.at(-59), world.at(-YEAR)), ("use K".to_owned(), "use K and refresh".to_owned()));
    world.fail(-YEAR, "out", true);
    assert_eq!((world.at(1 - YEAR), world.at(601 - YEAR)), ("use K".to_owned(), "use K and refresh".to_owned()));

    let mut world = World::new();
    assert_eq!(world.at(0), "refresh");
    world.fail(0, "denied", false);
    assert_eq!((world.at(-59), world.at(-YEAR)), ("fail: denied".to_owned(), "refresh".to_owned()));
}

/// One thing that happens to a client.
#[derive(Clone, Debug)]
enum Event {
    /// Time passes; it may go back, when somebody sets the clock.
    Pass(i64),
    /// A caller comes.
    Ask,
    /// All that wait look again.
    Wake,
    /// Whoever looks for credentials is done: they live so many seconds.
    Succeed(i64),
    Fail(bool),
    Abandon,
    Revoke,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        5 => (-600_i64..8000).prop_map(Event::Pass),
        1 => prop_oneof![Just(-31_536_000), Just(31_536_000)].prop_map(Event::Pass),
        8 => Just(Event::Ask),
        3 => Just(Event::Wake),
        3 => (-100_i64..43_200).prop_map(Event::Succeed),
        1 => any::<bool>().prop_map(Event::Fail),
        1 => Just(Event::Abandon),
        1 => Just(Event::Revoke),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// At most one looks at a time; nobody gets what is over while newer credentials could be had; nobody waits for nobody, nor longer than
    /// for one attempt.
    #[test]
    fn at_any_time(events in prop::collection::vec(event(), 1..400), seed in any::<u64>()) {
        let (mut cache, mut now) = (Cache::<u32>::new(seed), START);
        let mut looking: Option<Refresh> = None;
        let mut waiting: Vec<Attempt> = Vec::new();
        // When the last attempt ended, if in anything but newer credentials.
        let mut in_vain: Option<UtcDateTime> = None;
        let (mut serial, mut revoked) = (0, None);
        // Whoever waited for this attempt has an answer.
        let mut answered: Option<Attempt> = None;
        for event in events {
            let callers = match event {
                Event::Pass(seconds) => {
                    now += Duration::seconds(seconds);
                    vec![]
                }
                Event::Ask => vec![None],
                Event::Wake => waiting.drain(..).map(Some).collect(),
                Event::Succeed(life) => {
                    if let Some(refresh) = looking.take() {
                        serial += 1;
                        answered = Some(refresh.attempt());
                        cache.succeed(refresh, now, key(&serial.to_string(), now + Duration::seconds(life)));
                        in_vain = (life <= 0).then_some(now);
                    }
                    vec![]
                }
                Event::Fail(may_pass) => {
                    if let Some(refresh) = looking.take() {
                        serial += 1;
                        answered = Some(refresh.attempt());
                        cache.fail(refresh, now, serial, may_pass);
                        in_vain = Some(now);
                    }
                    vec![]
                }
                Event::Abandon => {
                    if let Some(refresh) = looking.take() {
                        cache.abandon(refresh, now);
                    }
                    vec![]
                }
                Event::Revoke => {
                    cache.invalidate(&serial.to_string());
                    (revoked, answered) = (Some(serial), None);
                    vec![]
                }
            };
            for waited in callers {
                let found = match cache.decide(now, waited) {
                    Decision::Use(credentials) => Some(credentials),
                    Decision::UseAndRefresh(credentials, refresh) => {
                        prop_assert!(looking.is_none());
                        // Unless they had expired when they came, and then the clock was set back.
                        prop_assert!(credentials.expiration.unwrap() > now + Duration::MINUTE || in_vain.is_some());
                        looking = Some(refresh);
                        Some(credentials)
                    }
                    Decision::Refresh(refresh) => {
                        prop_assert!(looking.is_none() && (waited.is_none() || waited > answered));
                        looking = Some(refresh);
                        None
                    }
                    Decision::Wait(attempt) => {
                        prop_assert_eq!(looking.as_ref().unwrap().attempt(), attempt);
                        prop_assert!(waited.is_none() || waited > answered);
                        waiting.push(attempt);
                        None
                    }
                    Decision::Fail(error) => {
                        prop_assert!(error <= serial && in_vain.is_some());
                        None
                    }
                };
                if let Some(credentials) = found {
                    let id = Some(credentials.access_key_id.parse().unwrap());
                    prop_assert_ne!(id, revoked, "a service refused it");
                    let pauses = in_vain.is_some_and(|time| now <= time + Duration::minutes(10));
                    prop_assert!(credentials.expiration.unwrap() > now || pauses || waited.is_some());
                }
            }
        }
    }
}

/// What goes wrong on a day, from 10:00 on.
#[derive(Clone, Copy, PartialEq)]
enum Trouble {
    /// The source does not answer for so many minutes.
    Out(i64),
    /// The source refuses for so many minutes.
    Denied(i64),
    /// The key in use is revoked.
    Revoked,
    /// Our clock is so many minutes ahead, for so many minutes.
    Clock(i64, i64),
    /// The first who is told to refresh is gone before that is done.
    Gone,
}

use Trouble::{Clock, Denied, Gone, Out, Revoked};

/// A day of calls, one every three minutes, with keys of an hour and a service that accepts no key past its end, by its own clock. What happens beside
/// uses of a good key is written down, the same things in a row once.
fn day(cache: &mut Cache<&'static str>, number: i64, trouble: Option<Trouble>, keys: &mut i64) -> String {
    let mut trace: Vec<&str> = Vec::new();
    let (mut ends, mut revoked) = (START, String::new());
    for minute in (0..1440).step_by(3) {
        let now = START + Duration::days(number) + Duration::minutes(minute);
        let since = minute - 600;
        let during = |minutes: i64| (0..minutes).contains(&since);
        let ahead = match trouble {
            Some(Clock(ahead, minutes)) if during(minutes) => ahead,
            _ => 0,
        };
        let clock = now + Duration::minutes(ahead);
        let mut waited = None;
        let used = loop {
            let (used, refresh) = match cache.decide(clock, waited) {
                Decision::Use(credentials) => (Some(credentials), None),
                Decision::UseAndRefresh(credentials, refresh) => (Some(credentials), Some(refresh)),
                Decision::Refresh(refresh) => (None, Some(refresh)),
                Decision::Fail(error) => {
                    trace.push(error);
                    break None;
                }
                Decision::Wait(_) => panic!("there is nobody else"),
            };
            let Some(refresh) = refresh else { break used };
            assert!(waited.is_none(), "a call makes one attempt");
            if trouble == Some(Gone) && since >= 0 && !trace.contains(&"gone") {
                trace.push("gone");
                cache.abandon(refresh, clock);
                break used;
            }
            waited = Some(refresh.attempt());
            match trouble {
                Some(Out(minutes)) if during(minutes) => {
                    trace.extend(used.is_some().then_some("no new key"));
                    cache.fail(refresh, clock, "a call without a key: out", true);
                }
                Some(Denied(minutes)) if during(minutes) => {
                    trace.extend(used.is_some().then_some("no new key"));
                    cache.fail(refresh, clock, "a call without a key: denied", false);
                }
                _ => {
                    *keys += 1;
                    ends = now + Duration::HOUR;
                    trace.push("new key");
                    cache.succeed(refresh, clock, key(&keys.to_string(), ends));
                }
            }
        };
        if trouble == Some(Revoked) && since == 0 {
            revoked = keys.to_string();
        }
        let Some(used) = used else { continue };
        if used.access_key_id == revoked || used.expiration.unwrap() <= now {
            trace.push("a call refused");
            cache.invalidate(&used.access_key_id);
        }
    }
    assert!(ends > START + Duration::days(number + 1), "the day ends with a good key");
    trace.dedup();
    trace.join(", ")
}

/// Whatever happens, a day later all is as it was; and what happens is as little as can be.
#[test]
fn a_year() {
    let troubles = [
        // Over before the old key ends: nobody notices.
        (30, Out(20)),
        // Until the service refuses the key, it is used; then there is none.
        (60, Out(240)),
        (90, Denied(36)),
        (120, Revoked),
        // New keys seem to be over when they come; they are used all the same, and asked for again every 90 to 180 s.
        (150, Clock(1440, 180)),
        (180, Clock(-10, 180)),
        // Keys seem to live for hours, so that it is the service that says when they are over.
        (210, Clock(-180, 300)),
        (240, Clock(-525_600, 120)),
        (270, Gone),
    ];
    let (mut cache, mut keys, mut text) = (Cache::new(7), 0, String::new());
    for number in 0..365 {
        let trouble = troubles.iter().find(|(day, _)| *day == number).map(|(_, trouble)| *trouble);
        let before = keys;
        let trace = day(&mut cache, number, trouble, &mut keys);
        if trouble.is_some() {
            text += &format!("{number}: {trace}\n");
        } else {
            assert_eq!(trace, "new key", "{number}");
            // One every 45 minutes, more or less.
            assert!((28..=35).contains(&(keys - before)), "{number}: {}", keys - before);
        }
    }
    assert_eq!(
        text,
        "30: new key, no new key, new key\n\
         60: new key, no new key, a call refused, a call without a key: out, new key\n\
         90: new key, no new key, a call without a key: denied, new key\n\
         120: new key, a call refused, new key\n\
         150: new key\n\
         180: new key\n\
         210: new key, a call refused, new key, a call refused, new key, a call refused, new key, a call refused, new key\n\
         240: new key, a call refused, new key\n\
         270: new key, gone, new key\n"
    );
}
