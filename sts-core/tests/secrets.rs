// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! No secret in any `Debug`, `Display` or error text of a public type.

use std::{error::Error as _, fmt::Debug, time::Duration};

use http::{Request, Response};
use sts_core::{
    sigv4::{KeyCache, Signer, Verifier},
    *,
};
use time::{UtcDateTime, macros::utc_datetime};

const NOW: UtcDateTime = utc_datetime!(2026-11-23 03:00:00);
const ROLE: &str = "arn:aws:iam::123456789012:role/demo";

const SECRET_KEY: &str = "SECRETKEY/K7MDENG+bPxRfiCYEXAMPLEKEYXYZ0";
const SESSION_TOKEN: &str = "SESSIONTOKEN/FwoGZXIvYXdzEXAMPLE==";
const WEB_TOKEN: &str = "WEBTOKEN.eyJpc3MiOiJodHRwczovL2V4YW1wbGUifQ.c2ln";
const ASSERTION: &str = "SAMLASSERTION+PHNhbWw6QXNzZXJ0aW9uPg==";
const TRADE_IN: &str = "TRADEINTOKEN+abcdef";
const CODE: &str = "918273";
const ISSUED_KEY: &str = "ISSUEDKEY/wJalrXUtnFEMIEXAMPLE";
const ISSUED_TOKEN: &str = "ISSUEDTOKEN//AQoDYXdzEPT==";
/// Whom a session acts for.
const PERSON: &str = "PERSON-zoe@example.com";
const PASSWORD: &str = "PASSWORD-hunter2";

