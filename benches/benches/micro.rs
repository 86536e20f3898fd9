//! What a call costs in the process: time, and allocations. `cargo bench -p sts-benches`
//!
//! Results are dropped inside the measured closure, since otherwise every iteration touches fresh pages, and the kernel is measured.
#![allow(missing_docs)]

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::{
    http_request::{
        SignableBody, SignableRequest, SignatureLocation, SigningParams, SigningSettings, sign as aws_sign,
    },
    sign::v4,
};
use divan::{AllocProfiler, Bencher, black_box};
use http::{Request, Response};
use sha2::{Digest, Sha256};
use sts_core::{
    AssumeRole, Body, Call, Config, Credentials, Learned, Lost, Operation, Step, Tag,
    identity_proof::presigned_get_caller_identity,
    sigv4::{KeyCache, Signer, SigningKey},
    xml::Document,
};
use time::{UtcDateTime, macros::utc_datetime};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const NOW: UtcDateTime = utc_datetime!(2026-11-23 03:00);

fn main() {
    divan::main();
}

/// The floor: the SHA-256 blocks that a signed `AssumeRole` cannot do without when the key is cached.
#[divan::bench]
fn floor_47_sha256_blocks(bencher: Bencher<'_, '_>) {
    let blocks = [7; 47 * 64 - 9];
    bencher.bench(|| Sha256::digest(black_box(&blocks[..])));
}

#[divan::bench]
fn serialise(bencher: Bencher<'_, '_>) {
    let policy = policy();
    let operation = assume_role(&policy);
    bencher.bench(|| drop(black_box(black_box(&operation).to_body())));
}

#[divan::bench]
fn serialise_and_sign(bencher: Bencher<'_, '_>) {
    let (policy, config, learned, credentials) = (policy(), config(), Learned::new(1), credentials());
    let operation = assume_role(&policy);
    bencher.bench(|| {
        drop(black_box(Call::new(black_box(&operation), &config, &learned, Some(&credentials)).start::<()>(NOW)));
    });
}

/// The request's body is there already; what an SDK's signer does.
#[divan::bench]
fn sign_a_prepared_body(bencher: Bencher<'_, '_>) {
    let (policy, credentials, keys) = (policy(), credentials(), KeyCache::new());
    let body = assume_role(&policy).to_body().expect("the fixture is valid");
    bencher.bench(|| {
        let mut request = request(&body);
        let signer = Signer::new(&credentials, "us-east-1", "sts").key_cache(&keys);
        signer.sign(&mut request, body.expose(), NOW).expect("the fixture can be signed");
        drop(black_box(request));
    });
}

#[divan::bench]
fn sign_a_prepared_body_with_aws_sigv4(bencher: Bencher<'_, '_>) {
    let policy = policy();
    let body = assume_role(&policy).to_body().expect("the fixture is valid");
    let credentials = aws_credentials();
    bencher.bench(|| {
        let mut request = request(&body);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let url = "https://sts.us-east-1.amazonaws.com/";
        let signable = SignableRequest::new("POST", url, headers.into_iter(), SignableBody::Bytes(body.expose()));
        let signable = signable.expect("the fixture is valid");
        sign_with_aws_sigv4(&mut request, signable, credentials.clone(), SigningSettings::default());
        drop(black_box(request));
    });
}

#[divan::bench]
fn presign(bencher: Bencher<'_, '_>) {
    let (config, credentials) = (config(), credentials());
    bencher.bench(|| {
        let url = presigned_get_caller_identity(&config, &credentials, Duration::from_secs(60), NOW);
        drop(black_box(url.expect("the fixture can be signed")));
    });
}

#[divan::bench]
fn presign_with_aws_sigv4(bencher: Bencher<'_, '_>) {
    let url = "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15";
    let credentials = aws_credentials();
    bencher.bench(|| {
        let mut request = Request::get(url).body(()).expect("the fixture is valid");
        let signable = SignableRequest::new("GET", url, std::iter::empty(), SignableBody::Bytes(b""));
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(60));
        sign_with_aws_sigv4(&mut request, signable.expect("the fixture is valid"), credentials.clone(), settings);
        drop(black_box(request));
    });
}

