//! The program against the API model, which `conformance/fetch` brings: it has every operation, takes every member of inputs, and prints
//! every member of outputs.
//!
//! The model is not part of this repository, so a plain `cargo test` does not run this: `cargo test -p sts-cli --test conformance`.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "cli/harness.rs"]
#[expect(dead_code, reason = "the other tests' as well")]
mod harness;

use serde_json::Value;
use sts_conformance::{
    Model,
    sample::{self, snake_case},
};

use harness::{file, respond, sts};

/// A session's, since one operation takes nothing else.
const SESSION: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", harness::SECRET),
    ("AWS_SESSION_TOKEN", "token"),
    ("AWS_REGION", "eu-central-1"),
];

#[test]
fn every_member_is_taken_and_printed() {
    let model = Model::read();
    let mut faults = Vec::new();
    for operation in model.operations() {
        let (input, (xml, expected)) = (sample::input(&model, operation), sample::output(&model, operation));
        let (url, sent) = respond(200, &xml);
        let json = file(&format!("{operation}.json"), &input.to_string());
        let run = sts(&[&command(operation), "--cli-input-json", &json, "--endpoint-url", &url], &SESSION);
        if run.code != 0 {
            faults.push(format!(
                "{operation}: `sts {}` must take {input}; sts-cli/src/operations/{}.rs has what it takes: {}",
                command(operation),
                snake_case(operation),
                run.stderr
            ));
            continue;
        }
        let sent = sent.recv().unwrap();
        for (name, _) in sample::fields(&model, operation, &input) {
            if !sent.contains(&format!("&{name}=")) {
                faults.push(format!(
                    "{operation}: {name} is not sent: give it to the operation in {}",
                    source(operation)
                ));
            }
        }
        let printed = serde_json::from_str(&run.stdout).unwrap();
        for member in missing(&expected, &printed) {
            faults
                .push(format!("{operation}: {member} is not printed: add a line to `output` in {}", source(operation)));
        }
    }
    report(&faults);
}

#[test]
fn skeletons_have_every_member() {
    let model = Model::read();
    let mut faults = Vec::new();
    for operation in model.operations() {
        let (input, (_, output)) = (sample::input(&model, operation), sample::output(&model, operation));
        let json = file(&format!("skeleton-{operation}.json"), &input.to_string());
        for (kind, expected) in [("input", input), ("output", output)] {
            // The output's wants the required members, as the AWS CLI does.
            let run = sts(&[&command(operation), "--cli-input-json", &json, "--generate-cli-skeleton", kind], &SESSION);
            let skeleton = serde_json::from_str(&run.stdout).unwrap_or_default();
            // The keys of a map are the user's.
            for member in missing(&expected, &skeleton).iter().filter(|member| !member.contains(".IdentityProvider.")) {
                let place = if kind == "input" { source(operation) } else { "sts-cli/src/skeleton.rs".to_owned() };
                faults.push(format!("{operation}: the {kind} skeleton has no {member}: see {place}"));
            }
        }
    }
    report(&faults);
}

fn command(operation: &str) -> String {
    snake_case(operation).replace('_', "-")
}

fn source(operation: &str) -> String {
    format!("sts-cli/src/operations/{}.rs", snake_case(operation))
}

/// The members that a value must have and has not, those of structures with a dot before: `Credentials.Expiration`.
fn missing(expected: &Value, found: &Value) -> Vec<String> {
    match expected {
        Value::Object(members) => {
            let mut all = Vec::new();
            for (name, expected) in members {
                match found.get(name) {
                    Some(found) => all.extend(missing(expected, found).iter().map(|inner| format!("{name}.{inner}"))),
                    None => all.push(name.clone()),
                }
            }
            all
        }
        Value::Array(elements) => elements.first().map_or_else(Vec::new, |first| missing(first, &found[0])),
        _ => Vec::new(),
    }
}

#[track_caller]
fn report(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
