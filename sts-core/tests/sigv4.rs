// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! Signer and verifier against published signatures and against an independent verifier.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use http::{HeaderName, HeaderValue, Method, Request, Uri};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{RngSeed, TestCaseError, TestRunner},
};
use scratchstack_aws_signature::{
    GetSigningKeyRequest, GetSigningKeyResponse, KSecretKey, NO_ADDITIONAL_SIGNED_HEADERS, SignatureError,
    SignatureOptions, errors::ServiceError, principal::User, service_for_signing_key_fn, sigv4_validate_request,
};
use sts_core::{
    Credentials, Secret,
    sigv4::{KeyCache, Payload, Signer, SigningKey, VerifyError, verify},
};
use time::{UtcDateTime, macros::utc_datetime};

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const REGION: &str = "us-east-1";
const FORM: &str = "application/x-www-form-urlencoded";
const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const NOW: UtcDateTime = utc_datetime!(2015-08-30 12:36:00);

fn credentials(token: Option<&str>) -> Credentials {
    let credentials = Credentials::new(ID, SECRET);
    match token {
        Some(token) => credentials.session_token(token),
        None => credentials,
    }
}

/// A signed call of `GetCallerIdentity`.
fn signed(credentials: &Credentials) -> Request<String> {
    let mut request = Request::post("https://sts.us-east-1.amazonaws.com/")
        .header("content-type", FORM)
        .body(BODY.to_owned())
        .unwrap();
    Signer::new(credentials, REGION, "sts").sign(&mut request, BODY.as_bytes(), NOW).unwrap();
    request
}

fn authorization<B>(request: &Request<B>) -> &str {
    request.headers()["authorization"].to_str().unwrap()
}

/// botocore, awscrt, @smithy/signature-v4 and aws-sigv4 agree on these.
#[test]
fn golden_signatures() {
    let signature = |token| {
        let request = signed(&credentials(token));
        authorization(&request).rsplit_once("Signature=").unwrap().1.to_owned()
    };
    assert_eq!(signature(None), "94405bc26f219569999dadb25c560bc61134371b330f394151ebb698c4d5fb3a");
    assert_eq!(signature(Some("TOKEN+/=")), "fc0107bfb793a217288cd9e7d5d38f34013bf563e6a9e5e10ec7c367019c90ce");
}

#[test]
fn signing_again_replaces_the_old_signature() {
    let mut request = signed(&credentials(Some("old token")));
    let signer = credentials(None);
    Signer::new(&signer, REGION, "sts").sign(&mut request, BODY.as_bytes(), NOW).unwrap();
    assert!(!request.headers().contains_key("x-amz-security-token"));
    assert_eq!(authorization(&request), authorization(&signed(&credentials(None))));
    assert_eq!(request.headers().get_all("x-amz-date").iter().count(), 1);
}

#[test]
fn headers_that_carry_a_secret_are_marked() {
    let request = signed(&credentials(Some("TOKEN+/=")));
    for name in ["authorization", "x-amz-security-token"] {
        assert!(request.headers()[name].is_sensitive(), "{name}");
    }
}

/// RFC 9110 §5.3 lets a sender order fields of different names as it likes.
#[test]
fn the_order_of_headers_does_not_matter() {
    let names = ["x-amz-meta-b", "content-type", "accept", "x-amz-meta-a"];
    let sign = |names: &[&'static str]| {
        let mut request = Request::post("https://sts.us-east-1.amazonaws.com/").body(()).unwrap();
        for name in names {
            request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static("v"));
        }
        let credentials = credentials(None);
        Signer::new(&credentials, REGION, "sts").sign(&mut request, &b""[..], NOW).unwrap();
        authorization(&request).to_owned()
    };
    let mut reversed = names;
    reversed.reverse();
    assert_eq!(sign(&names), sign(&reversed));
    assert!(sign(&names).contains("SignedHeaders=accept;content-type;host;x-amz-date;x-amz-meta-a;x-amz-meta-b,"));
}

#[test]
fn many_headers_and_those_with_several_values_are_signed() {
    for count in [1, 12, 13, 14, 40] {
        let mut request = signed(&credentials(None));
        for number in 0..count {
            let name = HeaderName::try_from(format!("x-{}", 99 - number)).unwrap();
            request.headers_mut().append(&name, HeaderValue::from_static("one"));
            request.headers_mut().append(name, HeaderValue::from_static("two"));
        }
        let credentials = credentials(None);
        Signer::new(&credentials, REGION, "sts").sign(&mut request, BODY.as_bytes(), NOW).unwrap();
        let theirs = validate(&request, REGION, NOW, &credentials);
        assert!(theirs.is_ok(), "{count}: {theirs:?}");
        let verified = verify(&request, "sts", NOW, know(&credentials)).unwrap();
        assert_eq!(verified.signed_headers.len(), 3 + count);
    }
}

/// What proxies add, drop or change is not signed.
#[test]
fn connection_headers_are_not_signed() {
    let plain = signed(&credentials(None));
    let mut request = Request::post("https://sts.us-east-1.amazonaws.com/").header("content-type", FORM);
    for name in [
        "authorization",
        "user-agent",
        "x-amzn-trace-id",
        "connection",
        "expect",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "proxy-authenticate",
        "traceparent",
        "tracestate",
        "baggage",
        "content-length",
        "accept-encoding",
    ] {
        request = request.header(name, "1");
    }
    let mut request = request.body(()).unwrap();
    let credentials = credentials(None);
    Signer::new(&credentials, REGION, "sts").sign(&mut request, BODY.as_bytes(), NOW).unwrap();
    assert_eq!(authorization(&request), authorization(&plain));
}

#[test]
fn a_signature_does_not_sign_itself() {
    let credentials = credentials(None);
    let signer = Signer::new(&credentials, REGION, "sts").unsigned_headers(&["user-agent"]);
    let mut request = signed(&credentials);
    signer.sign(&mut request, BODY.as_bytes(), NOW).unwrap();
    let canonical_request = signer.canonical_request(&request, BODY.as_bytes());
    assert_eq!(canonical_request.signed_headers(), "content-type;host;x-amz-date");
}

