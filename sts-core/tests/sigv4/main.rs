// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! Signer and verifier against published signatures and against an independent verifier.

mod canonical;
mod damage;
mod damage_presigned;
mod key;
mod peer;
mod presign;
mod sample;
mod sign;
mod verify;
mod verify_presigned;

use http::Request;
use sts_core::{
    Credentials,
    sigv4::{Signer, Verifier, VerifyError},
};
use time::{UtcDateTime, macros::utc_datetime};

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const REGION: &str = "us-east-1";
const FORM: &str = "application/x-www-form-urlencoded";
const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const NOW: UtcDateTime = utc_datetime!(2015-08-30 12:36:00);

/// As STS does it.
fn sts() -> Verifier<'static> {
    Verifier::new("sts").ignore_expires(true)
}

fn credentials(token: Option<&str>) -> Credentials {
    let credentials = Credentials::new(ID, SECRET);
    match token {
        Some(token) => credentials.session_token(token),
        None => credentials,
    }
}

/// A signed call of `GetCallerIdentity`.
fn signed(credentials: &Credentials) -> Request<String> {
    let mut request = Request::post("https://sts.us-east-1.amazonaws.com/")
        .header("content-type", FORM)
        .body(BODY.to_owned())
        .unwrap();
    Signer::new(credentials, REGION, "sts").sign(&mut request, BODY.as_bytes(), NOW).unwrap();
    request
}

fn authorization<B>(request: &Request<B>) -> &str {
    request.headers()["authorization"].to_str().unwrap()
}

/// A key look-up that knows one key.
fn know(credentials: &Credentials) -> impl Fn(&str) -> Option<Credentials> {
    move |id| (id == credentials.access_key_id).then(|| credentials.clone())
}

fn refusal(request: &Request<String>, known: &Credentials, now: UtcDateTime) -> VerifyError {
    sts().verify(request, now, know(known)).unwrap_err()
}

fn edit(request: &mut Request<String>, name: &'static str, change: impl FnOnce(&str) -> String) {
    let value = change(request.headers()[name].to_str().unwrap());
    request.headers_mut().insert(name, value.parse().unwrap());
}
