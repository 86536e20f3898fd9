//! When a call is made again, after how long, and how often: the vectors of the standard mode, revision 2.1.

use http::Response;
use std::time::Duration;
use sts_core::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoot, Config, Error, GetCallerIdentity, PolicyDescriptor, Step,
    TransportError, TransportErrorKind,
};

use crate::script::{
    Broken, Client, Event, Fail, OK, START, WEB_OK, answer, play, play_with, quota_left, refusal, web_identity,
};

#[test]
fn two_failures_and_a_success() {
    let script = [answer(500, ""), answer(500, ""), answer(200, OK)];
    assert_eq!(
        play(&GetCallerIdentity::new(), &script),
        "transmit attempt=1; max=3\n\
         wait 0..50 ms\n\
         transmit attempt=2; max=3\n\
         wait 0..100 ms\n\
         transmit attempt=3; max=3\n\
         done ok attempts=3"
    );
}

#[test]
fn throttling_waits_longer_and_costs_less() {
    let script = [answer(400, refusal("Throttling")), answer(429, ""), answer(200, OK)];
    assert_eq!(
        play(&GetCallerIdentity::new(), &script),
        "transmit attempt=1; max=3\n\
         wait 0..1000 ms\n\
         transmit attempt=2; max=3\n\
         wait 0..2000 ms\n\
         transmit attempt=3; max=3\n\
         done ok attempts=3"
    );
}

#[test]
fn the_last_attempts_error_is_returned() {
    let script =
        [answer(503, "busy"), answer(500, refusal("InternalFailure")), answer(503, refusal("ServiceUnavailable"))];
    assert_eq!(
        play(&GetCallerIdentity::new(), &script),
        "transmit attempt=1; max=3\n\
         wait 0..50 ms\n\
         transmit attempt=2; max=3\n\
         wait 0..100 ms\n\
         transmit attempt=3; max=3\n\
         done: GetCallerIdentity was refused with ServiceUnavailable: because \
         (HTTP 503, request id 7, region eu-west-1, attempt 3)"
    );
}

#[test]
fn delays_stop_growing_at_twenty_seconds() {
    let client = |seed| {
        let config =
            Config::builder().region("eu-west-1").max_attempts(8).call_timeout(Duration::from_secs(3600)).build();
        Client::with(config.unwrap(), seed)
    };
    let script = [vec![answer(429, ""); 7], vec![answer(200, OK)]].concat();
    let trace = play_with(client, &GetCallerIdentity::new(), &script);
    let waits: Vec<_> = trace.lines().filter(|line| line.starts_with("wait")).collect();
    assert_eq!(waits.len(), 7);
    for wait in &waits[5..] {
        let (low, high) = wait.strip_prefix("wait ").unwrap().strip_suffix(" ms").unwrap().split_once("..").unwrap();
        let (low, high) = (low.parse::<u32>().unwrap(), high.parse::<u32>().unwrap());
        assert!(low < 1_000 && (19_000..=20_000).contains(&high), "{wait}");
    }
}

#[test]
fn the_service_may_ask_for_a_longer_wait() {
    let wait = |after: &str| {
        let script = [answer(500, "").header("x-amz-retry-after", after), answer(200, OK)];
        let trace = play(&GetCallerIdentity::new(), &script);
        trace.lines().nth(1).unwrap().to_owned()
    };
    assert_eq!(wait("1500"), "wait 1500 ms");
    assert_eq!(wait("0"), "wait 0..50 ms");
    assert_eq!(wait("10000"), "wait 5000..5050 ms");
    for ignored in ["x", "-1", "", "1.5", "99999999999999999999"] {
        assert_eq!(wait(ignored), "wait 0..50 ms", "{ignored}");
    }
}

#[test]
fn retry_after_makes_nothing_retryable() {
    let script = [answer(403, refusal("InvalidClientTokenId")).header("x-amz-retry-after", "10")];
    assert_eq!(
        play(&GetCallerIdentity::new(), &script),
        "transmit attempt=1; max=3\n\
         done: GetCallerIdentity was refused with InvalidClientTokenId: because \
         (HTTP 403, request id 7, region eu-west-1)"
    );
}

