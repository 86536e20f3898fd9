//! The service against the API model, which `conformance/fetch` brings: it knows every operation, and checks every limit of every member.
//!
//! The model is not part of this repository, so a plain `cargo test` does not run this: `cargo test -p sts-local --test conformance`.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use http::{Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sts_conformance::{
    Model,
    sample::{self, path, snake_case},
};
use sts_core::{
    sigv4::Signer,
    xml::{Document, Element},
};
use sts_local::LocalSts;
use time::{UtcDateTime, macros::utc_datetime};

const NOW: UtcDateTime = utc_datetime!(2026-11-23 03:00);

#[test]
fn every_operation_is_known() {
    let model = Model::read();
    let mut faults = Vec::new();
    for operation in model.operations() {
        let (code, _) = refusal(&send(operation, &[]));
        if code == "InvalidAction" {
            let file = snake_case(operation);
            faults.push(format!(
                "The model has the operation {operation}, and sts-local has not: add sts-local/src/operations/{file}.rs"
            ));
        }
    }
    report(&faults);
}

/// A member that is not read is not checked.
#[test]
fn every_limit_is_checked() {
    let model = Model::read();
    let (mut checked, mut faults) = (0, Vec::new());
    for operation in model.operations() {
        let file = snake_case(operation);
        for mut violation in sample::violations(&model, operation) {
            let member = path(&violation.pointer);
            // A transitive key names a tag; this rule comes first and has a code of its own.
            if member.starts_with("tags.") {
                violation.input.as_object_mut().unwrap().remove("TransitiveTagKeys");
            }
            let (code, message) = refusal(&send(operation, &sample::fields(&model, operation, &violation.input)));
            let said = format!("at '{member}' failed to satisfy constraint: {}", violation.constraint);
            let is_tag_rule = member.starts_with("transitiveTagKeys") && code == "InvalidParameterValue";
            if !is_tag_rule && (code != "ValidationError" || !message.contains(&said)) {
                faults.push(format!(
                    "{operation}: the member {member} is not checked: sts-local/src/operations/{file}.rs must read it. \
                     Expected {said:?}, got {code} {message:?}"
                ));
            }
            checked += 1;
        }
    }
    report(&faults);
    println!("{checked} requests beyond a limit");
    assert!(checked >= 140, "{checked}");
}

fn send(operation: &str, fields: &[(String, String)]) -> Response<Vec<u8>> {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let fields = fields.iter().map(|(name, value)| format!("&{}={}", encode(name), encode(value)));
    let body = format!("Action={operation}&Version=2011-06-15{}", fields.collect::<String>());
    let mut request = Request::post("https://sts.eu-central-1.amazonaws.com/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.clone())
        .unwrap();
    let credentials = LocalSts::demo_credentials();
    Signer::new(&credentials, "eu-central-1", "sts").sign(&mut request, body.as_bytes(), NOW).unwrap();
    LocalSts::demo().handle(request, NOW)
}

/// Code and message of an error; the empty code if it is none.
fn refusal(response: &Response<Vec<u8>>) -> (String, String) {
    let document = Document::parse(response.body()).unwrap();
    let error = document.root().child("Error");
    let text = |name| error.and_then(|error| error.child(name)).map_or("", Element::text).to_owned();
    (text("Code"), text("Message"))
}

#[track_caller]
fn report(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
