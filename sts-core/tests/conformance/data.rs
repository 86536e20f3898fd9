//! The data, and how they are read.

use std::{fs, path::PathBuf};

use serde_json::Value;
use time::UtcDateTime;

use crate::newer;

pub(crate) fn folder() -> PathBuf {
    let folder = std::env::var_os("STS_CONFORMANCE_DIR")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance")), PathBuf::from);
    assert!(
        folder.join("INDEX.md").is_file(),
        "no conformance data in {}: set STS_CONFORMANCE_DIR to the folder that holds them",
        folder.display()
    );
    folder
}

pub(crate) fn read(path: &str) -> String {
    let path = folder().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

pub(crate) fn json_lines(path: &str) -> Vec<Value> {
    read(path).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}

pub(crate) fn number(value: &Value) -> u32 {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or_else(|| panic!("{value} is not a number"))
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is not a list"))
}

pub(crate) fn rfc3339(text: &str) -> UtcDateTime {
    let seconds = chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp();
    UtcDateTime::from_unix_timestamp(seconds).unwrap()
}

pub(crate) fn protocol_case<'a>(suites: &'a Value, id: &str) -> &'a Value {
    let mut cases = list(suites).iter().flat_map(|suite| list(&suite["cases"]));
    cases.find(|case| case["id"] == id).unwrap_or_else(|| panic!("no case {id}"))
}

/// The API model. `order` has the members of each structure in the model's order, which a map of values loses: by where they stand in
/// the file.
pub(crate) fn model() -> Value {
    let source = read("model/service-2.json");
    let mut model: Value = serde_json::from_str(&source).unwrap();
    let structures = model["shapes"].as_object().unwrap().iter().filter(|(_, shape)| shape["type"] == "structure");
    model["order"] = structures.map(|(name, shape)| (name.clone(), in_order(&source, name, shape))).collect();
    newer::apply(&mut model);
    model
}

/// The members of a structure in the model's order.
pub(crate) fn members<'m>(model: &'m Value, shape: &str) -> Vec<&'m str> {
    list(&model["order"][shape]).iter().map(text).collect()
}

fn in_order(source: &str, name: &str, shape: &Value) -> Value {
    let start = source.find(&format!("\n        \"{name}\": {{")).unwrap_or_else(|| panic!("no shape {name}"));
    let place = |member: &String| source[start..].find(&format!("\n                \"{member}\": {{")).unwrap();
    let mut members: Vec<_> = shape["members"].as_object().unwrap().keys().collect();
    members.sort_by_key(|member| place(member));
    members.into_iter().map(String::as_str).collect()
}
