// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! Scripted runs of the machine, each compared as one text.
//!
//! Waits are drawn at random, so each script is played with many seeds. A trace shows the range that the waits were in,
//! to the next 50 ms outwards, and is otherwise the same for every seed.

use std::{fmt, time::Duration};

use http::{Request, Response};
use sts_core::{
    AssumeRole, AssumeRoleWithWebIdentity, Body, Call, Config, Credentials, Error, GetCallerIdentity, Learned, Lost,
    LostKind, Operation, Reply, Step, sigv4::verify,
};
use time::{SignedDuration, UtcDateTime, macros::utc_datetime};

const START: UtcDateTime = utc_datetime!(2026-11-23 03:00:00);
const SEEDS: std::ops::Range<u64> = 0..200;

const OK: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::123456789012:user/Alice</Arn><UserId>AKIAI44QH8DHBEXAMPLE</UserId><Account>123456789012</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";
const WEB_OK: &str = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
    <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
    <Expiration>2026-11-23T04:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>A:n</AssumedRoleId>\
    <Arn>a</Arn></AssumedRoleUser></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";

fn refusal(code: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>because</Message></Error>\
         <RequestId>7</RequestId></ErrorResponse>"
    )
}

fn web_identity() -> AssumeRoleWithWebIdentity<'static> {
    AssumeRoleWithWebIdentity::new("arn:aws:iam::123456789012:role/demo", "name", "header.payload.signature")
}

/// What the network does with an attempt.
#[derive(Clone)]
enum Event {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
        date: Option<SignedDuration>,
        took: Duration,
    },
    Lost(LostKind),
}

use Event::Lost as Lose;

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Event {
    Event::Answer { status, headers: Vec::new(), body: body.into(), date: None, took: Duration::ZERO }
}

impl Event {
    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }

    /// With a `Date` from a clock that is that much ahead of the client's.
    fn date(mut self, ahead: SignedDuration) -> Self {
        if let Self::Answer { date, .. } = &mut self {
            *date = Some(ahead);
        }
        self
    }

    /// The answer takes that long, half of it on the way back.
    fn took(mut self, time: Duration) -> Self {
        if let Self::Answer { took, .. } = &mut self {
            *took = time;
        }
        self
    }
}

/// RFC 9110's IMF-fixdate.
fn imf(time: UtcDateTime) -> String {
    let (weekday, month) = (time.weekday().to_string(), time.month().to_string());
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        &weekday[..3],
        time.day(),
        &month[..3],
        time.year(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken pipe")
    }
}

impl std::error::Error for Broken {}

/// A client, and the time at it.
struct Client {
    config: Config,
    credentials: Option<Credentials>,
    learned: Learned,
    now: UtcDateTime,
}

impl Client {
    fn new(seed: u64) -> Self {
        Self::with(Config::builder().region("eu-west-1").build().unwrap(), seed)
    }

