//! Another decoder reads the same fields from an operation's form, which is the same with and without validation.
#![no_main]

use form_urlencoded::parse;
use libfuzzer_sys::fuzz_target;
use sts_core::Operation;
use sts_fuzz::{is_told, role::Role};

fuzz_target!(|role: Role| {
    let body = role.operation().to_body_unchecked();
    // The other decoder reads `+` as a blank; some decoders do not.
    assert!(!body.expose().contains(&b'+'));
    assert_eq!(parse(body.expose()).into_owned().collect::<Vec<_>>(), role.fields());
    match role.operation().to_body() {
        Ok(checked) => assert_eq!(checked.expose(), body.expose()),
        Err(error) => is_told(error),
    }
});
