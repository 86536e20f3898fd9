//! Any Vault login: a request that is safe to send to STS, or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sts_core::identity_proof::VaultLogin;
use sts_fuzz::{is_told, url::is_sts};

fuzz_target!(|text: &str| {
    for server in [None, Some("vault.example.com")] {
        match VaultLogin::read(text, server) {
            Ok(request) => {
                assert!(is_sts(request.uri()) && request.uri().query().is_none(), "{}", request.uri());
                assert_eq!(request.method(), "POST");
                assert_eq!(request.body(), b"Action=GetCallerIdentity&Version=2011-06-15");
                assert!(server.is_none_or(|server| request.headers()["x-vault-aws-iam-server-id"] == server));
            }
            Err(error) => is_told(error),
        }
    }
});
