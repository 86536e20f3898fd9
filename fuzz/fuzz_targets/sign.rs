//! Both signers sign any request alike, also with a cached key. The verifier accepts it unless the query has a `+`.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sts_core::sigv4::{KeyCache, SignError, Signer, Verifier};
use sts_fuzz::{
    sample::{ID, Sample, is_plain},
    signer::{canonical_request, signed_headers},
};

static CACHE: LazyLock<KeyCache> = LazyLock::new(KeyCache::new);

fuzz_target!(|sample: Sample| {
    let Some(mut request) = sample.request() else { return };
    if let Err(error) = sample.sign(&mut request) {
        return assert!(error == SignError::SessionToken && !sample.fits_in_headers(), "{error}");
    }
    let names = signed_headers(request.headers());
    let signature = sample.signature(&canonical_request(&request, &names, false));
    let (scope, signed) = (sample.scope(), names.join(";"));
    let expected = format!("AWS4-HMAC-SHA256 Credential={ID}/{scope}, SignedHeaders={signed}, Signature={signature}");
    assert_eq!(request.headers()["authorization"], expected);
    let (credentials, now) = (sample.credentials(), sample.now());
    Signer::new(&credentials, "us-east-1", "sts").key_cache(&CACHE).sign(&mut request, sample.body, now).unwrap();
    assert_eq!(request.headers()["authorization"], expected);
    let verified = Verifier::new("sts").verify(&request, now, |_| Some(credentials.clone()));
    assert_eq!(verified.ok().map(|verified| verified.signed_headers), is_plain(&request).then_some(names));
});
