//! Independent test data of AWS, Smithy and botocore, read from the folder that `STS_CONFORMANCE_DIR` names.
//!
//! The data are not part of this repository, so this target is not built by a plain `cargo test`:
//! `STS_CONFORMANCE_DIR=… cargo test -p sts-core --test conformance`. Without the folder every test fails.

// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod data;
mod endpoints;
mod inputs;
mod model;
mod newer;
#[path = "../common/outputs.rs"]
mod outputs;
mod requests;
mod responses;
mod signatures;
