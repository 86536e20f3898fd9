//! Any request is signed as the second signer does it, with a fresh key and with a cached one, and the verifier takes it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sts_core::sigv4::{KeyCache, SignError, Signer, verify};
use sts_fuzz::{ID, Sample, signed_headers};

static CACHE: LazyLock<KeyCache> = LazyLock::new(KeyCache::new);

fuzz_target!(|sample: Sample| {
    let Some(mut request) = sample.request() else { return };
    let (credentials, now) = (sample.credentials(), sample.now());
    let signer = Signer::new(&credentials, "us-east-1", "sts");
    if let Err(error) = signer.sign(&mut request, sample.body, now) {
        assert!(error == SignError::SessionToken && !sample.fits_in_headers(), "{error}");
        return;
    }
    let names = signed_headers(request.headers());
    let expected = format!(
        "AWS4-HMAC-SHA256 Credential={ID}/{}, SignedHeaders={}, Signature={}",
        sample.scope(),
        names.join(";"),
        sample.signature(&request, &names),
    );
    assert_eq!(request.headers()["authorization"], expected);
    signer.key_cache(&CACHE).sign(&mut request, sample.body, now).unwrap();
    assert_eq!(request.headers()["authorization"], expected);
    assert_eq!(verify(&request, "sts", now, |_| Some(credentials.clone())).unwrap().signed_headers, names);
});
