//! The client's own machine against the service: every operation, every modelled error, and who may call what.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sts_core::*;
use sts_local::{DEMO_ROLE_ARN, Fault, LocalSts, Role, Script};
use time::{SignedDuration, UtcDateTime, macros::utc_datetime};

const NOW: UtcDateTime = utc_datetime!(2026-11-23 03:00);
const ACCOUNT: &str = "123456789012";
const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/idp";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const AUDIT: &str = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";

/// Plays a call to its end without waiting.
fn send<O: Operation>(sts: &LocalSts, credentials: &Credentials, operation: &O) -> Result<Reply<O::Output>, Error> {
    let client = Client::new(Config::builder().region("eu-central-1").validate(false).build().unwrap(), 7);
    let mut step = client.call(operation, Some(credentials), NOW);
    loop {
        step = match step {
            Step::Transmit(transmit, call) => call.receive(Ok(sts.handle(transmit.request, NOW)), NOW),
            Step::Wait(_, call) => call.resume(NOW),
            Step::Done(result) => return result,
        }
    }
}

fn output<O: Operation>(sts: &LocalSts, credentials: &Credentials, operation: &O) -> O::Output {
    send(sts, credentials, operation).unwrap().output
}

/// `403 AccessDenied: message`
fn refusal<O: Operation>(sts: &LocalSts, credentials: &Credentials, operation: &O) -> String
where
    O::Output: std::fmt::Debug,
{
    match send(sts, credentials, operation).unwrap_err() {
        Error::Service(error) => {
            format!("{} {}: {}", error.metadata.status.as_u16(), error.code, error.message)
        }
        other => panic!("{other}"),
    }
}

fn jwt(claims: &Value) -> String {
    format!("e30.{}.sig", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn web_token(seconds: i64) -> String {
    let end = NOW.unix_timestamp() + seconds;
    jwt(&json!({ "iss": "https://idp.example.com", "aud": "app", "sub": "me", "exp": end }))
}

fn trade_in_token(seconds: i64) -> String {
    jwt(&json!({ "sub": DEMO_ROLE_ARN, "exp": NOW.unix_timestamp() + seconds }))
}

/// Laid out as in AWS's
/// [description](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html).
fn saml() -> String {
    format!(
        r#"<?xml version="1.0"?>
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1">
  <Issuer>https://other.example.com</Issuer>
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <Assertion>
    <Issuer>https://idp.example.com?a=1&amp;b=2</Issuer>
    <Subject>
      <NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"><![CDATA[<Zoë>]]>&#33;</NameID>
      <SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <SubjectConfirmationData NotOnOrAfter="2026-11-23T03:05:00.000Z" Recipient="https://signin.aws.amazon.com/saml"/>
      </SubjectConfirmation>
    </Subject>
    <Conditions NotOnOrAfter="2026-11-23T04:00:00Z">
      <AudienceRestriction><Audience>urn:amazon:webservices</Audience></AudienceRestriction>
    </Conditions>
    <AttributeStatement>
      <Attribute Name="https://aws.amazon.com/SAML/Attributes/Role">
        <AttributeValue>arn:aws:iam::{ACCOUNT}:role/other,{PROVIDER}</AttributeValue>
        <AttributeValue>{DEMO_ROLE_ARN},{PROVIDER}</AttributeValue>
      </Attribute>
      <Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><AttributeValue>zoe@example.com</AttributeValue></Attribute>
      <Attribute Name="https://aws.amazon.com/SAML/Attributes/SourceIdentity"><AttributeValue>zoe</AttributeValue></Attribute>
    </AttributeStatement>
  </Assertion>
</samlp:Response>"#
    )
}

fn with_saml(text: &str) -> AssumeRoleWithSaml<'static> {
    AssumeRoleWithSaml::new(DEMO_ROLE_ARN, PROVIDER, BASE64_STANDARD.encode(text))
}

fn assume_role() -> AssumeRole<'static> {
    AssumeRole::new(DEMO_ROLE_ARN, "session")
}

