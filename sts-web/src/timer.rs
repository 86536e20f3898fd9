//! The host's clocks and timers.

use std::time::Duration;

use js_sys::{Date, Function, Math, Promise};
use sts_core::Moment;
use time::UtcDateTime;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(function: &Function, milliseconds: u32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn monotonic_milliseconds() -> f64;
}

/// The time, by both of the host's clocks.
pub(crate) fn now() -> Moment {
    let monotonic = Duration::try_from_secs_f64(monotonic_milliseconds() / 1000.0).unwrap_or_default();
    Moment { wall: wall(), monotonic }
}

/// The time, by the host's wall clock.
pub(crate) fn wall() -> UtcDateTime {
    // Whole milliseconds, as a JavaScript date is.
    #[expect(clippy::cast_possible_truncation, reason = "a cast saturates")]
    let milliseconds = Date::now() as i64;
    UtcDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000).unwrap_or(UtcDateTime::UNIX_EPOCH)
}

/// A random number, for delays and the ids of calls.
pub(crate) fn seed() -> u64 {
    Math::random().to_bits() ^ Date::now().to_bits().rotate_left(32)
}

/// Waits for that long.
pub(crate) async fn sleep(time: Duration) {
    let mut timer = None;
    let promise = Promise::new(&mut |resolve, _| timer = Some(Timer::start(&resolve, time)));
    // Dropping this future clears the timer.
    let _timer = timer;
    let _ = JsFuture::from(promise).await;
}

/// Calls a function once, later, unless it is dropped before.
pub(crate) struct Timer(JsValue);

impl Timer {
    pub(crate) fn start(function: &Function, time: Duration) -> Self {
        // At least 1 ms. Hosts treat a time above this as zero.
        const MAX: u32 = i32::MAX.unsigned_abs();
        let milliseconds = u32::try_from(time.as_micros().div_ceil(1000)).map_or(MAX, |time| time.clamp(1, MAX));
        Self(set_timeout(function, milliseconds))
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.0);
    }
}