/// `get-vanilla` of AWS's SigV4 test suite.
#[test]
fn each_step_can_be_had_as_a_value() {
    let credentials = credentials(None);
    let signer = Signer::new(&credentials, REGION, "service");
    let mut request = Request::get("https://example.amazonaws.com/").body(()).unwrap();
    signer.sign(&mut request, &b""[..], NOW).unwrap();
    let string_to_sign = signer.canonical_request(&request, &b""[..]).string_to_sign(NOW, REGION, "service").unwrap();
    assert_eq!(
        string_to_sign,
        "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n\
         bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63"
    );
    let key = SigningKey::derive(&credentials.secret_access_key, NOW, REGION, "service").unwrap();
    let signature = hex::encode(key.sign(string_to_sign.as_bytes()));
    assert_eq!(signature, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    assert!(authorization(&request).ends_with(&signature));
}

#[test]
fn a_cached_key_signs_as_a_fresh_one() {
    let cache = KeyCache::new();
    let other = Credentials::new(ID, "another secret");
    let days = [NOW, NOW, NOW + Duration::from_secs(86_400), NOW];
    let [plain, one, two] = [None, Some("one"), Some("two")].map(credentials);
    for (credentials, region) in
        [(&plain, REGION), (&one, REGION), (&two, REGION), (&plain, REGION), (&other, REGION), (&other, "eu-west-1")]
    {
        for now in days {
            let sign = |signer: Signer<'_>| {
                let mut request = Request::post("https://sts.amazonaws.com/").body(()).unwrap();
                signer.sign(&mut request, BODY.as_bytes(), now).unwrap();
                request.headers().clone()
            };
            let signer = Signer::new(credentials, region, "sts");
            assert_eq!(sign(signer.key_cache(&cache)), sign(signer));
        }
    }
}

/// Their scopes are the same text, their keys are not.
#[test]
fn a_cached_key_is_not_another_services() {
    let (cache, credentials) = (KeyCache::new(), credentials(None));
    for (region, service) in [("a/b", "c"), ("a", "b/c"), ("a/b", "c")] {
        let sign = |signer: Signer<'_>| {
            let mut request = Request::post("https://sts.amazonaws.com/").body(()).unwrap();
            signer.sign(&mut request, &b""[..], NOW).unwrap();
            authorization(&request).to_owned()
        };
        let signer = Signer::new(&credentials, region, service);
        assert_eq!(sign(signer.key_cache(&cache)), sign(signer));
    }
}

/// [AWS's example](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html) of `ListUsers`.
#[test]
fn a_key_signs_a_text() {
    let key = SigningKey::derive(&Secret::from(SECRET), NOW, "us-east-1", "iam").unwrap();
    assert_eq!(key.scope(), "20150830/us-east-1/iam/aws4_request");
    let text = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
                f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
    assert_eq!(
        hex::encode(key.sign(text.as_bytes())),
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    );
}

/// The first six are of AWS's test suite, the others of [RFC 3986 §5.4](https://www.rfc-editor.org/rfc/rfc3986#section-5.4).
#[test]
fn a_path_is_signed_without_dots_and_empty_segments() {
    for (path, expected) in [
        ("//", "/"),
        ("//example//", "/example/"),
        ("/./", "/"),
        ("/./example", "/example"),
        ("/example/..", "/"),
        ("/example1/example2/../..", "/"),
        ("/b/c/./g", "/b/c/g"),
        ("/b/c/../g", "/b/g"),
        ("/b/c/.", "/b/c/"),
        ("/b/c/..", "/b/"),
        ("/b/c/../", "/b/"),
        ("/b/c/../../../g", "/g"),
    ] {
        let request = Request::get(format!("https://example.amazonaws.com{path}")).body(()).unwrap();
        let canonical =
            Signer::new(&credentials(None), REGION, "service").canonical_request(&request, &b""[..]).to_string();
        assert_eq!(canonical.lines().nth(1), Some(expected), "{path}");
    }
}

/// As [AWS asks for](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html) with spaces, and as
/// botocore does with tabs.
#[test]
fn blanks_in_a_header_are_folded() {
    for (value, expected) in
        [("  ", ""), (" a  b ", "a b"), ("\ta \t b", "a b"), ("\"a   b\"", "\"a b\""), ("ab", "ab")]
    {
        let request = Request::get("https://example.amazonaws.com/").header("my-header", value).body(()).unwrap();
        let canonical =
            Signer::new(&credentials(None), REGION, "service").canonical_request(&request, &b""[..]).to_string();
        assert_eq!(canonical.lines().nth(4), Some(&*format!("my-header:{expected}")), "{value:?}");
    }
}

#[test]
fn a_known_payload_hash_is_taken_as_it_is() {
    // SHA-256 of nothing, FIPS 180-4.
    let nothing = *b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Payload::from_hex(nothing), Payload::from(&b""[..]));
}

#[test]
fn what_cannot_be_signed() {
    let sign = |uri: &str, credentials: &Credentials, now| {
        let mut request = Request::post(uri).body(()).unwrap();
        let result = Signer::new(credentials, REGION, "sts").sign(&mut request, &b""[..], now);
        result.unwrap_err().to_string()
    };
    let url = "https://sts.amazonaws.com/";
    assert_eq!(sign("/", &credentials(None), NOW), "the request has no host to sign for");
    assert_eq!(
        sign(url, &Credentials::new("A\nB", SECRET), NOW),
        "the access key id holds a character that a header cannot"
    );
    let mut request = Request::post(url).body(()).unwrap();
    let known = credentials(None);
    let error = Signer::new(&known, "eu\nwest", "sts").sign(&mut request, &b""[..], NOW).unwrap_err();
    assert_eq!(error.to_string(), "the region or the service holds a character that a header cannot");
    assert_eq!(sign(url, &credentials(Some("A\nB")), NOW), "the session token holds a character that a header cannot");
    assert_eq!(
        sign(url, &credentials(None), utc_datetime!(-0001-01-01 00:00)),
        "the date is not between the years 0 and 9999"
    );
    let long = Request::get(format!("{url}?a={}", "b".repeat(65_000))).body(()).unwrap();
    let credentials = credentials(Some(&"t".repeat(600)));
    let presigned = Signer::new(&credentials, REGION, "sts").presign(&long, &b""[..], Duration::from_secs(60), NOW);
    assert_eq!(presigned.unwrap_err().to_string(), "the signed URL is not a URL, or is longer than 65534 characters");
}