fn with_web_identity(seconds: i64) -> AssumeRoleWithWebIdentity<'static> {
    AssumeRoleWithWebIdentity::new(DEMO_ROLE_ARN, "session", web_token(seconds))
}

fn assume_root() -> AssumeRoot<'static> {
    AssumeRoot::new("210987654321", PolicyDescriptor::new(AUDIT))
}

fn web_identity_token() -> GetWebIdentityToken<'static> {
    GetWebIdentityToken::new(["https://api.example.com"], "ES384")
}

#[test]
fn every_operation() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    let identity = |credentials: TemporaryCredentials| output(&sts, &credentials.into(), &GetCallerIdentity::new()).arn;
    let session = "arn:aws:sts::123456789012:assumed-role/demo/session";
    let hour = NOW + SignedDuration::hours(1);

    let user = output(&sts, &demo, &GetCallerIdentity::new());
    assert_eq!((&*user.arn, &*user.account), ("arn:aws:iam::123456789012:user/demo", ACCOUNT));

    let assumed = output(&sts, &demo, &assume_role());
    assert_eq!((&*assumed.assumed_role_user.unwrap().arn, *assumed.credentials.expiration), (session, hour));
    let assumed = assumed.credentials;
    assert_eq!(identity(assumed.clone()), session);
    let assumed = assumed.into();

    let web = output(&sts, &demo, &with_web_identity(1));
    assert_eq!(web.subject_from_web_identity_token.as_deref(), Some("me"));
    assert_eq!(identity(web.credentials), session);

    let saml = output(&sts, &demo, &with_saml(&saml()).policy("{}").minimum_session_token_size(1000));
    let zoe = "arn:aws:sts::123456789012:assumed-role/demo/zoe@example.com";
    assert_eq!((&*saml.assumed_role_user.unwrap().arn, *saml.credentials.expiration), (zoe, hour));
    assert_eq!((saml.subject.as_deref(), saml.subject_type.as_deref()), (Some("<Zoë>!"), Some("persistent")));
    assert_eq!(saml.issuer.as_deref(), Some("https://idp.example.com?a=1&b=2"));
    assert_eq!(saml.audience.as_deref(), Some("https://signin.aws.amazon.com/saml"));
    assert_eq!(BASE64_STANDARD.decode(saml.name_qualifier.unwrap()).unwrap().len(), 20);
    assert_eq!((saml.source_identity.as_deref(), saml.packed_policy_size), (Some("zoe"), Some(1)));
    assert_eq!((saml.session_token_size, saml.session_token_utilization), (Some(1000), Some(25)));
    assert_eq!(identity(saml.credentials), zoe);

    let root = output(&sts, &demo, &assume_root());
    assert_eq!(root.credentials.expiration, NOW + SignedDuration::minutes(15));
    assert_eq!((root.session_token_size, root.source_identity), (Some(816), None));
    let credentials = Credentials::from(root.credentials);
    let identity = output(&sts, &credentials, &GetCallerIdentity::new());
    assert_eq!((&*identity.arn, &*identity.account), ("arn:aws:iam::210987654321:root", "210987654321"));
    assert_eq!(identity.user_id, "210987654321");

    let key = |id: &str| output(&sts, &demo, &GetAccessKeyInfo::new(id)).account;
    assert_eq!(key(&demo.access_key_id), ACCOUNT);
    assert_eq!(key(&credentials.access_key_id), "210987654321");
    assert_eq!(key("ASIAQNZGKIQY56JQ7WML"), "029608264753");

    let details = r#"{"allowed":false,"explicitDeny":true,"note":"ü"}"#;
    let encoded = sts.authorization_message(details);
    let text = format!("You are not authorized. Encoded authorization failure message: {encoded}");
    let found = denial::encoded_authorization_message(&text).unwrap();
    assert_eq!(output(&sts, &demo, &DecodeAuthorizationMessage::new(found)).decoded_message, details);

    let delegated = output(&sts, &demo, &GetDelegatedAccessToken::new(trade_in_token(1)));
    assert_eq!(delegated.assumed_principal.as_deref(), Some(DEMO_ROLE_ARN));
    assert_eq!(delegated.credentials.expiration, hour);
    let identity = output(&sts, &delegated.credentials.into(), &GetCallerIdentity::new());
    assert_eq!(identity.arn, "arn:aws:sts::123456789012:assumed-role/demo/delegated");

    let federated = GetFederationToken::new("Bob").policy_arns([PolicyDescriptor::new(READ_ONLY)]);
    let federated = output(&sts, &demo, &federated);
    let user_of_token = federated.federated_user.unwrap();
    assert_eq!(user_of_token.federated_user_id, "123456789012:Bob");
    assert_eq!(user_of_token.arn, "arn:aws:sts::123456789012:federated-user/Bob");
    assert_eq!((federated.packed_policy_size, federated.session_token_size), (Some(1), Some(816)));
    assert_eq!(federated.credentials.expiration, NOW + SignedDuration::hours(12));
    let identity = output(&sts, &federated.credentials.into(), &GetCallerIdentity::new());
    assert_eq!(
        (&*identity.arn, &*identity.user_id),
        ("arn:aws:sts::123456789012:federated-user/Bob", "123456789012:Bob")
    );

    let scoped = output(&sts, &assumed, &GetScopedCredentials::new().policy("{}"));
    assert_eq!((&*scoped.session_info.unwrap().arn, *scoped.credentials.expiration), (session, hour));
    assert_eq!((scoped.scoped_policies_count, scoped.session_token_size), (Some(1), Some(816)));
    assert_eq!(output(&sts, &scoped.credentials.into(), &GetCallerIdentity::new()).arn, session);

    let session = output(&sts, &demo, &GetSessionToken::new().duration_seconds(900));
    assert_eq!(session.credentials.expiration, NOW + SignedDuration::minutes(15));
    assert_eq!(output(&sts, &session.credentials.into(), &GetCallerIdentity::new()).arn, user.arn);
}

