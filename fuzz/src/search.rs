//! A search for credentials that follows a script.

use std::{sync::LazyLock, time::Duration};

use sts_core::{Client, Config, Credentials};
use sts_credentials::{
    error::SourceError,
    machine::{Finished, Step, WriteFile},
    plan::Plan,
};
use time::macros::utc_datetime;

use crate::script;

/// More than the longest source needs: three exchanges with the instance metadata service, with a few attempts each.
const MAX_STEPS: usize = 64;
static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::builder().region("us-east-1").build().unwrap());

/// Runs a plan. U+0000 separates the answers: a [`response`](script::response) to a request, or the text of a file, a code or a program's
/// output.
pub fn search(plan: &Plan, answers: &str) -> Result<Credentials, SourceError> {
    let (client, mut answers) = (Client::new(CONFIG.clone(), 7), answers.split('\0'));
    let mut found = None;
    for source in &plan.sources {
        found = Some(ask(source.start(&client, found.as_ref(), utc_datetime!(2026-11-23 03:00)), &mut answers)?);
    }
    Ok(found.expect("a plan has a source"))
}

fn ask<'a>(mut step: Step<'_>, answers: &mut impl Iterator<Item = &'a str>) -> Result<Credentials, SourceError> {
    let mut now = utc_datetime!(2026-11-23 03:00);
    for _ in 0..MAX_STEPS {
        now += Duration::from_millis(100);
        let mut text = || answers.next().ok_or_else(|| "no answer".to_owned());
        step = match step {
            Step::ReadFile(_, next) => next.receive(text().map(Into::into), now),
            Step::PromptMfa(_, next) => next.receive(text().map(Into::into), now),
            Step::RunProcess(_, next) => next.receive(text().map(finished), now),
            Step::WriteFile(WriteFile { text: written, .. }, next) => {
                assert!(!written.expose().is_empty());
                next.receive(text().map(drop), now)
            }
            Step::Transmit(_, next) => next.receive(script::response(answers.next().unwrap_or("interrupted")), now),
            Step::Wait(delay, next) => {
                now += delay;
                next.resume(now)
            }
            Step::Done(result) => return result,
        };
    }
    unreachable!("it has no end")
}

/// A program fails if it writes to standard error.
fn finished(text: &str) -> Finished {
    let (stdout, stderr) = text.split_once("\nstderr\n").unwrap_or((text, ""));
    Finished {
        code: i32::try_from(stderr.len()).ok(),
        stdout: stdout.as_bytes().to_vec().into(),
        stderr: stderr.as_bytes().to_vec().into(),
    }
}
