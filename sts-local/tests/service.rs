//! Requests and what becomes of them, as `status code: message` or as members of the result.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{Request, Response};
use proptest::prelude::*;
use sts_core::{Credentials, sigv4::Signer, xml::Document};
use sts_local::{DEMO_ROLE_ARN, LocalSts, Role};
use time::{Duration, UtcDateTime, macros::utc_datetime};

const NOW: UtcDateTime = utc_datetime!(2026-11-23 03:00:00.5);
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

fn request(parameters: &str) -> Request<Vec<u8>> {
    let body = format!("Version=2011-06-15&{parameters}").into_bytes();
    Request::post("http://127.0.0.1:9/").header("content-type", FORM).body(body).unwrap()
}

fn signed(parameters: &str, credentials: &Credentials, time: UtcDateTime) -> Request<Vec<u8>> {
    let mut request = request(parameters);
    let body = request.body().clone();
    Signer::new(credentials, "eu-central-1", "sts").sign(&mut request, &body[..], time).unwrap();
    request
}

fn call(sts: &LocalSts, credentials: &Credentials, parameters: &str) -> String {
    show(&sts.handle(signed(parameters, credentials, NOW), NOW))
}

/// The leaf elements of a result without credentials, or an error.
fn show(response: &Response<Vec<u8>>) -> String {
    assert_eq!(response.headers()["date"], "Mon, 23 Nov 2026 03:00:00 GMT");
    let status = response.status().as_u16();
    if status == 302 {
        assert_eq!(response.body(), b"");
        return "302".into();
    }
    assert_eq!(response.headers()["content-type"], "text/xml");
    let text = str::from_utf8(response.body()).unwrap();
    let first = text.lines().next().unwrap();
    assert!(first.ends_with("Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"), "{first}");
    let document = Document::parse(text.as_bytes()).unwrap();
    let root = document.root();
    let id = |parent: sts_core::xml::Element<'_, '_>| parent.get::<String>("RequestId").unwrap();
    if let Some(error) = root.child("Error") {
        assert_eq!(id(root), response.headers()["x-amzn-requestid"]);
        assert_eq!(error.get::<String>("Type").unwrap(), "Sender");
        return format!("{status} {}: {}", error.child("Code").unwrap().text(), error.child("Message").unwrap().text());
    }
    assert_eq!(id(root.child("ResponseMetadata").unwrap()), response.headers()["x-amzn-requestid"]);
    let result = root.children().next().unwrap();
    let members = result.children().flat_map(|member| {
        let children: Vec<_> = member.children().collect();
        if children.is_empty() { vec![member] } else { children }
    });
    let hidden = ["AccessKeyId", "SecretAccessKey", "SessionToken"];
    let shown = members.filter(|member| !hidden.contains(&member.name()));
    shown.map(|member| format!("{}={}", member.name(), member.text())).collect::<Vec<_>>().join(" ")
}

fn credentials(response: &Response<Vec<u8>>) -> Credentials {
    let document = Document::parse(response.body()).unwrap();
    let found = document.root().children().next().unwrap().child("Credentials").unwrap();
    let text = |name| found.get::<String>(name).unwrap();
    Credentials::new(text("AccessKeyId"), text("SecretAccessKey")).session_token(text("SessionToken"))
}

fn issue(sts: &LocalSts, by: &Credentials, parameters: &str) -> Credentials {
    credentials(&sts.handle(signed(parameters, by, NOW), NOW))
}

fn assume(role: &str, more: &str) -> String {
    format!("Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/{role}&RoleSessionName=session{more}")
}