#[test]
fn web_identity_tokens() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    let claims = |token: &Secret| -> (Value, Value) {
        let parts: Vec<&str> = token.expose().split('.').collect();
        let [header, claims, signature] = parts[..] else { panic!("no JWT") };
        assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap().len(), 32);
        let read = |part| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        (read(header), read(claims))
    };
    let first = output(&sts, &demo, &web_identity_token());
    assert_eq!(first.expiration, Some((NOW + SignedDuration::minutes(5)).into()));
    let (header, first) = claims(&first.web_identity_token);
    assert_eq!(header["alg"], "ES384");
    assert_eq!(first["aud"], "https://api.example.com");
    assert_eq!(first["sub"], "arn:aws:iam::123456789012:user/demo");
    assert_eq!((&first["iat"], &first["exp"]), (&json!(1_795_402_800), &json!(1_795_403_100)));
    assert_eq!(
        first["https://sts.amazonaws.com/"],
        json!({ "aws_account": ACCOUNT, "principal_id": "arn:aws:iam::123456789012:user/demo" })
    );
    let issuer = first["iss"].as_str().unwrap();
    assert!(issuer.starts_with("https://") && issuer.ends_with(".tokens.sts.global.api.aws"), "{issuer}");

    let role = output(&sts, &demo, &assume_role()).credentials.into();
    let second = GetWebIdentityToken::new(["a", "b"], "RS256").duration_seconds(3600).tags([Tag::new("job", "1=2")]);
    let (header, second) = claims(&output(&sts, &role, &second).web_identity_token);
    assert_eq!((&header["alg"], &second["aud"]), (&json!("RS256"), &json!(["a", "b"])));
    assert_eq!((&second["sub"], &second["iss"]), (&json!(DEMO_ROLE_ARN), &first["iss"]));
    assert_eq!(second["https://sts.amazonaws.com/"]["request_tags"], json!({ "job": "1=2" }));
    assert_eq!(second["https://sts.amazonaws.com/"]["principal_id"], DEMO_ROLE_ARN);
    let origin = || web_identity_token().subject_mode("OriginIdentity");
    let none = "400 ValidationError: The calling session has no trusted identity propagation context";
    assert_eq!(refusal(&sts, &role, &origin().scope("read write")), none);
    assert_eq!(
        refusal(&sts, &role, &origin().scope("read  write")),
        "400 ValidationError: 1 validation error detected: Value 'read  write' at 'scope' failed to satisfy constraint: Member must \
         satisfy regular expression pattern: [\\x21\\x23-\\x2B\\x2D-\\x5B\\x5D-\\x7E]+( [\\x21\\x23-\\x2B\\x2D-\\x5B\\x5D-\\x7E]+)*"
    );
    output(&sts, &role, &web_identity_token().subject_mode("AWSIdentity"));
    assert_ne!(second["jti"], first["jti"]);
}