/// A key look-up that knows one key.
fn know(credentials: &Credentials) -> impl Fn(&str) -> Option<Credentials> {
    move |id| (id == credentials.access_key_id).then(|| credentials.clone())
}

fn refusal(request: &Request<String>, known: &Credentials, now: UtcDateTime) -> VerifyError {
    verify(request, "sts", now, know(known)).unwrap_err()
}

fn edit(request: &mut Request<String>, name: &'static str, change: impl FnOnce(&str) -> String) {
    let value = change(request.headers()[name].to_str().unwrap());
    request.headers_mut().insert(name, value.parse().unwrap());
}

#[test]
fn a_right_signature_tells_who_signed_what() {
    let credentials = credentials(Some("TOKEN+/="));
    let verified = verify(&signed(&credentials), "sts", NOW, know(&credentials)).unwrap();
    assert_eq!(verified.access_key_id, ID);
    assert_eq!(verified.region, REGION);
    assert_eq!(verified.signed_headers, ["content-type", "host", "x-amz-date", "x-amz-security-token"]);
}

/// Codes and texts as the independent verifier has them, which took them from AWS's services.
#[test]
fn incomplete_signatures_are_refused_with_the_services_texts() {
    type Damage = fn(&mut Request<String>);
    fn without(request: &mut Request<String>, parameter: &str) {
        edit(request, "authorization", |value| {
            let (algorithm, parameters) = value.split_once(' ').unwrap();
            let kept: Vec<_> = parameters.split(", ").filter(|field| !field.starts_with(parameter)).collect();
            format!("{algorithm} {}", kept.join(", "))
        });
    }
    let damages: [(&str, Damage); 13] = [
        ("no Authorization", |request| drop(request.headers_mut().remove("authorization"))),
        ("no Credential", |request| without(request, "Credential")),
        ("no SignedHeaders", |request| without(request, "SignedHeaders")),
        ("no Signature", |request| without(request, "Signature")),
        ("nothing", |request| without(request, "")),
        ("no X-Amz-Date", |request| drop(request.headers_mut().remove("x-amz-date"))),
        ("algorithm", |request| edit(request, "authorization", |value| value.replace("SHA256 ", "SHA512 "))),
        ("no date", |request| edit(request, "x-amz-date", |_| "yesterday".into())),
        ("service", |request| edit(request, "authorization", |value| value.replace("/sts/", "/s3/"))),
        ("day", |request| edit(request, "authorization", |value| value.replace("/20150830/", "/20150831/"))),
        ("signature", |request| edit(request, "authorization", |value| format!("{value}00"))),
        ("signature in capitals", |request| {
            edit(request, "authorization", |value| {
                let (start, signature) = value.rsplit_once('=').unwrap();
                format!("{start}={}", signature.to_uppercase())
            });
        }),
        ("no hexadecimal", |request| edit(request, "authorization", |value| format!("{value}xyz"))),
    ];
    let credentials = credentials(None);
    for (what, damage) in damages {
        let mut request = signed(&credentials);
        damage(&mut request);
        let ours = refusal(&request, &credentials, NOW);
        let theirs = validate(&request, REGION, NOW, &credentials).unwrap_err();
        assert_eq!((ours.code(), ours.to_string()), (theirs.error_code(), theirs.to_string()), "{what}");
        // https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
        assert_eq!(ours.status(), if ours.code() == "IncompleteSignature" { 400 } else { 403 }, "{what}");
    }
}

#[test]
fn a_credential_has_five_elements() {
    let credentials = credentials(None);
    let mut request = signed(&credentials);
    edit(&mut request, "authorization", |value| value.replace("/aws4_request", ""));
    let error = refusal(&request, &credentials, NOW);
    assert_eq!((error.code(), error.status().as_u16()), ("IncompleteSignature", 400));
    let text = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term";
    assert!(error.to_string().starts_with(text), "{error}");
}

#[test]
fn the_host_the_date_and_the_token_must_be_signed() {
    let credentials = credentials(Some("TOKEN+/="));
    for name in ["host", "x-amz-date", "x-amz-security-token"] {
        let mut request = signed(&credentials);
        edit(&mut request, "authorization", |value| value.replace(&format!(";{name}"), ""));
        let error = refusal(&request, &credentials, NOW).to_string();
        assert!(error.ends_with("must be a 'SignedHeader' in the AWS Authorization."), "{error}");
        assert!(error.to_lowercase().contains(&format!("'{name}'")), "{error}");
    }
}

#[test]
fn clocks_may_be_fifteen_minutes_apart() {
    let credentials = credentials(None);
    let request = signed(&credentials);
    for (now, accepted) in [
        (utc_datetime!(2015-08-30 12:51:00), true),
        (utc_datetime!(2015-08-30 12:21:00), true),
        (utc_datetime!(2015-08-30 12:51:01), false),
        (utc_datetime!(2015-08-30 12:20:59), false),
    ] {
        let ours = verify(&request, "sts", now, know(&credentials));
        let theirs = validate(&request, REGION, now, &credentials);
        assert_eq!(ours.is_ok(), accepted, "{now}");
        assert_eq!(theirs.is_ok(), accepted, "{now}");
        if let (Err(ours), Err(theirs)) = (ours, theirs) {
            assert_eq!((ours.code(), ours.to_string()), (theirs.error_code(), theirs.to_string()));
            assert_eq!(ours.status(), 403);
        }
    }
    assert_eq!(
        refusal(&request, &credentials, utc_datetime!(2015-08-30 13:00:00)).to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T124500Z (20150830T130000Z - 15 min.)"
    );
    assert_eq!(
        refusal(&request, &credentials, utc_datetime!(2015-08-30 12:00:00)).to_string(),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T121500Z (20150830T120000Z + 15 min.)"
    );
}