    fn with(config: Config, seed: u64) -> Self {
        let credentials = Some(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
        Self { config, credentials, learned: Learned::new(seed), now: START }
    }

    /// One call; says what was done, with the waits apart.
    fn run<O: Operation>(&mut self, operation: &O, script: &[Event]) -> Run<O::Output> {
        let mut run = Run { lines: Vec::new(), waits: Vec::new(), requests: Vec::new(), result: None };
        let mut script = script.iter();
        let call = Call::new(operation, &self.config, &self.learned, self.credentials.as_ref());
        let mut step = call.start(self.now);
        loop {
            step = match step {
                Step::Transmit(request, call) => {
                    run.lines.push(format!("transmit {}", self.describe(&request)));
                    run.requests.push(request);
                    let Some(event) = script.next() else {
                        run.lines.push("the script ends".into());
                        return run;
                    };
                    let result = match event {
                        Event::Lost(kind) => Err(Lost { error: Broken, kind: *kind }),
                        Event::Answer { status, headers, body, date, took } => {
                            let mut response = Response::builder().status(*status);
                            for (name, value) in headers {
                                response = response.header(*name, value);
                            }
                            if let Some(ahead) = date {
                                response = response.header("date", imf(self.now + *took / 2 + *ahead));
                            }
                            self.now += *took;
                            Ok(response.body(body.clone()).unwrap())
                        }
                    };
                    call.receive(self.now, result)
                }
                Step::Wait(delay, call) => {
                    run.lines.push("wait".into());
                    run.waits.push(delay);
                    self.now += delay;
                    call.resume(self.now)
                }
                Step::Done(result) => {
                    run.lines.push(match &result {
                        Ok(reply) => format!("done ok attempts={}", reply.metadata.attempts),
                        Err(error) => format!("done: {error}"),
                    });
                    if script.next().is_some() {
                        run.lines.push("the script goes on".into());
                    }
                    run.result = Some(result);
                    return run;
                }
            };
        }
    }

    /// The attempt, and how far ahead of the client's clock it is signed.
    fn describe(&self, request: &Request<Body>) -> String {
        let attempt = request.headers()["amz-sdk-request"].to_str().unwrap();
        let Some(date) = request.headers().get("x-amz-date") else { return format!("{attempt} unsigned") };
        let digits: String = date.to_str().unwrap().chars().filter(char::is_ascii_digit).collect();
        let number = |from, to| digits[from..to].parse::<i64>().unwrap();
        let seconds = number(8, 10) * 3600 + number(10, 12) * 60 + number(12, 14);
        let own = self.now.time();
        let own = i64::from(own.hour()) * 3600 + i64::from(own.minute()) * 60 + i64::from(own.second());
        match seconds - own {
            0 => attempt.into(),
            ahead => format!("{attempt} clock {ahead:+} s"),
        }
    }
}

struct Run<T> {
    lines: Vec<String>,
    waits: Vec<Duration>,
    requests: Vec<Request<Body>>,
    result: Option<Result<Reply<T>, Error<Broken>>>,
}

/// Plays a script against new clients, with many seeds.
fn play_with<O: Operation>(client: impl Fn(u64) -> Client, operation: &O, script: &[Event]) -> String {
    let mut lines = Vec::<String>::new();
    let mut ranges = Vec::<(Duration, Duration)>::new();
    for seed in SEEDS {
        let run = client(seed).run(operation, script);
        if seed == SEEDS.start {
            lines = run.lines;
            ranges = run.waits.iter().map(|wait| (*wait, *wait)).collect();
            continue;
        }
        assert_eq!(run.lines, lines, "only waits depend on the seed");
        for (range, wait) in ranges.iter_mut().zip(run.waits) {
            *range = (range.0.min(wait), range.1.max(wait));
        }
    }
    let mut ranges = ranges.iter();
    for line in lines.iter_mut().filter(|line| *line == "wait") {
        let (from, to) = ranges.next().unwrap();
        let (from, to) = (from.as_nanos() / 50_000_000 * 50, to.as_nanos().div_ceil(50_000_000) * 50);
        *line = if from == to { format!("wait {from} ms") } else { format!("wait {from}..{to} ms") };
    }
    lines.join("\n")
}

fn play<O: Operation>(operation: &O, script: &[Event]) -> String {
    play_with(Client::new, operation, script)
}

/// How many retries after throttling the client would still make: a fifth of its quota.
fn throttling_retries_left(learned: Learned) -> usize {
    let config =
        Config::builder().region("eu-west-1").max_attempts(1000).call_timeout(Duration::from_secs(86_400)).build();
    let mut client = Client { learned, ..Client::with(config.unwrap(), 1) };
    let run = client.run(&GetCallerIdentity::new(), &vec![answer(400, refusal("Throttling")); 1000]);
    run.waits.len()
}

// The vectors of the standard retry mode, revision 2.1.

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

/// The quota after the script, in throttling retries of 5.
fn quota_after(calls: &[&[Event]]) -> usize {
    let mut client = Client::new(1);
    for script in calls {
        assert!(client.run(&GetCallerIdentity::new(), script).result.is_some());
    }
    throttling_retries_left(client.learned)
}

#[test]
fn a_retry_costs_and_a_success_gives_back() {
    let (failed, busy, ok) = (answer(500, ""), answer(429, ""), answer(200, OK));
    let denied = answer(403, refusal("AccessDenied"));
    assert_eq!(quota_after(&[]), 500 / 5);
    // 500, 500, 200: 500 - 14 - 14 + 14 = 486
    assert_eq!(quota_after(&[&[failed.clone(), failed.clone(), ok.clone()]]), 486 / 5);
    // An error gives nothing back: 500 - 14 - 14 = 472
    assert_eq!(quota_after(&[&[failed.clone(), failed.clone(), denied.clone()]]), 472 / 5);
    // Throttling: 500 - 5 = 495, and 500 after the success
    assert_eq!(quota_after(&[&[busy.clone(), denied]]), 495 / 5);
    assert_eq!(quota_after(&[&[busy.clone(), ok.clone()]]), 500 / 5);
    // A success at the first attempt gives 1: 472 + 3 = 475, and never more than there was
    let lost: &[Event] = &[failed.clone(), failed.clone(), failed];
    let good: &[Event] = std::slice::from_ref(&ok);
    assert_eq!(quota_after(&[lost, good, good]), 474 / 5);
    assert_eq!(quota_after(&[lost, good, good, good]), 475 / 5);
    assert_eq!(quota_after(&[good, good]), 500 / 5);
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
            "done: GetCallerIdentity: unreadable response: document has no element at byte 0 \
             (HTTP 500, region eu-west-1, attempt 2)"
        ]
    );
}