/// Codes and statuses are the API model's; each comes about as the crate's documentation says.
#[test]
fn every_modelled_error() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    let short = output(&sts, &demo, &assume_role().duration_seconds(900)).credentials.into();
    let tags = || (0..50).map(|index| Tag::new(index.to_string(), "v".repeat(256)));
    let foreign = LocalSts::demo().seed(1).authorization_message("{}");
    sts.fail(ErrorCode::OutboundWebIdentityFederationDisabledException);
    let disabled = refusal(&sts, &demo, &web_identity_token());
    sts.fail(ErrorCode::RegionDisabledException);
    let region = refusal(&sts, &demo, &assume_role());
    sts.fail(ErrorCode::InvalidContextAssertion);
    let untrusted = refusal(&sts, &demo, &assume_role());
    // As often as the client tries.
    sts.fail(Script::next(vec![ErrorCode::IdpCommunicationError; 3]));
    let unreachable = refusal(&sts, &demo, &with_web_identity(1));
    for (expected, seen) in [
        ("400 ExpiredTokenException", refusal(&sts, &demo, &with_web_identity(0))),
        ("400 ExpiredTradeInTokenException", refusal(&sts, &demo, &GetDelegatedAccessToken::new(trade_in_token(0)))),
        ("400 IDPCommunicationError", unreachable),
        (
            "403 IDPRejectedClaim",
            refusal(&sts, &demo, &with_saml(&saml().replace("status:Success", "status:Responder"))),
        ),
        ("400 InsufficientSessionLifetime", refusal(&sts, &short, &GetScopedCredentials::new().duration_seconds(901))),
        ("400 InvalidAuthorizationMessageException", refusal(&sts, &demo, &DecodeAuthorizationMessage::new(foreign))),
        ("400 InvalidContextAssertion", untrusted),
        ("400 InvalidIdentityToken", refusal(&sts, &demo, &with_saml("<Response/>"))),
        ("400 InvalidSubjectCredentials", refusal(&sts, &demo, &GetScopedCredentials::new().duration_seconds(1))),
        ("400 JWTPayloadSizeExceededException", refusal(&sts, &demo, &web_identity_token().tags(tags()))),
        ("400 MalformedPolicyDocument", refusal(&sts, &demo, &GetFederationToken::new("Bob").policy("{"))),
        ("403 OutboundWebIdentityFederationDisabledException", disabled),
        ("400 PackedPolicyTooLarge", refusal(&sts, &demo, &assume_role().tags(tags()))),
        ("403 RegionDisabledException", region),
        ("403 SessionDurationEscalationException", refusal(&sts, &short, &web_identity_token().duration_seconds(901))),
    ] {
        assert_eq!(seen.split(':').next(), Some(expected), "{seen}");
    }
}

#[test]
fn failures_happen_once_and_in_order() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    sts.fail(ErrorCode::Throttling);
    sts.fail(Fault::Status(http::StatusCode::SERVICE_UNAVAILABLE));
    let reply = send(&sts, &demo, &GetCallerIdentity::new()).unwrap();
    assert_eq!(reply.metadata.attempts, 3);
    sts.fail(Script::next([ErrorCode::Other("Strange".into())]).of("AssumeRole"));
    assert_eq!(send(&sts, &demo, &GetCallerIdentity::new()).unwrap().metadata.attempts, 1);
    assert_eq!(refusal(&sts, &demo, &assume_role()), "400 Strange: LocalSts was told to fail here");
    output(&sts, &demo, &assume_role());
}

