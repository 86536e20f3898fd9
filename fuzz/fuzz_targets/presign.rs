//! Any request is presigned as the second signer does it, and the verifier takes it.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sts_core::sigv4::{SignError, Signer, verify};
use sts_fuzz::{Sample, signed_headers};

fuzz_target!(|input: (u32, Sample)| {
    let (expires, sample) = input;
    let Some(mut request) = sample.request() else { return };
    let (credentials, now) = (sample.credentials(), sample.now());
    let signer = Signer::new(&credentials, "us-east-1", "sts");
    let url = match signer.presign(&request, sample.body, Duration::from_secs(expires.into()), now) {
        Ok(url) => url,
        Err(error) => return assert_eq!(error, SignError::Uri),
    };
    // What was in the query before may be read instead of what signing adds.
    let is_plain = !request.uri().query().is_some_and(|query| query.contains("X-Amz-"));
    *request.uri_mut() = url;
    if !request.headers().contains_key("host") {
        request.headers_mut().insert("host", "sts.us-east-1.amazonaws.com".parse().unwrap());
    }
    let names = signed_headers(request.headers());
    let signature = format!("&X-Amz-Signature={}", sample.signature(&request, &names));
    assert!(request.uri().query().unwrap().ends_with(&signature), "{}", request.uri());
    if is_plain {
        assert_eq!(verify(&request, "sts", now, |_| Some(credentials)).unwrap().signed_headers, names);
    }
});
