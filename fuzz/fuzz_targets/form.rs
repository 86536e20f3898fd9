//! What an operation's form says is what another decoder reads in it; with and without validation it is the same.
#![no_main]

use form_urlencoded::parse;
use libfuzzer_sys::fuzz_target;
use sts_core::Operation;
use sts_fuzz::{is_told, role::Role};

fuzz_target!(|role: Role| {
    let body = role.operation().to_body_unchecked();
    // The other decoder takes it for a blank, others do not.
    assert!(!body.expose().contains(&b'+'));
    assert_eq!(parse(body.expose()).into_owned().collect::<Vec<_>>(), role.fields());
    match role.operation().to_body() {
        Ok(checked) => assert_eq!(checked.expose(), body.expose()),
        Err(error) => is_told(error),
    }
});
