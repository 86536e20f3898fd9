//! Any bytes with any status, as the response to each operation, become an output or a typed error, and never panic.
#![no_main]

use http::{Response, StatusCode};
use libfuzzer_sys::fuzz_target;
use sts_core::*;
use sts_fuzz::{attempt::attempt, is_told};

fuzz_target!(|input: (u16, &[u8])| {
    let mut response = Response::new(input.1);
    let Ok(status) = StatusCode::from_u16(input.0) else { return };
    *response.status_mut() = status;
    receive(&AssumeRole::new("", ""), &response);
    receive(&AssumeRoleWithSaml::new("", "", ""), &response);
    receive(&AssumeRoleWithWebIdentity::new("", "", ""), &response);
    receive(&AssumeRoot::new("", PolicyDescriptor::new("")), &response);
    receive(&DecodeAuthorizationMessage::new(""), &response);
    receive(&GetAccessKeyInfo::new(""), &response);
    receive(&GetCallerIdentity::new(), &response);
    receive(&GetDelegatedAccessToken::new(""), &response);
    receive(&GetFederationToken::new(""), &response);
    receive(&GetScopedCredentials::new(), &response);
    receive(&GetSessionToken::new(), &response);
    receive(&GetWebIdentityToken::new([""], ""), &response);
});

fn receive<O: Operation>(operation: &O, response: &Response<&[u8]>) {
    attempt(operation, response.clone()).map_or_else(is_told, |reply| assert!(reply.metadata.status.is_success()));
}
