//! Inputs and outputs made from the API model: with every member, at the limits, and just beyond them.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::{
    Model, list,
    model::{Kind, Shape},
    text,
};

/// A character that no pattern allows.
const ILLEGAL: char = '\u{1}';

/// An operation's input with every member, all of them legal.
pub fn input(model: &Model, operation: &str) -> Value {
    legal(model, model.input(operation))
}

/// An input with one value that breaks a rule.
pub struct Violation {
    /// The member, as a JSON pointer into the input: `/Tags/0/Key`.
    pub pointer: String,
    /// The input.
    pub input: Value,
    /// The value with a blank behind it, as the service shows it; empty if it is a secret.
    pub shown: String,
    /// The rule, in the service's words: `Member must have length less than or equal to 128`.
    pub constraint: String,
}

impl Violation {
    /// What the service says: `Value 'x' at 'tags.1.member.key' failed to satisfy constraint: …`.
    pub fn message(&self) -> String {
        format!("Value {}at '{}' failed to satisfy constraint: {}", self.shown, path(&self.pointer), self.constraint)
    }
}

/// Inputs of an operation that each break one rule of one member.
pub fn violations(model: &Model, operation: &str) -> Vec<Violation> {
    let mut all = Vec::new();
    for (pointer, shape) in limited(model, model.input(operation), "") {
        for (value, constraint) in illegal(model, shape) {
            let mut input = input(model, operation);
            let shown = if shape.sensitive { String::new() } else { shown(&value) };
            *at(&mut input, &pointer) = value;
            all.push(Violation { pointer: pointer.clone(), input, shown, constraint });
        }
    }
    all
}

/// Inputs of an operation with one value each at a limit, and which: `/Tags/0/Key = 128`.
pub fn at_limits(model: &Model, operation: &str) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (pointer, shape) in limited(model, model.input(operation), "") {
        for size in [shape.min, shape.max].into_iter().flatten() {
            let mut input = input(model, operation);
            *at(&mut input, &pointer) = sized(model, shape, size);
            // A scope is for one audience.
            if pointer == "/Audience"
                && let Some(members) = input.as_object_mut()
            {
                members.remove("Scope");
            }
            // A transitive key names a tag.
            if let (true, Some(key)) = (pointer.ends_with("Tags/0/Key"), input.pointer("/Tags/0/Key").cloned()) {
                input["TransitiveTagKeys"] = json!([key]);
            } else if let Some(key) = input.pointer("/TransitiveTagKeys/0").cloned() {
                input["Tags"][0]["Key"] = key;
            }
            all.push((format!("{pointer} = {size}"), input));
        }
    }
    all
}

/// The form fields of an input, in the model's order: `Tags.member.1.Key` and its value.
pub fn fields(model: &Model, operation: &str, input: &Value) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    flatten(model, model.input(operation), input, "", &mut fields);
    fields
}

/// An operation's output with every member: as XML, and as JSON with times in seconds.
pub fn output(model: &Model, operation: &str) -> (String, Value) {
    let (xml, value) = whole(model, model.output(operation));
    (format!("<{operation}Response><{operation}Result>{xml}</{operation}Result></{operation}Response>"), value)
}

/// A member of an input as the service names it: `/Tags/0/Key` is `tags.1.member.key`.
pub fn path(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1).map(|part| match part {
        "0" => "1.member".to_owned(),
        name => name[..1].to_lowercase() + &name[1..],
    });
    parts.collect::<Vec<_>>().join(".")
}