// The quota: 500 for a client.

fn quota_after(calls: &[&[Event]]) -> usize {
    let mut client = Client::new(1);
    for script in calls {
        assert!(client.run(&GetCallerIdentity::new(), script).result.is_some());
    }
    quota_left(client)
}

#[test]
fn a_retry_costs_and_a_success_gives_back() {
    let (failed, busy, ok) = (answer(500, ""), answer(429, ""), answer(200, OK));
    let denied = answer(403, refusal("AccessDenied"));
    assert_eq!(quota_after(&[]), 500);
    // A retry costs 14; an error gives nothing back.
    assert_eq!(quota_after(&[&[failed.clone(), denied.clone()]]), 486);
    assert_eq!(quota_after(&[&[failed.clone(), failed.clone(), denied.clone()]]), 472);
    assert_eq!(quota_after(&[&[failed.clone(), failed.clone(), failed.clone()]]), 472);
    // A success gives back what the last retry cost.
    assert_eq!(quota_after(&[&[failed.clone(), failed.clone(), ok.clone()]]), 486);
    // Throttling costs 5.
    assert_eq!(quota_after(&[&[busy.clone(), denied]]), 495);
    assert_eq!(quota_after(&[&[busy.clone(), ok.clone()]]), 500);
    assert_eq!(quota_after(&[&[failed.clone(), busy.clone(), ok.clone()]]), 486);
    // A success at the first attempt gives 1, and there is never more than at first.
    let lost: &[Event] = &[failed.clone(), failed.clone(), failed];
    let good: &[Event] = std::slice::from_ref(&ok);
    assert_eq!(quota_after(&[lost, good, good, good]), 475);
    assert_eq!(quota_after(&[good, good]), 500);
}

/// As when a task is cancelled.
#[test]
fn a_call_that_is_dropped_while_it_waits_gives_back_what_its_retry_cost() {
    let client = Client::new(1);
    for _ in 0..100 {
        let step = client.core.call(&GetCallerIdentity::new(), client.credentials.as_ref(), START);
        let Step::Transmit(_, call) = step else { panic!("nothing to send") };
        let step = call.receive(Ok(Response::builder().status(500).body("").unwrap()), START);
        assert!(matches!(step, Step::Wait(..)), "the quota is used up");
    }
    assert_eq!(quota_left(client), 500);
}

#[test]
fn an_outage_uses_the_quota_up_and_then_errors_come_at_once() {
    let mut client = Client::new(1);
    let attempts: Vec<usize> =
        (0..20).map(|_| client.run(&GetCallerIdentity::new(), &vec![answer(500, ""); 3]).requests.len()).collect();
    // 500 / 14 = 35 retries, two a call.
    assert_eq!(attempts, [vec![3; 17], vec![2], vec![1; 2]].concat());
    let run = client.run(&GetCallerIdentity::new(), &[answer(200, OK)]);
    assert_eq!(run.lines, ["transmit attempt=1; max=3", "done ok attempts=1"]);
}

#[test]
fn a_quota_of_fourteen_is_one_retry() {
    let config =
        Config::builder().region("eu-west-1").max_attempts(37).call_timeout(Duration::from_secs(3600)).build().unwrap();
    let mut client = Client::with(config, 1);
    // 500 - 34 * 14 - 2 * 5 = 14
    let script = [vec![answer(500, ""); 34], vec![answer(429, ""); 2], vec![answer(403, refusal("AccessDenied"))]];
    assert_eq!(client.run(&GetCallerIdentity::new(), &script.concat()).waits.len(), 36);
    let run = client.run(&GetCallerIdentity::new(), &[answer(500, ""), answer(500, "")]);
    assert_eq!(
        run.lines,
        [
            "transmit attempt=1; max=37",
            "wait",
            "transmit attempt=2; max=37",
            "done: GetCallerIdentity: https://sts.eu-west-1.amazonaws.com answered HTTP 500, not an STS response: an empty \
             body (region eu-west-1, attempt 2)"
        ]
    );
}