#[test]
fn a_token_beyond_ascii_is_the_keys_own_too() {
    let known = credentials(Some("TOKEN-\u{e9}"));
    assert!(verify(&signed(&known), "sts", NOW, know(&known)).is_ok());
    assert_eq!(refusal(&signed(&known), &credentials(Some("TOKEN-\u{e8}")), NOW), VerifyError::InvalidToken);
}

#[test]
fn keys_and_tokens_that_are_not_known() {
    let invalid = "The security token included in the request is invalid.";
    let (long_term, temporary) = (credentials(None), credentials(Some("TOKEN+/=")));
    for (signer, known) in [
        (&long_term, &Credentials::new("AKIDOTHER", SECRET)),
        (&long_term, &temporary),
        (&temporary, &long_term),
        (&temporary, &credentials(Some("FOREIGN"))),
    ] {
        let error = refusal(&signed(signer), known, NOW);
        assert_eq!(
            (error.code(), &*error.to_string(), error.status().as_u16()),
            ("InvalidClientTokenId", invalid, 403)
        );
    }
}

#[test]
fn expired_credentials_are_refused_from_their_last_second_on() {
    let credentials = credentials(Some("TOKEN+/=")).expiration(utc_datetime!(2015-08-30 12:40:00));
    let request = signed(&credentials);
    assert!(verify(&request, "sts", utc_datetime!(2015-08-30 12:39:59), know(&credentials)).is_ok());
    let error = refusal(&request, &credentials, utc_datetime!(2015-08-30 12:40:00));
    assert_eq!(
        (error.code(), &*error.to_string(), error.status().as_u16()),
        ("ExpiredToken", "The security token included in the request is expired", 403)
    );
}

#[test]
fn a_mismatch_shows_what_should_have_been_signed() {
    let error = refusal(&signed(&credentials(None)), &Credentials::new(ID, "wrong"), NOW);
    assert_eq!((error.code(), error.status().as_u16()), ("SignatureDoesNotMatch", 403));
    assert_eq!(
        error.to_string(),
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
         Access Key and signing method. Consult the service documentation for details."
    );
    let VerifyError::Mismatch { canonical_request, string_to_sign } = error else { panic!("{error}") };
    // The hashes are sha256sum's, of the body and of this very text.
    assert_eq!(
        canonical_request.to_string(),
        "POST\n/\n\ncontent-type:application/x-www-form-urlencoded\nhost:sts.us-east-1.amazonaws.com\n\
         x-amz-date:20150830T123600Z\n\ncontent-type;host;x-amz-date\nab821ae955788b0e33ebd34c208442ccfc2d406e2edc5e7a39bd6458fbb4f843"
    );
    assert_eq!(canonical_request.as_bytes(), canonical_request.to_string().as_bytes());
    assert_eq!(canonical_request.signed_headers(), "content-type;host;x-amz-date");
    assert_eq!(
        string_to_sign,
        "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/sts/aws4_request\nb42b3efd3741b943b44eb29d91274cf0fd1f1abf768f2b71231a87e15394814a"
    );
}

/// A call as STS sees many, and how it is signed.
#[derive(Clone, Debug)]
struct Sample {
    secret: String,
    token: Option<String>,
    region: &'static str,
    host: &'static str,
    path: &'static str,
    body: String,
    seconds: u32,
    extra: Option<String>,
}

impl Sample {
    fn credentials(&self) -> Credentials {
        let credentials = Credentials::new(ID, &*self.secret);
        match &self.token {
            Some(token) => credentials.session_token(&**token),
            None => credentials,
        }
    }

    fn now(&self) -> UtcDateTime {
        NOW + Duration::from_secs(self.seconds.into())
    }

    fn request(&self) -> Request<String> {
        let mut builder = Request::post(format!("https://{}{}", self.host, self.path)).header("content-type", FORM);
        if let Some(value) = &self.extra {
            builder = builder.header("x-amz-extra", value);
        }
        let mut request = builder.body(self.body.clone()).unwrap();
        let credentials = self.credentials();
        let signer = Signer::new(&credentials, self.region, "sts");
        signer.sign(&mut request, self.body.as_bytes(), self.now()).unwrap();
        request
    }
}

fn samples() -> impl Strategy<Value = Sample> {
    let hosts = select(vec![
        "sts.amazonaws.com",
        "sts.eu-central-1.amazonaws.com",
        "localhost:8433",
        "127.0.0.1:4566",
        "[::1]:8080",
    ]);
    // No path that is percent-encoded: the independent verifier encodes it once, as S3 does, AWS's other services twice.
    let paths = select(vec!["/", "/sts", "/a/b/", "/a-b/~c.d", "/?x=1&a=%2F&a=", "/p?b=2&a=1&empty"]);
    let regions = select(vec![REGION, "eu-central-1", "cn-north-1", "us-gov-west-1"]);
    // Long ones are repeated: drawing each character takes longer than the signatures.
    let token = ("[A-Za-z0-9/+=]{16,40}", 1..20_usize).prop_map(|(text, count)| text.repeat(count));
    let body = prop::collection::vec(("[A-Za-z.0-9]{1,20}", "([A-Za-z0-9._~-]|%[0-9A-F]{2}){0,20}"), 1..5).prop_map(
        |fields| fields.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"),
    );
    (
        "[A-Za-z0-9/+]{40}",
        prop::option::of(token),
        regions,
        hosts,
        paths,
        body,
        0_u32..400_000_000,
        prop::option::of(" ?[!-~]{1,9}( {0,3}[!-~]{1,9}){0,3} ?"),
    )
        .prop_map(|(secret, token, region, host, path, body, seconds, extra)| Sample {
            secret,
            token,
            region,
            host,
            path,
            body,
            seconds,
            extra,
        })
}

