//! A call that follows a script, with its observable results.

use std::{sync::LazyLock, time::Duration};

use sts_core::*;
use time::macros::utc_datetime;

use crate::script;

pub const MAX_ATTEMPTS: u32 = 5;
pub const TIMEOUT: Duration = Duration::from_secs(30);
static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let config = Config::builder().region("us-east-1").max_attempts(MAX_ATTEMPTS).call_timeout(TIMEOUT);
    config.validate(false).build().unwrap()
});

#[derive(Default)]
pub struct Play {
    pub attempts: u32,
    /// The sum of all waits.
    pub waited: Duration,
    /// The sum of all waits and attempts.
    pub took: Duration,
    /// All text that a log may show.
    pub shown: String,
    pub metadata: Option<Metadata>,
}

impl Play {
    /// Runs the call with this secret until it ends. Each attempt takes 300 ms, or its time limit if shorter.
    pub fn new(script: &str, secret: &str) -> Self {
        let mut parts = script.split('\0');
        let client = Client::new(CONFIG.clone(), 7);
        let credentials = Credentials::new("AKIDEXAMPLE", secret).session_token(secret);
        let start = utc_datetime!(2026-11-23 03:00);
        let mut play = Self::default();
        let mut step = client.call(&GetCallerIdentity::new(), Some(&credentials), start);
        let result = loop {
            play.shown += &format!("{step:?}\n");
            step = match step {
                Step::Transmit(Transmit { request, timeout, .. }, call) => {
                    assert_eq!(request.body().expose(), b"Action=GetCallerIdentity&Version=2011-06-15");
                    assert!(request.headers().contains_key("authorization"));
                    play.attempts += 1;
                    play.took += timeout.min(Duration::from_millis(300));
                    call.receive(script::response(parts.next().unwrap_or_default()), start + play.took)
                }
                Step::Wait(delay, call) => {
                    play.waited += delay;
                    play.took += delay;
                    call.resume(start + play.took)
                }
                Step::Done(result) => break result,
            };
        };
        match result {
            Ok(reply) => play.metadata = Some(reply.metadata),
            Err(error) => {
                crate::is_told(&error);
                play.shown += &error.to_string();
                play.metadata = error.metadata().cloned();
            }
        }
        play
    }
}