// Time.

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
         done: GetCallerIdentity: unreadable response: document has no element at byte 0 \
         (HTTP 500, region eu-west-1, attempt 2)"
    );
}

#[test]
fn an_attempt_may_not_outlast_the_call() {
    let config = Config::builder().region("eu-west-1").call_timeout(Duration::from_secs(15)).build().unwrap();
    let client = Client::with(config, 1);
    let operation = GetCallerIdentity::new();
    let call = Call::new(&operation, &client.config, &client.learned, client.credentials.as_ref());
    let Step::Transmit(_, call) = call.start::<Broken>(START) else { panic!("nothing to send") };
    assert_eq!(call.timeout(), Duration::from_secs(10));
    let lost = Err::<Response<Vec<u8>>, _>(Lost { error: Broken, kind: LostKind::Timeout });
    let Step::Wait(delay, call) = call.receive(START + Duration::from_secs(10), lost) else { panic!("no retry") };
    let now = START + Duration::from_secs(10) + delay;
    let Step::Transmit(_, call) = call.resume::<Broken>(now) else { panic!("nothing to send") };
    assert_eq!(call.timeout() + delay, Duration::from_secs(5));
}

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
        .map(|request| verify(request, "sts", START - AHEAD, |_| client.credentials.clone()).is_ok())
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
    for status in [500, 502, 503, 504] {
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
fn a_lost_exchange_is_repeated_where_that_can_help() {
    let (first, wait) = ("transmit attempt=1; max=3", "wait 0..50 ms");
    for (kind, text) in [
        (LostKind::Connect, "could not connect to"),
        (LostKind::Timeout, "timed out talking to"),
        (LostKind::Interrupted, "lost the connection to"),
    ] {
        assert_eq!(
            play(&GetCallerIdentity::new(), &[Lose(kind), answer(200, OK)]),
            format!("{first}\n{wait}\ntransmit attempt=2; max=3\ndone ok attempts=2")
        );
        assert_eq!(
            play(&GetCallerIdentity::new(), &[Lose(kind), Lose(kind), Lose(kind)]),
            format!(
                "{first}\n{wait}\ntransmit attempt=2; max=3\nwait 0..100 ms\ntransmit attempt=3; max=3\n\
                 done: GetCallerIdentity: {text} https://sts.eu-west-1.amazonaws.com (attempt 3)"
            )
        );
    }
    for (kind, text) in
        [(LostKind::TooLarge, "got too long a response from"), (LostKind::Permanent, "could not talk to")]
    {
        assert_eq!(
            play(&GetCallerIdentity::new(), &[Lose(kind)]),
            format!("{first}\ndone: GetCallerIdentity: {text} https://sts.eu-west-1.amazonaws.com")
        );
    }
}

#[test]
fn the_transports_error_is_the_source_and_not_repeated() {
    let run = Client::new(1).run(&GetCallerIdentity::new(), &[Lose(LostKind::Permanent)]);
    let error = run.result.unwrap().unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "broken pipe");
    assert!(!error.to_string().contains("broken pipe"));
}

