//! Presigning a URL.

use std::time::Duration;

use http::{Request, Uri};
use sts_core::{
    Credentials,
    sigv4::{SignError, Signer},
};

use crate::{BODY, ID, NOW, REGION, credentials, know, sts};

/// What a server receives of a presigned `GetCallerIdentity`.
pub(crate) fn presigned(credentials: &Credentials, service: &str, expires: u64) -> Request<String> {
    let request = Request::get(format!("https://sts.us-east-1.amazonaws.com/?{BODY}")).body(String::new()).unwrap();
    let signer = Signer::new(credentials, REGION, service);
    received(request.clone(), signer.presign(&request, b"", Duration::from_secs(expires), NOW).unwrap())
}

/// Limits: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
#[test]
fn a_presigned_url_lives_from_a_second_to_a_week() {
    let request = Request::get("https://sts.us-east-1.amazonaws.com/").body(()).unwrap();
    let credentials = credentials(None);
    let presign = |expires| Signer::new(&credentials, REGION, "sts").presign(&request, b"", expires, NOW);
    for (expires, text) in
        [(Duration::from_secs(1), "1"), (Duration::from_millis(1900), "1"), (Duration::from_secs(604_800), "604800")]
    {
        let url = presign(expires).unwrap();
        assert!(url.query().unwrap().split('&').any(|field| field == format!("X-Amz-Expires={text}")), "{url}");
    }
    for expires in [Duration::ZERO, Duration::from_millis(900), Duration::from_secs(604_801), Duration::MAX] {
        let error = presign(expires).unwrap_err();
        assert_eq!(error, SignError::Expires);
        assert_eq!(error.to_string(), "a presigned request lives for a second at least and a week at most");
    }
}

#[test]
fn presigning_again_replaces_the_old_signature() {
    let plain = Request::get(format!("https://sts.us-east-1.amazonaws.com/?{BODY}&X-Amz-Own=1")).body(()).unwrap();
    let presign = |request: &Request<()>, credentials: &Credentials, seconds| {
        let signer = Signer::new(credentials, REGION, "sts");
        signer.presign(request, b"", Duration::from_secs(seconds), NOW).unwrap()
    };
    let old = presign(&plain, &credentials(Some("old token")), 60);
    let again = Request::get(old).body(()).unwrap();
    assert_eq!(presign(&again, &credentials(None), 900), presign(&plain, &credentials(None), 900));
}

/// The request with that URL, and the `Host` header that a client makes of it.
pub(crate) fn received(mut request: Request<String>, url: Uri) -> Request<String> {
    let host = url.authority().unwrap().as_str().parse().unwrap();
    request.headers_mut().insert("host", host);
    *request.uri_mut() = url;
    request
}

/// Changes the query, field by field; `None` drops a field.
pub(crate) fn edit_query(request: &mut Request<String>, mut change: impl FnMut(&str, &str) -> Option<String>) {
    let (base, query) = request.uri().to_string().split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let fields = query.split('&').filter_map(|field| {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        change(name, value)
    });
    *request.uri_mut() = format!("{base}?{}", fields.collect::<Vec<_>>().join("&")).parse().unwrap();
}

pub(crate) fn set(request: &mut Request<String>, name: &str, value: &str) {
    edit_query(request, |key, old| Some(format!("{key}={}", if key == name { value } else { old })));
}

pub(crate) fn drop_field(request: &mut Request<String>, name: &str) {
    edit_query(request, |key, value| (key != name).then(|| format!("{key}={value}")));
}

pub(crate) const PARAMETERS: [&str; 7] = [
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
    let verified = sts().verify(&request, NOW, know(&credentials)).unwrap();
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
        let url = signer.presign(&request, b"", Duration::from_secs(60), NOW).unwrap().to_string();
        assert!(url.starts_with(start), "{url}");
    }
}

/// Clients write the host in lower case and leave out the scheme's own port, however the URL has them; botocore and awscrt sign it so.
#[test]
fn a_presigned_url_has_the_host_that_clients_send() {
    let credentials = credentials(None);
    let signer = Signer::new(&credentials, REGION, "sts");
    let presign = |start: &str| {
        let request = Request::get(format!("{start}/?{BODY}")).body(()).unwrap();
        signer.presign(&request, b"", Duration::from_secs(60), NOW).unwrap().to_string()
    };
    for (start, expected) in [
        ("https://STS.US-EAST-1.AMAZONAWS.COM", "https://sts.us-east-1.amazonaws.com"),
        ("https://sts.us-east-1.amazonaws.com:443", "https://sts.us-east-1.amazonaws.com"),
        ("https://sts.us-east-1.amazonaws.com:", "https://sts.us-east-1.amazonaws.com"),
        ("HTTPS://Sts.us-east-1.amazonaws.com:443", "https://sts.us-east-1.amazonaws.com"),
        ("http://localhost:80", "http://localhost"),
        ("http://Localhost:443", "http://localhost:443"),
        ("https://[::1]:443", "https://[::1]"),
        ("https://[FE80::1]:8443", "https://[fe80::1]:8443"),
        ("https://Me@STS.amazonaws.com:443", "https://Me@sts.amazonaws.com"),
    ] {
        let url = presign(start);
        assert!(url.starts_with(&format!("{expected}/?Action=")), "{url}");
        assert_eq!(url, presign(expected));
        let host = expected.split_once("://").unwrap().1.trim_start_matches("Me@");
        let mut request = Request::get(&url).body(String::new()).unwrap();
        request.headers_mut().insert("host", host.parse().unwrap());
        assert!(sts().verify(&request, NOW, know(&credentials)).is_ok(), "{url}");
    }
    // A header says what is sent.
    let mut request = Request::post("https://STS.amazonaws.com:443/").body(()).unwrap();
    signer.sign(&mut request, b"", NOW).unwrap();
    assert_eq!(request.headers()["host"], "sts.amazonaws.com");
}
