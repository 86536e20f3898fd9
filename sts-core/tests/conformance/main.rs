//! Suites of AWS, Smithy and botocore, which `conformance/fetch` brings.
//!
//! They are not part of this repository, so a plain `cargo test` does not run this: `cargo test -p sts-core --test conformance`.

// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

mod clock_skew;
#[path = "../common/mod.rs"]
mod common;
mod data;
mod endpoints;
mod inputs;
mod model;
#[path = "../common/outputs.rs"]
mod outputs;
mod requests;
mod responses;
mod signatures;