#[test]
fn a_wrong_clock_is_the_one_that_counts() {
    let demo = LocalSts::demo_credentials();
    for minutes in [20, -20] {
        let sts = LocalSts::demo().clock_offset(SignedDuration::minutes(minutes));
        let reply = send(&sts, &demo, &GetSessionToken::new()).unwrap();
        assert_eq!(reply.metadata.attempts, 2);
        let end = NOW + SignedDuration::hours(12) + SignedDuration::minutes(minutes);
        assert_eq!(reply.output.credentials.expiration, end);
    }
}

/// The signature is refused by the wrong clock, whose `Date` the client believes, and then by the right one.
#[test]
fn a_clock_may_be_wrong_for_a_moment() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    sts.fail(Fault::Clock(SignedDuration::minutes(20)));
    let reply = send(&sts, &demo, &GetCallerIdentity::new()).unwrap();
    assert_eq!(reply.metadata.attempts, 3);
}

#[test]
fn what_fails_for_ever_recovers_when_told_so() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    sts.fail(Script::every(1, [ErrorCode::AccessDenied]));
    sts.fail(Script::every(2, [ErrorCode::AccessDenied]).of("GetCallerIdentity"));
    for _ in 0..2 {
        assert_eq!(refusal(&sts, &demo, &GetCallerIdentity::new()), "403 AccessDenied: LocalSts was told to fail here");
    }
    sts.recover();
    for _ in 0..2 {
        assert_eq!(send(&sts, &demo, &GetCallerIdentity::new()).unwrap().metadata.attempts, 1);
    }
    sts.fail(ErrorCode::AccessDenied);
    refusal(&sts, &demo, &GetCallerIdentity::new());
}

/// No text about a time lacks it.
#[test]
fn no_clock_is_too_wrong() {
    let demo = LocalSts::demo_credentials();
    for (ahead, year) in [(SignedDuration::MIN, "0001"), (SignedDuration::MAX, "9998")] {
        let sts = LocalSts::demo().clock_offset(ahead);
        sts.fail(Script::every(1, [Fault::Clock(ahead)]));
        // Signed by the right clock, so that the answer tells both.
        let mut request =
            http::Request::get("http://127.0.0.1/?Action=GetCallerIdentity&Version=2011-06-15").body("").unwrap();
        sigv4::Signer::new(&demo, "us-east-1", "sts").sign(&mut request, &b""[..], NOW).unwrap();
        let answer = sts.handle(request, NOW);
        let text = String::from_utf8(answer.body().clone()).unwrap();
        let times: Vec<_> =
            text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.ends_with('Z')).collect();
        assert_eq!(times.iter().filter(|time| time.len() == 16).count(), 3, "{text}");
        assert!(times.iter().any(|time| time.starts_with(year)), "{text}");
        assert!(answer.headers()["date"].to_str().unwrap().contains(year), "{answer:?}");
    }
}

#[test]
fn invalid_settings_panic() {
    let message = |result: std::thread::Result<()>| *result.unwrap_err().downcast::<String>().unwrap();
    for account in ["", "abc", "12345678901", "1234567890123", "12345678901x"] {
        let message = message(std::panic::catch_unwind(|| drop(LocalSts::new(account))));
        assert_eq!(message, format!("invalid account {account:?}: expected twelve digits"));
    }
    for name in ["", "/x", "x/", "a//b", "a b", "ä", "arn:aws:iam::123456789012:role/demo"] {
        let message = message(std::panic::catch_unwind(|| drop(Role::new(name))));
        assert!(message.starts_with(&format!("invalid role {name:?}: expected a name")), "{message}");
    }
    for seconds in [0, 5, 3599, 43_201] {
        let message = message(std::panic::catch_unwind(|| drop(Role::new("x").max_session_duration(seconds))));
        assert_eq!(message, format!("invalid session duration {seconds} s: expected 3600 to 43200"));
    }
    let _ =
        Role::new("aws-service-role/x.amazonaws.com/A_b+=,.@-").max_session_duration(3600).max_session_duration(43_200);
}