#[test]
fn results() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    let identity = call(&sts, &demo, "Action=GetCallerIdentity");
    assert!(identity.starts_with("Arn=arn:aws:iam::123456789012:user/demo UserId=AIDA"), "{identity}");
    assert!(identity.ends_with(" Account=123456789012"), "{identity}");
    assert_eq!(
        call(&sts, &demo, "Action=GetSessionToken&SerialNumber=arn:aws:iam::123456789012:mfa/demo&TokenCode=123456"),
        "Expiration=2026-11-23T15:00:00Z SessionTokenUtilization=20 SessionTokenSize=816"
    );
    assert_eq!(
        call(&sts, &demo, "Action=GetSessionToken&DurationSeconds=129600&MinimumSessionTokenSize=4095"),
        "Expiration=2026-11-24T15:00:00Z SessionTokenUtilization=100 SessionTokenSize=4096"
    );
    let with = "&Policy=%7b%22Version%22:+%222012-10-17%22%7D&PolicyArns.member.1.arn=arn:aws:iam::aws:policy/ReadOnlyAccess\
                &DurationSeconds=900&Tags.member.1.Key=Project&Tags.member.1.Value=a%3Db&TransitiveTagKeys.member.1=project\
                &ExternalId=x1&SourceIdentity=alice&ProvidedContexts.member.1.ProviderArn=arn:aws:iam::aws:contextProvider/IdentityCenter\
                &ProvidedContexts.member.1.ContextAssertion=eyJhbGci";
    let assumed = call(&sts, &demo, &assume("demo", with));
    assert!(assumed.starts_with("AssumedRoleId=AROA"), "{assumed}");
    assert!(
        assumed.ends_with(
            ":session Arn=arn:aws:sts::123456789012:assumed-role/demo/session Expiration=2026-11-23T03:15:00Z \
             SessionTokenUtilization=20 SessionTokenSize=816 PackedPolicySize=2 SourceIdentity=alice"
        ),
        "{assumed}"
    );
}

#[test]
fn credentials_look_like_real_ones() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    let response = sts.handle(signed(&assume("demo", ""), &demo, NOW), NOW);
    let issued = credentials(&response);
    assert!(issued.access_key_id.starts_with("ASIA") && issued.access_key_id.len() == 20);
    assert_eq!(issued.secret_access_key.expose().len(), 40);
    assert_eq!(issued.session_token.as_ref().unwrap().expose().len(), 816);
    let id = response.headers()["x-amzn-requestid"].to_str().unwrap();
    assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert_ne!(issued.access_key_id, issue(&sts, &demo, &assume("demo", "")).access_key_id);

    let again = LocalSts::demo().handle(signed(&assume("demo", ""), &demo, NOW), NOW);
    assert_eq!(again.body(), response.body());
    let other = LocalSts::demo().seed(1).handle(signed(&assume("demo", ""), &demo, NOW), NOW);
    assert_ne!(credentials(&other).secret_access_key.expose(), issued.secret_access_key.expose());
}

/// Nothing is stored, so that another instance with the same seed accepts a session, and one with another seed does not.
#[test]
fn a_token_carries_its_session() {
    let issued = issue(&LocalSts::demo(), &LocalSts::demo_credentials(), &assume("demo", ""));
    let identity = call(&LocalSts::demo(), &issued, "Action=GetCallerIdentity");
    assert!(identity.starts_with("Arn=arn:aws:sts::123456789012:assumed-role/demo/session UserId=AROA"), "{identity}");
    let unknown = "403 InvalidClientTokenId: The security token included in the request is invalid.";
    assert_eq!(call(&LocalSts::demo().seed(1), &issued, "Action=GetCallerIdentity"), unknown);
    let token = issued.session_token.as_ref().unwrap().expose();
    for end in [0, 15, 16, 20, 60, 100, 815] {
        let mut cut = issued.clone();
        cut.session_token = Some(token[..end].into());
        assert_eq!(call(&LocalSts::demo(), &cut, "Action=GetCallerIdentity"), unknown, "cut after {end}");
    }
}

/// A long name makes a token longer than usual.
#[test]
fn a_token_holds_what_it_must() {
    let name = "r".repeat(1000);
    let sts = LocalSts::demo().role(Role::new(&*name));
    let issued = issue(&sts, &LocalSts::demo_credentials(), &assume(&name, ""));
    let size = issued.session_token.as_ref().unwrap().expose().len();
    assert!(size > 2000 && size.is_multiple_of(4), "{size}");
    assert!(call(&sts, &issued, "Action=GetCallerIdentity").starts_with("Arn="));
}