/// What may happen to a request on its way; `at` chooses the byte.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Body,
    Method,
    Path,
    Query,
    Host,
    Date,
    ContentType,
    Extra,
    Token,
    Signature,
    Scope,
    SignedHeaders,
    NoAuthorization,
    Late,
    Secret,
}

fn damages() -> impl Strategy<Value = (Damage, prop::sample::Index)> {
    use Damage::{
        Body, ContentType, Date, Extra, Host, Late, Method, NoAuthorization, Path, Query, Scope, Secret, Signature,
        SignedHeaders, Token,
    };
    let kinds = [
        Body,
        Method,
        Path,
        Query,
        Host,
        Date,
        ContentType,
        Extra,
        Token,
        Signature,
        Scope,
        SignedHeaders,
        NoAuthorization,
        Late,
        Secret,
    ];
    (select(kinds.to_vec()), any::<prop::sample::Index>())
}

/// Another character of the same kind at one place, so that what is damaged stays well-formed where it can.
fn flip(text: &str, at: prop::sample::Index) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let place = at.index(bytes.len());
    bytes[place] = match bytes[place] {
        b'0'..=b'8' | b'a'..=b'e' | b'g'..=b'y' | b'A'..=b'E' | b'G'..=b'Y' => bytes[place] + 1,
        b'9' => b'0',
        b'f' => b'a',
        b'F' => b'A',
        _ => b'7',
    };
    String::from_utf8(bytes).unwrap()
}

/// The damaged request, what the server knows, and the server's time.
fn damage(sample: &Sample, (kind, at): (Damage, prop::sample::Index)) -> (Request<String>, Credentials, UtcDateTime) {
    let (mut request, mut known, mut now) = (sample.request(), sample.credentials(), sample.now());
    let in_authorization = |request: &mut Request<String>, start: &str, end: &str| {
        edit(request, "authorization", |value| {
            let (before, rest) = value.split_once(start).unwrap();
            let (target, after) = rest.split_at(rest.find(end).filter(|_| !end.is_empty()).unwrap_or(rest.len()));
            format!("{before}{start}{}{after}", flip(target, at))
        });
    };
    match kind {
        Damage::Body => *request.body_mut() = flip(request.body(), at),
        Damage::Method => *request.method_mut() = Method::PUT,
        Damage::Path | Damage::Query => {
            let (path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
            let target = match kind {
                Damage::Path => format!("{path}7?{query}"),
                _ => format!("{path}?{query}&z=7"),
            };
            *request.uri_mut() = Uri::try_from(format!("https://{}{target}", sample.host)).unwrap();
        }
        Damage::Host => edit(&mut request, "host", |value| flip(value, at)),
        Damage::Date => edit(&mut request, "x-amz-date", |value| flip(value, at)),
        Damage::ContentType => edit(&mut request, "content-type", |value| flip(value, at)),
        Damage::Extra if sample.extra.is_some() => edit(&mut request, "x-amz-extra", |value| format!("{value}7")),
        Damage::Extra => drop(request.headers_mut().remove("content-type")),
        Damage::Token if sample.token.is_some() => edit(&mut request, "x-amz-security-token", |value| flip(value, at)),
        Damage::Token => {
            request.headers_mut().insert("x-amz-security-token", HeaderValue::from_static("foreign"));
        }
        Damage::Signature => in_authorization(&mut request, "Signature=", ""),
        Damage::Scope => in_authorization(&mut request, "Credential=", ","),
        Damage::SignedHeaders => in_authorization(&mut request, "SignedHeaders=", ","),
        Damage::NoAuthorization => drop(request.headers_mut().remove("authorization")),
        Damage::Late => now += Duration::from_secs(901),
        Damage::Secret => known.secret_access_key = flip(&sample.secret, at).into(),
    }
    (request, known, now)
}

/// The same cases in every run.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new(ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(20_150_830),
        failure_persistence: None,
        ..ProptestConfig::default()
    })
}

#[test]
fn an_independent_verifier_accepts_what_ours_accepts() {
    let accept = |sample: Sample| {
        let (request, known, now) = (sample.request(), sample.credentials(), sample.now());
        let ours = verify(&request, "sts", now, know(&known));
        let theirs = validate(&request, sample.region, now, &known);
        prop_assert!(ours.is_ok(), "ours: {ours:?}");
        prop_assert!(theirs.is_ok(), "theirs: {theirs:?}");
        Ok(())
    };
    runner(1000).run(&samples(), accept).unwrap();
}

#[test]
fn an_independent_verifier_refuses_what_ours_refuses() {
    let refuse = |(sample, kind)| -> Result<(), TestCaseError> {
        let (request, known, now) = damage(&sample, kind);
        let ours = verify(&request, "sts", now, know(&known));
        let theirs = validate(&request, sample.region, now, &known);
        prop_assert!(ours.is_err(), "ours accepts");
        prop_assert!(theirs.is_err(), "theirs accepts");
        Ok(())
    };
    runner(1000).run(&(samples(), damages()), refuse).unwrap();
}

// Presigned requests

/// A week: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
const LONGEST: u64 = 604_800;

/// What a server receives of a presigned `GetCallerIdentity`.
fn presigned(credentials: &Credentials, service: &str, expires: u64) -> Request<String> {
    let request = Request::get(format!("https://sts.us-east-1.amazonaws.com/?{BODY}")).body(String::new()).unwrap();
    let signer = Signer::new(credentials, REGION, service);
    received(request.clone(), signer.presign(&request, &b""[..], Duration::from_secs(expires), NOW).unwrap())
}

