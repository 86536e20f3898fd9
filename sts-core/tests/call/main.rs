// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! The machine that makes a call.

mod adaptive;
mod any_script;
mod clock;
mod requests;
mod responses;
mod retries;
mod script;
