//! Signing keys, fresh and cached.

use std::time::Duration;

use http::Request;
use sts_core::{
    Credentials, Secret,
    sigv4::{KeyCache, Signer, SigningKey},
};

use crate::{BODY, ID, NOW, REGION, SECRET, authorization, credentials};

/// [AWS's example](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html) of `ListUsers`.
#[test]
fn a_key_signs_a_text() {
    let key = SigningKey::derive(&Secret::from(SECRET), NOW, "us-east-1", "iam").unwrap();
    assert_eq!(key.scope(), "20150830/us-east-1/iam/aws4_request");
    let text = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
                f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
    assert_eq!(
        hex::encode(key.sign(text.as_bytes())),
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    );
}

#[test]
fn a_cached_key_signs_as_a_fresh_one() {
    let cache = KeyCache::new();
    let other = Credentials::new(ID, "another secret");
    let days = [NOW, NOW, NOW + Duration::from_secs(86_400), NOW];
    let [plain, one, two] = [None, Some("one"), Some("two")].map(credentials);
    for (credentials, region) in
        [(&plain, REGION), (&one, REGION), (&two, REGION), (&plain, REGION), (&other, REGION), (&other, "eu-west-1")]
    {
        for now in days {
            let sign = |signer: Signer<'_>| {
                let mut request = Request::post("https://sts.amazonaws.com/").body(()).unwrap();
                signer.sign(&mut request, BODY.as_bytes(), now).unwrap();
                request.headers().clone()
            };
            let signer = Signer::new(credentials, region, "sts");
            assert_eq!(sign(signer.key_cache(&cache)), sign(signer));
        }
    }
}

/// Their scopes are the same text, their keys are not.
#[test]
fn a_cached_key_is_not_another_services() {
    let (cache, credentials) = (KeyCache::new(), credentials(None));
    for (region, service) in [("a/b", "c"), ("a", "b/c"), ("a/b", "c")] {
        let sign = |signer: Signer<'_>| {
            let mut request = Request::post("https://sts.amazonaws.com/").body(()).unwrap();
            signer.sign(&mut request, b"", NOW).unwrap();
            authorization(&request).to_owned()
        };
        let signer = Signer::new(&credentials, region, service);
        assert_eq!(sign(signer.key_cache(&cache)), sign(signer));
    }
}