#[test]
fn presigning_again_replaces_the_old_signature() {
    let plain = Request::get(format!("https://sts.us-east-1.amazonaws.com/?{BODY}&X-Amz-Own=1")).body(()).unwrap();
    let presign = |request: &Request<()>, credentials: &Credentials, seconds| {
        let signer = Signer::new(credentials, REGION, "sts");
        signer.presign(request, &b""[..], Duration::from_secs(seconds), NOW).unwrap()
    };
    let old = presign(&plain, &credentials(Some("old token")), 60);
    let again = Request::get(old).body(()).unwrap();
    assert_eq!(presign(&again, &credentials(None), 900), presign(&plain, &credentials(None), 900));
}

/// The request with that URL, and the `Host` header that a client makes of it.
fn received(mut request: Request<String>, url: Uri) -> Request<String> {
    let host = url.authority().unwrap().as_str().parse().unwrap();
    request.headers_mut().insert("host", host);
    *request.uri_mut() = url;
    request
}

/// Changes the query, field by field; `None` drops a field.
fn edit_query(request: &mut Request<String>, mut change: impl FnMut(&str, &str) -> Option<String>) {
    let (base, query) = request.uri().to_string().split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let fields = query.split('&').filter_map(|field| {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        change(name, value)
    });
    *request.uri_mut() = format!("{base}?{}", fields.collect::<Vec<_>>().join("&")).parse().unwrap();
}

fn set(request: &mut Request<String>, name: &str, value: &str) {
    edit_query(request, |key, old| Some(format!("{key}={}", if key == name { value } else { old })));
}

fn drop_field(request: &mut Request<String>, name: &str) {
    edit_query(request, |key, value| (key != name).then(|| format!("{key}={value}")));
}

const PARAMETERS: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
];

#[test]
fn a_presigned_request_tells_who_signed_what() {
    let credentials = credentials(Some("TOKEN+/="));
    let request = presigned(&credentials, "sts", 60);
    let query = request.uri().query().unwrap();
    for name in PARAMETERS {
        assert_eq!(query.matches(&format!("&{name}=")).count(), 1, "{name}");
    }
    assert!(query.contains("&X-Amz-Security-Token=TOKEN%2B%2F%3D&"), "{query}");
    let verified = verify(&request, "sts", NOW, know(&credentials)).unwrap();
    assert_eq!((&*verified.access_key_id, &*verified.region), (ID, REGION));
    assert_eq!(verified.signed_headers, ["host"]);
}

#[test]
fn a_presigned_url_has_no_empty_parameters() {
    for (url, start) in [
        ("https://sts.amazonaws.com", "https://sts.amazonaws.com/?X-Amz-Algorithm="),
        ("https://sts.amazonaws.com/?", "https://sts.amazonaws.com/?X-Amz-Algorithm="),
        ("https://sts.amazonaws.com/?a", "https://sts.amazonaws.com/?a&X-Amz-Algorithm="),
        ("https://sts.amazonaws.com/?a?", "https://sts.amazonaws.com/?a?&X-Amz-Algorithm="),
    ] {
        let request = Request::get(url).body(()).unwrap();
        let credentials = credentials(None);
        let signer = Signer::new(&credentials, REGION, "sts");
        let url = signer.presign(&request, &b""[..], Duration::from_secs(60), NOW).unwrap().to_string();
        assert!(url.starts_with(start), "{url}");
    }
}

/// Codes and texts as the independent verifier has them. It comes no further with presigned requests: it looks for slashes in a
/// credential that it has not decoded.
#[test]
fn incomplete_presigned_requests_are_refused_with_the_services_texts() {
    type Damage = fn(&mut Request<String>);
    let damages: [(&str, Damage); 11] = [
        ("no algorithm", |request| drop_field(request, "X-Amz-Algorithm")),
        ("algorithm", |request| set(request, "X-Amz-Algorithm", "AWS4-HMAC-SHA512")),
        ("no credential", |request| drop_field(request, "X-Amz-Credential")),
        ("no signature", |request| drop_field(request, "X-Amz-Signature")),
        ("no signed headers", |request| drop_field(request, "X-Amz-SignedHeaders")),
        ("no date", |request| drop_field(request, "X-Amz-Date")),
        ("two missing", |request| {
            drop_field(request, "X-Amz-Date");
            drop_field(request, "X-Amz-Credential");
        }),
        ("all missing", |request| {
            for name in ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"] {
                drop_field(request, name);
            }
        }),
        ("date", |request| set(request, "X-Amz-Date", "2015-08-30")),
        ("no query", |request| *request.uri_mut() = Uri::from_static("https://sts.us-east-1.amazonaws.com/")),
        ("parameter in lower case", |request| {
            edit_query(request, |key, value| {
                Some(format!("{}={value}", if key == "X-Amz-Algorithm" { "x-amz-algorithm" } else { key }))
            });
        }),
    ];
    let credentials = credentials(None);
    for (what, damage) in damages {
        let mut request = presigned(&credentials, "sts", 60);
        damage(&mut request);
        let ours = refusal(&request, &credentials, NOW);
        let theirs = validate(&request, REGION, NOW, &credentials).unwrap_err();
        assert_eq!((ours.code(), ours.to_string()), (theirs.error_code(), theirs.to_string()), "{what}");
        assert_eq!(ours.status(), if ours.code() == "IncompleteSignature" { 400 } else { 403 }, "{what}");
    }
}

