//! The API model: every operation, member, limit and error code is here, and every limit is checked before anything is sent. After an
//! update of the model these tests say what to add, and where.

use serde_json::json;
use sts_conformance::{
    Model,
    sample::{self, path, snake_case},
};
use sts_core::ErrorCode;

use crate::{inputs::typed_body, outputs::typed_result};

#[test]
fn every_member_is_written_in_the_models_order() {
    let model = Model::read();
    let mut faults = Vec::new();
    for operation in model.operations() {
        let (input, file) = (sample::input(&model, operation), snake_case(operation));
        let file = format!("sts-core/src/operations/{file}.rs");
        let Some(body) = typed_body(operation, &input, true) else {
            faults.push(format!(
                "The model has the operation {operation}, and sts-core has not: add {file} and sts-core/tests/conformance/inputs.rs"
            ));
            continue;
        };
        let body = match body {
            Ok(body) => body,
            Err(error) => {
                faults.push(format!("{operation}: {file} refuses what the model allows: {error}"));
                continue;
            }
        };
        let form = std::str::from_utf8(body.expose()).unwrap();
        let written: Vec<_> = form.split('&').skip(2).map(|field| field.split('=').next().unwrap()).collect();
        let fields = sample::fields(&model, operation, &input);
        let expected: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
        let missing: Vec<_> = expected.iter().filter(|name| !written.contains(name)).collect();
        for name in &missing {
            faults.push(format!(
                "{operation}: the model has the member {name}, and it is not sent: \
                 add a field, a setter and a `put` line to {file}, and a line to sts-core/tests/conformance/inputs.rs"
            ));
        }
        if missing.is_empty() && written != expected {
            faults.push(format!("{operation}: {file} sends {written:?}, and the model's order is {expected:?}"));
        }
    }
    report(&faults);
}

#[test]
fn every_limit_is_checked() {
    let model = Model::read();
    let (mut checked, mut faults) = (0, Vec::new());
    for operation in model.operations() {
        let file = snake_case(operation);
        for mut violation in sample::violations(&model, operation) {
            // These are secrets here, although the model does not say so.
            if ["/TokenCode", "/ProvidedContexts/0/ContextAssertion"].contains(&&*violation.pointer) {
                violation.shown.clear();
            }
            let (member, expected) = (path(&violation.pointer), violation.message());
            let result = typed_body(operation, &violation.input, true).unwrap();
            // A tag without its key also leaves the transitive key alone, which is another violation.
            let found: Vec<_> =
                result.err().iter().flat_map(|error| error.violations()).map(ToString::to_string).collect();
            if !found.contains(&expected) {
                faults.push(format!(
                    "{operation}: the rule of {member} in sts-core/src/operations/{file}.rs or sts-core/src/shapes.rs must say: \
                     {expected}\n  but says {found:?}"
                ));
            }
            assert!(typed_body(operation, &violation.input, false).unwrap().is_ok());
            checked += 1;
        }
    }
    report(&faults);
    println!("{checked} inputs beyond a limit");
    assert!(checked >= 140, "{checked}");
}

#[test]
fn values_at_a_limit_are_legal() {
    let model = Model::read();
    let mut faults = Vec::new();
    for operation in model.operations() {
        for (what, input) in sample::at_limits(&model, operation) {
            if let Err(error) = typed_body(operation, &input, true).unwrap() {
                faults.push(format!("{operation}: {what} is legal, and sts-core says: {error}"));
            }
        }
    }
    report(&faults);
}

#[test]
fn a_policy_or_a_duration_is_needed() {
    let mut input = sample::input(&Model::read(), "GetScopedCredentials");
    for member in ["Policy", "DurationSeconds"] {
        let mut one = input.clone();
        one.as_object_mut().unwrap().remove(member);
        assert!(typed_body("GetScopedCredentials", &one, true).unwrap().is_ok(), "{member}");
    }
    input.as_object_mut().unwrap().retain(|member, _| !["Policy", "DurationSeconds"].contains(&&**member));
    assert_eq!(
        typed_body("GetScopedCredentials", &input, true).unwrap().map(drop).unwrap_err().to_string(),
        "1 validation error detected: Value null at 'policy' failed to satisfy constraint: \
         Member must not be null when 'durationSeconds' is not given"
    );
}

#[test]
fn serial_number_and_token_code_come_together() {
    let model = Model::read();
    for operation in ["AssumeRole", "GetSessionToken"] {
        for (kept, missing) in [("SerialNumber", "TokenCode"), ("TokenCode", "SerialNumber")] {
            let mut input = sample::input(&model, operation);
            input.as_object_mut().unwrap().remove(missing);
            let (kept, missing) = (path(&format!("/{kept}")), path(&format!("/{missing}")));
            assert_eq!(
                typed_body(operation, &input, true).unwrap().map(drop).unwrap_err().to_string(),
                format!(
                    "1 validation error detected: Value null at '{missing}' failed to satisfy constraint: \
                     Member must not be null when '{kept}' is given"
                )
            );
        }
    }
}

#[test]
fn every_output_member_is_read() {
    let model = Model::read();
    let mut faults = Vec::new();
    for operation in model.operations() {
        let file = snake_case(operation);
        let (xml, expected) = sample::output(&model, operation);
        match typed_result(operation, 200, &xml) {
            Ok((_, shown)) => compare(operation, &shown, &expected, "", &mut faults),
            Err(error) => {
                faults.push(format!("{operation}: sts-core/src/operations/{file}.rs cannot read {xml}: {error}"))
            }
        }
    }
    report(&faults);
}

#[test]
fn every_error_has_its_code() {
    let model = Model::read();
    let mut faults = Vec::new();
    for code in model.error_codes() {
        assert_eq!(ErrorCode::from_wire(code).as_str(), code);
        if matches!(ErrorCode::from_wire(code), ErrorCode::Other(_)) {
            faults
                .push(format!("The model has the error code {code}, and `ErrorCode` in sts-core/src/error.rs has not"));
        }
    }
    report(&faults);
    assert!(model.error_codes().count() >= 15);
}

/// Names the members that an output has not, or has otherwise.
fn compare(
    operation: &str,
    shown: &serde_json::Value,
    expected: &serde_json::Value,
    within: &str,
    faults: &mut Vec<String>,
) {
    let Some(members) = expected.as_object() else {
        if shown != expected {
            faults.push(format!("{operation}: the output's {within} is read as {shown}, not as {expected}"));
        }
        return;
    };
    for (name, expected) in members {
        let path = if within.is_empty() { name.clone() } else { format!("{within}.{name}") };
        match shown.get(name) {
            Some(shown) => compare(operation, shown, expected, &path, faults),
            None => faults.push(format!(
                "{operation}: the model's output has the member {path}, and it is not read: add a field and a `get` line to \
                 sts-core/src/operations/{}.rs or sts-core/src/shapes.rs, and a line to sts-core/tests/common/outputs.rs",
                snake_case(operation)
            )),
        }
    }
    // What is shown and not in the model would be a line too many in `outputs.rs`.
    for name in
        shown.as_object().into_iter().flatten().map(|(name, _)| name).filter(|name| !members.contains_key(*name))
    {
        faults.push(format!(
            "{operation}: the output has {name}, and the model has not: {}",
            json!(members.keys().collect::<Vec<_>>())
        ));
    }
}

#[track_caller]
fn report(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