// Responses that STS does not send.

#[test]
fn unreadable_responses_say_what_came() {
    let region = "region eu-west-1";
    let html = "<html><head><title>Log in</title></head><body>Captive portal</body></html>";
    for (status, body, expected) in [
        (302, "", format!("document has no element at byte 0; redirects are not followed (HTTP 302, {region})")),
        (403, html, format!("html is not an error response at byte 0, which begins {html:?} (HTTP 403, {region})")),
        (200, html, format!("expected GetCallerIdentityResponse, found html at byte 0 (HTTP 200, {region})")),
        (
            400,
            r#"{"message":"no"}"#,
            format!(
                r#"text outside the root element at byte 0, which begins "{{\"message\":\"no\"}}" (HTTP 400, {region})"#
            ),
        ),
        (200, "", format!("document has no element at byte 0 (HTTP 200, {region})")),
        (403, "", format!("document has no element at byte 0 (HTTP 403, {region})")),
        (
            200,
            "<GetCallerIdentityResponse><GetCallerIdentityResult>",
            format!("document ends inside GetCallerIdentityResult at byte 52 (HTTP 200, {region})"),
        ),
        (
            200,
            "<GetCallerIdentityResponse/>",
            format!(
                "missing element GetCallerIdentityResult in GetCallerIdentityResponse at byte 0 (HTTP 200, {region})"
            ),
        ),
        (
            200,
            "<!DOCTYPE x [<!ENTITY a 'b'>]><GetCallerIdentityResponse/>",
            format!("document type declarations are refused at byte 0 (HTTP 200, {region})"),
        ),
    ] {
        assert_eq!(
            play(&GetCallerIdentity::new(), &[answer(status, body)]),
            format!("transmit attempt=1; max=3\ndone: GetCallerIdentity: unreadable response: {expected}")
        );
    }
}

#[test]
fn the_beginning_of_a_long_page_is_kept() {
    let page = "\u{e9}".repeat(5_000);
    let run = Client::new(1).run(&GetCallerIdentity::new(), &[answer(404, page)]);
    let text = run.result.unwrap().unwrap_err().to_string();
    assert!(text.contains(&"\u{e9}".repeat(200)) && !text.contains(&"\u{e9}".repeat(201)), "{text}");
}

/// A page that is not UTF-8 is not lost, either.
#[test]
fn bytes_that_are_no_text() {
    assert_eq!(
        play(&GetCallerIdentity::new(), &[answer(404, b"\xff\xfe".as_slice())]),
        "transmit attempt=1; max=3\n\
         done: GetCallerIdentity: unreadable response: document is not UTF-8 at byte 0, \
         which begins \"\u{fffd}\u{fffd}\" (HTTP 404, region eu-west-1)"
    );
}

#[test]
fn every_status_from_three_hundred_on_is_an_error_and_an_error_in_a_success_too() {
    assert_eq!(
        play(&GetCallerIdentity::new(), &[answer(302, OK)]).lines().nth(1).unwrap(),
        "done: GetCallerIdentity: unreadable response: GetCallerIdentityResponse is not an error response at byte 0; \
         redirects are not followed (HTTP 302, region eu-west-1)"
    );
    assert_eq!(
        play(&GetCallerIdentity::new(), &[answer(200, refusal("AccessDenied"))]).lines().nth(1).unwrap(),
        "done: GetCallerIdentity was refused with AccessDenied: because (HTTP 200, request id 7, region eu-west-1)"
    );
}