/// There is no connection here that could be reset.
#[test]
fn without_a_connection_it_cannot_fail() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    sts.fail(Script::next([Fault::Reset, Fault::Truncated]));
    sts.fail(ErrorCode::AccessDenied);
    for _ in 0..2 {
        assert_eq!(send(&sts, &demo, &GetCallerIdentity::new()).unwrap().metadata.attempts, 1);
    }
    assert_eq!(refusal(&sts, &demo, &GetCallerIdentity::new()), "403 AccessDenied: LocalSts was told to fail here");
}

/// [Compare AWS STS credentials](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html), last column, and
/// the API reference of those that issue them.
#[test]
fn what_temporary_credentials_may_call() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    let role = output(&sts, &demo, &assume_role()).credentials.into();
    let session = output(&sts, &demo, &GetSessionToken::new()).credentials.into();
    let federated = output(&sts, &demo, &GetFederationToken::new("Bob")).credentials.into();
    let root = output(&sts, &demo, &assume_root()).credentials.into();
    let message = sts.authorization_message("{}");
    let refused = |credentials: &Credentials| {
        let whether = [
            send(&sts, credentials, &assume_role()).err(),
            send(&sts, credentials, &assume_root()).err(),
            send(&sts, credentials, &DecodeAuthorizationMessage::new(&*message)).err(),
            send(&sts, credentials, &GetAccessKeyInfo::new("ASIAQNZGKIQY56JQ7WML")).err(),
            send(&sts, credentials, &GetCallerIdentity::new()).err(),
            send(&sts, credentials, &GetDelegatedAccessToken::new(trade_in_token(1))).err(),
            send(&sts, credentials, &GetFederationToken::new("Bob")).err(),
            send(&sts, credentials, &GetScopedCredentials::new().policy("{}")).err(),
            send(&sts, credentials, &GetSessionToken::new()).err(),
            send(&sts, credentials, &web_identity_token()).err(),
        ];
        let errors = whether.into_iter().flatten().map(|error| match error {
            Error::Service(error)
                if matches!(error.code, ErrorCode::AccessDenied | ErrorCode::InvalidSubjectCredentials) =>
            {
                error.operation
            }
            other => panic!("{other}"),
        });
        errors.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(refused(&demo), "GetScopedCredentials");
    assert_eq!(refused(&role), "GetFederationToken GetSessionToken");
    assert_eq!(
        refused(&session),
        "AssumeRoot DecodeAuthorizationMessage GetAccessKeyInfo GetFederationToken GetSessionToken"
    );
    assert_eq!(
        refused(&federated),
        "AssumeRole AssumeRoot DecodeAuthorizationMessage GetAccessKeyInfo GetFederationToken GetSessionToken \
         GetWebIdentityToken"
    );
    assert_eq!(
        refused(&root),
        "AssumeRole AssumeRoot DecodeAuthorizationMessage GetAccessKeyInfo GetDelegatedAccessToken GetFederationToken \
         GetScopedCredentials GetSessionToken GetWebIdentityToken"
    );
    assert_eq!(
        refusal(&sts, &role, &GetFederationToken::new("Bob")),
        "403 AccessDenied: Cannot call GetFederationToken with session credentials"
    );
    assert_eq!(
        refusal(&sts, &federated, &assume_role()),
        "403 AccessDenied: User: arn:aws:sts::123456789012:federated-user/Bob is not authorized to perform: sts:AssumeRole"
    );
}

#[test]
fn a_source_identity_stays() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    let role = output(&sts, &demo, &assume_role().source_identity("zoe")).credentials.into();
    assert_eq!(output(&sts, &role, &assume_root()).source_identity.as_deref(), Some("zoe"));
}