#[test]
fn a_presigned_requests_scope_and_host_are_checked() {
    let credentials = credentials(None);
    for (name, value, code, text) in [
        (
            "X-Amz-Credential",
            "AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fs3%2Faws4_request",
            "SignatureDoesNotMatch",
            "Credential should be scoped to correct service: 'sts'.",
        ),
        (
            "X-Amz-Credential",
            "AKIDEXAMPLE%2F20150829%2Fus-east-1%2Fsts%2Faws4_request",
            "SignatureDoesNotMatch",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != \
             '20150830', from '20150830T123600Z'.",
        ),
        (
            "X-Amz-Credential",
            "AKIDEXAMPLE%2F20150830%2Fsts%2Faws4_request",
            "IncompleteSignature",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
        ),
        (
            "X-Amz-Credential",
            "AKIDNOBODY%2F20150830%2Fus-east-1%2Fsts%2Faws4_request",
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        (
            "X-Amz-SignedHeaders",
            "accept",
            "IncompleteSignature",
            "'host' must be a 'SignedHeader' in the AWS Authorization.",
        ),
    ] {
        let mut request = presigned(&credentials, "sts", 60);
        set(&mut request, name, value);
        let error = refusal(&request, &credentials, NOW);
        assert_eq!((error.code(), &*error.to_string()), (code, text));
    }
}

#[test]
fn the_token_of_a_presigned_request_must_be_the_keys() {
    let (long_term, temporary) = (credentials(None), credentials(Some("TOKEN+/=")));
    for (signer, known) in
        [(&long_term, &temporary), (&temporary, &long_term), (&temporary, &credentials(Some("FOREIGN")))]
    {
        let error = refusal(&presigned(signer, "sts", 60), known, NOW);
        assert_eq!(error.code(), "InvalidClientTokenId");
    }
    let ended = credentials(Some("TOKEN+/=")).expiration(NOW);
    assert_eq!(refusal(&presigned(&ended, "sts", 60), &ended, NOW).code(), "ExpiredToken");
    // A token in a header is not looked for.
    let mut request = presigned(&long_term, "sts", 60);
    request.headers_mut().insert("x-amz-security-token", HeaderValue::from_static("TOKEN+/="));
    assert_eq!(refusal(&request, &temporary, NOW).code(), "InvalidClientTokenId");
}

#[test]
fn a_presigned_request_lives_as_long_as_it_says() {
    let credentials = credentials(None);
    let check = |request: &Request<String>, now| verify(request, "execute-api", now, know(&credentials));
    for (expires, seconds, accepted) in [
        (60, 0, true),
        (60, 60, true),
        (60, 61, false),
        (60, -900, true),
        (60, -901, false),
        (0, 0, true),
        (0, 1, false),
        (901, 901, true),
        (LONGEST, 604_800, true),
        (LONGEST, 604_801, false),
    ] {
        let request = presigned(&credentials, "execute-api", expires);
        let now = NOW + time::Duration::seconds(seconds);
        assert_eq!(check(&request, now).is_ok(), accepted, "{expires} after {seconds}");
    }
    let error = check(&presigned(&credentials, "execute-api", 60), utc_datetime!(2015-08-30 12:40:00)).unwrap_err();
    assert_eq!(
        (error.code(), &*error.to_string()),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123900Z (20150830T124000Z - 60 sec.)"
        )
    );
    let error = check(&presigned(&credentials, "execute-api", 60), utc_datetime!(2015-08-30 12:00:00)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T121500Z (20150830T120000Z + 15 min.)"
    );

    for value in ["", "x", "-1", "604801", "60.0", "6e1", "4294967356", "99999999999999999999"] {
        let mut request = presigned(&credentials, "execute-api", 60);
        set(&mut request, "X-Amz-Expires", value);
        let error = check(&request, NOW).unwrap_err();
        assert_eq!(
            (error.code(), &*error.to_string()),
            ("IncompleteSignature", "X-Amz-Expires must be a number of seconds from 0 to 604800."),
            "{value}"
        );
    }
    let too_long = presigned(&credentials, "execute-api", LONGEST + 1);
    assert_eq!(check(&too_long, NOW).unwrap_err().code(), "IncompleteSignature");
    let mut request = presigned(&credentials, "execute-api", 60);
    drop_field(&mut request, "X-Amz-Expires");
    assert_eq!(
        check(&request, NOW).unwrap_err().to_string(),
        "AWS query-string parameters must include 'X-Amz-Expires'. Re-examine the query-string parameters."
    );
}

/// STS lets presigned calls live 15 minutes whatever they say: EKS tokens say 60 seconds, and clusters use them for 14 minutes.
#[test]
fn sts_ignores_x_amz_expires() {
    let credentials = credentials(None);
    for expires in [0, 60, LONGEST, LONGEST + 1] {
        let request = presigned(&credentials, "sts", expires);
        for (seconds, accepted) in [(-901, false), (-900, true), (900, true), (901, false)] {
            let now = NOW + time::Duration::seconds(seconds);
            let ours = verify(&request, "sts", now, know(&credentials));
            assert_eq!(ours.is_ok(), accepted, "{expires} after {seconds}");
        }
    }
    let error = refusal(&presigned(&credentials, "sts", 60), &credentials, utc_datetime!(2015-08-30 13:00:00));
    assert_eq!(
        error.to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T124500Z (20150830T130000Z - 15 min.)"
    );
}

/// The first of several counts, and all but the signature are signed, so that adding one never goes unnoticed.
#[test]
fn doubled_parameters_are_refused() {
    let credentials = credentials(Some("TOKEN+/="));
    for name in PARAMETERS {
        for (before, same) in [(true, true), (true, false), (false, true), (false, false)] {
            let mut request = presigned(&credentials, "sts", 60);
            edit_query(&mut request, |key, value| {
                let field = format!("{key}={value}");
                let second = format!("{key}={}", if same { value } else { "0" });
                Some(match (key == name, before) {
                    (false, _) => field,
                    (true, true) => format!("{second}&{field}"),
                    (true, false) => format!("{field}&{second}"),
                })
            });
            let harmless = name == "X-Amz-Signature" && (same || !before);
            let ours = verify(&request, "sts", NOW, know(&credentials));
            assert_eq!(ours.is_ok(), harmless, "{name}, before: {before}, same: {same}");
        }
    }
}

impl Sample {
    fn presigned(&self) -> Request<String> {
        let mut builder = Request::get(format!("https://{}{}", self.host, self.path));
        if let Some(value) = &self.extra {
            builder = builder.header("x-amz-extra", value);
        }
        let request = builder.body(self.body.clone()).unwrap();
        let credentials = self.credentials();
        let signer = Signer::new(&credentials, self.region, "sts");
        let expires = Duration::from_secs(u64::from(self.seconds) % 900);
        let url = signer.presign(&request, self.body.as_bytes(), expires, self.now()).unwrap();
        received(request, url)
    }
}

