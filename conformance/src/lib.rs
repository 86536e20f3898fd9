//! The conformance suites: where they are, and how they are read.
//!
//! They are the work of AWS, Smithy and botocore and not part of this repository; `conformance/fetch` brings them. This crate is for tests,
//! and everything in it panics when a suite is not as expected.

pub mod model;
pub mod sample;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    sync::LazyLock,
};

use serde_json::Value;

pub use model::Model;

/// The folder that holds the suites.
///
/// Where they are missing, or of another release than `requirements.txt` names, the test program ends with one line that says so.
pub fn folder() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites");
        match fs::read_to_string(folder.join("requirements.txt")) {
            Ok(release) if release == include_str!("../requirements.txt") => folder,
            found => {
                let state = if found.is_ok() { "of another release" } else { "not here" };
                // A panic would repeat the line for every test, and `eprintln!` is captured.
                let _ = writeln!(
                    io::stderr(),
                    "The conformance suites are {state}: run conformance/fetch (takes a minute)"
                );
                process::exit(1);
            }
        }
    });
    &FOLDER
}

/// The text of a file of the suites.
pub fn read(path: &str) -> String {
    let path = folder().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; conformance/fetch brings it", path.display()))
}

/// A file of the suites that is one JSON value.
pub fn json(path: &str) -> Value {
    parse(path, &read(path))
}

/// A file of the suites that has one JSON value a line.
pub fn json_lines(path: &str) -> Vec<Value> {
    read(path).lines().map(|line| parse(path, line)).collect()
}

/// The text that a value is.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}

/// The number that a value is.
pub fn number(value: &Value) -> u32 {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or_else(|| panic!("{value} is not a number"))
}

/// The elements of the list that a value is.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is not a list"))
}

/// A case of one of the suites of the query protocol.
pub fn protocol_case<'a>(suites: &'a Value, id: &str) -> &'a Value {
    let mut cases = list(suites).iter().flat_map(|suite| list(&suite["cases"]));
    cases.find(|case| case["id"] == id).unwrap_or_else(|| panic!("no case {id}"))
}

fn parse(path: &str, text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"))
}
