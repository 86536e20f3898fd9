//! The rate limiter of the adaptive retry mode.
//!
//! It has no effect until the service throttles for the first time. From then on, every attempt takes a token from a bucket. The rate at
//! which the bucket fills follows TCP's CUBIC curve ([RFC 9438](https://www.rfc-editor.org/rfc/rfc9438)): it drops by 30 % when the service
//! throttles, grows back to the previous rate, stays near it for some time, and then grows faster. Formulas and constants are those
//! of the AWS SDKs. [Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)

use core::time::Duration;
use try_lock::TryLock;

/// The sending rate that all calls of a client share.
#[derive(Debug, Default)]
pub(crate) struct RateLimiter(TryLock<Option<State>>);

impl RateLimiter {
    /// Takes a token and returns how long to wait before using it.
    ///
    /// # Errors
    /// The wait is not shorter than `max`. No token is taken; the error is the wait.
    pub(crate) fn acquire(&self, now: Duration, max: Duration) -> Result<Duration, Duration> {
        self.with(now, |state, now| if state.enabled { state.bucket.acquire(now, max) } else { Ok(Duration::ZERO) })
            .unwrap_or(Ok(Duration::ZERO))
    }

    /// Returns an unused token to the bucket.
    pub(crate) fn give_back(&self) {
        self.change(|state| {
            if let Some(Bucket { tokens, capacity, .. }) = state.as_mut().map(|state| &mut state.bucket) {
                *tokens = capacity.min(*tokens + 1.0);
            }
        });
    }

    /// Adjusts the rate to the result of an attempt.
    pub(crate) fn learn(&self, now: Duration, throttled: bool) {
        self.with(now, |state, now| state.learn(now, throttled));
    }

    /// `None` if other threads hold the lock for too long; then this attempt is ignored, which does no harm.
    fn with<T>(&self, now: Duration, change: impl FnOnce(&mut State, Duration) -> T) -> Option<T> {
        self.change(|state| {
            let state = state.get_or_insert_with(|| State::new(now));
            let now = state.clock(now);
            change(state, now)
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Option<State>) -> T) -> Option<T> {
        // Each thread holds the lock for less than a microsecond.
        let mut state = (0..100).find_map(|_| {
            core::hint::spin_loop();
            self.0.try_lock()
        })?;
        Some(change(&mut state))
    }
}

#[derive(Debug)]
struct State {
    /// Whether the service has throttled.
    enabled: bool,
    latest: Duration,
    meter: Meter,
    curve: Curve,
    bucket: Bucket,
}

impl State {
    fn new(now: Duration) -> Self {
        Self { enabled: false, latest: now, meter: Meter::new(now), curve: Curve::new(now), bucket: Bucket::new(now) }
    }

    /// A time that never goes back, even if threads arrive out of order.
    fn clock(&mut self, now: Duration) -> Duration {
        // A non-monotonic clock was set back: start over.
        if self.latest.saturating_sub(now) > Duration::from_secs(60) {
            *self = Self::new(now);
        }
        self.latest = self.latest.max(now);
        self.latest
    }

    fn learn(&mut self, now: Duration, throttled: bool) {
        let measured = self.meter.record(now);
        let rate = if throttled {
            let rate = if self.enabled { measured.min(self.bucket.rate) } else { measured };
            self.enabled = true;
            self.curve.throttled(now, rate)
        } else {
            self.curve.rate(now)
        };
        self.bucket.set_rate(now, rate.min(2.0 * measured));
    }
}

/// The measured rate: attempts per second, smoothed, updated twice a second.
#[derive(Debug)]
struct Meter {
    rate: f64,
    count: u32,
    /// The start of the current count, in half seconds.
    since: u64,
}

impl Meter {
    const SMOOTHING: f64 = 0.8;

    fn new(now: Duration) -> Self {
        Self { rate: 0.0, count: 0, since: now.as_secs() * 2 }
    }

