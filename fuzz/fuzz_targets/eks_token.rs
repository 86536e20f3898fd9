//! Any EKS token is refused, or becomes a request that is safe to send to STS.
#![no_main]

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use libfuzzer_sys::fuzz_target;
use sts_core::proof::EksToken;
use sts_fuzz::{
    is_told,
    url::{actions, is_sts},
};
use time::{Duration, macros::utc_datetime};

fuzz_target!(|text: &str| {
    let now = utc_datetime!(2026-11-23 03:00);
    // The text as a token, and as the URL in a token.
    for token in [text, &format!("k8s-aws-v1.{}", BASE64_URL_SAFE_NO_PAD.encode(text))] {
        match EksToken::read(token, "demo", now) {
            Ok(claim) => {
                let url = claim.request.uri();
                assert!(is_sts(url) && actions(url) == ["GetCallerIdentity"], "{url}");
                assert_eq!(claim.request.headers()["x-k8s-aws-id"], "demo");
                assert!((now - claim.signed_at).abs() <= Duration::minutes(15));
                assert!(!url.query().is_some_and(|query| query.contains('+')), "{url}");
            }
            Err(error) => is_told(error),
        }
    }
});
