//! Writes down what a service answers, and answers with it later, for tests that need no service. A tape holds whatever was answered,
//! credentials included: record `GetCallerIdentity`, and not `AssumeRole`.
//!
//! `cargo run -p sts-local --example recording`

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
};

use sts_blocking::{
    Client, Config, GetCallerIdentity,
    http::Response,
    transport::{Transmit, Transport, TransportError, TransportErrorKind},
};
use sts_local::LocalSts;
use time::UtcDateTime;

#[expect(clippy::print_stdout, reason = "it is an example")]
fn main() -> Result<(), Box<dyn Error>> {
    let tape = Tape::default();
    let client =
        || Client::builder().config(Config::builder().region("eu-west-1")).credentials(LocalSts::demo_credentials());

    let sts = LocalSts::demo();
    let service = move |transmit: Transmit| Ok(sts.handle(transmit.request, UtcDateTime::now()));
    let recorded = client().transport(tape.record(service)).build()?.send(&GetCallerIdentity::new())?;

    let replayed = client().transport(tape.replay()).build()?.send(&GetCallerIdentity::new())?;
    println!("{}, and again {}", recorded.output.arn, replayed.output.arn);
    Ok(())
}

/// Responses in the order in which they came.
#[derive(Default)]
struct Tape(Arc<Mutex<Vec<Response<Vec<u8>>>>>);

impl Tape {
    /// A transport that sends with this one, and keeps what comes back.
    fn record<T: Transport + 'static>(&self, inner: T) -> impl Transport + use<T> {
        let tape = self.0.clone();
        move |transmit: Transmit| {
            let response = inner.exchange(transmit)?;
            tape.lock().unwrap_or_else(PoisonError::into_inner).push(response.clone());
            Ok(response)
        }
    }

    /// A transport that gives back what was kept, from the first on.
    fn replay(&self) -> impl Transport + use<> {
        let rest = Mutex::new(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().into_iter());
        move |_: Transmit| {
            let next = rest.lock().unwrap_or_else(PoisonError::into_inner).next();
            next.ok_or_else(|| TransportError::new(TransportErrorKind::Permanent, "the tape is at its end"))
        }
    }
}
