//! What is hashed, step by step.

use std::time::Duration;

use http::Request;
use sts_core::{
    Credentials,
    sigv4::{Payload, Signer, SigningKey},
};
use time::macros::utc_datetime;

use crate::{NOW, REGION, authorization, credentials};

/// `get-vanilla` of AWS's SigV4 test suite.
#[test]
fn each_step_can_be_had_as_a_value() {
    let credentials = credentials(None);
    let signer = Signer::new(&credentials, REGION, "service");
    let mut request = Request::get("https://example.amazonaws.com/").body(()).unwrap();
    signer.sign(&mut request, b"", NOW).unwrap();
    let string_to_sign = signer.canonical_request(&request, b"").string_to_sign(NOW, REGION, "service").unwrap();
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

/// The first six are of AWS's test suite. All are what botocore 1.44.8 and awscrt 0.38.1 sign.
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
        ("/a/.", "/a"),
        ("/a/b/..", "/a"),
        ("/b/c/./", "/b/c/"),
        ("/b/c/../", "/b/"),
        ("/..", "/"),
        ("/../", "/"),
        ("/.", "/"),
        ("//a//.", "/a"),
        ("/a/..b/.c", "/a/..b/.c"),
        ("/b/c/../../../g", "/g"),
    ] {
        let request = Request::get(format!("https://example.amazonaws.com{path}")).body(()).unwrap();
        let canonical = Signer::new(&credentials(None), REGION, "service").canonical_request(&request, b"").to_string();
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
        let canonical = Signer::new(&credentials(None), REGION, "service").canonical_request(&request, b"").to_string();
        assert_eq!(canonical.lines().nth(4), Some(&*format!("my-header:{expected}")), "{value:?}");
    }
}

#[test]
fn a_known_payload_hash_is_taken_as_it_is() {
    // SHA-256 of nothing, FIPS 180-4.
    let nothing = *b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let request = Request::get("https://example.amazonaws.com/").body(()).unwrap();
    let credentials = credentials(None);
    let signer = Signer::new(&credentials, REGION, "service");
    let expected = signer.canonical_request(&request, b"");
    assert_eq!(signer.canonical_request(&request, ""), expected);
    assert_eq!(signer.canonical_request(&request, Payload::from_hex(&nothing)), expected);
    let [mut known, mut computed] = [request.clone(), request];
    signer.sign(&mut known, Payload::from_hex(&nothing), NOW).unwrap();
    signer.sign(&mut computed, b"", NOW).unwrap();
    assert_eq!(authorization(&known), authorization(&computed));
}

/// Body and request are hashed in turns, block by block; SHA-256 of the whole text says the same.
#[test]
fn what_is_signed_is_what_is_shown_whatever_its_length() {
    for length in (0..300).step_by(7).chain([63, 64, 65, 127, 128, 129, 5000]) {
        for token_length in [1, 60, 61, 62, 63, 64, 65, 66, 700] {
            let token = "t".repeat(token_length);
            let credentials = credentials(Some(&token));
            let signer = Signer::new(&credentials, REGION, "service");
            let body = "b".repeat(length);
            let mut request = Request::post("https://example.amazonaws.com/").body(()).unwrap();
            signer.sign(&mut request, body.as_bytes(), NOW).unwrap();
            let shown = signer.canonical_request(&request, body.as_bytes());
            let key = SigningKey::derive(&credentials.secret_access_key, NOW, REGION, "service").unwrap();
            let signature = key.sign(shown.string_to_sign(NOW, REGION, "service").unwrap().as_bytes());
            assert!(authorization(&request).ends_with(&hex::encode(signature)), "{length} {token_length}");
        }
    }
}

/// The example of [S3's page](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html).
#[test]
fn a_payload_need_not_be_signed() {
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let signer = Signer::new(&credentials, REGION, "s3").normalize_path(false).double_encode_path(false);
    let request = Request::get("https://examplebucket.s3.amazonaws.com/test.txt").body(()).unwrap();
    let now = utc_datetime!(2013-05-24 00:00);
    let url = signer.presign(&request, Payload::UNSIGNED, Duration::from_secs(86_400), now).unwrap().to_string();
    assert!(
        url.ends_with("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"),
        "{url}"
    );
}

#[test]
fn a_payload_shows_no_body() {
    for body in [Payload::from(&b"hush"[..]), b"hush".into(), "hush".into()] {
        assert_eq!(format!("{body:?}"), "Payload(4 bytes)");
    }
    assert_eq!(format!("{:?}", Payload::UNSIGNED), "Payload(UNSIGNED-PAYLOAD)");
}

/// All values of a name stay in their order, however many headers there are.
#[test]
fn any_number_of_headers_is_sorted() {
    for count in [13, 14, 15, 16, 17, 24_000] {
        let mut request = Request::get("https://example.amazonaws.com/").body(()).unwrap();
        for number in (0..count).rev() {
            let name = http::HeaderName::try_from(format!("{number:05}")).unwrap();
            request.headers_mut().append(name, number.into());
        }
        request.headers_mut().append("zz", "b".parse().unwrap());
        request.headers_mut().append("zz", "a".parse().unwrap());
        request.headers_mut().insert("user-agent", "x".parse().unwrap());
        let credentials = credentials(None);
        let signer = Signer::new(&credentials, REGION, "service");
        let canonical = signer.canonical_request(&request, b"").to_string();
        let expected: String = (0..count).map(|number| format!("{number:05}:{number}\n")).collect();
        let expected = format!("GET\n/\n\n{expected}host:example.amazonaws.com\nzz:b,a\n\n");
        assert!(canonical.starts_with(&expected), "{count}");
    }
}
