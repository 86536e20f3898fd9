//! The parts of a call, each as a closure that runs it once.
//!
//! Results are dropped inside the closure. Otherwise, every run would touch fresh pages and measure the kernel.

use std::{hint::black_box, time::Duration};

use http::{Request, Response};
use sts_core::{
    AssumeRoleOutput, Body, Client, Operation, Step,
    proof::presigned_get_caller_identity,
    sigv4::{KeyCache, Signer, SigningKey},
    xml::{Document, FromXml},
};

use crate::fixture::{self, NOW};

/// A measured piece of work.
pub struct Work {
    /// The task.
    pub task: Task,
    /// The implementation.
    pub by: &'static str,
    /// Runs the task once.
    pub run: Box<dyn FnMut()>,
}

impl Work {
    /// The work of this implementation.
    pub fn new(task: Task, by: &'static str, run: impl FnMut() + 'static) -> Self {
        Self { task, by, run: Box::new(run) }
    }
}

/// A part of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// From members to a form.
    Serialise,
    /// From members to a signed request.
    SerialiseAndSign,
    /// From a form to a signed request.
    Sign,
    /// From credentials to a `GetCallerIdentity` URL.
    Presign,
    /// From credentials to the day's signing key.
    DeriveKey,
    /// From a response to an output.
    Parse,
    /// From members to an output, with a given response.
    WholeCall,
}

impl Task {
    /// All tasks, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::Serialise,
        Self::SerialiseAndSign,
        Self::Sign,
        Self::Presign,
        Self::DeriveKey,
        Self::Parse,
        Self::WholeCall,
    ];

    /// The key in the budget.
    pub fn key(self) -> &'static str {
        match self {
            Self::Serialise => "serialise",
            Self::SerialiseAndSign => "serialise-and-sign",
            Self::Sign => "sign",
            Self::Presign => "presign",
            Self::DeriveKey => "derive-key",
            Self::Parse => "parse",
            Self::WholeCall => "whole-call",
        }
    }

    /// The title in the table.
    pub fn title(self) -> &'static str {
        match self {
            Self::Serialise => "serialise AssumeRole",
            Self::SerialiseAndSign => "serialise and sign AssumeRole",
            Self::Sign => "sign a prepared body",
            Self::Presign => "presign GetCallerIdentity",
            Self::DeriveKey => "derive a signing key",
            Self::Parse => "parse the response",
            Self::WholeCall => "whole call in memory",
        }
    }
}

/// The name of this repository's implementation.
pub const OURS: &str = "sts-core";

/// Each task in sts-core.
pub fn ours() -> Vec<Work> {
    Task::ALL.into_iter().map(|task| Work { task, by: OURS, run: our(task) }).collect()
}

fn our(task: Task) -> Box<dyn FnMut()> {
    let (policy, client, credentials, keys) =
        (fixture::policy(), Client::new(fixture::config(), 1), fixture::credentials(), KeyCache::new());
    let body = fixture::assume_role(&policy).to_body().expect("the fixture is valid");
    let response = fixture::response();
    // The members borrow. Only the call's own work is measured.
    let policy: &'static str = policy.leak();
    let operation = fixture::assume_role(policy);
    match task {
        Task::Serialise => Box::new(move || drop(black_box(black_box(&operation).to_body()))),
        Task::SerialiseAndSign => Box::new(move || {
            drop(black_box(client.call(black_box(&operation), Some(&credentials), NOW)));
        }),
        Task::Sign => Box::new(move || {
            let mut request = post(&body);
            let signer = Signer::new(&credentials, "us-east-1", "sts").key_cache(&keys);
            signer.sign(&mut request, body.expose(), NOW).expect("the fixture can be signed");
            drop(black_box(request));
        }),
        Task::Presign => Box::new(move || {
            let url = presigned_get_caller_identity(client.config(), &credentials, Duration::from_secs(60), NOW);
            drop(black_box(url.expect("the fixture can be signed")));
        }),
        Task::DeriveKey => Box::new(move || {
            let secret = black_box(&credentials.secret_access_key);
            drop(black_box(SigningKey::derive(secret, NOW, "us-east-1", "sts")));
        }),
        Task::Parse => Box::new(move || {
            let document = Document::parse(black_box(&response)).expect("the fixture is XML");
            let result = document.root().child("AssumeRoleResult").expect("the fixture has a result");
            drop(black_box(AssumeRoleOutput::from_xml(result).expect("the fixture is an output")));
        }),
        Task::WholeCall => Box::new(move || {
            let step = client.call(black_box(&operation), Some(&credentials), NOW);
            let Step::Transmit(_, call) = step else { panic!("the fixture is valid") };
            let step = call.receive(Ok(Response::new(&response)), NOW);
            drop(black_box(step));
        }),
    }
}

/// The input of a signer that is given the form.
pub(crate) fn post(body: &Body) -> Request<Body> {
    Request::post("https://sts.us-east-1.amazonaws.com/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.clone())
        .expect("the fixture is valid")
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_runs() {
        for mut work in super::ours() {
            (work.run)();
        }
    }
}