#[test]
fn the_deadline_of_the_call_stops_a_wait() {
    let client = |seed| {
        let config = Config::builder().region("eu-west-1").call_timeout(Duration::from_secs(3)).build();
        Client::with(config.unwrap(), seed)
    };
    let late = answer(500, "").header("x-amz-retry-after", "1500").took(Duration::from_secs(1));
    assert_eq!(
        play_with(client, &GetCallerIdentity::new(), &[late.clone(), late]),
        "transmit attempt=1; max=3\n\
         wait 1500 ms\n\
         transmit attempt=2; max=3\n\
         done: GetCallerIdentity: https://sts.eu-west-1.amazonaws.com answered HTTP 500, not an STS response: an empty body \
         (region eu-west-1, attempt 2)"
    );
}

#[test]
fn an_attempt_may_not_outlast_the_call() {
    let config = Config::builder().region("eu-west-1").call_timeout(Duration::from_secs(15)).build().unwrap();
    let client = Client::with(config, 1);
    let operation = GetCallerIdentity::new();
    let step = client.core.call(&operation, client.credentials.as_ref(), START);
    let Step::Transmit(transmit, call) = step else { panic!("nothing to send") };
    assert_eq!(transmit.timeout, Duration::from_secs(10));
    let timeout = Err::<Response<Vec<u8>>, _>(TransportError::new(TransportErrorKind::Timeout, Broken));
    let Step::Wait(delay, call) = call.receive(timeout, START + Duration::from_secs(10)) else { panic!("no retry") };
    let now = START + Duration::from_secs(10) + delay;
    let Step::Transmit(transmit, _) = call.resume(now) else { panic!("nothing to send") };
    assert_eq!(transmit.timeout + delay, Duration::from_secs(5));
}

#[test]
fn attempts_can_be_limited_to_one() {
    for attempts in [0, 1] {
        let client =
            |seed| Client::with(Config::builder().region("eu-west-1").max_attempts(attempts).build().unwrap(), seed);
        assert_eq!(
            play_with(client, &GetCallerIdentity::new(), &[Fail(TransportErrorKind::Connect)]),
            "transmit attempt=1; max=1\n\
             done: GetCallerIdentity: could not connect to https://sts.eu-west-1.amazonaws.com"
        );
    }
}

// What is worth another attempt.

#[test]
fn codes_and_statuses_that_are_retried() {
    let retried = |event: Event| match play(&GetCallerIdentity::new(), &[event, answer(200, OK)]).lines().nth(1) {
        Some("wait 0..50 ms") => "transient",
        Some("wait 0..1000 ms") => "throttling",
        _ => "final",
    };
    for code in [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    ] {
        assert_eq!(retried(answer(400, refusal(code))), "throttling", "{code}");
    }
    for code in ["RequestTimeout", "RequestTimeoutException", "IDPCommunicationError"] {
        assert_eq!(retried(answer(400, refusal(code))), "transient", "{code}");
    }
    for status in [408, 500, 502, 503, 504] {
        assert_eq!(retried(answer(status, refusal("Whatever"))), "transient", "{status}");
        assert_eq!(retried(answer(status, "<html/>")), "transient", "{status}");
    }
    assert_eq!(retried(answer(429, refusal("Whatever"))), "throttling");
    for code in ["ValidationError", "ExpiredToken", "MalformedPolicyDocument", "InvalidIdentityToken", "Unheard"] {
        assert_eq!(retried(answer(400, refusal(code))), "final", "{code}");
    }
    let no_key = "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>Couldn't retrieve verification key \
        from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements\
        </Message></Error></ErrorResponse>";
    assert_eq!(retried(answer(400, no_key)), "transient");
}

