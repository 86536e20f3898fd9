//! The same tasks in other implementations and at the floor. Each is checked once to have the same result as sts-core.

use std::{
    future::Future,
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use aws_credential_types::Credentials as AwsCredentials;
use aws_sdk_sts::{
    Client, Config,
    config::{BehaviorVersion, Region},
    operation::assume_role::{AssumeRoleOutput, builders::AssumeRoleFluentBuilder},
    types::{AssumedRoleUser, Credentials as SdkCredentials, Tag},
};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningParams, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use aws_smithy_types::{DateTime, body::SdkBody, date_time::Format, primitive::Parse};
use aws_smithy_xml::decode::{Document, XmlDecodeError, try_data};
use http::Request;
use quick_xml::{Reader, escape::resolve_predefined_entity, events::Event};
use reqsign_core::SignRequest;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sts_core::{Credentials, Operation};

use crate::{
    fixture::{self, NOW},
    floor,
    work::{Task, Work, post},
};

const URL: &str = "https://sts.us-east-1.amazonaws.com/";
const IDENTITY_URL: &str = "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// All implementations.
pub fn all() -> Vec<Work> {
    vec![
        Work::new(Task::SerialiseAndSign, "47 SHA-256 blocks", floor::hash_blocks()),
        ideal(),
        sign_with_aws_sigv4(),
        sign_with_reqsign(),
        presign_with_aws_sigv4(),
        presign_with_reqsign(),
        derive_with_aws_sigv4(),
        parse_with_quick_xml_events(),
        parse_with_quick_xml_serde(),
        parse_as_the_sdk_does(),
        call_with_the_sdk(),
    ]
}

fn ideal() -> Work {
    let mut ideal = floor::Ideal::new(&fixture::credentials(), fixture::policy());
    Work::new(Task::SerialiseAndSign, "ideal program", move || {
        black_box(ideal.request());
    })
}

fn sign_with_aws_sigv4() -> Work {
    let policy = fixture::policy();
    let body = fixture::assume_role(&policy).to_body().expect("the fixture is valid");
    let credentials = aws_credentials();
    Work::new(Task::Sign, "aws-sigv4", move || {
        let mut request = post(&body);
        let signable = SignableRequest::new("POST", URL, [FORM].into_iter(), SignableBody::Bytes(body.expose()));
        let signable = signable.expect("the fixture is valid");
        apply_aws_sigv4(&mut request, signable, credentials.clone(), SigningSettings::default());
        drop(black_box(request));
    })
}

fn presign_with_aws_sigv4() -> Work {
    let credentials = aws_credentials();
    Work::new(Task::Presign, "aws-sigv4", move || {
        let mut request = Request::get(IDENTITY_URL).body(()).expect("the fixture is valid");
        let signable = SignableRequest::new("GET", IDENTITY_URL, std::iter::empty(), SignableBody::Bytes(b""));
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(60));
        apply_aws_sigv4(&mut request, signable.expect("the fixture is valid"), credentials.clone(), settings);
        drop(black_box(request));
    })
}

fn derive_with_aws_sigv4() -> Work {
    let secret = fixture::credentials().secret_access_key;
    Work::new(Task::DeriveKey, "aws-sigv4", move || {
        drop(black_box(v4::generate_signing_key(black_box(secret.expose()), NOW.into(), "us-east-1", "sts")));
    })
}

/// Signs with aws-sigv4, and adds the signature to the request.
fn apply_aws_sigv4<B>(
    request: &mut Request<B>,
    signable: SignableRequest<'_>,
    credentials: AwsCredentials,
    settings: SigningSettings,
) {
    let identity = credentials.into();
    let params = v4::SigningParams::builder().identity(&identity).region("us-east-1").name("sts");
    let params = params.time(SystemTime::from(NOW)).settings(settings).build().expect("all parameters are set");
    let output = sign(signable, &SigningParams::from(params)).expect("the fixture can be signed");
    output.into_parts().0.apply_to_request_http1x(request);
}

fn sign_with_reqsign() -> Work {
    let policy = fixture::policy();
    let body = fixture::assume_role(&policy).to_body().expect("the fixture is valid");
    let (signer, context, credentials) = reqsign();
    Work::new(Task::Sign, "reqsign", move || {
        let (mut head, body) = post(&body).into_parts();
        // With reqsign, this is the caller's task.
        let hash = hex::encode(Sha256::digest(body.expose()));
        head.headers.insert("x-amz-content-sha256", hash.parse().expect("digits may stand in a header"));
        ready(signer.sign_request(&context, &mut head, Some(&credentials), None)).expect("the fixture can be signed");
        drop(black_box(Request::from_parts(head, body)));
    })
}