#[test]
fn scoped_credentials_are_the_callers_and_no_more() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    let role = output(&sts, &demo, &assume_role().duration_seconds(900).source_identity("zoe")).credentials;
    let (end, role) = (role.expiration, Credentials::from(role));
    let whole =
        output(&sts, &role, &GetScopedCredentials::new().duration_seconds(900).minimum_session_token_size(4096));
    assert_eq!((whole.credentials.expiration, whole.scoped_policies_count), (end, Some(0)));
    assert_eq!((whole.session_token_size, whole.session_token_utilization), (Some(4096), Some(100)));
    let identity = output(&sts, &role, &GetCallerIdentity::new());
    let session = whole.session_info.unwrap();
    assert_eq!((&session.arn, &session.scoped_session_id), (&identity.arn, &identity.user_id));

    let mut last = role;
    for count in 1..=3 {
        let scoped = output(&sts, &last, &GetScopedCredentials::new().policy("{}"));
        assert_eq!((scoped.credentials.expiration, scoped.scoped_policies_count), (end, Some(count)));
        assert_eq!(scoped.source_identity.as_deref(), Some("zoe"));
        last = scoped.credentials.into();
    }
    assert_eq!(
        refusal(&sts, &last, &GetScopedCredentials::new().policy("{}")),
        "403 AccessDenied: User: arn:aws:sts::123456789012:assumed-role/demo/session is not authorized to perform: \
         sts:GetScopedCredentials"
    );
    let short = output(&sts, &last, &GetScopedCredentials::new().duration_seconds(1));
    assert_eq!((*short.credentials.expiration, short.scoped_policies_count), (NOW + SignedDuration::SECOND, Some(3)));
    let short = short.credentials.into();
    // They are limits of the session that asks, and the identity's no more than before.
    assert!(
        refusal(&sts, &short, &GetScopedCredentials::new().duration_seconds(2))
            .starts_with("400 InsufficientSessionLifetime")
    );
    assert!(refusal(&sts, &short, &GetSessionToken::new()).starts_with("403 AccessDenied"));
    assert_eq!(output(&sts, &short, &assume_role()).source_identity.as_deref(), Some("zoe"));
    for (operation, text) in [
        (
            GetScopedCredentials::new(),
            "ValidationError: 1 validation error detected: Value null at 'policy' failed to satisfy constraint: Member must not \
             be null when 'durationSeconds' is not given",
        ),
        (GetScopedCredentials::new().policy("{"), "MalformedPolicyDocument: This policy contains invalid Json"),
        (
            GetScopedCredentials::new().duration_seconds(1).scoped_session_description("x"),
            "ValidationError: 1 validation error detected: Value 'x' at 'scopedSessionDescription' failed to satisfy constraint: \
             Member must have length greater than or equal to 2",
        ),
    ] {
        assert_eq!(refusal(&sts, &short, &operation), format!("400 {text}"));
    }
}