#[test]
fn a_chain_of_roles() {
    let sts = LocalSts::demo()
        .role(Role::new("path/next").trust("arn:aws:iam::123456789012:role/demo"))
        .role(Role::new("users").trust("arn:aws:iam::123456789012:user/demo"));
    let demo = LocalSts::demo_credentials();
    let first = issue(&sts, &demo, &assume("demo", "&SourceIdentity=alice"));
    let second = issue(&sts, &first, &assume("path/next", ""));
    let identity = call(&sts, &second, "Action=GetCallerIdentity");
    assert!(identity.starts_with("Arn=arn:aws:sts::123456789012:assumed-role/next/session UserId=AROA"), "{identity}");
    assert!(identity.ends_with(":session Account=123456789012"), "{identity}");

    let third = call(&sts, &second, &assume("demo", "&DurationSeconds=3600"));
    assert!(third.ends_with(" SourceIdentity=alice"), "{third}");
    let denied = |action, role| {
        format!(
            "403 AccessDenied: User: arn:aws:sts::123456789012:assumed-role/next/session is not authorized to perform: \
             {action} on resource: arn:aws:iam::123456789012:role/{role}"
        )
    };
    assert_eq!(call(&sts, &second, &assume("users", "")), denied("sts:AssumeRole", "users"));
    assert_eq!(call(&sts, &second, &assume("demo", "&SourceIdentity=bob")), denied("sts:SetSourceIdentity", "demo"));
    assert_eq!(
        call(&sts, &second, &assume("demo", "&DurationSeconds=3601")),
        "400 ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
    );
    assert_eq!(
        call(&sts, &second, "Action=GetSessionToken"),
        "403 AccessDenied: Cannot call GetSessionToken with session credentials"
    );
    // The session of a user is that user, and assumes a role for longer than an hour.
    let session = issue(&sts, &demo, "Action=GetSessionToken");
    assert_eq!(call(&sts, &session, "Action=GetCallerIdentity"), call(&sts, &demo, "Action=GetCallerIdentity"));
    let long = call(&sts, &session, &assume("users", "&DurationSeconds=43200"));
    assert!(long.contains(" Expiration=2026-11-23T15:00:00Z "), "{long}");
}

