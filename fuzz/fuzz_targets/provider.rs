//! Whatever is configured, and whatever files, programs and servers answer, the search for credentials ends.
//!
//! The input is a config file, then what is answered, separated by U+0000: a text for a file, a code or a program, the same text behind
//! a line with its status for a request.
#![no_main]

use std::sync::LazyLock;

use http::{Response, StatusCode};
use libfuzzer_sys::fuzz_target;
use sts_core::{
    Config, Credentials, Learned, Lost, LostKind,
    provider::{
        machine::{Finished, ProviderError, Session, Step},
        plan::Plan,
        profile::{Platform, Profiles},
    },
};
use time::macros::utc_datetime;

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::builder().region("us-east-1").build().unwrap());

fuzz_target!(|input: &str| {
    let mut parts = input.split('\0');
    let mut profiles = Profiles::default();
    if profiles.read_config("config", parts.next().unwrap_or_default()).is_err() {
        return;
    }
    let plan = match Plan::new(Platform::Unix, &|_| None, &profiles, Some("p")) {
        Ok(plan) => plan,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert!(!plan.sources.is_empty() && !plan.to_string().is_empty());
    let learned = Learned::new(7);
    let mut found: Option<Credentials> = None;
    for source in &plan.sources {
        let session = Session { config: &CONFIG, learned: &learned, credentials: found.as_ref() };
        match run(source.start(session, utc_datetime!(2026-11-23 03:00)), &mut parts) {
            Ok(credentials) => found = Some(credentials),
            Err(error) => return assert!(!error.to_string().is_empty()),
        }
    }
    assert!(found.is_some());
});

fn run<'a>(
    mut step: Step<'_, ()>,
    answers: &mut impl Iterator<Item = &'a str>,
) -> Result<Credentials, ProviderError<()>> {
    let mut now = utc_datetime!(2026-11-23 03:00);
    // Three exchanges with the instance's metadata, each tried a few times, are the longest way.
    for _ in 0..64 {
        now += std::time::Duration::from_millis(100);
        let answer = |answers: &mut dyn Iterator<Item = &'a str>| answers.next().ok_or_else(|| "no answer".to_owned());
        step = match step {
            Step::ReadFile(_, next) => next.receive(answer(answers).map(Into::into), now),
            Step::WriteFile(_, text, next) => {
                assert!(!text.expose().is_empty());
                next.receive(answer(answers).map(drop), now)
            }
            Step::PromptMfa(_, next) => next.receive(answer(answers).map(Into::into), now),
            Step::RunProcess(_, next) => next.receive(
                answer(answers).map(|text| {
                    let (stdout, stderr) = text.split_once("\nstderr\n").unwrap_or((text, ""));
                    let code = if stderr.is_empty() { Some(0) } else { i32::try_from(stderr.len()).ok() };
                    Finished {
                        code,
                        stdout: stdout.as_bytes().to_vec().into(),
                        stderr: stderr.as_bytes().to_vec().into(),
                    }
                }),
                now,
            ),
            Step::Transmit(_, next) => next.receive(answers.next().and_then(response).ok_or(LOST), now),
            Step::Wait(delay, next) => {
                now += delay;
                next.resume(now)
            }
            Step::Done(result) => return result,
        };
    }
    unreachable!("it has no end")
}

const LOST: Lost<()> = Lost { error: (), kind: LostKind::Interrupted };

fn response(text: &str) -> Option<Response<&str>> {
    let (status, body) = text.split_once('\n')?;
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status.parse().ok()?).ok()?;
    Some(response)
}