#[test]
fn saml_responses() {
    let (demo, whole) = (LocalSts::demo_credentials(), saml());
    let sts = LocalSts::demo().role(Role::new("mine").trust(PROVIDER)).role(Role::new("theirs").trust(DEMO_ROLE_ARN));
    let start = whole.find("<Assertion>").unwrap();
    let end = whole.find("</samlp:Response>").unwrap();
    output(&sts, &demo, &with_saml(&whole[start..end]));
    let (mine, theirs) = (DEMO_ROLE_ARN.replace("demo", "mine"), DEMO_ROLE_ARN.replace("demo", "theirs"));
    let named = |role: &str| {
        BASE64_STANDARD.encode(whole.replace(&format!("{DEMO_ROLE_ARN},{PROVIDER}"), &format!("{PROVIDER},{role}")))
    };
    output(&sts, &demo, &AssumeRoleWithSaml::new(&*mine, PROVIDER, named(&mine)));

    let denied = "403 AccessDenied: Not authorized to perform sts:AssumeRoleWithSAML";
    assert_eq!(refusal(&sts, &demo, &AssumeRoleWithSaml::new(&*mine, PROVIDER, named(&theirs))), denied);
    assert_eq!(refusal(&sts, &demo, &AssumeRoleWithSaml::new(&*theirs, PROVIDER, named(&theirs))), denied);
    let other = PROVIDER.replace("idp", "other");
    assert_eq!(refusal(&sts, &demo, &AssumeRoleWithSaml::new(&*mine, other, named(&mine))), denied);

    let invalid = "400 InvalidIdentityToken: Your request included an invalid SAML response";
    let deep = "<a>".repeat(1000);
    for broken in ["<Response>", "<!DOCTYPE a><Response/>", "<Response a/>", "<a>&b;</a>", "<a></b>", "no XML <", &deep]
    {
        assert_eq!(refusal(&sts, &demo, &with_saml(broken)), invalid, "{broken}");
    }
    assert_eq!(refusal(&sts, &demo, &AssumeRoleWithSaml::new(DEMO_ROLE_ARN, PROVIDER, "<Response/>")), invalid);
    for (from, to, text) in [
        ("zoe@example.com", "z", "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"),
        ("RoleSessionName", "Else", "RoleSessionName is required in AuthnResponse"),
        ("Recipient", "Else", "Recipient is required in AuthnResponse"),
        ("NameID", "Else", "NameID is required in AuthnResponse"),
        ("Issuer", "Else", "Issuer is required in AuthnResponse"),
        ("NotOnOrAfter", "Else", "NotOnOrAfter is required in AuthnResponse"),
        ("2026-11-23T04:00:00Z", "soon", "NotOnOrAfter in AuthnResponse is not a time"),
    ] {
        let seen = refusal(&sts, &demo, &with_saml(&whole.replace(from, to)));
        assert_eq!(seen, format!("400 InvalidIdentityToken: {text}"));
    }
    for end in ["2026-11-23T03:05:00.000Z", "2026-11-23T04:00:00Z"] {
        assert_eq!(
            refusal(&sts, &demo, &with_saml(&whole.replace(end, "2026-11-23T03:00:00Z"))),
            "400 ExpiredTokenException: Token must be redeemed within 5 minutes of issuance"
        );
    }
}

#[test]
fn refused_members() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    let twice = [Tag::new("a", ""), Tag::new("A", "")];
    let duplicate =
        "400 InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    assert_eq!(refusal(&sts, &demo, &GetFederationToken::new("Bob").tags(twice.clone())), duplicate);
    assert_eq!(refusal(&sts, &demo, &web_identity_token().tags(twice)), duplicate);
    assert_eq!(
        refusal(&sts, &demo, &GetWebIdentityToken::new(["a"], "HS256")),
        "400 ValidationError: HS256 is not one of RS256, ES384"
    );
    let root = |target, policy| refusal(&sts, &demo, &AssumeRoot::new(target, PolicyDescriptor::new(policy)));
    assert_eq!(root("arn:aws:iam::1234:root", AUDIT), "400 ValidationError: arn:aws:iam::1234:root is invalid");
    assert_eq!(root(ACCOUNT, READ_ONLY), format!("400 ValidationError: {READ_ONLY} is not a task policy"));
    assert_eq!(
        refusal(&sts, &demo, &GetAccessKeyInfo::new("AKIAUNKNOWNUNKNOWN")),
        "400 ValidationError: No account is known for the key AKIAUNKNOWNUNKNOWN"
    );
    let trade_in = |claims| refusal(&sts, &demo, &GetDelegatedAccessToken::new(jwt(&claims)));
    let invalid = "400 ValidationError: The trade-in token is invalid";
    assert_eq!(trade_in(json!({ "sub": DEMO_ROLE_ARN })), invalid);
    assert_eq!(refusal(&sts, &demo, &GetDelegatedAccessToken::new("opaque")), invalid);
    let none = DEMO_ROLE_ARN.replace("demo", "none");
    assert_eq!(
        trade_in(json!({ "sub": none, "exp": NOW.unix_timestamp() + 1 })),
        format!(
            "403 AccessDenied: User: arn:aws:iam::{ACCOUNT}:user/demo is not authorized to perform: sts:GetDelegatedAccessToken on resource: {none}"
        )
    );
}
