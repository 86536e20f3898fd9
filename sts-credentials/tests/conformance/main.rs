//! AWS's own cases for profiles, read from the folder that `STS_CONFORMANCE_DIR` names.
//!
//! The data are not part of this repository, so this target is not built by a plain `cargo test`:
//! `STS_CONFORMANCE_DIR=… cargo test -p sts-credentials --test conformance`. Without the folder every test fails.

// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

mod data;
mod profiles;