fn presign_with_reqsign() -> Work {
    let (signer, context, credentials) = reqsign();
    Work::new(Task::Presign, "reqsign", move || {
        let (mut head, ()) = Request::get(IDENTITY_URL).body(()).expect("the fixture is valid").into_parts();
        let expires = Some(Duration::from_secs(60));
        ready(signer.sign_request(&context, &mut head, Some(&credentials), expires))
            .expect("the fixture can be signed");
        drop(black_box(head));
    })
}

fn reqsign() -> (reqsign_aws_v4::RequestSigner, reqsign_core::Context, reqsign_aws_v4::Credential) {
    let Credentials { access_key_id, secret_access_key, session_token, .. } = fixture::credentials();
    let credentials = reqsign_aws_v4::Credential {
        access_key_id,
        secret_access_key: secret_access_key.expose().to_owned(),
        session_token: session_token.map(|token| token.expose().to_owned()),
        expires_in: None,
    };
    (reqsign_aws_v4::RequestSigner::new("sts", "us-east-1"), reqsign_core::Context::new(), credentials)
}

fn parse_with_quick_xml_events() -> Work {
    let response = String::from_utf8(fixture::response()).expect("the fixture is text");
    assert_eq!(parse_events(&response).expect("the fixture is XML")[4], fixture::token());
    Work::new(Task::Parse, "quick-xml events by hand", move || {
        drop(black_box(parse_events(black_box(&response)).expect("the fixture is XML")));
    })
}

/// A minimal parser for this one response: it compares only names, at any depth, and converts nothing.
fn parse_events(text: &str) -> Result<[String; 9], quick_xml::Error> {
    const NAMES: [&str; 9] = [
        "AssumedRoleId",
        "Arn",
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
        "Expiration",
        "PackedPolicySize",
        "SessionTokenUtilization",
        "RequestId",
    ];
    let mut reader = Reader::from_str(text);
    let mut values = <[String; 9]>::default();
    let mut current = None;
    loop {
        match (reader.read_event()?, current) {
            (Event::Start(tag), _) => current = NAMES.iter().position(|name| *name == tag.local_name().as_ref()),
            (Event::Text(text), Some(index)) => values[index].push_str(&text.xml10_content()),
            (Event::GeneralRef(reference), Some(index)) => match reference.resolve_char_ref()? {
                Some(character) => values[index].push(character),
                None => values[index].push_str(resolve_predefined_entity(&reference.into_inner()).unwrap_or_default()),
            },
            (Event::End(_), _) => current = None,
            (Event::Eof, _) => return Ok(values),
            _ => {}
        }
    }
}

fn parse_with_quick_xml_serde() -> Work {
    let response = String::from_utf8(fixture::response()).expect("the fixture is text");
    let read: Response = quick_xml::de::from_str(&response).expect("the fixture is a response");
    assert_eq!(read.result.credentials.session_token, fixture::token());
    Work::new(Task::Parse, "quick-xml serde", move || {
        drop(black_box(quick_xml::de::from_str::<Response>(black_box(&response)).expect("the fixture is a response")));
    })
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read, and thrown away")]
struct Response {
    #[serde(rename = "AssumeRoleResult")]
    result: ResultElement,
    #[serde(rename = "ResponseMetadata")]
    metadata: MetadataElement,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code, reason = "read, and thrown away")]
struct ResultElement {
    assumed_role_user: UserElement,
    credentials: CredentialsElement,
    packed_policy_size: Option<u32>,
    session_token_utilization: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code, reason = "read, and thrown away")]
struct UserElement {
    assumed_role_id: String,
    arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code, reason = "read, and thrown away")]
struct CredentialsElement {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code, reason = "read, and thrown away")]
struct MetadataElement {
    request_id: String,
}

fn parse_as_the_sdk_does() -> Work {
    let response = fixture::response();
    let output = parse_sdk(&response).expect("the fixture is a response");
    let token = output.credentials().map(SdkCredentials::session_token);
    assert_eq!(token, Some(&*fixture::token()));
    Work::new(Task::Parse, "aws-sdk-sts's reader", move || {
        drop(black_box(parse_sdk(black_box(&response)).expect("the fixture is a response")));
    })
}

