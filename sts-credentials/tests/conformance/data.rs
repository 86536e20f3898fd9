//! The data, and how they are read.

use std::{fs, path::PathBuf};

use serde_json::Value;

pub(crate) fn json(path: &str) -> Value {
    let folder = std::env::var_os("STS_CONFORMANCE_DIR")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance")), PathBuf::from);
    let path = folder.join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}: set STS_CONFORMANCE_DIR to the folder that holds the conformance data", path.display())
    });
    serde_json::from_str(&text).unwrap()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is not a list"))
}
