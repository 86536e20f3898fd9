//! The newest API model, walked: every operation, member, limit and error code is here, and every limit is checked before
//! anything is sent. A newer model makes these tests name what is to be added.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use sts_core::ErrorCode;

use crate::{
    data::{list, members, model, text},
    inputs::typed_body,
    outputs::typed_result,
};

/// A character that no pattern allows.
const ILLEGAL: char = '\u{1}';

#[test]
fn every_member_is_written_in_the_models_order() {
    let model = model();
    for (operation, shape) in inputs(&model) {
        let mut expected = String::new();
        flatten(&model, &shape, "", &mut expected);
        let body = typed_body(&operation, &legal(&model, &shape), true).unwrap_or_else(|error| panic!("{error}"));
        let form = std::str::from_utf8(body.expose()).unwrap();
        let names: String =
            form.split('&').skip(2).map(|field| format!("{}\n", field.split('=').next().unwrap())).collect();
        assert_eq!(names, expected, "{operation}");
    }
}

#[test]
fn every_limit_is_checked() {
    let model = model();
    let mut checked = 0;
    for (operation, shape) in inputs(&model) {
        let input = legal(&model, &shape);
        for (pointer, member) in limited(&model, &shape, "") {
            let shape = &model["shapes"][&member];
            let path = path(&pointer);
            for (value, constraint) in illegal(&model, &member) {
                let shown = match &value {
                    _ if shape["sensitive"] == true => String::new(),
                    Value::Array(elements) => format!("'[{} elements]' ", elements.len()),
                    Value::String(text) if text.chars().count() > 200 => format!("'{}…' ", &text[..200]),
                    Value::String(text) => format!("'{text}' "),
                    number => format!("'{number}' "),
                };
                // These are secrets here, although the model does not say so.
                let is_secret = ["/TokenCode", "/ProvidedContexts/0/ContextAssertion"].contains(&&*pointer);
                let shown = if is_secret { String::new() } else { shown };
                let mut input = input.clone();
                *input.pointer_mut(&pointer).unwrap() = value;
                let error = typed_body(&operation, &input, true).map(drop).expect_err(&pointer);
                // A tag without its key also leaves the transitive key alone, which is another violation.
                let violations = error.violations().iter().filter(|violation| violation.member == path);
                let violations: Vec<_> = violations.map(ToString::to_string).collect();
                let expected = format!("Value {shown}at '{path}' failed to satisfy constraint: {constraint}");
                assert_eq!(violations[..1], [expected], "{operation}{pointer}");
                assert!(typed_body(&operation, &input, false).is_ok());
                checked += 1;
            }
        }
    }
    assert!(checked >= 60, "{checked}");
    println!("{checked} inputs beyond a limit");
}