#[allow(deprecated, reason = "the SDK reads it")]
/// The SDK's own parser is not public; this is the same code, member by member, over the same aws-smithy-xml.
fn parse_sdk(bytes: &[u8]) -> Result<AssumeRoleOutput, XmlDecodeError> {
    let mut document = Document::try_from(bytes)?;
    let mut root = document.root_element()?;
    if !root.start_el().matches("AssumeRoleResponse") {
        return Err(XmlDecodeError::custom("invalid root"));
    }
    let mut result = root.next_tag().ok_or_else(|| XmlDecodeError::custom("no result"))?;
    if !result.start_el().matches("AssumeRoleResult") {
        return Err(XmlDecodeError::custom("invalid result"));
    }
    let number =
        |text: &str| i32::parse_smithy_primitive(text).map_err(|_| XmlDecodeError::custom("expected an integer"));
    let mut output = AssumeRoleOutput::builder();
    while let Some(mut tag) = result.next_tag() {
        output = match tag.start_el() {
            name if name.matches("Credentials") => {
                let mut credentials = SdkCredentials::builder();
                while let Some(mut tag) = tag.next_tag() {
                    credentials = match tag.start_el() {
                        name if name.matches("AccessKeyId") => credentials.access_key_id(try_data(&mut tag)?),
                        name if name.matches("SecretAccessKey") => credentials.secret_access_key(try_data(&mut tag)?),
                        name if name.matches("SessionToken") => credentials.session_token(try_data(&mut tag)?),
                        name if name.matches("Expiration") => {
                            let time = DateTime::from_str(try_data(&mut tag)?.as_ref(), Format::DateTimeWithOffset);
                            credentials.expiration(time.map_err(|_| XmlDecodeError::custom("expected a timestamp"))?)
                        }
                        _ => credentials,
                    }
                }
                output.credentials(credentials.build().map_err(|_| XmlDecodeError::custom("missing field"))?)
            }
            name if name.matches("AssumedRoleUser") => {
                let mut user = AssumedRoleUser::builder();
                while let Some(mut tag) = tag.next_tag() {
                    user = match tag.start_el() {
                        name if name.matches("AssumedRoleId") => user.assumed_role_id(try_data(&mut tag)?),
                        name if name.matches("Arn") => user.arn(try_data(&mut tag)?),
                        _ => user,
                    }
                }
                output.assumed_role_user(user.build().map_err(|_| XmlDecodeError::custom("missing field"))?)
            }
            name if name.matches("PackedPolicySize") => output.packed_policy_size(number(&try_data(&mut tag)?)?),
            name if name.matches("SessionTokenUtilization") => {
                output.session_token_utilization(number(&try_data(&mut tag)?)?)
            }
            _ => output,
        }
    }
    Ok(output.build())
}

fn call_with_the_sdk() -> Work {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let client = sdk_client(http_client_fn(|_, _| SharedHttpConnector::new(Canned(fixture::response()))), None);
    let policy = fixture::policy();
    Work::new(Task::WholeCall, "aws-sdk-sts", move || {
        let output = runtime.block_on(sdk_call(&client, &policy).send());
        drop(black_box(output.expect("the fixture is a response")));
    })
}

/// A client with the fixture's credentials.
pub(crate) fn sdk_client(http: SharedHttpClient, url: Option<&str>) -> Client {
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(aws_credentials())
        .http_client(http);
    config.set_endpoint_url(url.map(str::to_owned));
    Client::from_conf(config.build())
}

/// The fixture's call.
pub(crate) fn sdk_call(client: &Client, policy: &str) -> AssumeRoleFluentBuilder {
    let mut call = client.assume_role().role_arn(fixture::ROLE).role_session_name(fixture::SESSION).policy(policy);
    for (key, value) in fixture::TAGS {
        call = call.tags(Tag::builder().key(key).value(value).build().expect("a tag has both"));
    }
    for key in fixture::TRANSITIVE {
        call = call.transitive_tag_keys(key);
    }
    call.duration_seconds(3600).external_id(fixture::EXTERNAL_ID)
}

/// A transport that always returns this body.
#[derive(Debug)]
struct Canned(Vec<u8>);

impl HttpConnector for Canned {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let status = StatusCode::try_from(200).expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(self.0.clone()))))
    }
}

fn aws_credentials() -> AwsCredentials {
    let Credentials { access_key_id, secret_access_key, session_token, .. } = fixture::credentials();
    let token = session_token.map(|token| token.expose().to_owned());
    AwsCredentials::new(access_key_id, secret_access_key.expose(), token, None, "bench")
}

/// The output of a future that never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}
