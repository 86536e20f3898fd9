//! A wrong clock, ours or the service's.

use std::time::Duration;

use http::Response;
use sts_core::{
    Config, GetCallerIdentity, Moment, Step, Transmit, TransportError, TransportErrorKind, sigv4::Verifier,
};
use time::{SignedDuration, UtcDateTime};

use crate::script::{Client, Event, OK, START, WEB_OK, answer, imf, play, refusal, web_identity};

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
    // A clock that was never set.
    let unset = answer(200, OK).header("date", "Fri, 01 Jan 1999 00:00:00 GMT");
    for event in [cached, slow, unset, answer(200, OK).header("date", "yesterday")] {
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

/// How far ahead of the client's clock a request is signed that follows these answers.
fn shift_after(events: &[Event]) -> String {
    let mut client = Client::new(1);
    for event in events {
        client.run(&web_identity(), std::slice::from_ref(event));
    }
    let run = client.run(&GetCallerIdentity::new(), &[answer(200, OK)]);
    run.lines[0].trim_start_matches("transmit attempt=1; max=3").trim().to_owned()
}

/// Proxies and load balancers have clocks of their own.
#[test]
fn only_what_sts_sends_teaches_its_clock() {
    let ahead = SignedDuration::hours(2);
    for stranger in [answer(503, ""), answer(503, "<html>busy</html>"), answer(200, "<html>log in</html>")] {
        assert_eq!(shift_after(&vec![stranger.date(ahead); 3]), "");
    }
    for sts in [
        answer(200, WEB_OK),
        answer(400, refusal("ExpiredTokenException")),
        answer(503, "").header("x-amzn-requestid", "7"),
        answer(503, "").header("x-amz-request-id", "7"),
    ] {
        assert_eq!(shift_after(&[sts.date(ahead)]), "clock +7200 s");
    }
}

#[test]
fn a_clock_that_was_learned_is_forgotten_when_a_signature_is_refused() {
    let learned = || {
        let mut client = Client::new(1);
        client.run(&web_identity(), &[answer(200, WEB_OK).date(AHEAD)]);
        client
    };
    // The refusal tells no time, or the same.
    for refused in
        [answer(403, refusal("SignatureDoesNotMatch")), answer(403, refusal("SignatureDoesNotMatch")).date(AHEAD)]
    {
        let run = learned().run(&GetCallerIdentity::new(), &[refused.clone(), answer(200, OK)]);
        let lines =
            ["transmit attempt=1; max=3 clock +1200 s", "wait", "transmit attempt=2; max=3", "done ok attempts=2"];
        assert_eq!(run.lines, lines);
        // It was not the clock.
        let run = learned().run(&GetCallerIdentity::new(), &[refused.clone(), answer(403, refusal("RequestExpired"))]);
        assert_eq!(run.lines[2], "transmit attempt=2; max=3");
        assert_eq!(run.lines.len(), 4);
    }
    // Nor is another refusal a reason.
    let mut client = learned();
    client.run(&GetCallerIdentity::new(), &[answer(403, refusal("AccessDenied"))]);
    let run = client.run(&GetCallerIdentity::new(), &[answer(200, OK)]);
    assert_eq!(run.lines[0], "transmit attempt=1; max=3 clock +1200 s");
}

/// As when a server behind a load balancer has another clock.
#[test]
fn a_clock_that_was_wrong_in_one_answer_is_corrected_back() {
    let refused = |ahead| answer(403, refusal("SignatureDoesNotMatch")).date(ahead);
    assert_eq!(
        play(&GetCallerIdentity::new(), &[refused(AHEAD), refused(SignedDuration::ZERO), answer(200, OK)]),
        "transmit attempt=1; max=3\n\
         wait 0..50 ms\n\
         transmit attempt=2; max=3 clock +1200 s\n\
         wait 0..100 ms\n\
         transmit attempt=3; max=3\n\
         done ok attempts=3"
    );
}

#[test]
fn the_clock_is_no_excuse_for_what_is_not_signed() {
    let refused = answer(403, refusal("AccessDeniedException")).date(AHEAD);
    assert_eq!(play(&web_identity(), &[refused]).lines().count(), 2);
}

#[test]
fn each_attempt_is_signed_with_its_own_time() {
    let mut client = Client::new(1);
    let script =
        [answer(500, "").took(Duration::from_secs(9)), answer(500, "").took(Duration::from_secs(9)), answer(200, OK)];
    let run = client.run(&GetCallerIdentity::new(), &script);
    let times: Vec<_> = run.requests.iter().map(|request| &request.headers()["x-amz-date"]).collect();
    assert_eq!(times, ["20261123T030000Z", "20261123T030009Z", "20261123T030018Z"]);
}

/// The wall clock that is an hour later after five seconds by the other: the machine slept, or the clock was set.
fn after_a_sleep() -> (Moment, Moment) {
    let fell_asleep = Moment { wall: START, monotonic: Duration::from_secs(7) };
    let woke_up = Moment { wall: START + SignedDuration::HOUR, monotonic: Duration::from_secs(12) };
    (fell_asleep, woke_up)
}

fn date_of(transmit: &Transmit) -> &str {
    transmit.request.headers()["x-amz-date"].to_str().unwrap()
}

#[test]
fn a_machine_that_slept_signs_with_the_time_at_which_it_woke_up() {
    let client = Client::new(1);
    let (fell_asleep, woke_up) = after_a_sleep();
    let call = || client.core.call(&GetCallerIdentity::new(), client.credentials.as_ref(), fell_asleep);
    let Step::Transmit(first, call_1) = call() else { panic!("nothing to send") };
    assert_eq!(date_of(&first), "20261123T030000Z");
    let interrupted = TransportError::new(TransportErrorKind::Interrupted, "the connection is gone");
    // An hour is longer than a call may take, but five seconds are not.
    let Step::Wait(delay, waiting) = call_1.receive(Err::<Response<&str>, _>(interrupted), woke_up) else {
        panic!("no retry")
    };
    let again = Moment { wall: woke_up.wall + delay, monotonic: woke_up.monotonic + delay };
    let Step::Transmit(second, _) = waiting.resume(again) else { panic!("nothing to send") };
    assert_eq!((date_of(&second), second.timeout), ("20261123T040000Z", Duration::from_secs(10)));
}

#[test]
fn an_exchange_in_which_the_clocks_disagree_teaches_nothing() {
    let (fell_asleep, woke_up) = after_a_sleep();
    let set_back = Moment { wall: START - SignedDuration::HOUR, ..woke_up };
    let in_step = Moment { wall: START + SignedDuration::seconds(5), ..woke_up };
    let shift = |received: Moment, date: UtcDateTime| {
        let client = Client::new(1);
        let call = |now: Moment| client.core.call(&GetCallerIdentity::new(), client.credentials.as_ref(), now);
        let Step::Transmit(_, in_flight) = call(fell_asleep) else { panic!("nothing to send") };
        let response = Response::builder().header("date", imf(date)).body(OK).unwrap();
        assert!(matches!(in_flight.receive(Ok(response), received), Step::Done(Ok(_))));
        let Step::Transmit(next, _) = call(Moment { wall: START, ..received }) else { panic!("nothing to send") };
        date_of(&next).to_owned()
    };
    let ahead = START + SignedDuration::minutes(10);
    assert_eq!([woke_up, set_back].map(|received| shift(received, ahead)), ["20261123T030000Z", "20261123T030000Z"]);
    // 2.5 s after the beginning it was 03:10.
    assert_eq!(shift(in_step, ahead), "20261123T030957Z");
}