/// As they are, and as a form or URL writes them.
fn secrets() -> Vec<String> {
    let plain =
        [SECRET_KEY, SESSION_TOKEN, WEB_TOKEN, ASSERTION, TRADE_IN, CODE, ISSUED_KEY, ISSUED_TOKEN, PERSON, PASSWORD];
    plain
        .iter()
        .flat_map(|secret| [(*secret).to_owned(), secret.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D")])
        .collect()
}

#[track_caller]
fn assert_hidden(text: &str) {
    for secret in secrets() {
        assert!(!text.contains(&secret), "{secret} shows in {text}");
        // A `Debug` of bytes, [83, 69, …], would hide nothing.
        let bytes = format!("{:?}", secret.as_bytes());
        assert!(!text.contains(bytes.trim_matches(['[', ']'])), "{secret} shows as bytes in {text}");
    }
}

#[track_caller]
fn hides(value: &impl Debug) {
    assert_hidden(&format!("{value:?}"));
    assert_hidden(&format!("{value:#?}"));
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", SECRET_KEY).session_token(SESSION_TOKEN)
}

fn config() -> Config {
    Config::builder().region("us-east-1").build().unwrap()
}

fn web_identity() -> AssumeRoleWithWebIdentity<'static> {
    AssumeRoleWithWebIdentity::new(ROLE, "name", WEB_TOKEN)
}

#[test]
fn what_is_looked_for_is_found() {
    let text = format!("{:?}", Some(SESSION_TOKEN));
    assert!(secrets().iter().any(|secret| text.contains(secret)));
    assert!(std::panic::catch_unwind(|| hides(&SESSION_TOKEN.as_bytes())).is_err());
    assert!(std::panic::catch_unwind(|| hides(&"SESSIONTOKEN%2FFwoGZXIvYXdzEXAMPLE%3D%3D")).is_err());
}

#[test]
fn credentials_show_the_key_id_alone() {
    hides(&Secret::from(SECRET_KEY));
    hides(&credentials());
    assert!(format!("{:?}", credentials()).contains("AKIDEXAMPLE"));
    let variable = |name: &str| match name {
        "AWS_ACCESS_KEY_ID" => None,
        "AWS_SECRET_ACCESS_KEY" => Some(SECRET_KEY.to_owned()),
        _ => Some(SESSION_TOKEN.to_owned()),
    };
    let error = Credentials::from_env(variable).unwrap_err();
    hides(&error);
    assert_hidden(&error.to_string());
}

#[test]
fn inputs_and_their_bodies_show_no_secret() {
    fn check<O: Operation + Debug>(operation: &O) {
        hides(operation);
        let body = operation.to_body().unwrap();
        assert!(!body.expose().is_empty());
        hides(&body);
    }
    check(&web_identity());
    check(&AssumeRole::new(ROLE, "name").serial_number("123456789").token_code(CODE));
    check(&GetSessionToken::new().serial_number("123456789").token_code(CODE));
    check(&AssumeRoleWithSaml::new(ROLE, "arn:aws:iam::123456789012:saml-provider/p", ASSERTION));
    check(&GetDelegatedAccessToken::new(TRADE_IN));
}

#[test]
fn refused_inputs_are_named_but_not_shown() {
    #[track_caller]
    fn check<O: Operation>(operation: &O, member: &str) {
        let error = operation.to_body().map(drop).unwrap_err();
        hides(&error);
        assert_hidden(&error.to_string());
        assert!(error.to_string().contains(&format!("Value at '{member}' failed")), "{error}");
        let client = Client::new(config(), 1);
        let Step::Done(Err(error)) = client.call(operation, None, NOW) else { panic!("sent") };
        assert!(matches!(error, Error::Input { .. }));
        hides(&error);
        assert_hidden(&error.to_string());
    }
    let long = WEB_TOKEN.repeat(1000);
    check(&AssumeRoleWithWebIdentity::new(ROLE, "name", &*long), "webIdentityToken");
    let twice = format!("{CODE}{CODE}");
    check(&AssumeRole::new(ROLE, "name").serial_number("123456789").token_code(&*twice), "tokenCode");
    check(&GetSessionToken::new().serial_number("123456789").token_code(&*twice), "tokenCode");
    let long = ASSERTION.repeat(10_000);
    check(&AssumeRoleWithSaml::new(ROLE, "arn:aws:iam::123456789012:saml-provider/p", &*long), "sAMLAssertion");
}

#[test]
fn an_endpoints_password_is_not_repeated() {
    for url in [
        format!("https://user:{PASSWORD}@example.com"),
        format!("https://{PASSWORD}@example.com:x"),
        format!("ftp://u:{PASSWORD}@example.com/a@b"),
    ] {
        let builder = Config::builder().region("us-east-1").endpoint_url(url.clone());
        let error = builder.build().unwrap_err();
        hides(&error);
        assert_hidden(&error.to_string());
    }
}

/// Every step of a call, with a token in the body and with a token in the headers.
#[test]
fn steps_requests_and_what_a_client_has_learned() {
    let (client, credentials) = (Client::new(config(), 1), credentials());
    hides(client.config());
    let step = client.call(&web_identity(), None, NOW);
    hides(&step);
    let step = client.call(&GetCallerIdentity::new(), Some(&credentials), NOW);
    hides(&step);
    let Step::Transmit(transmit, call) = step else { panic!("nothing to send") };
    assert!(transmit.request.headers().contains_key("x-amz-security-token"));
    hides(&transmit);
    hides(&transmit.request);
    hides(&call);
    let step = call.receive(Ok(Response::builder().status(500).body("").unwrap()), NOW);
    assert!(matches!(step, Step::Wait(..)));
    hides(&step);
    let Step::Wait(_, call) = step else { panic!("no retry") };
    hides(&call);
    // The signing key of the day is in there now.
    hides(&client);
}

const ISSUED: &str = "<Credentials><AccessKeyId>ASIA</AccessKeyId>\
    <SecretAccessKey>ISSUEDKEY/wJalrXUtnFEMIEXAMPLE</SecretAccessKey>\
    <SessionToken>ISSUEDTOKEN//AQoDYXdzEPT==</SessionToken><Expiration>2026-11-23T04:00:00Z</Expiration></Credentials>";

fn receive<O: Operation>(operation: &O, status: u16, body: &str) -> Result<Reply<O::Output>, Error> {
    let (client, credentials) = (Client::new(config(), 1), credentials());
    let Step::Transmit(_, call) = client.call(operation, Some(&credentials), NOW) else { panic!("nothing to send") };
    match call.receive(Ok(Response::builder().status(status).body(body).unwrap()), NOW) {
        Step::Done(result) => result,
        Step::Transmit(..) | Step::Wait(..) => panic!("there is one attempt"),
    }
}

#[test]
fn outputs_show_no_secret() {
    fn xml(operation: &str, rest: &str) -> String {
        format!("<{operation}Response><{operation}Result>{ISSUED}{rest}</{operation}Result></{operation}Response>")
    }
    let user = "<AssumedRoleUser><AssumedRoleId>AROA:n</AssumedRoleId><Arn>arn</Arn></AssumedRoleUser>";
    let reply = receive(&AssumeRole::new(ROLE, "name"), 200, &xml("AssumeRole", user)).unwrap();
    hides(&reply);
    assert_eq!(reply.output.credentials.secret_access_key.expose(), ISSUED_KEY);
    assert_eq!(reply.output.credentials.session_token.expose(), ISSUED_TOKEN);
    hides(&Credentials::from(reply.output.credentials));
    let context = format!(
        "{user}<TrustedIdentityPropagationContext><OriginIdentity><Subject>{PERSON}</Subject><SubjectType>{PERSON}</SubjectType>\
         <Issuer>{PERSON}</Issuer><FederatedProviderArn>{PERSON}</FederatedProviderArn></OriginIdentity><TransactionContext>\
         <IdentityProvider><entry><key>{PERSON}</key><value>{PERSON}</value></entry></IdentityProvider></TransactionContext>\
         </TrustedIdentityPropagationContext>"
    );
    let reply = receive(&web_identity(), 200, &xml("AssumeRoleWithWebIdentity", &context)).unwrap();
    hides(&reply);
    let context = reply.output.trusted_identity_propagation_context.unwrap();
    let origin = context.origin_identity.unwrap();
    assert_eq!(origin.federated_provider_arn.as_deref(), Some(PERSON));
    for secret in [origin.subject, origin.subject_type, origin.issuer] {
        hides(&secret);
        assert_eq!(secret.unwrap().expose(), PERSON);
    }
    let claims = context.transaction_context.unwrap().identity_provider.unwrap();
    assert_eq!(claims[PERSON].expose(), PERSON);
    hides(&claims.into_values().collect::<Vec<_>>());
    hides(&receive(&GetSessionToken::new(), 200, &xml("GetSessionToken", "")).unwrap());
    hides(&receive(&GetScopedCredentials::new().policy("{}"), 200, &xml("GetScopedCredentials", "")).unwrap());
    hides(&receive(&GetDelegatedAccessToken::new(TRADE_IN), 200, &xml("GetDelegatedAccessToken", "")).unwrap());
    let token = format!(
        "<GetWebIdentityTokenResponse><GetWebIdentityTokenResult><WebIdentityToken>{WEB_TOKEN}</WebIdentityToken>\
         <Expiration>2026-11-23T04:00:00Z</Expiration></GetWebIdentityTokenResult></GetWebIdentityTokenResponse>"
    );
    let reply = receive(&GetWebIdentityToken::new(["https://example.com"], "ES384"), 200, &token).unwrap();
    assert_eq!(reply.output.web_identity_token.expose(), WEB_TOKEN);
    hides(&reply);
}

/// A success that cannot be read holds credentials all the same.
#[test]
fn unreadable_successes_show_no_secret() {
    let whole = format!("<GetSessionTokenResponse><GetSessionTokenResult>{ISSUED}");
    for body in [
        whole.clone(),
        whole.replace("<Expiration>", &format!("<SessionToken>{ISSUED_TOKEN}</SessionToken>&{ISSUED_KEY};")),
        whole.replace("GetSessionToken", "Another") + "</AnotherResult></AnotherResponse>",
        format!("{ISSUED_KEY} {ISSUED_TOKEN}"),
        format!(r#"{{"SecretAccessKey":"{ISSUED_KEY}","SessionToken":"{ISSUED_TOKEN}"}}"#),
    ] {
        let error = receive(&GetSessionToken::new(), 200, &body).unwrap_err();
        hides(&error);
        assert_hidden(&error.to_string());
    }
}

#[test]
fn errors_show_no_secret() {
    let xml = "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>no</Message></Error></ErrorResponse>";
    for (status, body) in [(400, xml), (403, "<html/>"), (302, "")] {
        for error in [
            receive(&web_identity(), status, body).unwrap_err(),
            receive(&GetSessionToken::new(), status, body).unwrap_err(),
        ] {
            hides(&error);
            assert_hidden(&error.to_string());
        }
    }
    let (client, credentials) = (Client::new(config(), 1), credentials());
    let step = client.call(&GetCallerIdentity::new(), Some(&credentials), NOW);
    let Step::Transmit(_, call) = step else { panic!("nothing to send") };
    let broken = TransportError::new(TransportErrorKind::Permanent, std::io::Error::other("broken"));
    let Step::Done(Err(error)) = call.receive(Err::<Response<&[u8]>, _>(broken), NOW) else { panic!("not final") };
    hides(&error);
    assert_hidden(&format!("{error} {:?}", error.source()));
}

#[test]
fn the_signer_shows_no_secret() {
    let (credentials, cache) = (credentials(), KeyCache::new());
    let signer = Signer::new(&credentials, "us-east-1", "sts").key_cache(&cache);
    hides(&signer);
    let mut request = Request::post("https://sts.amazonaws.com/").body(()).unwrap();
    signer.sign(&mut request, b"", NOW).unwrap();
    hides(&cache);
    hides(&request);
    let bad = Credentials::new("AKIDEXAMPLE", SECRET_KEY).session_token(format!("{SESSION_TOKEN}\n"));
    let signer = Signer::new(&bad, "us-east-1", "sts");
    let error = signer.sign(&mut request, b"", NOW).unwrap_err();
    assert_hidden(&format!("{error} {error:?}"));
    let error = signer.presign(&request, b"", Duration::from_secs(60), utc_datetime!(-0001-01-01 00:00)).unwrap_err();
    assert_hidden(&format!("{error} {error:?}"));
}

#[test]
fn the_verifier_shows_no_secret() {
    let known = credentials();
    let mut request = Request::post("https://sts.amazonaws.com/").body(Vec::new()).unwrap();
    Signer::new(&known, "us-east-1", "sts").sign(&mut request, b"", NOW).unwrap();
    let verify = |request: &Request<Vec<u8>>, now, known: Credentials| {
        Verifier::new("sts").verify(request, now, |_| Some(known))
    };
    hides(&verify(&request, NOW, known.clone()).unwrap());
    let foreign = Credentials::new("AKIDEXAMPLE", SECRET_KEY).session_token(ISSUED_TOKEN);
    let expired = known.clone().expiration(NOW);
    let mut wrong = known.clone();
    wrong.secret_access_key = ISSUED_KEY.into();
    for (now, known) in [(NOW + Duration::from_secs(3600), known), (NOW, foreign), (NOW, expired), (NOW, wrong)] {
        let error = verify(&request, now, known).unwrap_err();
        hides(&error);
        assert_hidden(&error.to_string());
    }
}