#[divan::bench]
fn derive_a_signing_key(bencher: Bencher<'_, '_>) {
    let secret = credentials().secret_access_key;
    bencher.bench(|| drop(black_box(SigningKey::derive(black_box(&secret), NOW, "us-east-1", "sts"))));
}

#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let body = response();
    bencher.bench(|| {
        use sts_core::xml::FromXml;
        let document = Document::parse(black_box(&body)).expect("the fixture is XML");
        let result = document.root().child("AssumeRoleResult").expect("the fixture has a result");
        drop(black_box(sts_core::AssumeRoleOutput::from_xml(result)));
    });
}

#[divan::bench]
fn whole_call(bencher: Bencher<'_, '_>) {
    let (policy, config, learned, credentials) = (policy(), config(), Learned::new(1), credentials());
    let (operation, body) = (assume_role(&policy), response());
    bencher.bench(|| {
        let call = Call::new(black_box(&operation), &config, &learned, Some(&credentials));
        let Step::Transmit(_, call) = call.start::<()>(NOW) else { panic!("the fixture is valid") };
        drop(black_box(call.receive(NOW, Ok::<_, Lost<()>>(Response::new(&body)))));
    });
}

fn request(body: &Body) -> Request<Body> {
    Request::post("https://sts.us-east-1.amazonaws.com/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.clone())
        .expect("the fixture is valid")
}

fn aws_credentials() -> AwsCredentials {
    let Credentials { access_key_id, secret_access_key, session_token, .. } = credentials();
    let token = session_token.map(|token| token.expose().to_owned());
    AwsCredentials::new(access_key_id, secret_access_key.expose(), token, None, "bench")
}

/// Signs with aws-sigv4, and puts the signature into the request.
fn sign_with_aws_sigv4<B>(
    request: &mut Request<B>,
    signable: SignableRequest<'_>,
    credentials: AwsCredentials,
    settings: SigningSettings,
) {
    let identity = credentials.into();
    let params = v4::SigningParams::builder().identity(&identity).region("us-east-1").name("sts");
    let params = params.time(SystemTime::from(NOW)).settings(settings).build().expect("all parameters are set");
    let output = aws_sign(signable, &SigningParams::from(params)).expect("the fixture can be signed");
    output.into_parts().0.apply_to_request_http1x(request);
}

/// A form of 1,425 bytes.
fn assume_role(policy: &str) -> AssumeRole<'_> {
    AssumeRole::new("arn:aws:iam::123456789012:role/service/deployment-pipeline", "build-4711")
        .external_id("b6f0a8d2-6c1e-4d6f-9d2f-1f7f5c8f9a10")
        .duration_seconds(3600)
        .policy(policy)
        .tags([Tag::new("Project", "Pegasus"), Tag::new("Team", "Platform"), Tag::new("CostCenter", "12345")])
        .transitive_tag_keys(["Project", "CostCenter"])
}

fn policy() -> String {
    let statement = r#"{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::example-bucket/pipeline/*"}"#;
    let mut policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, [statement; 4].join(","));
    policy.truncate(600);
    policy
}

fn credentials() -> Credentials {
    Credentials::new("ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").session_token(token())
}

fn config() -> Config {
    Config::builder().region("us-east-1").build().expect("a region is enough")
}

fn token() -> String {
    "FwoGZXIvYXdzEXAMPLE/+=".chars().cycle().take(1000).collect()
}

/// A response of 1,835 bytes.
fn response() -> Vec<u8> {
    let token = token();
    format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <AssumeRoleResult>\n    <AssumedRoleUser>\n      \
         <AssumedRoleId>AROA3XFRBF535PLBIFPI4:build-4711</AssumedRoleId>\n      \
         <Arn>arn:aws:sts::123456789012:assumed-role/deployment-pipeline/build-4711</Arn>\n    </AssumedRoleUser>\n    <Credentials>\n      \
         <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>\n      \
         <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY</SecretAccessKey>\n      <SessionToken>{token}</SessionToken>\n      \
         <Expiration>2026-11-23T04:00:00Z</Expiration>\n    </Credentials>\n    <PackedPolicySize>6</PackedPolicySize>\n  \
         </AssumeRoleResult>\n  <ResponseMetadata>\n    <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>\n  \
         </ResponseMetadata>\n</AssumeRoleResponse>\n"
    )
    .into_bytes()
}
