//! `--output json`: JSON, indented by four spaces.

use serde::Serialize as _;
use serde_json::ser::PrettyFormatter;

use crate::value::Value;

pub(super) fn write(value: &Value) -> String {
    let mut json = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut json, PrettyFormatter::with_indent(b"    "));
    value.serialize(&mut serializer).expect("keys are texts, and a Vec takes every byte");
    json.push(b'\n');
    String::from_utf8(json).expect("serde_json writes UTF-8")
}
