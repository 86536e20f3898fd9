//! Signing headers.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Request};
use sts_core::{Credentials, sigv4::Signer};
use time::macros::utc_datetime;

use crate::{BODY, FORM, NOW, REGION, SECRET, authorization, credentials, know, peer::validate, signed, sts};

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
        Signer::new(&credentials, REGION, "sts").sign(&mut request, b"", NOW).unwrap();
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
        let verified = sts().verify(&request, NOW, know(&credentials)).unwrap();
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

#[test]
fn what_cannot_be_signed() {
    let sign = |uri: &str, credentials: &Credentials, now| {
        let mut request = Request::post(uri).body(()).unwrap();
        let result = Signer::new(credentials, REGION, "sts").sign(&mut request, b"", now);
        result.unwrap_err().to_string()
    };
    let url = "https://sts.amazonaws.com/";
    assert_eq!(sign("/", &credentials(None), NOW), "the request has no host to sign for");
    assert_eq!(
        sign(url, &Credentials::new("ÄKID", SECRET), NOW),
        "the access key id holds a character that a header cannot"
    );
    assert_eq!(
        sign(url, &Credentials::new("A\nB", SECRET), NOW),
        "the access key id holds a character that a header cannot"
    );
    let mut request = Request::post(url).body(()).unwrap();
    let known = credentials(None);
    let error = Signer::new(&known, "eu\nwest", "sts").sign(&mut request, b"", NOW).unwrap_err();
    assert_eq!(error.to_string(), "the region or the service holds a character that a header cannot");
    assert_eq!(sign(url, &credentials(Some("A\nB")), NOW), "the session token holds a character that a header cannot");
    assert_eq!(
        sign(url, &credentials(None), utc_datetime!(-0001-01-01 00:00)),
        "the date is not between the years 0 and 9999"
    );
    let mut full = Request::post(url).body(()).unwrap();
    for number in 0..40_000 {
        let name = HeaderName::try_from(format!("x-{number}")).unwrap();
        if full.headers_mut().try_append(name, HeaderValue::from_static("1")).is_err() {
            break;
        }
    }
    let error = Signer::new(&known, REGION, "sts").sign(&mut full, b"", NOW).unwrap_err();
    assert_eq!(error.to_string(), "the request has so many headers that none can be added");
    let long = Request::get(format!("{url}?a={}", "b".repeat(65_000))).body(()).unwrap();
    let credentials = credentials(Some(&"t".repeat(600)));
    let presigned = Signer::new(&credentials, REGION, "sts").presign(&long, b"", Duration::from_secs(60), NOW);
    assert_eq!(presigned.unwrap_err().to_string(), "the signed URL is not a URL, or is longer than 65534 characters");
}