#[test]
fn odd_envelopes_of_errors_are_read() {
    let error = "<Code>AccessDenied</Code>";
    for (body, text) in [
        (format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>"), "AccessDenied"),
        (format!("<ErrorResponse><RequestId>7</RequestId><Error>{error}</Error></ErrorResponse>"), "AccessDenied"),
        (format!("<x:ErrorResponse xmlns:x='urn:y'><x:Error>{error}</x:Error></x:ErrorResponse>"), "AccessDenied"),
        (format!("<ErrorResponse><Error>{error}<message>low</message></Error></ErrorResponse>"), "AccessDenied: low"),
        (format!("<ErrorResponse><Errors><Error>{error}</Error></Errors></ErrorResponse>"), "AccessDenied"),
        (format!("<Error>{error}<Message>m</Message></Error>"), "AccessDenied: m"),
    ] {
        let trace = play(&GetCallerIdentity::new(), &[answer(403, body.clone())]);
        let expected = format!("done: GetCallerIdentity was refused with {text} (HTTP 403, ");
        assert!(trace.lines().nth(1).unwrap().starts_with(&expected), "{body}: {trace}");
    }
}

#[test]
fn metadata_comes_from_the_body_and_else_from_headers() {
    let header = |name: &'static str| {
        let script = [answer(200, OK).header(name, "id").header("x-amz-id-2", "ext").header("x-amz-cf-id", "cf")];
        Client::new(1).run(&GetCallerIdentity::new(), &script).result.unwrap().unwrap().metadata
    };
    for name in ["x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id"] {
        let metadata = header(name);
        assert_eq!(metadata.request_id.as_deref(), Some("id"), "{name}");
        assert_eq!(metadata.extended_request_id.as_deref(), Some("ext"));
        assert_eq!(metadata.cloud_front_id.as_deref(), Some("cf"));
        assert_eq!((metadata.status.as_u16(), metadata.attempts), (200, 1));
        assert_eq!(metadata.retry_delay, Duration::ZERO);
    }
    let script = [answer(403, refusal("AccessDenied")).header("x-amzn-requestid", "another")];
    let run = Client::new(1).run(&GetCallerIdentity::new(), &script);
    let error = run.result.unwrap().unwrap_err();
    assert_eq!(error.metadata().unwrap().request_id.as_deref(), Some("7"));
    assert_eq!(error.code(), Some(&sts_core::ErrorCode::AccessDenied));
}

#[test]
fn metadata_adds_the_waits_up() {
    let script = [answer(500, ""), Lose(LostKind::Connect), answer(200, OK)];
    let run = Client::new(1).run(&GetCallerIdentity::new(), &script);
    let metadata = run.result.unwrap().unwrap().metadata;
    assert_eq!(metadata.attempts, 3);
    assert_eq!(metadata.retry_delay, run.waits.iter().sum::<Duration>());
    assert!(metadata.retry_delay > Duration::ZERO);
}

// Requests.

#[test]
fn what_is_invalid_is_not_sent() {
    let mut client = Client::new(1);
    assert_eq!(
        play(&AssumeRole::new("short", "n"), &[]),
        "done: AssumeRole was not sent: 2 validation errors detected: \
         Value 'short' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; \
         Value 'n' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2"
    );
    client.credentials = None;
    assert_eq!(
        client.run(&GetCallerIdentity::new(), &[]).lines,
        ["done: GetCallerIdentity was not sent: there are no credentials to sign it with"]
    );
    let config = Config::builder().endpoint_url("http://127.0.0.1:4566").build().unwrap();
    assert_eq!(
        Client::with(config, 1).run(&GetCallerIdentity::new(), &[]).lines,
        ["done: GetCallerIdentity was not sent: there is no region to sign it for"]
    );
    client.credentials = Some(Credentials::new("A\nB", "s"));
    assert_eq!(
        client.run(&GetCallerIdentity::new(), &[]).lines,
        ["done: GetCallerIdentity was not sent: the access key id holds a character that a header cannot"]
    );
}

#[test]
fn validation_can_be_left_to_the_service() {
    let client = |seed| Client::with(Config::builder().region("eu-west-1").validate(false).build().unwrap(), seed);
    assert_eq!(
        play_with(client, &AssumeRole::new("short", "n"), &[answer(400, refusal("ValidationError"))]),
        "transmit attempt=1; max=3\n\
         done: AssumeRole was refused with ValidationError: because (HTTP 400, request id 7, region eu-west-1)"
    );
}

