//! The signer, step by step.

use std::{fs, time::Duration};

use http::{HeaderName, HeaderValue, Request};
use serde_json::{Value, json};
use sts_conformance::{folder, json_lines, number, read, text};
use sts_core::{
    Credentials,
    sigv4::{Signer, Verifier},
};
use time::UtcDateTime;

use crate::data::rfc3339;

/// `20150830T123600Z`
fn compact_time(text: &str) -> UtcDateTime {
    let [year, month, day, hour, minute, second] =
        [&text[..4], &text[4..6], &text[6..8], &text[9..11], &text[11..13], &text[13..15]];
    rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

fn credentials(id: &Value, secret: &Value, token: &Value) -> Credentials {
    let credentials = Credentials::new(text(id), text(secret));
    match token.as_str() {
        Some(token) => credentials.session_token(token),
        None => credentials,
    }
}

/// What a verifier hashes and what should have been signed.
fn steps(request: &Request<Vec<u8>>, region: &str, service: &str, now: UtcDateTime) -> (String, String) {
    let canonical_request = Verifier::new(service).canonical_request(request).unwrap();
    let string_to_sign = canonical_request.string_to_sign(now, region, service).unwrap();
    (canonical_request.to_string(), string_to_sign)
}

#[test]
fn generated_signatures() {
    let cases = json_lines("generated-sigv4/sts.jsonl");
    assert_eq!(cases.len(), 1000);
    let (mut headers, mut presigned) = (0, 0);
    for case in &cases {
        let known = credentials(&case["ak"], &case["sk"], &case["token"]);
        let (host, body, now) = (text(&case["host"]), text(&case["body"]), compact_time(text(&case["time"])));
        let (region, service, id) = (text(&case["region"]), text(&case["service"]), &case["id"]);
        let signer = Signer::new(&known, region, service);
        if case["mode"] == "header" {
            let mut request = Request::post(format!("https://{host}/"))
                .header("content-type", text(&case["content_type"]))
                .body(body.as_bytes().to_vec())
                .unwrap();
            signer.sign(&mut request, body.as_bytes(), now).unwrap();
            let (canonical_request, string_to_sign) = steps(&request, region, service, now);
            assert_eq!(canonical_request, text(&case["canonical_request"]), "{id}");
            assert_eq!(string_to_sign, text(&case["string_to_sign"]), "{id}");
            assert_eq!(request.headers()["authorization"], text(&case["authorization"]), "{id}");
            headers += 1;
        } else {
            let request = Request::get(format!("https://{host}/?{body}")).body(()).unwrap();
            let expires = Duration::from_secs(number(&case["expires"]).into());
            let url = signer.presign(&request, b"", expires, now).unwrap().to_string();
            assert_eq!(sorted_url(&url), sorted_url(text(&case["url"])), "{id}");
            presigned += 1;
        }
    }
    assert!(headers >= 600 && presigned >= 300, "{headers} in headers, {presigned} presigned");
}

/// The order of parameters is the signer's choice; it is not part of the signature.
fn sorted_url(url: &str) -> (&str, Vec<&str>) {
    let (start, query) = url.split_once('?').unwrap_or((url, ""));
    let mut parameters: Vec<_> = query.split('&').collect();
    parameters.sort_unstable();
    (start, parameters)
}

/// A case of the signing suite, as much as an `http::Request` can hold.
struct SuiteCase {
    request: Request<Vec<u8>>,
    context: Value,
}

impl SuiteCase {
    fn read(name: &str) -> Self {
        let context = fs::read_to_string(folder().join(format!("sigv4-suite/{name}/context.json"))).map_or_else(
            // The two cases without a context: what their signed requests and aws-sigv4, which ships them, say.
            |_| {
                let (id, secret, region, service, timestamp) = match name {
                    "double-encode-path" => {
                        ("ANOTREAL", "notrealrnrELgWzOk3IfjzDKtFBhDby", "us-east-1", "service", "2015-08-30T12:36:00Z")
                    }
                    _ => (
                        "AKIDEXAMPLE",
                        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                        "us-east-2",
                        "lambda",
                        "2021-05-11T15:40:45Z",
                    ),
                };
                json!({
                    "credentials": { "access_key_id": id, "secret_access_key": secret },
                    "normalize": true, "region": region, "service": service, "timestamp": timestamp,
                })
            },
            |text| serde_json::from_str(&text).unwrap(),
        );
        let source = read(&format!("sigv4-suite/{name}/request.txt"));
        let (head, body) = source.split_once("\n\n").unwrap_or((&source, ""));
        // RFC 9112 §5.2: a line that begins with a blank continues the one before.
        let head = head.replace("\n ", " ");
        let mut lines = head.lines();
        let (method, rest) = lines.next().unwrap().split_once(' ').unwrap();
        // A URL has no blanks; every client sends them percent-encoded.
        let target = rest.strip_suffix(" HTTP/1.1").unwrap().replace(' ', "%20");
        let mut request = Request::new(body.as_bytes().to_vec());
        for (name, value) in lines.map(|line| line.split_once(':').unwrap()) {
            let value = HeaderValue::from_bytes(value.trim().as_bytes()).unwrap();
            request.headers_mut().append(name.parse::<HeaderName>().unwrap(), value);
        }
        // The signer sets it itself.
        request.headers_mut().remove("x-amz-date");
        *request.method_mut() = method.parse().unwrap();
        let host = request.headers()["host"].to_str().unwrap().to_owned();
        *request.uri_mut() = format!("https://{host}{target}").parse().unwrap();
        Self { request, context }
    }

    fn credentials(&self) -> Credentials {
        let of = &self.context["credentials"];
        credentials(&of["access_key_id"], &of["secret_access_key"], &of["token"])
    }

    fn now(&self) -> UtcDateTime {
        rfc3339(text(&self.context["timestamp"]))
    }
}

/// The suite signs `content-length`; this signer leaves out what describes the connection unless told otherwise.
const SUITE_UNSIGNED: [&str; 1] = ["authorization"];

/// The suite takes paths as they come and encodes them once; the two cases of their own encode twice.
fn signer<'a>(name: &str, case: &'a SuiteCase, credentials: &'a Credentials) -> Signer<'a> {
    Signer::new(credentials, text(&case.context["region"]), text(&case.context["service"]))
        .normalize_path(case.context["normalize"] == true)
        .double_encode_path(name.starts_with("double-"))
        .unsigned_headers(&SUITE_UNSIGNED)
}

fn suite() -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder().join("sigv4-suite"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 40);
    names
}

