//! Any bytes with any status, as the response to each operation: an output or a typed error, never a panic.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sts_core::*;
use time::macros::utc_datetime;

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::builder().region("us-east-1").max_attempts(1).validate(false).build().unwrap());

fuzz_target!(|input: (u16, &[u8])| {
    let (status, body) = input;
    let Ok(status) = http::StatusCode::from_u16(status) else { return };
    let mut response = http::Response::new(body);
    *response.status_mut() = status;

    let learned = Learned::new(0);
    receive(&AssumeRole::new("", ""), &learned, &response);
    receive(&AssumeRoleWithSaml::new("", "", ""), &learned, &response);
    receive(&AssumeRoleWithWebIdentity::new("", "", ""), &learned, &response);
    receive(&AssumeRoot::new("", PolicyDescriptor::new("")), &learned, &response);
    receive(&DecodeAuthorizationMessage::new(""), &learned, &response);
    receive(&GetAccessKeyInfo::new(""), &learned, &response);
    receive(&GetCallerIdentity::new(), &learned, &response);
    receive(&GetDelegatedAccessToken::new(""), &learned, &response);
    receive(&GetFederationToken::new(""), &learned, &response);
    receive(&GetSessionToken::new(), &learned, &response);
    receive(&GetWebIdentityToken::new([""], ""), &learned, &response);
});

fn receive<O: Operation>(operation: &O, learned: &Learned, response: &http::Response<&[u8]>) {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    let now = utc_datetime!(2026-11-23 03:00);
    let call = Call::new(operation, &CONFIG, learned, Some(&credentials));
    let Step::Transmit(_, call) = call.start::<()>(now) else { unreachable!("nothing is validated") };
    match call.receive(Ok::<_, Lost<()>>(response.clone()), now) {
        Step::Done(Ok(reply)) => assert!(reply.metadata.status.is_success()),
        Step::Done(Err(error)) => assert!(!error.to_string().is_empty()),
        _ => unreachable!("the only attempt is over"),
    }
}
