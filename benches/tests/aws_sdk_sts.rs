//! A client of `sts-async` as the source of credentials of AWS's own client, `aws-sdk-sts`, over sockets.
//! `cargo test -p sts-benches --features peers --test aws_sdk_sts`
#![allow(missing_docs)]
// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

use std::error::Error as _;

use aws_credential_types::provider::{ProvideCredentials, error::CredentialsError};
use aws_sdk_sts::config::Region;
use aws_smithy_http_client::Builder;
use sts_async::{
    AssumeRole, Client, Config, Secret,
    provider::{Chain, ProvideError},
};
use sts_local::{DEMO_ROLE_ARN, LocalSts};

fn client(url: &str) -> Client {
    Client::builder().config(Config::builder().region("eu-central-1").endpoint_url(url)).build().unwrap()
}

fn sdk(url: &str, credentials: impl ProvideCredentials + 'static) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::Config::builder()
        .region(Region::from_static("eu-central-1"))
        .endpoint_url(url)
        .credentials_provider(credentials)
        .http_client(Builder::new().build_http())
        .build();
    aws_sdk_sts::Client::from_conf(config)
}

#[tokio::test]
async fn the_sdk_signs_with_what_a_client_finds() {
    let sts = LocalSts::demo().serve(0).unwrap();
    let me = client(&sts.url()).with_credentials(LocalSts::demo_credentials());
    let arn = |client: aws_sdk_sts::Client| async move {
        client.get_caller_identity().send().await.unwrap().arn().unwrap().to_owned()
    };
    assert_eq!(arn(sdk(&sts.url(), me.clone())).await, "arn:aws:iam::123456789012:user/demo");

    // With a session token and an end.
    let role = me.clone().with_provider(move || {
        let me = me.clone();
        async move {
            let reply = me.send(&AssumeRole::new(DEMO_ROLE_ARN, "sdk")).await?;
            Ok::<_, ProvideError>(reply.output.credentials.into())
        }
    });
    let assumed = sdk(&sts.url(), role.clone());
    for _ in 0..2 {
        assert_eq!(arn(assumed.clone()).await, "arn:aws:sts::123456789012:assumed-role/demo/sdk");
    }
    let (ours, theirs) = (role.find_credentials().await.unwrap().unwrap(), role.provide_credentials().await.unwrap());
    assert_eq!(theirs.access_key_id(), ours.access_key_id);
    assert_eq!(theirs.secret_access_key(), ours.secret_access_key.expose());
    assert_eq!(theirs.session_token(), ours.session_token.as_ref().map(Secret::expose));
    assert_eq!(theirs.expiry(), ours.expiration.map(Into::into));
    // Both of the SDK's clients, the role and three calls.
    assert_eq!(sts.requests(), 4);
}

#[tokio::test]
async fn the_sdk_is_told_why_there_are_none() {
    let nobody = client("http://127.0.0.1:1");
    assert!(matches!(nobody.provide_credentials().await, Err(CredentialsError::CredentialsNotLoaded(_))));

    let failing = nobody.with_provider(|| async { Err(ProvideError::new("the vault is sealed")) });
    let error = failing.provide_credentials().await.unwrap_err();
    assert!(matches!(error, CredentialsError::ProviderError(_)));
    assert_eq!(error.source().unwrap().to_string(), "the vault is sealed");

    let variable = |name: &str| match name {
        "AWS_REGION" => Some("eu-central-1".to_owned()),
        "AWS_ACCESS_KEY_ID" => Some("AKIDEXAMPLE".to_owned()),
        _ => None,
    };
    let chain = Chain::load(Config::builder(), &variable, None).unwrap();
    let half = Client::builder().chain(chain).build().unwrap();
    let error = half.provide_credentials().await.unwrap_err();
    assert!(matches!(error, CredentialsError::InvalidConfiguration(_)));
    let expected = "AWS_ACCESS_KEY_ID is set in the environment but AWS_SECRET_ACCESS_KEY is not";
    assert_eq!(error.source().unwrap().to_string(), expected);
}
