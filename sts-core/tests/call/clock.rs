//! A wrong clock, ours or the service's.

use std::time::Duration;
use sts_core::{Config, GetCallerIdentity, sigv4::Verifier};
use time::SignedDuration;

use crate::script::{Client, OK, START, answer, play, refusal};

const AHEAD: SignedDuration = SignedDuration::minutes(20);

#[test]
fn a_wrong_clock_is_corrected_for_the_second_attempt_and_for_later_calls() {
    for code in [
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "AuthFailure",
        "RequestTimeTooSkewed",
        "AccessDeniedException",
        "RequestExpired",
        "RequestInTheFuture",
    ] {
        let mut client = Client::new(1);
        let script = [answer(403, refusal(code)).date(AHEAD), answer(200, OK)];
        let first = client.run(&GetCallerIdentity::new(), &script);
        assert_eq!(
            first.lines,
            ["transmit attempt=1; max=3", "wait", "transmit attempt=2; max=3 clock +1200 s", "done ok attempts=2"],
            "{code}"
        );
        let second = client.run(&GetCallerIdentity::new(), &[answer(200, OK)]);
        assert_eq!(second.lines, ["transmit attempt=1; max=3 clock +1200 s", "done ok attempts=1"]);
    }
}

#[test]
fn a_server_with_another_clock_verifies_the_second_attempt_alone() {
    let mut client = Client::new(1);
    let script = [answer(403, refusal("SignatureDoesNotMatch")).date(-AHEAD), answer(200, OK)];
    let run = client.run(&GetCallerIdentity::new(), &script);
    let results: Vec<_> = run
        .requests
        .iter()
        .map(|request| Verifier::new("sts").verify(request, START - AHEAD, |_| client.credentials.clone()).is_ok())
        .collect();
    assert_eq!(results, [false, true]);
}

#[test]
fn the_clock_is_learned_from_a_success_too() {
    let mut client = Client::new(1);
    let took = Duration::from_secs(8);
    client.run(&GetCallerIdentity::new(), &[answer(200, OK).date(-AHEAD).took(took)]);
    let run = client.run(&GetCallerIdentity::new(), &[answer(200, OK)]);
    assert_eq!(run.lines, ["transmit attempt=1; max=3 clock -1200 s", "done ok attempts=1"]);
}

#[test]
fn what_tells_nothing_about_clocks_teaches_nothing() {
    let cached = answer(200, OK).date(AHEAD).header("age", "1");
    let slow = answer(200, OK).date(AHEAD).took(Duration::from_secs(901));
    for event in [cached, slow, answer(200, OK).header("date", "yesterday")] {
        let mut client = Client::new(1);
        client.run(&GetCallerIdentity::new(), &[event]);
        let run = client.run(&GetCallerIdentity::new(), &[answer(200, OK)]);
        assert_eq!(run.lines[0], "transmit attempt=1; max=3");
    }
}

#[test]
fn a_refusal_with_the_right_clock_is_final() {
    for (code, shown, ahead) in [
        ("AccessDenied", "AccessDenied", SignedDuration::ZERO),
        ("AccessDeniedException", "AccessDenied", SignedDuration::minutes(4)),
        ("SignatureDoesNotMatch", "SignatureDoesNotMatch", -SignedDuration::minutes(4)),
    ] {
        assert_eq!(
            play(&GetCallerIdentity::new(), &[answer(403, refusal(code)).date(ahead)]),
            format!(
                "transmit attempt=1; max=3\n\
                 done: GetCallerIdentity was refused with {shown}: because (HTTP 403, request id 7, region eu-west-1)"
            )
        );
    }
    // A wrong clock is no reason for these.
    let script = [answer(403, refusal("InvalidClientTokenId")).date(AHEAD)];
    assert_eq!(play(&GetCallerIdentity::new(), &script).lines().count(), 2);
}

#[test]
fn a_clock_that_is_not_to_be_corrected_is_left_alone() {
    let config = Config::builder().region("eu-west-1").correct_clock_skew(false).build().unwrap();
    let mut client = Client::with(config, 1);
    let refused = answer(403, refusal("RequestExpired")).date(AHEAD);
    for _ in 0..2 {
        assert_eq!(
            client.run(&GetCallerIdentity::new(), std::slice::from_ref(&refused)).lines,
            [
                "transmit attempt=1; max=3",
                "done: GetCallerIdentity was refused with RequestExpired: because \
                 (HTTP 403, request id 7, region eu-west-1)"
            ]
        );
    }
}

/// With the corrected clock it is refused again: then it was not the clock.
#[test]
fn a_corrected_clock_is_tried_once() {
    let script = vec![answer(403, refusal("SignatureDoesNotMatch")).date(AHEAD); 2];
    assert_eq!(
        play(&GetCallerIdentity::new(), &script),
        "transmit attempt=1; max=3\n\
         wait 0..50 ms\n\
         transmit attempt=2; max=3 clock +1200 s\n\
         done: GetCallerIdentity was refused with SignatureDoesNotMatch: because \
         (HTTP 403, request id 7, region eu-west-1, attempt 2)"
    );
}