#[test]
fn values_at_a_limit_are_legal() {
    let model = model();
    for (operation, shape) in inputs(&model) {
        let input = legal(&model, &shape);
        for (pointer, member) in limited(&model, &shape, "") {
            let bounds = &model["shapes"][&member];
            for bound in ["min", "max"] {
                let Some(size) = bounds[bound].as_u64() else { continue };
                let mut input = input.clone();
                *input.pointer_mut(&pointer).unwrap() = sized(&model, &member, size);
                // A scope is for one audience.
                if pointer == "/Audience" {
                    input.as_object_mut().unwrap().remove("Scope");
                }
                // A transitive key names a tag.
                if let (true, Some(key)) = (pointer.ends_with("Tags/0/Key"), input.pointer("/Tags/0/Key").cloned()) {
                    input["TransitiveTagKeys"] = json!([key]);
                } else if let Some(key) = input.pointer("/TransitiveTagKeys/0").cloned() {
                    input["Tags"][0]["Key"] = key;
                }
                if let Err(error) = typed_body(&operation, &input, true) {
                    panic!("{operation}{pointer} = {size}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_policy_or_a_duration_is_needed() {
    let model = model();
    let mut input = legal(&model, "GetScopedCredentialsRequest");
    for member in ["Policy", "DurationSeconds"] {
        let mut one = input.clone();
        one.as_object_mut().unwrap().remove(member);
        assert!(typed_body("GetScopedCredentials", &one, true).is_ok(), "{member}");
    }
    input.as_object_mut().unwrap().retain(|member, _| !["Policy", "DurationSeconds"].contains(&&**member));
    assert_eq!(
        typed_body("GetScopedCredentials", &input, true).map(drop).unwrap_err().to_string(),
        "1 validation error detected: Value null at 'policy' failed to satisfy constraint: \
         Member must not be null when 'durationSeconds' is not given"
    );
}

#[test]
fn serial_number_and_token_code_come_together() {
    for operation in ["AssumeRole", "GetSessionToken"] {
        let model = model();
        for (kept, missing) in [("SerialNumber", "TokenCode"), ("TokenCode", "SerialNumber")] {
            let shape = text(&model["operations"][operation]["input"]["shape"]).to_owned();
            let mut input = legal(&model, &shape);
            input.as_object_mut().unwrap().remove(missing);
            let (kept, missing) = (path(&format!("/{kept}")), path(&format!("/{missing}")));
            assert_eq!(
                typed_body(operation, &input, true).map(drop).unwrap_err().to_string(),
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
    let model = model();
    for (operation, description) in model["operations"].as_object().unwrap() {
        let shape = text(&description["output"]["shape"]);
        let (mut xml, mut expected) = (String::new(), Map::new());
        output(&model, shape, &mut xml, &mut expected);
        let xml = format!("<{operation}Response><{operation}Result>{xml}</{operation}Result></{operation}Response>");
        let (_, shown) = typed_result(operation, 200, &xml).unwrap();
        assert_eq!(shown, Value::Object(expected), "{operation}");
    }
}

#[test]
fn every_error_has_its_code() {
    let model = model();
    let mut codes = 0;
    for shape in model["shapes"].as_object().unwrap().values() {
        let Some(code) = shape["error"]["code"].as_str() else { continue };
        assert_eq!(ErrorCode::from_wire(code).as_str(), code);
        assert!(!matches!(ErrorCode::from_wire(code), ErrorCode::Other(_)), "{code}");
        codes += 1;
    }
    assert_eq!(codes, 15);
}

/// The operations and the shapes of their inputs.
fn inputs(model: &Value) -> Vec<(String, String)> {
    let operations = model["operations"].as_object().unwrap();
    assert_eq!(operations.len(), 12);
    let shape = |description: &Value| text(&description["input"]["shape"]).to_owned();
    operations.iter().map(|(name, description)| (name.clone(), shape(description))).collect()
}

/// An input with every member, all of them legal. `1` is in every pattern.
fn legal(model: &Value, shape: &str) -> Value {
    let description = &model["shapes"][shape];
    match text(&description["type"]) {
        "structure" => {
            let member = |name: &str| (name.to_owned(), legal(model, text(&description["members"][name]["shape"])));
            Value::Object(members(model, shape).into_iter().map(member).collect())
        }
        // The last one, which is the one that goes with a scope.
        "string" if description["enum"].is_array() => list(&description["enum"]).last().unwrap().clone(),
        _ => sized(model, shape, description["min"].as_u64().unwrap_or(1).max(1)),
    }
}

/// A value of that length, of that many elements, or of that value.
fn sized(model: &Value, shape: &str, size: u64) -> Value {
    let description = &model["shapes"][shape];
    let count = usize::try_from(size).unwrap();
    match text(&description["type"]) {
        "list" => {
            let mut elements = vec![legal(model, text(&description["member"]["shape"])); count];
            // No two tags have the same key.
            for (index, element) in elements.iter_mut().enumerate() {
                if let Some(key) = element.get_mut("Key") {
                    *key = (index + 1).to_string().into();
                }
            }
            elements.into()
        }
        "integer" => size.into(),
        _ => "1".repeat(count).into(),
    }
}

/// The values just beyond the limits of a shape, and what is said of them.
fn illegal(model: &Value, shape: &str) -> Vec<(Value, String)> {
    let description = &model["shapes"][shape];
    let what = if description["type"] == "integer" { "value" } else { "length" };
    let mut values = Vec::new();
    if let Some(min) = description["min"].as_u64().filter(|min| *min > 0) {
        let constraint = format!("Member must have {what} greater than or equal to {min}");
        values.push((sized(model, shape, min - 1), constraint));
    }
    if let Some(max) = description["max"].as_u64() {
        let constraint = format!("Member must have {what} less than or equal to {max}");
        values.push((sized(model, shape, max + 1), constraint));
    }
    if let Some(pattern) = description["pattern"].as_str() {
        let mut value = text(&legal(model, shape)).to_owned();
        value.replace_range(..1, &ILLEGAL.to_string());
        values.push((value.into(), format!("Member must satisfy regular expression pattern: {pattern}")));
    }
    if let Some(known) = description["enum"].as_array() {
        let known: Vec<_> = known.iter().map(text).collect();
        values.push(("1".into(), format!("Member must satisfy enum value set: [{}]", known.join(", "))));
    }
    values
}

/// Where the members with limits are in [`legal`] inputs, and their shapes.
fn limited(model: &Value, shape: &str, pointer: &str) -> Vec<(String, String)> {
    let description = &model["shapes"][shape];
    match text(&description["type"]) {
        "structure" => members(model, shape)
            .into_iter()
            .flat_map(|name| limited(model, text(&description["members"][name]["shape"]), &format!("{pointer}/{name}")))
            .collect(),
        "list" => {
            let mut all = vec![(pointer.to_owned(), shape.to_owned())];
            all.extend(limited(model, text(&description["member"]["shape"]), &format!("{pointer}/0")));
            all
        }
        _ => vec![(pointer.to_owned(), shape.to_owned())],
    }
}

/// `/Tags/0/Key` as the service writes it: `tags.1.member.key`
fn path(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1).map(|part| match part {
        "0" => "1.member".to_owned(),
        name => name[..1].to_lowercase() + &name[1..],
    });
    parts.collect::<Vec<_>>().join(".")
}

/// The names of the form fields of [`legal`] inputs, a line each.
fn flatten(model: &Value, shape: &str, name: &str, names: &mut String) {
    let description = &model["shapes"][shape];
    match text(&description["type"]) {
        "structure" => {
            for member in members(model, shape) {
                let dot = if name.is_empty() { "" } else { "." };
                flatten(model, text(&description["members"][member]["shape"]), &format!("{name}{dot}{member}"), names);
            }
        }
        "list" => flatten(model, text(&description["member"]["shape"]), &format!("{name}.member.1"), names),
        _ => writeln!(names, "{name}").unwrap(),
    }
}

/// An output with every member, as XML and as botocore shows it.
fn output(model: &Value, shape: &str, xml: &mut String, expected: &mut Map<String, Value>) {
    for (member, description) in model["shapes"][shape]["members"].as_object().unwrap() {
        let shape = text(&description["shape"]);
        let (content, value) = match text(&model["shapes"][shape]["type"]) {
            "structure" => {
                let (mut xml, mut expected) = (String::new(), Map::new());
                output(model, shape, &mut xml, &mut expected);
                (xml, expected.into())
            }
            "map" => (
                "<entry><key>b</key><value>2</value></entry><entry><value>1</value><key>a</key></entry>".to_owned(),
                json!({ "a": "1", "b": "2" }),
            ),
            "integer" => ("7".to_owned(), json!(7)),
            "timestamp" => ("1970-01-01T00:00:08Z".to_owned(), json!(8)),
            _ => (format!("a {member}"), json!(format!("a {member}"))),
        };
        write!(xml, "<{member}>{content}</{member}>").unwrap();
        expected.insert(member.clone(), value);
    }
}