    fn record(&mut self, now: Duration) -> f64 {
        let half_second = now.as_secs() * 2 + u64::from(now.subsec_millis() >= 500);
        self.count = self.count.saturating_add(1);
        if half_second > self.since {
            let elapsed = f64::from(u32::try_from(half_second - self.since).unwrap_or(u32::MAX)) / 2.0;
            let rate = f64::from(self.count) / elapsed;
            self.rate = rate * Self::SMOOTHING + self.rate * (1.0 - Self::SMOOTHING);
            (self.count, self.since) = (0, half_second);
        }
        self.rate
    }
}

/// The rate as a function of the time since the service throttled.
#[derive(Debug)]
struct Curve {
    /// The rate at which the service throttled.
    highest: f64,
    throttled: Duration,
}

impl Curve {
    /// The factor by which the rate drops when the service throttles.
    const BETA: f64 = 0.7;
    const SCALE: f64 = 0.4;

    fn new(now: Duration) -> Self {
        Self { highest: 0.0, throttled: now }
    }

    fn rate(&self, now: Duration) -> f64 {
        let time = now.saturating_sub(self.throttled).as_secs_f64() - self.inflection();
        Self::SCALE * time * time * time + self.highest
    }

    fn throttled(&mut self, now: Duration, rate: f64) -> f64 {
        *self = Self { highest: rate, throttled: now };
        rate * Self::BETA
    }

    /// Seconds until the rate reaches `highest` again.
    fn inflection(&self) -> f64 {
        cube_root(self.highest * (1.0 - Self::BETA) / Self::SCALE)
    }
}

/// A token bucket.
#[derive(Debug)]
struct Bucket {
    /// Tokens per second.
    rate: f64,
    capacity: f64,
    /// Negative when tokens have been taken in advance.
    tokens: f64,
    filled: Duration,
}

impl Bucket {
    const LOWEST_RATE: f64 = 0.5;

    fn new(now: Duration) -> Self {
        Self { rate: 1.0, capacity: 1.0, tokens: 0.0, filled: now }
    }

    fn set_rate(&mut self, now: Duration, rate: f64) {
        self.fill(now);
        self.rate = rate.max(Self::LOWEST_RATE);
        self.capacity = rate.max(1.0);
        self.tokens = self.tokens.min(self.capacity);
    }

    fn acquire(&mut self, now: Duration, max: Duration) -> Result<Duration, Duration> {
        self.fill(now);
        let missing = (1.0 - self.tokens).max(0.0);
        let wait = Duration::try_from_secs_f64(missing / self.rate).unwrap_or(Duration::MAX);
        if wait >= max && !wait.is_zero() {
            return Err(wait);
        }
        self.tokens -= 1.0;
        Ok(wait)
    }

