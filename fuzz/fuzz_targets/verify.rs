//! A signed or presigned request that was edited is accepted only if its signed content is unchanged. The verifier hashes at most a small
//! multiple of the request.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sts_core::sigv4::Verifier;
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
    let verifier = Verifier::new("sts");
    if let Ok(hashed) = verifier.canonical_request(&request) {
        let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
        let length = headers.sum::<usize>() + request.uri().to_string().len() + request.body().len();
        assert!(hashed.as_bytes().len() <= 200 + 4 * length, "{request:?}");
    }
    match verifier.verify(&request, sample.now(), |_| Some(sample.credentials())) {
        Ok(found) => {
            let is_signed =
                |name: &str| !name.starts_with("x-amz-") || found.signed_headers.iter().any(|signed| signed == name);
            assert!(request.headers().keys().all(|name| is_signed(name.as_str())), "{request:?}");
            assert!(canonical_request(&request, &found.signed_headers, presigned) == signed, "{request:?}");
        }
        Err(error) => is_told(error),
    }
});
