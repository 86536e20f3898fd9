//! Both drivers and the program against MiniStack, whose signature checks are not ours. `.ci/ministack` starts it and sets the
//! environment that is read here.
#![allow(clippy::unwrap_used, reason = "these are tests through and through")]

use std::process::{Command, Output};

use sts_blocking::{
    AssumeRole, AssumeRoleWithWebIdentity, Config, Credentials, ErrorCode, GetCallerIdentity, GetSessionToken,
    Operation, Reply,
};

#[test]
fn a_user_and_a_chain_of_roles() {
    for me in both(&user(), &GetCallerIdentity::new()) {
        assert!(me.unwrap().output.arn.ends_with(":user/demo"));
    }
    let role = AssumeRole::new(variable("ROLE_ARN"), "first").duration_seconds(900);
    for first in both(&user(), &role) {
        let first = first.unwrap().output;
        assert!(first.assumed_role_user.unwrap().arn.ends_with(":assumed-role/demo/first"));
        let again = AssumeRole::new(variable("ROLE_ARN"), "second");
        for second in both(&first.credentials.into(), &again) {
            let second: Credentials = second.unwrap().output.credentials.into();
            for me in both(&second, &GetCallerIdentity::new()) {
                let me = me.unwrap();
                assert!(me.output.arn.ends_with(":assumed-role/demo/second"), "{}", me.output.arn);
                assert_eq!((me.metadata.attempts, me.metadata.status.as_u16()), (1, 200));
                assert!(me.metadata.request_id.is_some());
            }
        }
    }
}

#[test]
fn session_tokens() {
    for session in both(&user(), &GetSessionToken::new().duration_seconds(900)) {
        let session = session.unwrap().output.credentials.into();
        for me in both(&session, &GetCallerIdentity::new()) {
            assert!(me.unwrap().output.arn.ends_with(":user/demo"));
        }
        for refused in both(&session, &GetSessionToken::new()) {
            assert_eq!(refused.unwrap_err(), ErrorCode::AccessDenied);
        }
    }
}

#[test]
fn web_identities() {
    let token = variable("WEB_IDENTITY_TOKEN");
    let role = |token: &str| AssumeRoleWithWebIdentity::new(variable("ROLE_ARN"), "web", token);
    for assumed in both(&user(), &role(&token)) {
        let assumed = assumed.unwrap().output.credentials.into();
        for me in both(&assumed, &GetCallerIdentity::new()) {
            assert!(me.unwrap().output.arn.ends_with(":assumed-role/demo/web"));
        }
    }
    for refused in both(&user(), &role("not.a.token")) {
        assert_eq!(refused.unwrap_err(), ErrorCode::AccessDenied);
    }
}

#[test]
fn what_is_wrong_is_refused() {
    let wrong_secret = Credentials::new(variable("ACCESS_KEY_ID"), "wrong");
    let unknown_key = Credentials::new("AKIDEXAMPLE", variable("SECRET_ACCESS_KEY"));
    let foreign_token = user().session_token("foreign");
    for (credentials, code) in [
        (wrong_secret, ErrorCode::SignatureDoesNotMatch),
        (unknown_key, ErrorCode::InvalidClientTokenId),
        (foreign_token, ErrorCode::InvalidClientTokenId),
    ] {
        for refused in both(&credentials, &GetCallerIdentity::new()) {
            assert_eq!(refused.unwrap_err(), code);
        }
    }
}

#[test]
fn the_program() {
    let right = sts(&variable("SECRET_ACCESS_KEY"), &["get-caller-identity"]);
    assert_eq!(right.status.code(), Some(0), "{right:?}");
    assert!(String::from_utf8_lossy(&right.stdout).contains(":user/demo\""));

    let role_arn = variable("ROLE_ARN");
    let role = ["assume-role", "--role-arn", &role_arn, "--role-session-name", "me", "--output", "env"];
    let right = sts(&variable("SECRET_ACCESS_KEY"), &role);
    assert_eq!(right.status.code(), Some(0), "{right:?}");
    assert!(String::from_utf8_lossy(&right.stdout).starts_with("export AWS_ACCESS_KEY_ID="), "{right:?}");

    let wrong = sts("wrong", &role);
    assert_eq!(wrong.status.code(), Some(254), "{wrong:?}");
    let message =
        "An error occurred (SignatureDoesNotMatch) when calling the AssumeRole operation: The request signature";
    assert!(String::from_utf8_lossy(&wrong.stderr).contains(message), "{wrong:?}");
}

/// What both drivers get: the reply or the service's code.
fn both<O: Operation>(credentials: &Credentials, operation: &O) -> [Result<Reply<O::Output>, ErrorCode>; 2] {
    let config = Config::builder().region(variable("REGION")).endpoint_url(variable("ENDPOINT"));
    let client = sts_blocking::Client::builder().config(config.clone()).credentials(credentials.clone());
    let blocking = client.build().unwrap().send(operation);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = sts_async::Client::builder().config(config).credentials(credentials.clone());
    let asynchronous = runtime.block_on(client.build().unwrap().send(operation));
    [
        blocking.map_err(|error| error.code().unwrap_or_else(|| panic!("{error}")).clone()),
        asynchronous.map_err(|error| error.code().unwrap_or_else(|| panic!("{error}")).clone()),
    ]
}

fn sts(secret: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sts"))
        .args(arguments)
        .env_clear()
        .env("AWS_REGION", variable("REGION"))
        .env("AWS_ENDPOINT_URL_STS", variable("ENDPOINT"))
        .env("AWS_ACCESS_KEY_ID", variable("ACCESS_KEY_ID"))
        .env("AWS_SECRET_ACCESS_KEY", secret)
        .output()
        .unwrap()
}

fn user() -> Credentials {
    Credentials::new(variable("ACCESS_KEY_ID"), variable("SECRET_ACCESS_KEY"))
}

fn variable(name: &str) -> String {
    let name = format!("MINISTACK_{name}");
    std::env::var(&name).unwrap_or_else(|_| panic!("{name} is not set: run this through .ci/ministack"))
}
