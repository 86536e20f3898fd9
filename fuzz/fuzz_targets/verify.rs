//! A signed or presigned request that something was done to on its way is taken only if what was signed is still the same.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sts_core::sigv4::verify;
use sts_fuzz::{
    edit::Edit,
    is_told,
    sample::Sample,
    signer::{canonical_request, signed_headers},
};

const WEEK: Duration = Duration::from_secs(604_800);

fuzz_target!(|input: (bool, Vec<Edit>, Sample)| {
    let (presigned, edits, sample) = input;
    let Some(mut request) = sample.request() else { return };
    let signed = if presigned { sample.presign(&mut request, WEEK) } else { sample.sign(&mut request) };
    if signed.is_err() {
        return;
    }
    let signed = canonical_request(&request, &signed_headers(request.headers()), presigned);
    edits.iter().for_each(|edit| edit.apply(&mut request));
    match verify(&request, "sts", sample.now(), |_| Some(sample.credentials())) {
        Ok(found) => {
            let is_signed =
                |name: &str| !name.starts_with("x-amz-") || found.signed_headers.iter().any(|signed| signed == name);
            assert!(request.headers().keys().all(|name| is_signed(name.as_str())), "{request:?}");
            assert!(canonical_request(&request, &found.signed_headers, presigned) == signed, "{request:?}");
        }
        Err(error) => is_told(error),
    }
});