#[test]
fn an_unsigned_operation_carries_nothing_of_the_credentials() {
    let script = [answer(500, ""), answer(200, WEB_OK)];
    let expected = "transmit attempt=1; max=3 unsigned\n\
         wait 0..50 ms\n\
         transmit attempt=2; max=3 unsigned\n\
         done ok attempts=2";
    assert_eq!(play(&web_identity(), &script), expected);
    // Neither credentials nor a region are needed.
    let bare = |seed| Client {
        credentials: None,
        ..Client::with(Config::builder().endpoint_url("http://127.0.0.1:4566").build().unwrap(), seed)
    };
    assert_eq!(play_with(bare, &web_identity(), &script), expected);
    let mut client = Client::new(1);
    client.credentials = Some(Credentials::new("AKIDEXAMPLE", "hush").session_token("quiet"));
    for request in client.run(&web_identity(), &script).requests {
        for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
            assert!(!request.headers().contains_key(name), "{name}");
        }
    }
    let run = Client::new(1).run(&web_identity(), &[answer(400, refusal("InvalidIdentityToken"))]);
    assert_eq!(
        run.lines[1],
        "done: AssumeRoleWithWebIdentity was refused with InvalidIdentityToken: because (HTTP 400, request id 7)"
    );
}

#[test]
fn every_attempt_is_a_whole_request() {
    let mut client = Client::new(1);
    client.credentials = client.credentials.map(|credentials| credentials.session_token("TOKEN+/="));
    let script = [answer(500, ""), Lose(LostKind::Interrupted), answer(200, OK)];
    let first = client.run(&GetCallerIdentity::new(), &script).requests;
    assert_eq!(first.len(), 3);
    for (index, request) in first.iter().enumerate() {
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), "https://sts.eu-west-1.amazonaws.com/");
        assert_eq!(request.body().expose(), b"Action=GetCallerIdentity&Version=2011-06-15");
        let header = |name: &str| {
            assert_eq!(request.headers().get_all(name).iter().count(), 1, "{name}");
            request.headers()[name].to_str().unwrap()
        };
        assert_eq!(header("host"), "sts.eu-west-1.amazonaws.com");
        assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
        assert_eq!(header("content-length"), "43");
        assert_eq!(header("amz-sdk-request"), format!("attempt={}; max=3", index + 1));
        assert_eq!(header("x-amz-security-token"), "TOKEN+/=");
        assert!(header("authorization").contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,"));
        assert!(!header("user-agent").is_empty());
        assert_eq!(header("amz-sdk-invocation-id"), first[0].headers()["amz-sdk-invocation-id"]);
        let key = |_: &str| client.credentials.clone();
        assert!(verify(request, "sts", START, key).is_ok());
    }
    let id = first[0].headers()["amz-sdk-invocation-id"].to_str().unwrap();
    // RFC 9562 §5.4: a UUID of version 4 and variant 10.
    let form: String = id.chars().map(|c| if c.is_ascii_hexdigit() { 'x' } else { c }).collect();
    assert_eq!(form, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    assert_eq!((&id[14..15], "89ab".contains(&id[19..20])), ("4", true), "{id}");
    let second = client.run(&GetCallerIdentity::new(), &[answer(200, OK)]).requests;
    assert_ne!(second[0].headers()["amz-sdk-invocation-id"], id);
}

#[test]
fn the_host_is_what_a_transport_would_send() {
    for (url, host) in [
        ("http://127.0.0.1:4566", "127.0.0.1:4566"),
        ("http://localhost:80/", "localhost"),
        ("https://example.com:443", "example.com"),
        ("https://example.com:80", "example.com:80"),
        ("http://[::1]:8080", "[::1]:8080"),
    ] {
        let config = Config::builder().region("eu-west-1").endpoint_url(url).build().unwrap();
        let run = Client::with(config, 1).run(&GetCallerIdentity::new(), &[answer(200, OK)]);
        assert_eq!(run.requests[0].headers()["host"], host, "{url}");
    }
}

#[test]
fn attempts_can_be_limited_to_one() {
    for attempts in [0, 1] {
        let client =
            |seed| Client::with(Config::builder().region("eu-west-1").max_attempts(attempts).build().unwrap(), seed);
        assert_eq!(
            play_with(client, &GetCallerIdentity::new(), &[Lose(LostKind::Connect)]),
            "transmit attempt=1; max=1\n\
             done: GetCallerIdentity: could not connect to https://sts.eu-west-1.amazonaws.com"
        );
    }
}