#[test]
fn signing_suite_in_headers() {
    let mut signatures = 0;
    for name in suite() {
        let mut case = SuiteCase::read(&name);
        let expected =
            |step: &str| fs::read_to_string(folder().join(format!("sigv4-suite/{name}/header-{step}.txt"))).ok();
        let omits_token = case.context["omit_session_token"] == true;
        let mut known = case.credentials();
        if omits_token {
            // The token is added after signing.
            known.session_token = None;
        }
        if case.context["sign_body"] == true {
            let canonical = expected("canonical-request").unwrap();
            let hash = canonical.trim_end().rsplit_once('\n').unwrap().1;
            case.request.headers_mut().insert("x-amz-content-sha256", hash.parse().unwrap());
        }
        let now = case.now();
        let mut request = case.request.clone();
        let body = request.body().clone();
        signer(&name, &case, &known).sign(&mut request, &*body, now).unwrap();
        let authorization = request.headers()["authorization"].to_str().unwrap().to_owned();
        // Equal signatures mean equal steps. Our verifier, which knows the rules of STS alone, shows them where these are the
        // suite's, so that a failure says which one is wrong.
        if !name.contains("unnormalized") && !["get-utf8", "get-space-normalized"].contains(&&*name) {
            let (canonical_request, string_to_sign) = {
                let [region, service] = ["region", "service"].map(|name| text(&case.context[name]));
                steps(&request, region, service, now)
            };
            // The text of `double-encode-path` has another date than its signature.
            let expected_request = match &*name {
                "double-encode-path" => {
                    expected("canonical-request").unwrap().replace("20210511T154045Z", "20150830T123600Z")
                }
                _ => expected("canonical-request").unwrap(),
            };
            assert_eq!(canonical_request.trim_end(), expected_request.trim_end(), "{name}");
            if let Some(expected) = expected("string-to-sign") {
                assert_eq!(string_to_sign, expected.trim_end(), "{name}");
            }
        }
        let (_, signature) = authorization.rsplit_once("Signature=").unwrap();
        let signed = expected("signed-request").unwrap();
        let (_, expected) = signed.split_once("Signature=").unwrap();
        assert_eq!(signature, expected.lines().next().unwrap(), "{name}");
        signatures += 1;
    }
    assert_eq!(signatures, 40);
}

#[test]
fn signing_suite_in_queries() {
    let mut signatures = 0;
    for name in suite() {
        let Ok(expected) = fs::read_to_string(folder().join(format!("sigv4-suite/{name}/query-signature.txt"))) else {
            continue;
        };
        let case = SuiteCase::read(&name);
        let mut known = case.credentials();
        if case.context["omit_session_token"] == true {
            known.session_token = None;
        }
        let expires = Duration::from_secs(number(&case.context["expiration_in_seconds"]).into());
        let url = signer(&name, &case, &known).presign(&case.request, &**case.request.body(), expires, case.now());
        let url = url.unwrap().to_string();
        assert_eq!(url.rsplit_once("X-Amz-Signature=").unwrap().1, expected.trim_end(), "{name}");
        signatures += 1;
    }
    assert_eq!(signatures, 38);
}
