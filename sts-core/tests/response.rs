//! What is made of responses: metadata, refusals, and what is no response of STS.
// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

use http::{Response, response::Builder};
use sts_core::{sigv4::Signer, *};
use time::{UtcDateTime, macros::utc_datetime};

const NOW: UtcDateTime = utc_datetime!(2026-11-23 03:00);
const TOKEN: &str = "FwoGZXIvYXdzEXAMPLE";

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").session_token(TOKEN)
}

/// The result of `GetCallerIdentity` when the answer to the request is made by `answer`.
fn call(
    answer: impl FnOnce(&http::Request<Body>) -> Response<String>,
) -> Result<Reply<GetCallerIdentityOutput>, Error> {
    let config = Config::builder().region("us-east-1").max_attempts(1).build().unwrap();
    let (client, credentials) = (Client::new(config, 1), credentials());
    let step = client.call(&GetCallerIdentity::new(), Some(&credentials), NOW);
    let Step::Transmit(transmit, call) = step else { panic!("nothing to send") };
    match call.receive(Ok(answer(&transmit.request)), NOW) {
        Step::Done(result) => result,
        _ => panic!("there is one attempt"),
    }
}

fn respond(response: Builder, body: &str) -> Result<Reply<GetCallerIdentityOutput>, Error> {
    call(|_| response.body(body.into()).unwrap())
}

fn refusal(code: &str, message: &str) -> String {
    format!("<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>")
}

const OUTPUT: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId><Account>1</Account>\
                      </GetCallerIdentityResult></GetCallerIdentityResponse>";

#[test]
fn metadata_comes_from_the_body_or_the_headers() {
    // base64 of `1:eu-west-1:S:1795402800123:R:abc`
    let extended = "MTpldS13ZXN0LTE6UzoxNzk1NDAyODAwMTIzOlI6YWJj";
    let response = Response::builder()
        .header("x-amzn-requestid", "")
        .header("x-amz-request-id", "header")
        .header("x-amz-id-2", "two")
        .header("x-amz-cf-id", "cloud")
        .header("x-amz-sts-extended-request-id", extended);
    let metadata = respond(response, OUTPUT).unwrap().metadata;
    assert_eq!(metadata.request_id.as_deref(), Some("header"));
    assert_eq!(metadata.extended_request_id.as_deref(), Some("two"));
    assert_eq!(metadata.cloud_front_id.as_deref(), Some("cloud"));
    assert_eq!(metadata.serving_region.as_deref(), Some("eu-west-1"));
    assert_eq!(metadata.server_time, Some(utc_datetime!(2026-11-23 03:00:00.123).into()));
    assert_eq!(metadata.region.as_deref(), Some("us-east-1"));
    for odd in ["x", "MQ==", "MTphOlM6eDpSOmI=", "_w"] {
        let metadata =
            respond(Response::builder().header("x-amz-sts-extended-request-id", odd), OUTPUT).unwrap().metadata;
        assert_eq!((metadata.serving_region, metadata.server_time), (None, None));
    }

    let metadata = "<ResponseMetadata><requestId>lower</requestId></ResponseMetadata></GetCallerIdentityResponse>";
    let body = OUTPUT.replace("</GetCallerIdentityResponse>", metadata);
    assert_eq!(respond(Response::builder(), &body).unwrap().metadata.request_id.as_deref(), Some("lower"));
    let body = refusal("X", "y").replace("</Message>", "</Message><RequestId>inside</RequestId>");
    let error = respond(Response::builder().status(400), &body).unwrap_err();
    assert_eq!(error.metadata().unwrap().request_id.as_deref(), Some("inside"));
}

