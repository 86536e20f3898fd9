//! The adaptive mode.

use std::time::Duration;
use sts_core::{Config, ConfigError, GetCallerIdentity, RetryMode, Step, TransportErrorKind};

use crate::script::{Client, Fail, OK, answer, play, play_with, refusal};

fn adaptive(call_timeout: Duration) -> Config {
    let builder = Config::builder().region("eu-west-1").retry_mode(RetryMode::Adaptive);
    builder.call_timeout(call_timeout).build().unwrap()
}

/// Worked out by hand from the SDKs' formulas: nothing measured yet, so half a token a second after the first refusal; then two attempts
/// in two seconds, smoothed to 0.8, of which the double is less than the curve's 0.4 · 2³.
#[test]
fn an_adaptive_client_that_was_throttled_waits_for_its_turn() {
    for seed in 0..10 {
        let mut client = Client::with(adaptive(Duration::from_secs(60)), seed);
        let run = client.run(&GetCallerIdentity::new(), &[answer(400, refusal("Throttling")), answer(200, OK)]);
        assert_eq!(run.lines, ["transmit attempt=1; max=3", "wait", "transmit attempt=2; max=3", "done ok attempts=2"]);
        assert_eq!(run.waits, [Duration::from_secs(2)]);
        let run = client.run(&GetCallerIdentity::new(), &[answer(200, OK)]);
        assert_eq!(run.lines, ["wait", "transmit attempt=1; max=3", "done ok attempts=1"]);
        assert_eq!(run.waits, [Duration::from_millis(625)]);
        assert_eq!(run.result.unwrap().unwrap().metadata.retry_delay, Duration::from_millis(625));
    }
}

#[test]
fn an_adaptive_client_that_is_not_throttled_waits_as_others_do() {
    let client = |seed| Client::with(adaptive(Duration::from_secs(60)), seed);
    let script = [answer(500, ""), Fail(TransportErrorKind::Timeout), answer(200, OK)];
    let standard = play(&GetCallerIdentity::new(), &script);
    assert_eq!(play_with(client, &GetCallerIdentity::new(), &script), standard);
    // And the standard mode does not learn: the wait stays below a second.
    let script = [answer(429, ""), answer(200, OK)];
    assert!(play(&GetCallerIdentity::new(), &script).contains("wait 0..1000 ms"));
}

#[test]
fn a_turn_that_comes_too_late_is_not_waited_for() {
    let mut client = Client::with(adaptive(Duration::from_secs(2)), 1);
    let run = client.run(&GetCallerIdentity::new(), &[answer(400, refusal("Throttling"))]);
    assert_eq!(
        run.lines,
        [
            "transmit attempt=1; max=3",
            "done: GetCallerIdentity was refused with Throttling: because (HTTP 400, request id 7, region eu-west-1)"
        ]
    );
    let run = client.run(&GetCallerIdentity::new(), &[]);
    assert_eq!(
        run.lines,
        ["done: GetCallerIdentity was not sent: the client is throttled and may not send before 2.0 s have passed"]
    );
    assert!(run.result.unwrap().unwrap_err().is_transient());
    // No retry was made, so that none was paid for.
    assert!(format!("{:?}", client.core).contains("Quota(500)"));
}

/// As when a task is cancelled.
#[test]
fn a_call_that_is_dropped_while_it_waits_gives_its_turn_back() {
    let mut client = Client::with(adaptive(Duration::from_secs(60)), 1);
    client.run(&GetCallerIdentity::new(), &[answer(400, refusal("Throttling"))]);
    let next = || match client.core.call(&GetCallerIdentity::new(), client.credentials.as_ref(), client.now) {
        Step::Wait(delay, _) => delay,
        step => panic!("it does not wait: {step:?}"),
    };
    let first = next();
    assert!((0..20).all(|_| next() == first));
}

#[test]
fn the_environment_says_how_retries_are_made() {
    let env = |name: &'static str, value: &'static str| {
        Config::builder().region("eu-west-1").env(move |asked| (asked == name).then(|| value.to_owned())).build()
    };
    let script = [answer(429, ""), answer(200, OK)];
    let first_wait = |config: Config| Client::with(config, 1).run(&GetCallerIdentity::new(), &script).waits[0];
    for (value, adaptive) in
        [("standard", false), ("legacy", false), ("Legacy", false), ("", false), ("adaptive", true), ("ADAPTIVE", true)]
    {
        let wait = first_wait(env("AWS_RETRY_MODE", value).unwrap());
        assert_eq!(wait == Duration::from_secs(2), adaptive, "{value}: {wait:?}");
    }
    let set = Config::builder().region("eu-west-1").retry_mode(RetryMode::Standard);
    let set = set.env(|name| (name == "AWS_RETRY_MODE").then(|| "adaptive".into())).build().unwrap();
    assert!(first_wait(set) < Duration::from_secs(1));

    let once = [answer(500, ""), answer(500, "")];
    assert_eq!(
        Client::with(env("AWS_MAX_ATTEMPTS", "2").unwrap(), 1).run(&GetCallerIdentity::new(), &once).waits.len(),
        1
    );
    for (name, value, expected) in [
        ("AWS_RETRY_MODE", "often", "standard, adaptive or legacy"),
        ("AWS_RETRY_MODE", " standard", "standard, adaptive or legacy"),
        ("AWS_MAX_ATTEMPTS", "0", "a whole number from 1"),
        ("AWS_MAX_ATTEMPTS", "-1", "a whole number from 1"),
        ("AWS_MAX_ATTEMPTS", "three", "a whole number from 1"),
        ("AWS_MAX_ATTEMPTS", "4294967296", "a whole number from 1"),
    ] {
        let error: ConfigError = env(name, value).unwrap_err();
        assert_eq!(error.to_string(), format!("{name} is {value:?}, expected {expected}"));
    }
}
