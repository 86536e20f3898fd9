//! What holds for every input, on inputs drawn at random: by second implementations in the tests, by crates of others, by inverses.

// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/outputs.rs"]
mod outputs;

mod endpoint;
mod form;
mod output;
mod secret;
mod signature;
mod timestamp;
mod validation;
mod xml;

use proptest::prelude::*;

/// No file is written when a test fails: its message has the input.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}