#[test]
fn refused_members() {
    let sts = LocalSts::demo()
        .role(Role::new("external").external_id("s3cret"))
        .role(Role::new("short").max_session_duration(3600));
    let demo = LocalSts::demo_credentials();
    let constraint = "failed to satisfy constraint: Member must";
    let validation = |text: &str| format!("400 ValidationError: {}", text.replace('#', constraint));
    let denied = |role| {
        format!(
            "403 AccessDenied: User: arn:aws:iam::123456789012:user/demo is not authorized to perform: sts:AssumeRole \
             on resource: arn:aws:iam::123456789012:role/{role}"
        )
    };
    let mfa = |text| format!("403 AccessDenied: MultiFactorAuthentication failed{text}");
    let long_policy = format!("&Policy=%7B%22Sid%22:%22{}%22%7D", "a".repeat(4100));
    let cases = [
        (
            "Action=AssumeRole".to_owned(),
            validation(
                "2 validation errors detected: Value null at 'roleArn' # not be null; Value null at 'roleSessionName' # not be null",
            ),
        ),
        (
            "Action=AssumeRole&RoleSessionName=x&DurationSeconds=1".into(),
            validation(
                "3 validation errors detected: Value null at 'roleArn' # not be null; Value 'x' at 'roleSessionName' # have length \
                 greater than or equal to 2; Value '1' at 'durationSeconds' # have value greater than or equal to 900",
            ),
        ),
        (
            assume("demo", "&Tags.member.1.Key=&Tags.member.1.Value="),
            validation(
                "1 validation error detected: Value '' at 'tags.1.member.key' # have length greater than or equal to 1",
            ),
        ),
        (
            "Action=GetSessionToken&DurationSeconds=899".into(),
            validation(
                "1 validation error detected: Value '899' at 'durationSeconds' # have value greater than or equal to 900",
            ),
        ),
        (assume("demo", "&DurationSeconds=1h"), "400 MalformedInput: DurationSeconds is not a number".into()),
        (assume("demo", "&Policy=%FF"), "400 MalformedInput: The request is not UTF-8".into()),
        (
            assume("demo", "&SerialNumber=GAHT12345678"),
            mfa(", must provide both MFA serial number and one time pass code."),
        ),
        (
            "Action=GetSessionToken&TokenCode=123456".into(),
            mfa(", must provide both MFA serial number and one time pass code."),
        ),
        (assume("demo", "&SerialNumber=GAHT12345678&TokenCode=000000"), mfa(" with invalid MFA one time pass code.")),
        (
            assume("demo", "&Tags.member.1.Key=A&Tags.member.1.Value=1&Tags.member.2.Key=a&Tags.member.2.Value=1"),
            "400 InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case insensitive."
                .into(),
        ),
        (
            assume("demo", "&Tags=&TransitiveTagKeys.member.1=a"),
            "400 InvalidParameterValue: The specified transitive tag key must be included in the requested tags."
                .into(),
        ),
        (assume("demo", "&Policy=%7B%5D"), "400 MalformedPolicyDocument: This policy contains invalid Json".into()),
        (
            assume("demo", &long_policy),
            "400 PackedPolicyTooLarge: Packed policy consumes 101% of allotted space, please use smaller policy."
                .into(),
        ),
        (
            "Action=AssumeRole&RoleArn=this-is-not-an-arn-at-all&RoleSessionName=session".into(),
            validation("this-is-not-an-arn-at-all is invalid"),
        ),
        (
            "Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:user/demo&RoleSessionName=session".into(),
            validation("Request ARN is invalid"),
        ),
        (assume("none", ""), denied("none")),
        (assume("external", ""), denied("external")),
        (assume("external", "&ExternalId=other"), denied("external")),
        (
            assume("short", "&DurationSeconds=3601"),
            validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
        ),
    ];
    for (parameters, expected) in cases {
        assert_eq!(call(&sts, &demo, &parameters), expected, "{parameters}");
    }
    let admitted = call(&sts, &demo, &assume("external", "&ExternalId=s3cret"));
    assert!(admitted.contains("assumed-role/external/session"), "{admitted}");
}

#[test]
fn refused_signatures() {
    let (sts, demo) = (LocalSts::demo(), LocalSts::demo_credentials());
    let [one, other] = [(); 2].map(|()| issue(&sts, &demo, &assume("demo", "&DurationSeconds=900")));
    let invalid = "403 InvalidClientTokenId: The security token included in the request is invalid.";
    let whoami = "Action=GetCallerIdentity";

    assert_eq!(
        show(&sts.handle(request(whoami), NOW)),
        "403 MissingAuthenticationToken: Request is missing Authentication Token"
    );
    assert_eq!(call(&sts, &Credentials::new("AKIAUNKNOWN", "secret"), whoami), invalid);
    let mut damaged = one.clone();
    damaged.session_token = None;
    assert_eq!(call(&sts, &damaged, whoami), invalid);
    damaged.session_token = other.session_token;
    assert_eq!(call(&sts, &damaged, whoami), invalid);
    assert_eq!(call(&sts, &demo.clone().session_token("made up"), whoami), invalid);
    assert_eq!(
        call(&sts, &Credentials::new(demo.access_key_id.clone(), "wrong"), whoami),
        "403 SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your \
         AWS Secret Access Key and signing method. Consult the service documentation for details."
    );
    let early = NOW - Duration::seconds(901);
    assert_eq!(
        show(&sts.handle(signed(whoami, &demo, early), NOW)),
        "403 SignatureDoesNotMatch: Signature expired: 20261123T024459Z is now earlier than 20261123T024500Z (20261123T030000Z - 15 min.)"
    );
    // The credentials end at a whole second; `NOW` is half a second after one.
    for (age, expired) in [(899, false), (900, true)] {
        let then = NOW + Duration::seconds(age);
        let response = sts.handle(signed(whoami, &one, then), then);
        let text = str::from_utf8(response.body()).unwrap();
        assert_eq!(response.status().as_u16(), if expired { 403 } else { 200 }, "{text}");
        assert_eq!(text.contains("<Code>ExpiredToken</Code>"), expired, "{text}");
        assert_eq!(text.contains("The security token included in the request is expired"), expired, "{text}");
    }
}

