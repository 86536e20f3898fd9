//! A signed or presigned request that something was done to on its way: the verifier does not panic, and takes it only if what was
//! signed is still the same.
#![no_main]

use arbitrary::Arbitrary;
use http::{HeaderName, HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use sts_core::sigv4::{Signer, verify};
use sts_fuzz::{Sample, canonical_request, signed_headers};

/// At `at`, `with` stands instead of `drop` bytes.
#[derive(Arbitrary, Debug)]
struct Edit<'a> {
    part: Part,
    at: u16,
    drop: u8,
    with: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum Part {
    Target,
    Body,
    /// The value of the header of that number.
    Header(u8),
    /// A header is added or replaced.
    NewHeader,
}

fuzz_target!(|input: (bool, Vec<Edit>, Sample)| {
    let (presigned, edits, sample) = input;
    let Some(request) = sample.request() else { return };
    let (credentials, now) = (sample.credentials(), sample.now());
    let signer = Signer::new(&credentials, "us-east-1", "sts");
    let mut request = request.map(<[u8]>::to_vec);
    if presigned {
        let Ok(url) = signer.presign(&request, sample.body, std::time::Duration::from_secs(900), now) else { return };
        *request.uri_mut() = url;
        request.headers_mut().entry("host").or_insert(HeaderValue::from_static("sts.us-east-1.amazonaws.com"));
    } else if signer.sign(&mut request, sample.body, now).is_err() {
        return;
    }
    let signed = canonical_request(&request, &signed_headers(request.headers()));
    for edit in &edits {
        edit.apply(&mut request);
    }
    match verify(&request, "sts", now, |_| Some(credentials)) {
        Ok(verified) => assert!(canonical_request(&request, &verified.signed_headers) == signed, "{request:?}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

impl Edit<'_> {
    /// Changes the request unless it were none then.
    fn apply(&self, request: &mut Request<Vec<u8>>) {
        match self.part {
            Part::Target => {
                if let Ok(uri) = self.splice(request.uri().to_string().as_bytes()).try_into() {
                    *request.uri_mut() = uri;
                }
            }
            Part::Body => *request.body_mut() = self.splice(request.body()),
            Part::Header(index) => {
                let count = request.headers().len().max(1);
                let value = request.headers_mut().values_mut().nth(usize::from(index) % count);
                if let Some((value, new)) =
                    value.and_then(|value| Some((HeaderValue::from_bytes(&self.splice(value.as_bytes())).ok()?, value)))
                {
                    *new = value;
                }
            }
            Part::NewHeader => {
                let mut parts = self.with.splitn(2, |byte| *byte == b':');
                let name = parts.next().and_then(|name| HeaderName::from_bytes(name).ok());
                let value = parts.next().and_then(|value| HeaderValue::from_bytes(value).ok());
                if let Some((name, value)) = name.zip(value) {
                    request.headers_mut().insert(name, value);
                }
            }
        }
    }

    fn splice(&self, old: &[u8]) -> Vec<u8> {
        let start = usize::from(self.at).min(old.len());
        let end = (start + usize::from(self.drop)).min(old.len());
        [&old[..start], self.with, &old[end..]].concat()
    }
}
