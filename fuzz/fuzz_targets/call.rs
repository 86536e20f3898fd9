//! Whatever happens to a call, it ends, within its limits, and shows no secret.
//!
//! The input is a script: events, separated by U+0000. The first line of each is a status, or else what was lost; then headers, an
//! empty line and a body.
#![no_main]

use std::{sync::LazyLock, time::Duration};

use http::{HeaderName, HeaderValue, Response, StatusCode};
use libfuzzer_sys::fuzz_target;
use sts_core::*;
use time::macros::utc_datetime;

const LIMIT: Duration = Duration::from_secs(30);
static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    Config::builder().region("us-east-1").max_attempts(5).call_timeout(LIMIT).validate(false).build().unwrap()
});

fuzz_target!(|script: &str| {
    if script.contains("hush") {
        return; // What the service says itself is shown.
    }
    let mut events = script.split('\0').map(event);
    let (learned, credentials) = (Learned::new(7), Credentials::new("AKIDEXAMPLE", "hush, a secret"));
    let start = utc_datetime!(2026-11-23 03:00);
    let (mut now, mut attempts, mut waited) = (start, 0, Duration::ZERO);
    let call = Call::new(&GetCallerIdentity::new(), &CONFIG, &learned, Some(&credentials));
    let mut step = call.start(now);
    let result = loop {
        assert!(!format!("{step:?}").contains("hush"));
        step = match step {
            Step::Transmit(request, call) => {
                attempts += 1;
                assert!(attempts <= 5);
                assert_eq!(request.body().expose(), b"Action=GetCallerIdentity&Version=2011-06-15");
                assert!(request.headers().contains_key("authorization"));
                assert!(call.timeout() > Duration::ZERO && now - start < LIMIT);
                now += Duration::from_millis(300);
                call.receive(events.next().unwrap_or(Err(lost(""))), now)
            }
            Step::Wait(delay, call) => {
                waited += delay;
                now += delay;
                call.resume(now)
            }
            Step::Done(result) => break result,
        };
    };
    assert!(now - start < LIMIT);
    match &result {
        Ok(Reply { metadata, .. }) => assert_eq!((metadata.attempts, metadata.retry_delay), (attempts, waited)),
        Err(error) => {
            assert!(!format!("{error}").is_empty() && !format!("{error}{error:?}").contains("hush"));
            let metadata = error.metadata().map(|metadata| (metadata.attempts, metadata.retry_delay));
            assert!(metadata.is_none_or(|metadata| metadata == (attempts, waited)));
        }
    }
});

fn event(text: &str) -> Result<Response<&str>, Lost<()>> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let status = first.parse().ok().and_then(|status| StatusCode::from_u16(status).ok()).ok_or_else(|| lost(first))?;
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}

fn lost(kind: &str) -> Lost<()> {
    let kind = match kind {
        "connect" => LostKind::Connect,
        "timeout" => LostKind::Timeout,
        "interrupted" => LostKind::Interrupted,
        "too large" => LostKind::TooLarge,
        _ => LostKind::Permanent,
    };
    Lost { error: (), kind }
}