/// What may happen to a presigned request on its way, each of them for every parameter or part.
#[derive(Clone, Copy, Debug)]
enum QueryDamage {
    Changed(usize),
    Dropped(usize),
    Doubled(usize),
    Added,
    Renamed(usize),
    Method,
    Path,
    Host,
    Body,
    Extra,
    Late,
    Early,
    Secret,
    Foreign,
}

fn query_damages() -> impl Strategy<Value = (QueryDamage, prop::sample::Index)> {
    use QueryDamage::{
        Added, Body, Changed, Doubled, Dropped, Early, Extra, Foreign, Host, Late, Method, Path, Renamed, Secret,
    };
    let mut kinds = vec![Added, Method, Path, Host, Body, Extra, Late, Early, Secret, Foreign];
    for parameter in 0..PARAMETERS.len() {
        kinds.extend([Changed(parameter), Dropped(parameter), Doubled(parameter), Renamed(parameter)]);
    }
    (select(kinds), any::<prop::sample::Index>())
}

/// The damaged request, what the server knows, and the server's time.
fn damage_query(
    sample: &Sample,
    (kind, at): (QueryDamage, prop::sample::Index),
) -> (Request<String>, Credentials, UtcDateTime) {
    let (mut request, mut known, mut now) = (sample.presigned(), sample.credentials(), sample.now());
    // The token is the parameter that may be missing.
    let present = |parameter: usize| match PARAMETERS[parameter] {
        "X-Amz-Security-Token" if sample.token.is_none() => "X-Amz-Credential",
        name => name,
    };
    match kind {
        QueryDamage::Changed(parameter) => edit_query(&mut request, |key, value| {
            let value = if key == present(parameter) { flip(value, at) } else { value.to_owned() };
            Some(format!("{key}={value}"))
        }),
        QueryDamage::Dropped(parameter) => drop_field(&mut request, present(parameter)),
        QueryDamage::Doubled(parameter) => edit_query(&mut request, |key, value| {
            let twice = if key == present(parameter) { format!("{key}={}&", flip(value, at)) } else { String::new() };
            Some(format!("{twice}{key}={value}"))
        }),
        QueryDamage::Renamed(parameter) => edit_query(&mut request, |key, value| {
            let key = if key == present(parameter) { key.to_lowercase() } else { key.to_owned() };
            Some(format!("{key}={value}"))
        }),
        QueryDamage::Added => *request.uri_mut() = format!("{}&z=7", request.uri()).parse().unwrap(),
        QueryDamage::Method => *request.method_mut() = Method::POST,
        QueryDamage::Path => {
            *request.uri_mut() = request.uri().to_string().replacen('?', "7?", 1).parse().unwrap();
        }
        QueryDamage::Host => edit(&mut request, "host", |value| flip(value, at)),
        QueryDamage::Body => *request.body_mut() = flip(request.body(), at),
        QueryDamage::Extra if sample.extra.is_some() => {
            edit(&mut request, "x-amz-extra", |value| format!("{value}7"));
        }
        QueryDamage::Extra => drop(request.headers_mut().remove("host")),
        QueryDamage::Late => now += Duration::from_secs(901),
        QueryDamage::Early => now -= Duration::from_secs(901),
        QueryDamage::Secret => known.secret_access_key = flip(&sample.secret, at).into(),
        QueryDamage::Foreign => known.session_token = Some("foreign".into()),
    }
    (request, known, now)
}

#[test]
fn every_presigned_request_is_accepted() {
    let accept = |sample: Sample| {
        let (request, known, now) = (sample.presigned(), sample.credentials(), sample.now());
        let verified = verify(&request, "sts", now, know(&known));
        prop_assert!(verified.is_ok(), "{verified:?}");
        Ok(())
    };
    runner(1000).run(&samples(), accept).unwrap();
}

#[test]
fn every_damaged_presigned_request_is_refused() {
    let refuse = |(sample, kind)| -> Result<(), TestCaseError> {
        let (request, known, now) = damage_query(&sample, kind);
        prop_assert!(verify(&request, "sts", now, know(&known)).is_err());
        Ok(())
    };
    runner(1000).run(&(samples(), query_damages()), refuse).unwrap();
}

/// The independent verifier, with the one key that it knows.
fn validate(
    request: &Request<String>,
    region: &str,
    now: UtcDateTime,
    known: &Credentials,
) -> Result<(), SignatureError> {
    let known = known.clone();
    let find = move |wanted: GetSigningKeyRequest| {
        let token = known.session_token.as_ref().map(Secret::expose);
        let is_known = wanted.access_key() == known.access_key_id && wanted.session_token() == token;
        let key: Result<KSecretKey, _> = known.secret_access_key.expose().parse();
        async move {
            if !is_known {
                return Err(SignatureError::InvalidClientTokenId("no such key".into()).into());
            }
            let key = key?.to_ksigning(wanted.request_date(), wanted.region(), wanted.service());
            let user = User::new("aws", "123456789012", "/", "Alice")?;
            Ok(GetSigningKeyResponse::builder().principal(user).signing_key(key).build()?)
        }
    };
    let mut find = service_for_signing_key_fn(find);
    let now = chrono::DateTime::from_timestamp(now.unix_timestamp(), 0).unwrap();
    let (parts, body) = request.clone().into_parts();
    let request = Request::from_parts(parts, body.into_bytes());
    let validation = sigv4_validate_request(
        request,
        region,
        "sts",
        &mut find,
        now,
        &NO_ADDITIONAL_SIGNED_HEADERS,
        SignatureOptions::default(),
    );
    // Nothing in it waits.
    match pin!(validation).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(_)) => Ok(()),
        Poll::Ready(Err(error)) => Err(*error.downcast().unwrap()),
        Poll::Pending => unreachable!("the key is found at once"),
    }
}