#[test]
fn actions_and_versions() {
    let sts = LocalSts::demo();
    let post = |body: &str, media: &str| {
        show(&sts.handle(Request::post("/").header("content-type", media).body(body.to_owned()).unwrap(), NOW))
    };
    let unknown =
        |action, version| format!("400 InvalidAction: Could not find operation {action} for version {version}");
    assert_eq!(post("Version=2011-06-15", FORM), "302");
    assert_eq!(post("Action=GetCallerIdentity&Version=2011-06-15", "text/plain"), "302");
    assert_eq!(show(&sts.handle(Request::post("/").body("Action=GetCallerIdentity").unwrap(), NOW)), "302");
    assert_eq!(post("Action=Get%3CBoo%3E%26%00&Version=2011-06-15", FORM), unknown("Get<Boo>&\u{fffd}", "2011-06-15"));
    assert_eq!(post("Action=GetCallerIdentity&Version=2010-05-08", FORM), unknown("GetCallerIdentity", "2010-05-08"));
    assert_eq!(post("Action=GetCallerIdentity", FORM), unknown("GetCallerIdentity", "NO_VERSION_SPECIFIED"));

    let mut get =
        Request::get("http://localhost/?Action=GetCallerIdentity&Version=2011-06-15").body(Vec::new()).unwrap();
    Signer::new(&LocalSts::demo_credentials(), "us-east-1", "sts").sign(&mut get, b"", NOW).unwrap();
    assert!(show(&sts.handle(get, NOW)).starts_with("Arn=arn:aws:iam::123456789012:user/demo "));
    let session = issue(&sts, &LocalSts::demo_credentials(), "Action=GetSessionToken");
    let get = Request::get("http://localhost/?Action=GetCallerIdentity&Version=2011-06-15").body(()).unwrap();
    let expires = std::time::Duration::from_secs(60);
    let url = Signer::new(&session, "us-east-1", "sts").presign(&get, b"", expires, NOW).unwrap();
    let presigned = Request::get(url).header("host", "localhost").body(Vec::new()).unwrap();
    assert!(show(&sts.handle(presigned, NOW)).starts_with("Arn=arn:aws:iam::123456789012:user/demo "));
}