#[test]
fn a_role_may_be_so_new_that_it_is_denied() {
    let patient =
        |seed| Client::with(Config::builder().region("eu-west-1").retry_access_denied(true).build().unwrap(), seed);
    let denied = answer(403, refusal("AccessDenied"));
    let waits = |trace: String| trace.lines().filter(|line| line.starts_with("wait")).collect::<Vec<_>>().join(", ");
    let role = AssumeRole::new("arn:aws:iam::123456789012:role/demo", "name");
    let saml = AssumeRoleWithSaml::new(
        "arn:aws:iam::123456789012:role/demo",
        "arn:aws:iam::123456789012:saml-provider/idp",
        "PHNhbWw+",
    );
    let last = vec![denied.clone(); 3];
    let seconds = "wait 0..1000 ms, wait 0..2000 ms";
    assert_eq!(waits(play_with(patient, &role, &last)), seconds);
    assert_eq!(waits(play_with(patient, &saml, &last)), seconds);
    assert_eq!(waits(play_with(patient, &web_identity(), &last)), seconds);
    assert_eq!(
        play_with(patient, &web_identity(), &[denied.clone(), answer(200, WEB_OK)]),
        "transmit attempt=1; max=3 unsigned\n\
         wait 0..1000 ms\n\
         transmit attempt=2; max=3 unsigned\n\
         done ok attempts=2"
    );
    // Nothing else is retried for it, and nothing at all unless it is wanted.
    let root = AssumeRoot::new(
        "123456789012",
        PolicyDescriptor::new("arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"),
    );
    assert_eq!(waits(play_with(patient, &root, std::slice::from_ref(&denied))), "");
    assert_eq!(waits(play_with(patient, &GetCallerIdentity::new(), std::slice::from_ref(&denied))), "");
    assert_eq!(waits(play_with(patient, &role, &[answer(400, refusal("PackedPolicyTooLarge"))])), "");
    assert_eq!(waits(play(&role, &[denied])), "");
}

#[test]
fn a_lost_exchange_is_repeated_where_that_can_help() {
    let (first, wait) = ("transmit attempt=1; max=3", "wait 0..50 ms");
    for (kind, text) in [
        (TransportErrorKind::Connect, "could not connect to"),
        (TransportErrorKind::Timeout, "timed out talking to"),
        (TransportErrorKind::Interrupted, "lost the connection to"),
    ] {
        assert_eq!(
            play(&GetCallerIdentity::new(), &[Fail(kind), answer(200, OK)]),
            format!("{first}\n{wait}\ntransmit attempt=2; max=3\ndone ok attempts=2")
        );
        assert_eq!(
            play(&GetCallerIdentity::new(), &[Fail(kind), Fail(kind), Fail(kind)]),
            format!(
                "{first}\n{wait}\ntransmit attempt=2; max=3\nwait 0..100 ms\ntransmit attempt=3; max=3\n\
                 done: GetCallerIdentity: {text} https://sts.eu-west-1.amazonaws.com (3 attempts)"
            )
        );
    }
    for (kind, text) in [
        (TransportErrorKind::TooLarge, "got too long a response from"),
        (TransportErrorKind::Permanent, "could not talk to"),
    ] {
        assert_eq!(
            play(&GetCallerIdentity::new(), &[Fail(kind)]),
            format!("{first}\ndone: GetCallerIdentity: {text} https://sts.eu-west-1.amazonaws.com")
        );
    }
}

#[test]
fn no_response_tells_how_long_the_call_took() {
    let slow = answer(500, "").took(Duration::from_secs(7));
    let run = Client::new(1).run(&GetCallerIdentity::new(), &[slow.clone(), slow, Fail(TransportErrorKind::Timeout)]);
    let Err(Error::NoResponse(error)) = run.result.unwrap() else { panic!("no response") };
    assert_eq!((error.attempts, error.elapsed), (3, error.retry_delay + Duration::from_secs(14)));
    assert!(error.retry_delay > Duration::ZERO);
}

#[test]
fn the_transports_error_is_the_source_and_not_repeated() {
    let run = Client::new(1).run(&GetCallerIdentity::new(), &[Fail(TransportErrorKind::Permanent)]);
    let error = run.result.unwrap().unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "broken pipe");
    assert!(!error.to_string().contains("broken pipe"));
    // For `fn main() -> Result<(), Box<dyn Error>>`.
    let line = "GetCallerIdentity: could not talk to https://sts.eu-west-1.amazonaws.com: broken pipe";
    assert_eq!((format!("{error:?}"), format!("{error:#?}")), (line.to_owned(), line.to_owned()));
}
