//! Any Vault login is refused, or becomes a request that is safe to send to STS.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sts_core::proof::VaultLogin;
use sts_fuzz::{is_told, url::is_sts};

fuzz_target!(|text: &str| {
    for server in [None, Some("vault.example.com")] {
        match VaultLogin::read(text, server) {
            Ok(request) => {
                assert!(is_sts(request.uri()) && request.uri().query().is_none(), "{}", request.uri());
                assert_eq!(request.method(), "POST");
                assert_eq!(request.body(), b"Action=GetCallerIdentity&Version=2011-06-15");
                let headers = request.headers();
                assert_eq!((headers.len(), headers["host"].to_str().ok()), (headers.keys_len(), request.uri().host()));
                assert!(
                    !["connection", "transfer-encoding", "x-amz-target"].iter().any(|name| headers.contains_key(*name))
                );
                assert!(headers.len() <= 16 && headers["authorization"].is_sensitive() && text.len() <= 65_536);
                assert!(server.is_none_or(|server| headers["x-vault-aws-iam-server-id"] == server));
            }
            Err(error) => is_told(error),
        }
    }
});
