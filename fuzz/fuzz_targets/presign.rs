//! Any request gets the same presigned URL from both signers, and the verifier accepts it.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sts_core::sigv4::{SignError, Verifier};
use sts_fuzz::{
    sample::{Sample, is_plain},
    signer::{canonical_request, signed_headers},
};

fuzz_target!(|input: (u32, Sample)| {
    let (expires, sample) = input;
    let Some(mut request) = sample.request() else { return };
    // The verifier may read such parameters instead of the signer's.
    let is_plain = is_plain(&request) && !request.uri().query().is_some_and(|query| query.contains("X-Amz-"));
    let is_lifetime = (1..=604_800).contains(&expires);
    if let Err(error) = sample.presign(&mut request, Duration::from_secs(expires.into())) {
        return assert_eq!(error, if is_lifetime { SignError::Uri } else { SignError::Expires });
    }
    assert!(is_lifetime);
    let names = signed_headers(request.headers());
    let signature = sample.signature(&canonical_request(&request, &names, true));
    assert!(request.uri().to_string().ends_with(&format!("&X-Amz-Signature={signature}")), "{}", request.uri());
    if is_plain {
        let verified = Verifier::new("sts").verify(&request, sample.now(), |_| Some(sample.credentials()));
        assert_eq!(verified.unwrap().signed_headers, names);
    }
});
