//! The pieces of a call, each as a closure that does it once.
//!
//! Results are dropped inside, since otherwise every run touches fresh pages, and the kernel is measured.

use std::{hint::black_box, time::Duration};

use http::{Request, Response};
use sts_core::{
    AssumeRoleOutput, Body, Client, Operation, Step,
    proof::presigned_get_caller_identity,
    sigv4::{KeyCache, Signer, SigningKey},
    xml::{Document, FromXml},
};

use crate::fixture::{self, NOW};

/// Something to measure.
pub struct Work {
    /// What is done.
    pub task: Task,
    /// Who does it.
    pub by: &'static str,
    /// Does it once.
    pub run: Box<dyn FnMut()>,
}

impl Work {
    /// A work of that name.
    pub fn new(task: Task, by: &'static str, run: impl FnMut() + 'static) -> Self {
        Self { task, by, run: Box::new(run) }
    }
}

/// What is done to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Members become a form.
    Serialise,
    /// Members become a signed request.
    SerialiseAndSign,
    /// A form that is there already is put into a signed request.
    Sign,
    /// A URL for `GetCallerIdentity`.
    Presign,
    /// The day's signing key.
    DeriveKey,
    /// A response becomes an output.
    Parse,
    /// From members to output, with a response that is there already.
    WholeCall,
}

impl Task {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::Serialise,
        Self::SerialiseAndSign,
        Self::Sign,
        Self::Presign,
        Self::DeriveKey,
        Self::Parse,
        Self::WholeCall,
    ];

    /// As the budget calls it.
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

    /// As the table calls it.
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

/// The name of what this repository is about.
pub const OURS: &str = "sts-core";

/// Each task, done by sts-core.
pub fn ours() -> Vec<Work> {
    Task::ALL.into_iter().map(|task| Work { task, by: OURS, run: our(task) }).collect()
}

fn our(task: Task) -> Box<dyn FnMut()> {
    let (policy, client, credentials, keys) =
        (fixture::policy(), Client::new(fixture::config(), 1), fixture::credentials(), KeyCache::new());
    let body = fixture::assume_role(&policy).to_body().expect("the fixture is valid");
    let response = fixture::response();
    // The members borrow; only what a call does with them is measured.
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

/// What a signer is given when the form is there already.
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
