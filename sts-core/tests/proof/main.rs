// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! Proofs of identity: against what other clients make, and against the rules of who reads them.

mod attestation;
mod eks_token;
mod host;
mod presign;
mod service_token;
mod vault_login;

use sts_core::{Config, Credentials};
use time::{UtcDateTime, macros::utc_datetime};

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const NOW: UtcDateTime = utc_datetime!(2026-11-23 03:00:00);

fn credentials(token: Option<&str>) -> Credentials {
    let credentials = Credentials::new(ID, SECRET);
    match token {
        Some(token) => credentials.session_token(token),
        None => credentials,
    }
}

fn config(region: &str) -> Config {
    Config::builder().region(region).build().unwrap()
}