/// The name of an operation's file: `AssumeRoleWithSAML` is in `assume_role_with_saml.rs`.
pub fn snake_case(operation: &str) -> String {
    let mut name = String::new();
    let mut after_small = false;
    for letter in operation.chars() {
        if letter.is_uppercase() && after_small {
            name.push('_');
        }
        after_small = letter.is_lowercase();
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// A legal value. `1` is in every pattern.
fn legal(model: &Model, shape: &Shape) -> Value {
    match (shape.kind, &shape.values) {
        (Kind::Structure, _) => {
            model.members(shape).map(|(name, member)| (name.to_owned(), legal(model, member))).collect()
        }
        // The last one, which is the one that goes with a scope.
        (Kind::String, Some(values)) => values.last().map(String::as_str).into(),
        _ => sized(model, shape, shape.min.unwrap_or(1).max(1)),
    }
}

/// A value of that length, of that many elements, or of that value.
fn sized(model: &Model, shape: &Shape, size: u64) -> Value {
    let count = usize::try_from(size).unwrap_or(usize::MAX);
    match shape.kind {
        Kind::List => {
            let mut elements = vec![legal(model, model.element(shape)); count];
            // No two tags have the same key.
            for (index, element) in elements.iter_mut().enumerate() {
                if let Some(key) = element.get_mut("Key") {
                    *key = (index + 1).to_string().into();
                }
            }
            elements.into()
        }
        Kind::Integer => size.into(),
        _ => "1".repeat(count).into(),
    }
}

/// The values just beyond the limits of a shape, and the rules that they break.
fn illegal(model: &Model, shape: &Shape) -> Vec<(Value, String)> {
    let what = if shape.kind == Kind::Integer { "value" } else { "length" };
    let mut values = Vec::new();
    if let Some(min) = shape.min.filter(|min| *min > 0) {
        let constraint = format!("Member must have {what} greater than or equal to {min}");
        values.push((sized(model, shape, min - 1), constraint));
    }
    if let Some(max) = shape.max {
        values.push((sized(model, shape, max + 1), format!("Member must have {what} less than or equal to {max}")));
    }
    if let Some(pattern) = &shape.pattern {
        let mut value = text(&legal(model, shape)).to_owned();
        value.replace_range(..1, &ILLEGAL.to_string());
        values.push((value.into(), format!("Member must satisfy regular expression pattern: {pattern}")));
    }
    if let Some(known) = &shape.values {
        values.push(("1".into(), format!("Member must satisfy enum value set: [{}]", known.join(", "))));
    }
    values
}

fn shown(value: &Value) -> String {
    match value {
        Value::Array(elements) => format!("'[{} elements]' ", elements.len()),
        Value::String(text) if text.chars().count() > 200 => format!("'{}…' ", &text[..200]),
        Value::String(text) => format!("'{text}' "),
        number => format!("'{number}' "),
    }
}

/// Where the members with limits are in [`legal`] inputs, and their shapes.
fn limited<'m>(model: &'m Model, shape: &'m Shape, pointer: &str) -> Vec<(String, &'m Shape)> {
    match shape.kind {
        Kind::Structure => {
            let members = model.members(shape);
            members.flat_map(|(name, member)| limited(model, member, &format!("{pointer}/{name}"))).collect()
        }
        Kind::List => {
            let mut all = vec![(pointer.to_owned(), shape)];
            all.extend(limited(model, model.element(shape), &format!("{pointer}/0")));
            all
        }
        _ => vec![(pointer.to_owned(), shape)],
    }
}

fn at<'v>(input: &'v mut Value, pointer: &str) -> &'v mut Value {
    input.pointer_mut(pointer).unwrap_or_else(|| panic!("the input has no {pointer}"))
}

fn flatten(model: &Model, shape: &Shape, value: &Value, name: &str, fields: &mut Vec<(String, String)>) {
    match shape.kind {
        Kind::Structure => {
            let dot = if name.is_empty() { "" } else { "." };
            for (member, shape) in model.members(shape) {
                if let Some(value) = value.get(member) {
                    flatten(model, shape, value, &format!("{name}{dot}{member}"), fields);
                }
            }
        }
        Kind::List if list(value).is_empty() => fields.push((name.to_owned(), String::new())),
        Kind::List => {
            for (index, value) in list(value).iter().enumerate() {
                flatten(model, model.element(shape), value, &format!("{name}.member.{}", index + 1), fields);
            }
        }
        _ => fields.push((name.to_owned(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))),
    }
}

fn whole(model: &Model, structure: &Shape) -> (String, Value) {
    let (mut xml, mut value) = (String::new(), Map::new());
    for (name, member) in model.members(structure) {
        let (content, member) = match member.kind {
            Kind::Structure => whole(model, member),
            Kind::Map => (
                "<entry><key>b</key><value>2</value></entry><entry><value>1</value><key>a</key></entry>".to_owned(),
                json!({ "a": "1", "b": "2" }),
            ),
            Kind::Integer => ("7".to_owned(), json!(7)),
            Kind::Timestamp => ("1970-01-01T00:00:08Z".to_owned(), json!(8)),
            Kind::List | Kind::String => (format!("a {name}"), json!(format!("a {name}"))),
        };
        let _ = write!(xml, "<{name}>{content}</{name}>");
        value.insert(name.to_owned(), member);
    }
    (xml, value.into())
}
