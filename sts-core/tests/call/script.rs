//! Scripted runs of the machine, each compared as one text.
//!
//! Waits are drawn at random, so each script is played with many seeds. A trace shows the range that the waits were in,
//! to the next 50 ms outwards, and is otherwise the same for every seed.

use std::{fmt, time::Duration};

use http::{Request, Response};
use sts_core::{
    AssumeRoleWithWebIdentity, Body, Config, Credentials, Error, GetCallerIdentity, Operation, Reply, Step, Transmit,
    TransportError, TransportErrorKind,
};
use time::{SignedDuration, UtcDateTime, macros::utc_datetime};

pub(crate) const START: UtcDateTime = utc_datetime!(2026-11-23 03:00:00);
pub(crate) const SEEDS: std::ops::Range<u64> = 0..200;

pub(crate) const OK: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::123456789012:user/Alice</Arn><UserId>AKIAI44QH8DHBEXAMPLE</UserId><Account>123456789012</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";
pub(crate) const WEB_OK: &str = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
    <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
    <Expiration>2026-11-23T04:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>A:n</AssumedRoleId>\
    <Arn>a</Arn></AssumedRoleUser></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";

pub(crate) fn refusal(code: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>because</Message></Error>\
         <RequestId>7</RequestId></ErrorResponse>"
    )
}

pub(crate) fn web_identity() -> AssumeRoleWithWebIdentity<'static> {
    AssumeRoleWithWebIdentity::new("arn:aws:iam::123456789012:role/demo", "name", "header.payload.signature")
}

/// What the network does with an attempt.
#[derive(Clone)]
pub(crate) enum Event {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
        date: Option<SignedDuration>,
        took: Duration,
    },
    Fail(TransportErrorKind),
}

pub(crate) use Event::Fail;

pub(crate) fn answer(status: u16, body: impl Into<Vec<u8>>) -> Event {
    Event::Answer { status, headers: Vec::new(), body: body.into(), date: None, took: Duration::ZERO }
}

impl Event {
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }

    /// With a `Date` from a clock that is that much ahead of the client's.
    pub(crate) fn date(mut self, ahead: SignedDuration) -> Self {
        if let Self::Answer { date, .. } = &mut self {
            *date = Some(ahead);
        }
        self
    }

    /// The answer takes that long, half of it on the way back.
    pub(crate) fn took(mut self, time: Duration) -> Self {
        if let Self::Answer { took, .. } = &mut self {
            *took = time;
        }
        self
    }
}

/// RFC 9110's IMF-fixdate.
pub(crate) fn imf(time: UtcDateTime) -> String {
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
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken pipe")
    }
}

impl std::error::Error for Broken {}

/// A client, and the time at it.
pub(crate) struct Client {
    pub(crate) core: sts_core::Client,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) now: UtcDateTime,
}

impl Client {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with(Config::builder().region("eu-west-1").build().unwrap(), seed)
    }

    pub(crate) fn with(config: Config, seed: u64) -> Self {
        let credentials = Some(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
        Self { core: sts_core::Client::new(config, seed), credentials, now: START }
    }

    /// One call; says what was done, with the waits apart.
    pub(crate) fn run<O: Operation>(&mut self, operation: &O, script: &[Event]) -> Run<O::Output> {
        let mut run = Run { lines: Vec::new(), waits: Vec::new(), requests: Vec::new(), result: None };
        let mut script = script.iter();
        let mut step = self.core.call(operation, self.credentials.as_ref(), self.now);
        loop {
            step = match step {
                Step::Transmit(Transmit { request, .. }, call) => {
                    run.lines.push(format!("transmit {}", self.describe(&request)));
                    run.requests.push(request);
                    let Some(event) = script.next() else {
                        run.lines.push("the script ends".into());
                        return run;
                    };
                    let result = match event {
                        Event::Fail(kind) => Err(TransportError::new(*kind, Broken)),
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
                    call.receive(result, self.now)
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
        let attempt = request.headers().get("amz-sdk-request").map_or("bare", |attempt| attempt.to_str().unwrap());
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

pub(crate) struct Run<T> {
    pub(crate) lines: Vec<String>,
    pub(crate) waits: Vec<Duration>,
    pub(crate) requests: Vec<Request<Body>>,
    pub(crate) result: Option<Result<Reply<T>, Error>>,
}

/// Plays a script against new clients, with many seeds.
pub(crate) fn play_with<O: Operation>(client: impl Fn(u64) -> Client, operation: &O, script: &[Event]) -> String {
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

pub(crate) fn play<O: Operation>(operation: &O, script: &[Event]) -> String {
    play_with(Client::new, operation, script)
}

/// What is left of the client's quota: throttling retries of 5 use it up, then each success gives 1 until there is another.
pub(crate) fn quota_left(mut client: Client) -> usize {
    let throttled = vec![answer(400, refusal("Throttling")); 3];
    let mut left = 0;
    loop {
        match client.run(&GetCallerIdentity::new(), &throttled).waits.len() {
            0 => break,
            retries => left += 5 * retries,
        }
    }
    for missing in 1..=5 {
        client.run(&GetCallerIdentity::new(), &[answer(200, OK)]);
        if client.run(&GetCallerIdentity::new(), &throttled).waits.len() == 1 {
            return left + 5 - missing;
        }
    }
    panic!("successes give nothing back");
}
