//! Writes down what a service answers, and answers with it later, for tests that need no service. A tape holds whatever was answered,
//! credentials included: record `GetCallerIdentity`, and not `AssumeRole`.
//!
//! `cargo run -p sts-local --example recording`

use std::{
    error::Error,
    sync::{Mutex, PoisonError},
};

use sts_blocking::{
    Body, Client, Config, GetCallerIdentity, TransportError, TransportErrorKind,
    http::{Request, Response},
    transport::{Attempt, Transport},
};
use sts_local::LocalSts;
use time::UtcDateTime;

#[expect(clippy::print_stdout, reason = "it is an example")]
fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::builder().region("eu-west-1").build()?;
    let client = Client::new(config).credentials(LocalSts::demo_credentials());
    let tape = Tape::default();

    let sts = LocalSts::demo();
    let service = |request: Request<Body>, _: Attempt| Ok(sts.handle(request, UtcDateTime::now()));
    let recorded = client.clone().transport(tape.record(service)).send(&GetCallerIdentity::new())?;

    let replayed = client.transport(tape.replay()).send(&GetCallerIdentity::new())?;
    println!("{}, and again {}", recorded.output.arn, replayed.output.arn);
    Ok(())
}

/// Responses in the order in which they came.
#[derive(Default)]
struct Tape(Mutex<Vec<Response<Vec<u8>>>>);

impl Tape {
    /// A transport that sends with this one, and keeps what comes back.
    fn record(&self, inner: impl Transport) -> impl Transport {
        move |request: Request<Body>, attempt: Attempt| {
            let response = inner.exchange(request, attempt)?;
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(response.clone());
            Ok(response)
        }
    }

    /// A transport that gives back what was kept, from the first on.
    fn replay(&self) -> impl Transport {
        let rest = Mutex::new(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().into_iter());
        move |_: Request<Body>, _: Attempt| {
            let next = rest.lock().unwrap_or_else(PoisonError::into_inner).next();
            next.ok_or_else(|| TransportError::new(TransportErrorKind::Permanent, "the tape is at its end"))
        }
    }
}
