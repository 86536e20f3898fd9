//! What a browser sees.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use http::{Request, Response, StatusCode};
use sts_core::{ErrorCode, sigv4::Signer};
use sts_local::{Fault, LocalSts};
use time::{UtcDateTime, macros::utc_datetime};

const NOW: UtcDateTime = utc_datetime!(2026-11-23 03:00);
const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// What a browser sends before a signed call.
fn preflight() -> Request<Vec<u8>> {
    Request::options("http://127.0.0.1:9/")
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,x-amz-date,x-amz-user-agent")
        .body(Vec::new())
        .unwrap()
}

fn signed() -> Request<Vec<u8>> {
    let form = "application/x-www-form-urlencoded";
    let mut request = Request::post("http://127.0.0.1:9/").header("content-type", form).body(BODY.into()).unwrap();
    let signer = LocalSts::demo_credentials();
    Signer::new(&signer, "us-east-1", "sts").sign(&mut request, BODY.as_bytes(), NOW).unwrap();
    request
}

fn cors(response: &Response<Vec<u8>>) -> Vec<String> {
    let headers = response.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
    let mut headers: Vec<String> = headers.filter(|header| header.starts_with("access-control-")).collect();
    headers.sort();
    headers
}

/// The headers are those that AWS sends.
#[test]
fn a_preflight() {
    let response = LocalSts::demo().handle(preflight(), NOW);
    assert_eq!((response.status(), response.body().len()), (StatusCode::OK, 0));
    assert_eq!(
        cors(&response),
        [
            "access-control-allow-headers: authorization,x-amz-date,x-amz-user-agent",
            "access-control-allow-methods: GET, POST, OPTIONS",
            "access-control-allow-origin: *",
            "access-control-expose-headers: x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
            "access-control-max-age: 172800",
        ]
    );
}

#[test]
fn every_answer_can_be_read() {
    let sts = LocalSts::demo();
    let expected = [
        "access-control-allow-origin: *",
        "access-control-expose-headers: x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
    ];
    let mut unsigned = signed();
    unsigned.headers_mut().remove("authorization");
    let no_action = Request::get("/").body(Vec::new()).unwrap();
    for (request, status) in [(signed(), 200), (unsigned, 403), (no_action, 302)] {
        let response = sts.handle(request, NOW);
        assert_eq!((response.status().as_u16(), cors(&response)), (status, expected.map(String::from).to_vec()));
    }
    for (fault, status) in [(ErrorCode::Throttling.into(), 400), (Fault::Status(StatusCode::BAD_GATEWAY), 502)] {
        sts.fail(fault);
        let response = sts.handle(signed(), NOW);
        assert_eq!((response.status().as_u16(), cors(&response)), (status, expected.map(String::from).to_vec()));
    }
}

#[test]
fn a_preflight_takes_no_fault() {
    let sts = LocalSts::demo();
    sts.fail(ErrorCode::Throttling);
    assert_eq!(sts.handle(preflight(), NOW).status(), StatusCode::OK);
    assert_eq!(sts.handle(signed(), NOW).status(), StatusCode::BAD_REQUEST);
}

/// `OPTIONS` alone is a request like any other.
#[test]
fn only_a_preflight_is_one() {
    for header in ["origin", "access-control-request-method"] {
        let mut request = preflight();
        request.headers_mut().remove(header);
        assert_eq!(LocalSts::demo().handle(request, NOW).status(), StatusCode::FOUND, "without {header}");
    }
}

#[test]
fn it_can_be_turned_off() {
    let sts = LocalSts::demo().cors(false);
    for (request, status) in [(preflight(), 302), (signed(), 200)] {
        let response = sts.handle(request, NOW);
        assert_eq!((response.status().as_u16(), cors(&response)), (status, Vec::new()));
    }
}
