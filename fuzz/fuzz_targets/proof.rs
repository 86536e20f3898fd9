//! Any EKS token and any Vault login: a request that is safe to send to STS, or refused.
#![no_main]

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::Uri;
use libfuzzer_sys::fuzz_target;
use sts_core::identity_proof::{EksToken, VaultLogin};
use time::macros::utc_datetime;

fuzz_target!(|text: &str| {
    let now = utc_datetime!(2026-11-23 03:00);
    // As a token, as the URL in a token, and as a login.
    let token = format!("k8s-aws-v1.{}", BASE64_URL_SAFE_NO_PAD.encode(text));
    for token in [text, &token] {
        match EksToken::read(token, "demo", now) {
            Ok(claim) => {
                assert_sts(claim.request.uri());
                assert_eq!(claim.request.headers()["x-k8s-aws-id"], "demo");
                assert!(claim.signed_at <= now && now - claim.signed_at <= time::Duration::minutes(15));
                let query = claim.request.uri().query().unwrap().to_ascii_lowercase();
                assert!(query.contains("=getcalleridentity") && !query.contains("assumerole"));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    for server in [None, Some("vault.example.com")] {
        match VaultLogin::read(text, server) {
            Ok(request) => {
                assert_sts(request.uri());
                assert_eq!(request.method(), "POST");
                assert_eq!(request.body(), b"Action=GetCallerIdentity&Version=2011-06-15");
                assert!(server.is_none_or(|server| request.headers()["x-vault-aws-iam-server-id"] == server));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});

/// A host of AWS, by the name that a resolver is asked for.
fn assert_sts(url: &Uri) {
    let suffixes = [
        "amazonaws.com",
        "amazonaws.com.cn",
        "amazonaws.eu",
        "api.aws",
        "api.amazonwebservices.com.cn",
        "api.amazonwebservices.eu",
        "c2s.ic.gov",
        "sc2s.sgov.gov",
        "cloud.adc-e.uk",
        "csp.hci.ic.gov",
        "api.aws.ic.gov",
        "api.aws.scloud",
        "api.cloud-aws.adc-e.uk",
        "api.aws.hci.ic.gov",
    ];
    let host = url.host().unwrap_or_default();
    assert!(host.starts_with("sts") && suffixes.iter().any(|suffix| host.ends_with(&format!(".{suffix}"))), "{url}");
    assert!(url.scheme_str() == Some("https") && url.path() == "/", "{url}");
    assert_eq!(url.authority().unwrap().as_str(), host, "a user name or a port");
}
