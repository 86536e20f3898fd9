//! Whatever the network does, a call ends in time, sends no more than it may and panics never.

use http::{Request, Response};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::time::Duration;
use sts_core::{
    AssumeRole, AssumeRoleWithWebIdentity, Auth, Body, Client, Config, Credentials, GetCallerIdentity, Operation,
    RetryMode, Route, Step, Transmit, TransportError, TransportErrorKind,
};
use time::{SignedDuration, UtcDateTime};

use crate::script::{Broken, OK, START, WEB_OK, imf, refusal, web_identity};

/// What comes of an attempt, and after how long.
#[derive(Clone, Debug)]
struct Event {
    what: What,
    took: Duration,
    /// How much longer than it was asked to the driver sleeps before the next attempt.
    overslept: Duration,
}

#[derive(Clone, Debug)]
enum What {
    Fail(TransportErrorKind),
    Answer { status: u16, body: Answer, headers: Vec<(&'static str, String)> },
}

#[derive(Clone, Debug)]
enum Answer {
    Success,
    Refusal(&'static str),
    Bytes(Vec<u8>),
}

/// The codes that mean throttling, of the standard retry mode.
const THROTTLING: [&str; 5] =
    ["Throttling", "SlowDown", "RequestLimitExceeded", "TooManyRequestsException", "PriorRequestNotComplete"];
const OTHERS: [&str; 9] = [
    "AccessDenied",
    "AccessDeniedException",
    "SignatureDoesNotMatch",
    "RequestTimeTooSkewed",
    "IDPCommunicationError",
    "RequestTimeout",
    "InternalFailure",
    "ExpiredToken",
    "Unheard",
];

impl Event {
    /// What a retry after it costs, if there is one: by the table of the standard retry mode, not by the code under test.
    fn cost(&self) -> i64 {
        match &self.what {
            What::Answer { body: Answer::Refusal(code), .. } if THROTTLING.contains(code) => 5,
            What::Answer { status: 429, .. } => 5,
            _ => 14,
        }
    }
}

fn event() -> impl Strategy<Value = Event> {
    let lost = select(vec![
        TransportErrorKind::Connect,
        TransportErrorKind::Timeout,
        TransportErrorKind::Interrupted,
        TransportErrorKind::TooLarge,
        TransportErrorKind::Permanent,
    ]);
    let statuses = select(vec![200_u16, 204, 302, 400, 403, 404, 500, 502, 503, 504]);
    let code = prop_oneof![select(&THROTTLING[..]), select(&OTHERS[..])];
    let what = prop_oneof![
        2 => lost.prop_map(What::Fail),
        3 => headers().prop_map(|headers| What::Answer { status: 200, body: Answer::Success, headers }),
        1 => headers().prop_map(|headers| What::Answer { status: 429, body: Answer::Bytes(Vec::new()), headers }),
        6 => (statuses.clone(), code, headers())
            .prop_map(|(status, code, headers)| What::Answer { status, body: Answer::Refusal(code), headers }),
        2 => (statuses, vec(any::<u8>(), 0..64), headers())
            .prop_map(|(status, body, headers)| What::Answer { status, body: Answer::Bytes(body), headers }),
    ];
    (what, prop_oneof![0..100_u64, 0..20_000_u64, 0..2_000_000_u64], 0..50_u64).prop_map(|(what, took, overslept)| {
        Event { what, took: Duration::from_millis(took), overslept: Duration::from_millis(overslept) }
    })
}

fn headers() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let date = prop_oneof![-2000..2000_i64, -400_000_000..3_000_000_000_i64]
        .prop_map(|ahead| ("date", imf(START + SignedDuration::seconds(ahead))));
    let after = prop_oneof!["[0-9]{1,20}", "-?[0-9.]{0,3}", Just("x".to_owned())]
        .prop_map(|after| ("x-amz-retry-after", after));
    let age = option::of(Just(("age", "1".to_owned())));
    (option::of(date), option::of(after), option::weighted(0.1, age))
        .prop_map(|(date, after, age)| [date, after, age.flatten()].into_iter().flatten().collect())
}

fn config() -> impl Strategy<Value = (Config, u32, Duration, Duration)> {
    let adaptive = any::<bool>().prop_map(|on| if on { RetryMode::Adaptive } else { RetryMode::Standard });
    (1..8_u32, prop_oneof![0..5_000_u64, 0..90_000_u64], 0..30_000_u64, adaptive, any::<bool>(), any::<bool>())
        .prop_map(|(attempts, call, attempt, mode, correct, denied)| {
            let (call, attempt) = (Duration::from_millis(call), Duration::from_millis(attempt));
            let config = Config::builder()
                .region("eu-west-1")
                .max_attempts(attempts)
                .call_timeout(call)
                .attempt_timeout(attempt)
                .retry_mode(mode)
                .correct_clock_skew(correct)
                .retry_access_denied(denied);
            (config.build().unwrap(), attempts, call, attempt)
        })
}

/// A client whose every step is watched.
struct Watched {
    core: Client,
    max_attempts: u32,
    call_timeout: Duration,
    attempt_timeout: Duration,
    now: UtcDateTime,
    /// The quota as the rules have it.
    quota: i64,
}

impl Watched {
    fn call<O: Operation>(&mut self, operation: &O, success: &str, script: &[Event]) {
        let credentials =
            Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").session_token("t");
        let mut script = script.iter().cycle();
        let mut last: Option<&Event> = None;
        let mut last_cost = None;
        let (mut attempts, mut waited) = (0, Duration::ZERO);
        // The shortest time that an attempt gets, and what the driver is late.
        let mut latest = self.now + self.call_timeout + Duration::from_millis(1);
        let deadline = self.now + self.call_timeout;
        let mut step = self.core.call(operation, Some(&credentials), self.now);
        loop {
            step = match step {
                Step::Transmit(Transmit { request, timeout, route }, call) => {
                    assert_eq!(route, Route::ProxyAllowed);
                    attempts += 1;
                    assert!(attempts <= self.max_attempts);
                    check(&request, O::AUTH, attempts, self.max_attempts);
                    let left = Duration::try_from(deadline - self.now).unwrap_or_default();
                    assert!(timeout <= left.min(self.attempt_timeout).max(Duration::from_millis(1)));
                    let event = script.next().unwrap();
                    last = Some(event);
                    if event.took > timeout {
                        self.now += timeout;
                        last = None;
                        call.receive(
                            Err::<Response<Vec<u8>>, _>(TransportError::new(TransportErrorKind::Timeout, Broken)),
                            self.now,
                        )
                    } else {
                        self.now += event.took;
                        call.receive(event.result(success), self.now)
                    }
                }
                Step::Wait(delay, call) => {
                    assert!(self.now + delay < deadline, "{delay:?} is longer than the call may take");
                    if attempts > 0 {
                        let cost = last.map_or(14, Event::cost);
                        self.quota -= cost;
                        assert!(self.quota >= 0, "the quota is overdrawn");
                        last_cost = Some(cost);
                    }
                    let overslept = last.map_or(Duration::ZERO, |event| event.overslept);
                    waited += delay;
                    latest += overslept;
                    self.now += delay + overslept;
                    let step = call.resume(self.now);
                    assert!(matches!(step, Step::Transmit(..)), "what was waited for is done");
                    step
                }
                Step::Done(result) => {
                    assert!(self.now <= latest, "{} is after {latest}", self.now);
                    let metadata = match &result {
                        Ok(reply) => {
                            self.quota = 500.min(self.quota + last_cost.unwrap_or(1));
                            Some(&reply.metadata)
                        }
                        Err(error) => error.metadata(),
                    };
                    if let Some(metadata) = metadata {
                        assert_eq!((metadata.attempts, metadata.retry_delay), (attempts, waited));
                    }
                    return;
                }
            };
        }
    }
}

impl Event {
    fn result(&self, success: &str) -> Result<Response<Vec<u8>>, TransportError> {
        let (status, body, headers) = match &self.what {
            What::Fail(kind) => return Err(TransportError::new(*kind, Broken)),
            What::Answer { status, body, headers } => (status, body, headers),
        };
        let mut response = Response::builder().status(*status);
        for (name, value) in headers {
            response = response.header(*name, value);
        }
        let body = match body {
            Answer::Success => success.as_bytes().to_vec(),
            Answer::Refusal(code) => refusal(code).into_bytes(),
            Answer::Bytes(bytes) => bytes.clone(),
        };
        Ok(response.body(body).unwrap())
    }
}

fn check(request: &Request<Body>, auth: Auth, attempt: u32, max: u32) {
    assert_eq!(request.headers()["amz-sdk-request"], format!("attempt={attempt}; max={max}"));
    for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
        assert_eq!(request.headers().contains_key(name), auth == Auth::SigV4, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_call_ends_within_its_limits(
        (config, max_attempts, call_timeout, attempt_timeout) in config(),
        seed in any::<u64>(),
        calls in vec((0..3_usize, vec(event(), 1..10), prop_oneof![0..1000_i64, -7_200_000..7_200_000_i64]), 1..12),
    ) {
        let core = Client::new(config, seed);
        let mut client = Watched { core, max_attempts, call_timeout, attempt_timeout, now: START, quota: 500 };
        let role = AssumeRole::new("arn:aws:iam::123456789012:role/demo", "name");
        let role_ok = WEB_OK.replace("AssumeRoleWithWebIdentity", "AssumeRole");
        let token: AssumeRoleWithWebIdentity<'_> = web_identity();
        for (operation, script, pause) in calls {
            match operation {
                0 => client.call(&GetCallerIdentity::new(), OK, &script),
                1 => client.call(&role, &role_ok, &script),
                _ => client.call(&token, WEB_OK, &script),
            }
            // The clock may be set between two calls.
            client.now += SignedDuration::milliseconds(pause);
        }
    }

    #[test]
    fn no_times_make_it_panic(
        seed in any::<u64>(),
        (config, ..) in config(),
        script in vec((event(), any_time(), any_time()), 1..8),
        start in any_time(),
    ) {
        let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let client = Client::new(config, seed);
        let operation = GetCallerIdentity::new();
        for _ in 0..2 {
            let mut script = script.iter().cycle();
            let mut step = client.call(&operation, Some(&credentials), start);
            loop {
                let (event, received, resumed) = script.next().unwrap();
                step = match step {
                    Step::Transmit(_, call) => call.receive(event.result(OK), *received),
                    Step::Wait(_, call) => call.resume(*resumed),
                    Step::Done(_) => break,
                };
            }
        }
    }
}

proptest! {
    // Many calls each.
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// An outage, which is what the quota is for: no script of failures gets more retries out of it.
    #[test]
    fn an_outage_gets_no_more_retries_than_the_quota_pays_for(
        seed in any::<u64>(),
        events in vec((event(), 0..200_u64), 20..60),
    ) {
        let config = Config::builder().region("eu-west-1").max_attempts(7).build().unwrap();
        let (call_timeout, attempt_timeout) = (Duration::from_secs(60), Duration::from_secs(10));
        let core = Client::new(config, seed);
        let mut client =
            Watched { core, max_attempts: 7, call_timeout, attempt_timeout, now: START, quota: 500 };
        for (mut event, took) in events {
            event.took = Duration::from_millis(took);
            client.call(&GetCallerIdentity::new(), "", &[event]);
        }
    }
}

fn any_time() -> impl Strategy<Value = UtcDateTime> {
    let (first, last) = (UtcDateTime::MIN.unix_timestamp(), UtcDateTime::MAX.unix_timestamp());
    let seconds = prop_oneof![first..=last, Just(first), Just(last), -5..5_i64];
    (seconds, 0..1_000_000_000_i64).prop_map(|(seconds, nanoseconds)| {
        UtcDateTime::from_unix_timestamp(seconds).unwrap().saturating_add(SignedDuration::nanoseconds(nanoseconds))
    })
}
