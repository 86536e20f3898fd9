//! What is made of responses, those that STS does not send among them.

use std::time::Duration;
use sts_core::{GetCallerIdentity, TransportErrorKind};

use crate::script::{Client, Fail, OK, answer, play, refusal};

#[test]
fn unreadable_responses_say_what_came() {
    let page = "an HTML page, as proxies and login pages send";
    let html = "<html><head><title>Log in</title></head><body>Captive portal</body></html>";
    for (status, body, expected) in [
        (403, html, format!("{page}, which begins {html:?}")),
        (200, html, page.to_owned()),
        (200, "\u{feff} <!DOCTYPE HTML>", page.to_owned()),
        (
            400,
            r#"{"message":"no"}"#,
            r#"JSON, as gateways and other services send, which begins "{\"message\":\"no\"}""#.to_owned(),
        ),
        (
            200,
            "<GetCallerIdentityResponse><GetCallerIdentityResult>",
            "document ends inside an element (byte 27) at byte 52".to_owned(),
        ),
        (
            200,
            "<GetCallerIdentityResponse/>",
            "missing element GetCallerIdentityResult in GetCallerIdentityResponse at byte 0".to_owned(),
        ),
        (
            200,
            "<!DOCTYPE x [<!ENTITY a 'b'>]><GetCallerIdentityResponse/>",
            "document type declarations are refused at byte 0".to_owned(),
        ),
    ] {
        assert_eq!(
            play(&GetCallerIdentity::new(), &[answer(status, body)]),
            format!("transmit attempt=1; max=3\ndone: {} {expected} (region eu-west-1)", answered(status))
        );
    }
}

/// The beginning of all these messages.
fn answered(status: u16) -> String {
    format!("GetCallerIdentity: https://sts.eu-west-1.amazonaws.com answered HTTP {status}, not an STS response:")
}

#[test]
fn an_empty_response_is_called_so() {
    for (status, body, expected) in [
        (200, "", "an empty body"),
        (403, " \r\n", "an empty body"),
        (302, "", "an empty body; redirects are not followed"),
    ] {
        let trace = play(&GetCallerIdentity::new(), &[answer(status, body)]);
        assert_eq!(
            trace,
            format!("transmit attempt=1; max=3\ndone: {} {expected} (region eu-west-1)", answered(status))
        );
    }
}

#[test]
fn the_beginning_of_a_long_page_is_kept() {
    let page = "\u{e9}".repeat(5_000);
    let run = Client::new(1).run(&GetCallerIdentity::new(), &[answer(404, page)]);
    let text = run.result.unwrap().unwrap_err().to_string();
    assert!(text.contains(&"\u{e9}".repeat(200)) && !text.contains(&"\u{e9}".repeat(201)), "{text}");
}

/// A page that is not UTF-8 is not lost, either.
#[test]
fn bytes_that_are_no_text() {
    assert_eq!(
        play(&GetCallerIdentity::new(), &[answer(404, b"\xff\xfe".as_slice())]),
        format!(
            "transmit attempt=1; max=3\n\
             done: {} document is not UTF-8 at byte 0, which begins \"\u{fffd}\u{fffd}\" (region eu-west-1)",
            answered(404)
        )
    );
}

#[test]
fn every_status_from_three_hundred_on_is_an_error_and_an_error_in_a_success_too() {
    assert_eq!(
        play(&GetCallerIdentity::new(), &[answer(302, OK)]).lines().nth(1).unwrap(),
        format!(
            "done: {} GetCallerIdentityResponse is not an error response at byte 0; redirects are not followed \
             (region eu-west-1)",
            answered(302)
        )
    );
    assert_eq!(
        play(&GetCallerIdentity::new(), &[answer(200, refusal("AccessDenied"))]).lines().nth(1).unwrap(),
        "done: GetCallerIdentity was refused with AccessDenied: because (HTTP 200, request id 7, region eu-west-1)"
    );
}

#[test]
fn odd_envelopes_of_errors_are_read() {
    let error = "<Code>AccessDenied</Code>";
    for (body, text) in [
        (format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>"), "AccessDenied"),
        (format!("<ErrorResponse><RequestId>7</RequestId><Error>{error}</Error></ErrorResponse>"), "AccessDenied"),
        (format!("<x:ErrorResponse xmlns:x='urn:y'><x:Error>{error}</x:Error></x:ErrorResponse>"), "AccessDenied"),
        (format!("<ErrorResponse><Error>{error}<message>low</message></Error></ErrorResponse>"), "AccessDenied: low"),
        (format!("<ErrorResponse><Errors><Error>{error}</Error></Errors></ErrorResponse>"), "AccessDenied"),
        (format!("<Error>{error}<Message>m</Message></Error>"), "AccessDenied: m"),
    ] {
        let trace = play(&GetCallerIdentity::new(), &[answer(403, body.clone())]);
        let expected = format!("done: GetCallerIdentity was refused with {text} (HTTP 403, ");
        assert!(trace.lines().nth(1).unwrap().starts_with(&expected), "{body}: {trace}");
    }
}

#[test]
fn metadata_comes_from_the_body_and_else_from_headers() {
    let header = |name: &'static str| {
        let script = [answer(200, OK).header(name, "id").header("x-amz-id-2", "ext").header("x-amz-cf-id", "cf")];
        Client::new(1).run(&GetCallerIdentity::new(), &script).result.unwrap().unwrap().metadata
    };
    for name in ["x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id"] {
        let metadata = header(name);
        assert_eq!(metadata.request_id.as_deref(), Some("id"), "{name}");
        assert_eq!(metadata.extended_request_id.as_deref(), Some("ext"));
        assert_eq!(metadata.cloud_front_id.as_deref(), Some("cf"));
        assert_eq!((metadata.status.as_u16(), metadata.attempts), (200, 1));
        assert_eq!(metadata.retry_delay, Duration::ZERO);
    }
    let script = [answer(403, refusal("AccessDenied")).header("x-amzn-requestid", "another")];
    let run = Client::new(1).run(&GetCallerIdentity::new(), &script);
    let error = run.result.unwrap().unwrap_err();
    assert_eq!(error.metadata().unwrap().request_id.as_deref(), Some("7"));
    assert_eq!(error.code(), Some(&sts_core::ErrorCode::AccessDenied));
}

#[test]
fn metadata_adds_the_waits_up() {
    let script = [answer(500, ""), Fail(TransportErrorKind::Connect), answer(200, OK)];
    let run = Client::new(1).run(&GetCallerIdentity::new(), &script);
    let metadata = run.result.unwrap().unwrap().metadata;
    assert_eq!(metadata.attempts, 3);
    assert_eq!(metadata.retry_delay, run.waits.iter().sum::<Duration>());
    assert!(metadata.retry_delay > Duration::ZERO);
}