#[test]
fn web_identities() {
    let sts = LocalSts::demo()
        .web_identity_provider("https://idp.example.com", ["sts.amazonaws.com", "second"])
        .web_identity_provider("https://other.example.com", ["sts.amazonaws.com"])
        .role(Role::new("web").trust("arn:aws:iam::123456789012:oidc-provider/idp.example.com"));
    let at = |sts: &LocalSts, role: &str, claims: &str| {
        let token = format!("e30.{}.sig", BASE64_URL_SAFE_NO_PAD.encode(claims));
        let assume = assume(role, "&WebIdentityToken=").replace("AssumeRole", "AssumeRoleWithWebIdentity");
        show(&sts.handle(request(&format!("{assume}{token}")), NOW))
    };
    let claims = |issuer: &str, audience: &str, end: i64| {
        format!(
            r#"{{"iss":"https://{issuer}.example.com","aud":{audience},"sub":"<me>","exp":{}}}"#,
            NOW.unix_timestamp() + end
        )
    };
    let invalid = |text| format!("400 InvalidIdentityToken: {text}");
    let no_jwt =
        invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");

    let assumed = at(&sts, "web", &claims("idp", r#"["first","second"]"#, 1));
    let end = "Arn=arn:aws:sts::123456789012:assumed-role/web/session Expiration=2026-11-23T04:00:00Z SessionTokenUtilization=20 \
               SessionTokenSize=816 SubjectFromWebIdentityToken=<me> Provider=https://idp.example.com Audience=second";
    assert!(assumed.ends_with(end), "{assumed}");
    // Every provider and audience will do until one is named.
    let anyone = at(&LocalSts::demo(), "demo", &claims("anybody", r#""whoever""#, 1));
    assert!(anyone.ends_with(" Provider=https://anybody.example.com Audience=whoever"), "{anyone}");

    let unknown = claims("unknown", r#""second""#, 1);
    let denied = "403 AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity";
    assert_eq!(
        at(&sts, "web", &unknown),
        invalid("No OpenIDConnect provider found in your account for https://unknown.example.com")
    );
    assert_eq!(at(&sts, "web", &claims("idp", r#""third""#, 1)), invalid("Incorrect token audience"));
    assert_eq!(at(&sts, "web", &claims("idp", "[]", 1)), invalid("Missing a required claim: aud"));
    assert_eq!(at(&sts, "web", r#"{"iss":"x","aud":"y","exp":1}"#), invalid("Missing a required claim: sub"));
    assert_eq!(at(&sts, "web", "[]"), no_jwt);
    assert_eq!(at(&sts, "web", &claims("other", r#""sts.amazonaws.com""#, 1)), denied);
    assert_eq!(at(&sts, "none", &claims("idp", r#""second""#, 1)), denied);
    assert_eq!(
        at(&sts, "web", &claims("idp", r#""second""#, 0)),
        "400 ExpiredTokenException: Token expired: current date/time 1795402800 must be before the expiration date/time1795402800"
    );
    let opaque = "Action=AssumeRoleWithWebIdentity&RoleSessionName=session&WebIdentityToken=opaque&RoleArn=";
    assert_eq!(show(&sts.handle(request(&format!("{opaque}{DEMO_ROLE_ARN}")), NOW)), no_jwt);
    assert_eq!(
        show(&sts.handle(request("Action=AssumeRoleWithWebIdentity&RoleSessionName=session&WebIdentityToken=a"), NOW)),
        "400 ValidationError: 2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be \
         null; Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4"
    );
}

#[test]
fn debug_shows_no_secret() {
    let sts = LocalSts::demo().seed(123_456_789);
    let issued = issue(&sts, &LocalSts::demo_credentials(), &assume("demo", ""));
    let shown = format!("{sts:?}");
    assert!(shown.contains("AKIAIOSFODNN7EXAMPLE"), "{shown}");
    let token = issued.session_token.unwrap();
    for secret in ["wJalr", "123456789", issued.secret_access_key.expose(), token.expose()] {
        assert!(!shown.replace("123456789012", "").contains(secret), "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is asked, the answer is a document that a reader takes, and repeats the action as it was.
    #[test]
    fn every_request_is_answered(action in any::<String>(), rest in any::<Vec<u8>>()) {
        let encoded = percent_encoding::utf8_percent_encode(&action, percent_encoding::NON_ALPHANUMERIC);
        let mut body = format!("Action={encoded}&Version=2011-06-15&").into_bytes();
        body.extend(rest);
        let answer = show(&LocalSts::demo().handle(Request::post("/").header("content-type", FORM).body(body).unwrap(), NOW));
        let echoed: String = action.chars().map(|c| match c {
            '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            c => c,
        }).collect();
        let expected = format!("400 InvalidAction: Could not find operation {echoed} for version 2011-06-15");
        prop_assert!(answer == expected || answer == "400 MalformedInput: The request is not UTF-8", "{answer}");
    }
}
