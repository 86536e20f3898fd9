//! Clock skew: AWS's own cases of what the SDKs learn from responses, and which errors they retry.

use http::Response;
use serde_json::Value;
use sts_conformance::{json, list, text};
use sts_core::{Client, Config, Credentials, GetCallerIdentity, Step};
use time::SignedDuration;

use crate::data::rfc3339;

#[test]
fn clock_skew() {
    let suite = json("retries/clock-skew-test-cases.json");
    let cases = list(&suite["tests"]);
    for case in cases {
        let what = text(&case["description"]);
        let operations = list(&case["operations"]);
        let max_attempts = operations[0]["maxAttempts"].as_u64().map_or(3, |max| u32::try_from(max).unwrap());
        let config = Config::builder().region("us-east-1").max_attempts(max_attempts).build().unwrap();
        let client = Client::new(config, 1);
        learn(&client, seconds(&operations[0]["initialClientSkew"]));
        for operation in operations {
            assert_eq!(client.clock_correction(), seconds(&operation["initialClientSkew"]), "{what}");
            assert_eq!(outcome(&client, list(&operation["attempts"])), text(&operation["expectedOutcome"]), "{what}");
            assert_eq!(client.clock_correction(), seconds(&operation["expectedClientSkew"]), "{what}");
        }
    }
    assert_eq!(cases.len(), 10);
}

fn seconds(value: &Value) -> SignedDuration {
    SignedDuration::seconds(value.as_i64().unwrap())
}

/// A call whose response says how wrong the clock is.
fn learn(client: &Client, skew: SignedDuration) {
    let now = rfc3339("2026-01-01T00:00:00Z");
    let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    let operation = GetCallerIdentity::new();
    let Step::Transmit(_, call) = client.call(&operation, Some(&credentials), now) else { panic!("nothing to send") };
    let date = chrono::DateTime::from_timestamp((now + skew).unix_timestamp(), 0).unwrap();
    let response = Response::builder().header("date", date.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
    let Step::Done(Ok(_)) = call.receive(Ok(response.body(SUCCESS).unwrap()), now) else { panic!("a success") };
}

/// Plays a call: `success` or `error`, once all attempts are made.
fn outcome(client: &Client, attempts: &[Value]) -> &'static str {
    let (operation, credentials) = (GetCallerIdentity::new(), Credentials::new("AKIDEXAMPLE", "secret"));
    let mut attempts = attempts.iter();
    let mut attempt = attempts.next().unwrap();
    let mut step = client.call(&operation, Some(&credentials), rfc3339(text(&attempt["clientTimeAtSend"])));
    loop {
        step = match step {
            Step::Transmit(transmit, call) => {
                let signed = rfc3339(text(&attempt["expectedSigningTime"]));
                let signed = chrono::DateTime::from_timestamp(signed.unix_timestamp(), 0).unwrap();
                assert_eq!(transmit.request.headers()["x-amz-date"], signed.format("%Y%m%dT%H%M%SZ").to_string());
                call.receive(Ok(response(&attempt["response"])), rfc3339(text(&attempt["clientTimeAtReceive"])))
            }
            Step::Wait(_, call) => {
                attempt = attempts.next().expect("no more attempts");
                call.resume(rfc3339(text(&attempt["clientTimeAtSend"])))
            }
            Step::Done(result) => {
                assert_eq!(attempts.next(), None);
                return if result.is_ok() { "success" } else { "error" };
            }
        }
    }
}

const SUCCESS: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><UserId>u</UserId><Account>1</Account><Arn>a</Arn>\
                       </GetCallerIdentityResult></GetCallerIdentityResponse>";

fn response(description: &Value) -> Response<String> {
    let status = u16::try_from(description["statusCode"].as_u64().unwrap()).unwrap();
    let mut response = Response::builder().status(status);
    for (name, value) in description["headers"].as_object().unwrap() {
        response = response.header(name, text(value));
    }
    let body = match description["errorCode"].as_str() {
        Some(code) => format!("<ErrorResponse><Error><Code>{code}</Code><Message/></Error></ErrorResponse>"),
        None => SUCCESS.to_owned(),
    };
    response.body(body).unwrap()
}