#[test]
fn a_quoted_canonical_request_is_compared_with_the_one_that_was_signed() {
    let credentials = credentials();
    let refused = |change: fn(&str) -> String| {
        let result = call(|request| {
            // As a server sees it, which knows which headers are signed.
            let authorization = request.headers()["authorization"].to_str().unwrap();
            let names = authorization.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
            let mut seen = http::Request::new(());
            *seen.method_mut() = request.method().clone();
            *seen.uri_mut() = request.uri().clone();
            for name in names.split(';') {
                let name = http::HeaderName::try_from(name).unwrap();
                seen.headers_mut().insert(name.clone(), request.headers()[name].clone());
            }
            let signer = Signer::new(&credentials, "us-east-1", "sts");
            let canonical = signer.canonical_request(&seen, request.body().expose()).to_string();
            let message = format!(
                "The request signature we calculated does not match. The Canonical String for this request should have been\n\
                 '{}'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256'\n",
                change(&canonical)
            );
            Response::builder().status(403).body(refusal("SignatureDoesNotMatch", &message)).unwrap()
        });
        let Err(Error::Service(error)) = result else { panic!("{result:?}") };
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains(TOKEN), "{text}");
        }
        error.difference
    };
    assert_eq!(refused(str::to_owned), None);
    assert_eq!(
        refused(|canonical| canonical.replace("host:sts.us-east-1.amazonaws.com", "host:proxy")).as_deref(),
        Some(r#"the service saw "host:proxy" where "host:sts.us-east-1.amazonaws.com" was signed"#)
    );
    // The token is not shown, so that it cannot be told from another.
    assert_eq!(refused(|canonical| canonical.replace(TOKEN, "another")), None);
}

#[test]
fn what_may_hold_credentials_is_not_quoted() {
    let secret = "wJalrXUtnFEMIK7MDENG";
    for body in [
        format!("<AssumeRoleResponse><SecretAccessKey>{secret}</SecretAccessKey></AssumeRoleResponse>"),
        format!("<AssumeRoleResponse><SecretAccessKey>{secret}</SecretAccessKey>"),
        format!("{{\"secretAccessKey\": \"{secret}\"}}"),
    ] {
        let error = respond(Response::builder().status(500), &body).unwrap_err();
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    let error = respond(Response::builder().status(502), "Bad gateway: upstream is down").unwrap_err();
    assert!(error.to_string().contains("which begins \"Bad gateway: upstream is down\""), "{error}");
}

#[test]
fn texts_of_errors_are_bounded() {
    let body = refusal(&"c".repeat(10_000), &"m".repeat(500_000));
    let error = respond(Response::builder().status(400), &body).unwrap_err();
    assert!(error.to_string().len() < 9_000, "{}", error.to_string().len());
    let error = respond(Response::builder().status(400), &format!("<{0}></{0}>", "n".repeat(500_000))).unwrap_err();
    assert!(error.to_string().len() < 1_000, "{}", error.to_string().len());
}

#[test]
fn odd_refusals() {
    let error = respond(Response::builder().status(403), &refusal("", "no")).unwrap_err();
    assert_eq!(error.to_string(), "GetCallerIdentity was refused with Unknown: no (HTTP 403, region us-east-1)");
    let error = respond(Response::builder().status(403), &refusal("AccessDeniedException", "no")).unwrap_err();
    let Error::Service(error) = error else { panic!("{error}") };
    assert_eq!((error.code, &*error.wire_code), (ErrorCode::AccessDenied, "AccessDeniedException"));

    let error =
        respond(Response::builder().status(302).header("location", "https://aws.amazon.com/iam"), "").unwrap_err();
    assert_eq!(
        error.to_string(),
        "GetCallerIdentity: https://sts.us-east-1.amazonaws.com answered HTTP 302, not an STS response: a redirect to \
         \"https://aws.amazon.com/iam\", which is not followed (region us-east-1)"
    );
}

#[test]
fn accounts_are_read_from_key_ids() {
    use sts_core::identity::account_of;
    // Made by an independent encoder: a flag, 40 bits of the account and 9 of anything, in base32.
    let encode = |account: u64| {
        let bits = 1 << 49 | account << 9;
        let digit = |place: u64| {
            char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::try_from(bits >> (45 - 5 * place) & 31).unwrap()])
        };
        format!("AKIA{}AAAAAA", (0..10).map(digit).collect::<String>())
    };
    for account in [0, 1, 123_456_789_012, 687_194_767_359, 687_194_767_360, 999_999_999_999] {
        assert_eq!(account_of(&encode(account)), Some(format!("{account:012}")));
    }
    assert_eq!(account_of(&encode(5).replace("AKIA", "xxxx")), None);
    assert_eq!(account_of("AKIAIOSFODNN7EXAMPLE"), None);
    assert_eq!(account_of(""), None);
}
