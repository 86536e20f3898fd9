//! A call ends within its limits, counts correctly, and logs the same text for any secret, whatever happens to it.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sts_fuzz::play::{MAX_ATTEMPTS, Play, TIMEOUT};

fuzz_target!(|script: &str| {
    let play = Play::new(script, "one secret");
    // The last attempt gets at least a millisecond.
    assert!(play.attempts <= MAX_ATTEMPTS && play.took <= TIMEOUT + Duration::from_millis(1));
    if let Some(metadata) = play.metadata {
        assert_eq!((metadata.attempts, metadata.retry_delay), (play.attempts, play.waited));
    }
    assert_eq!(play.shown, Play::new(script, "another, longer secret").shown);
});