    fn fill(&mut self, now: Duration) {
        let time = now.saturating_sub(self.filled).as_secs_f64();
        self.tokens = self.capacity.min(self.tokens + time * self.rate);
        self.filled = now;
    }
}

/// The cube root of a non-negative number, by Newton's method (`core` has none).
fn cube_root(number: f64) -> f64 {
    if number <= 0.0 {
        return 0.0;
    }
    // Starting above the root, the steps decrease towards it.
    let mut root = number.max(1.0);
    loop {
        let next = (2.0 * root + number / (root * root)) / 3.0;
        if next < root {
            root = next;
        } else {
            return root;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: Duration = Duration::ZERO;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[track_caller]
    fn assert_near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= expected.abs() * 1e-12, "{found} is not {expected}");
    }

    /// The values of the SDK for Rust's test `test_client_sending_rates`, which are those of the other SDKs.
    #[test]
    fn the_rate_follows_what_the_service_bears() {
        let mut state = State::new(EPOCH);
        for (seconds, throttled, measured, rate) in [
            (0.2, false, 0.0, 0.5),
            (0.4, false, 0.0, 0.5),
            (0.6, false, 4.8, 0.5),
            (0.8, false, 4.8, 0.5),
            (1.0, false, 4.16, 0.5),
            (1.2, false, 4.16, 0.6912),
            (1.4, false, 4.16, 1.0976),
            (1.6, false, 5.632, 1.6384),
            (1.8, false, 5.632, 2.3328),
            (2.0, true, 4.3264, 3.02848),
            (2.2, false, 4.3264, 3.486_639_173_470_26),
            (2.4, false, 4.3264, 3.821_874_416_040_255),
            (2.6, false, 5.66528, 4.053_385_727_709_987),
            (2.8, false, 5.66528, 4.200_373_108_479_454),
            (3.0, false, 4.333_056, 4.282_036_558_348_658),
            (3.2, true, 4.333_056, 2.997_425_590_844_06),
            (3.4, false, 4.333_056, 3.452_226_394_386_346),
        ] {
            state.learn(at(seconds), throttled);
            assert_near(state.meter.rate, measured);
            assert_near(state.bucket.rate, rate);
            assert_eq!(state.enabled, seconds >= 2.0);
        }
    }

    /// The values of botocore's `TestCubicCalculator` and of the SDK for Rust's `test_calculated_rate_with_successes`.
    #[test]
    fn the_curve_comes_back_to_the_highest_rate_and_leaves_it_faster() {
        let mut curve = Curve { highest: 10.0, throttled: at(5.0) };
        assert_near(curve.inflection(), 1.957_433_820_584_431_7);
        for (seconds, rate) in [
            (5.0, 7.0),
            (6.0, 9.648_936_009_66),
            (7.0, 10.000_030_849_917_364),
            (8.0, 10.453_284_520_772_092),
            (9.0, 13.408_697_022_224_185),
            (10.0, 21.266_268_354_273_64),
            (11.0, 36.425_998_516_920_465),
        ] {
            assert!((curve.rate(at(seconds)) - rate).abs() < 1e-9, "{seconds}");
        }
        assert_near(curve.throttled(at(1.0), 8.0), 5.6);
        assert_near(curve.inflection(), 1.817_120_592_832_139_7);
        assert_eq!((curve.highest, curve.throttled), (8.0, at(1.0)));
    }

    /// The cases of botocore's `TestRateClocker`.
    #[test]
    fn the_rate_is_measured_in_half_seconds() {
        let measure = |times: &[f64]| {
            let mut meter = Meter::new(EPOCH);
            times.iter().map(|time| meter.record(at(*time))).last().unwrap()
        };
        assert_near(measure(&[1.0]), 0.8);
        let every_second: std::vec::Vec<f64> = (1..=20).map(f64::from).collect();
        assert!((measure(&every_second) - 1.0).abs() < 1e-7);
        assert!((1.99..=2.0).contains(&measure(&[1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0])));
        assert!((0.1..=2.0).contains(&measure(&[1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 14.0])));
        assert!(measure(&[1.0, 1.0, 1.0, 2.0, 3.0]) >= 1.0);
        let within = [0.1, 0.2, 0.3, 0.4, 0.49];
        assert_near(measure(&within), 0.0);
        // Six in half a second.
        assert_near(measure(&[&within[..], &[0.5]].concat()), 12.0 * 0.8);
    }

    /// The cases of botocore's `TestTokenBucket`.
    #[test]
    fn tokens_come_in_at_the_rate() {
        const LONG: Duration = Duration::from_secs(3600);
        let bucket = |rate| {
            let mut bucket = Bucket::new(EPOCH);
            bucket.set_rate(EPOCH, rate);
            bucket
        };
        let free =
            |bucket: &mut Bucket, seconds: f64| assert_eq!(bucket.acquire(at(seconds), LONG), Ok(Duration::ZERO));
        let mut lower = bucket(10.0);
        for second in 1..=5 {
            free(&mut lower, f64::from(second));
        }
        lower.set_rate(at(5.0), 1.0);
        for second in 6..=10 {
            free(&mut lower, f64::from(second));
        }
        let mut steady = bucket(10.0);
        for tenth in 0..20 {
            free(&mut steady, 1.0 + 0.1 * f64::from(tenth));
        }
        for (rate, expected, capacity) in [(0.1, 0.5, 1.0), (0.5, 0.5, 1.0), (0.9, 0.9, 1.0), (3.0, 3.0, 3.0)] {
            let bucket = bucket(rate);
            assert_eq!((bucket.rate, bucket.capacity), (expected, capacity));
        }
        let mut late = bucket(10.0);
        free(&mut late, 0.1);
        assert_eq!(late.acquire(at(0.15), Duration::from_millis(50)), Err(Duration::from_millis(50)));
        assert_eq!(late.acquire(at(0.15), LONG), Ok(Duration::from_millis(50)));
        free(&mut late, 0.300_001);
    }

    /// What botocore 1.44.5's limiter does with these refusals when a response takes 150 ms, its clock replaced.
    #[test]
    fn a_client_waits_as_long_as_botocore_does() {
        let limiter = RateLimiter::default();
        let mut now = EPOCH;
        assert_eq!(limiter.acquire(now, Duration::ZERO), Ok(Duration::ZERO));
        for (throttled, expected) in [
            (false, 0.0),
            (false, 0.0),
            (false, 0.0),
            (false, 0.0),
            (false, 0.0),
            (true, 0.0),
            (false, 0.106_026_786),
            (true, 0.062_735_996),
            (false, 0.058_954_692),
            (false, 0.107_278_384),
            (false, 0.078_917_782),
            (false, 0.060_146_672),
            (false, 0.050_301_673),
            (true, 0.045_106_091),
            (false, 0.061_160_942),
            (false, 0.109_037_711),
            (false, 0.080_311_659),
            (false, 0.061_460_209),
            (false, 0.051_636_680),
        ] {
            let wait = limiter.acquire(now, Duration::from_secs(60)).unwrap();
            assert!((wait.as_secs_f64() - expected).abs() < 1e-6, "{wait:?} is not {expected} s");
            now += wait + Duration::from_millis(150);
            limiter.learn(now, throttled);
        }
    }

    #[test]
    fn those_who_wait_do_so_one_behind_the_other() {
        let limiter = RateLimiter::default();
        limiter.learn(EPOCH, true);
        // Nothing was measured yet, so that the rate is the lowest.
        let waits = [(); 4].map(|()| limiter.acquire(EPOCH, Duration::from_secs(7)));
        let seconds = |seconds| Ok(Duration::from_secs(seconds));
        assert_eq!(waits, [seconds(2), seconds(4), seconds(6), Err(Duration::from_secs(8))]);
        // Who could not wait has taken nothing.
        assert_eq!(limiter.acquire(EPOCH, Duration::from_secs(9)), seconds(8));
        // Who gives up gives back.
        limiter.give_back();
        limiter.give_back();
        assert_eq!(limiter.acquire(EPOCH, Duration::from_secs(9)), seconds(6));
    }

    #[test]
    fn before_the_service_throttles_nobody_waits() {
        let limiter = RateLimiter::default();
        for _ in 0..1000 {
            assert_eq!(limiter.acquire(EPOCH, Duration::ZERO), Ok(Duration::ZERO));
            limiter.learn(EPOCH, false);
        }
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nobody_up() {
        let limiter = RateLimiter::default();
        let later = EPOCH + Duration::from_secs(7200);
        limiter.learn(later, true);
        assert_eq!(limiter.acquire(later, Duration::from_secs(9)), Ok(Duration::from_secs(2)));
        // Threads overtake each other by less.
        let before = later.saturating_sub(Duration::from_secs(59));
        assert_eq!(limiter.acquire(before, Duration::from_secs(9)), Ok(Duration::from_secs(4)));
        assert_eq!(limiter.acquire(EPOCH, Duration::from_secs(9)), Ok(Duration::ZERO));
    }

    /// A thread that finds the state in use goes on without it.
    #[test]
    fn nobody_waits_for_a_thread() {
        let limiter = RateLimiter::default();
        limiter.learn(EPOCH, true);
        let state = limiter.0.try_lock().unwrap();
        assert_eq!(limiter.acquire(EPOCH, Duration::ZERO), Ok(Duration::ZERO));
        limiter.learn(EPOCH, true);
        drop(state);
        assert_eq!(limiter.acquire(EPOCH, Duration::ZERO), Err(Duration::from_secs(2)));
    }
}
