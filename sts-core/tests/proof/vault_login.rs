//! Vault logins.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderName, Request};
use serde_json::{Value, json};
use sts_core::{Config, proof::VaultLogin, sigv4::Verifier};

use crate::{NOW, config, credentials};

const SERVER: &str = "vault.example.com";
const HOST: &str = "sts.eu-central-1.amazonaws.com";

fn login(session_token: Option<&str>, server_id: Option<&str>) -> Value {
    let login = VaultLogin::new(&config("eu-central-1"), &credentials(session_token), server_id, NOW).unwrap();
    serde_json::from_str(login.to_json(Some("dev \"role\"")).expose()).unwrap()
}

fn decoded(login: &Value, member: &str) -> String {
    String::from_utf8(BASE64_STANDARD.decode(login[member].as_str().unwrap()).unwrap()).unwrap()
}

/// <https://developer.hashicorp.com/vault/api-docs/auth/aws#login>
#[test]
fn a_vault_login_is_a_signed_call() {
    for (session_token, server_id) in
        [(None, None), (Some("TOKEN+/="), None), (None, Some(SERVER)), (Some("TOKEN+/="), Some(SERVER))]
    {
        let login = login(session_token, server_id);
        assert_eq!(login.as_object().unwrap().len(), 5);
        assert_eq!(login["role"], "dev \"role\"");
        assert_eq!(login["iam_http_request_method"], "POST");
        assert_eq!(decoded(&login, "iam_request_url"), "https://sts.eu-central-1.amazonaws.com/");
        let body = decoded(&login, "iam_request_body");
        assert_eq!(body, "Action=GetCallerIdentity&Version=2011-06-15");

        let headers: Value = serde_json::from_str(&decoded(&login, "iam_request_headers")).unwrap();
        let mut request = Request::post("https://sts.eu-central-1.amazonaws.com/").body(body.into_bytes()).unwrap();
        for (name, values) in headers.as_object().unwrap() {
            for value in values.as_array().unwrap() {
                let name: HeaderName = name.parse().unwrap();
                request.headers_mut().append(name, value.as_str().unwrap().parse().unwrap());
            }
        }
        // Vault reads STS's XML.
        assert!(!request.headers().contains_key("accept"));
        let known = credentials(session_token);
        let verified = Verifier::new("sts").verify(&request, NOW, |_| Some(known.clone())).unwrap();
        let mut signed = vec!["content-type", "host", "x-amz-date"];
        signed.extend(session_token.map(|_| "x-amz-security-token"));
        signed.extend(server_id.map(|_| "x-vault-aws-iam-server-id"));
        assert_eq!(verified.signed_headers, signed);
        assert_eq!(headers["x-vault-aws-iam-server-id"][0].as_str(), server_id);

        let read = VaultLogin::read(&login.to_string(), server_id).unwrap();
        assert_eq!(read.headers(), request.headers());
        assert_eq!((read.method(), read.uri(), read.body()), (request.method(), request.uri(), request.body()));
    }
    let plain = VaultLogin::new(&config("us-east-1"), &credentials(None), None, NOW).unwrap();
    assert!(serde_json::from_str::<Value>(plain.to_json(None).expose()).unwrap().get("role").is_none());
}

/// Whoever adds headers before it is sent may add several of a name.
#[test]
fn all_values_of_a_header_are_written() {
    let mut login = VaultLogin::new(&config("us-east-1"), &credentials(None), None, NOW).unwrap();
    for value in ["one", "two"] {
        login.request.headers_mut().append("user-agent", value.parse().unwrap());
    }
    let json: Value = serde_json::from_str(login.to_json(None).expose()).unwrap();
    let headers: Value = serde_json::from_str(&decoded(&json, "iam_request_headers")).unwrap();
    assert_eq!(headers["user-agent"], json!(["one", "two"]));
}

/// A login that names a server may be used with one that does not ask.
#[test]
fn a_server_that_has_no_id_takes_any_login() {
    assert!(VaultLogin::read(&login(None, Some(SERVER)).to_string(), None).is_ok());
}

/// Vault's own agent writes the headers' values as texts, others as lists.
#[test]
fn headers_may_be_texts_or_lists() {
    let mut login = login(None, Some(SERVER));
    let headers: Value = serde_json::from_str(&decoded(&login, "iam_request_headers")).unwrap();
    let texts: Value =
        headers.as_object().unwrap().iter().map(|(name, values)| (name.to_uppercase(), values[0].clone())).collect();
    login["iam_request_headers"] = BASE64_STANDARD.encode(texts.to_string()).into();
    let request = VaultLogin::read(&login.to_string(), Some(SERVER)).unwrap();
    assert!(Verifier::new("sts").verify(&request, NOW, |_| Some(credentials(None))).is_ok());
}

#[test]
fn logins_that_break_a_rule_are_refused() {
    let good = login(None, Some(SERVER));
    assert!(VaultLogin::read(&good.to_string(), Some(SERVER)).is_ok());
    let with = |member: &str, value: Value| {
        let mut login = good.clone();
        login[member] = value;
        login.to_string()
    };
    let encoded = |member: &str, text: &str| with(member, BASE64_STANDARD.encode(text).into());
    let header = |name: &str, value: Option<Value>| {
        let mut headers: Value = serde_json::from_str(&decoded(&good, "iam_request_headers")).unwrap();
        match value {
            Some(value) => drop(headers.as_object_mut().unwrap().insert(name.into(), value)),
            None => drop(headers.as_object_mut().unwrap().remove(name)),
        }
        encoded("iam_request_headers", &headers.to_string())
    };
    let unsigned = {
        let headers = decoded(&good, "iam_request_headers");
        assert!(headers.contains(";x-vault-aws-iam-server-id,"));
        encoded("iam_request_headers", &headers.replace(";x-vault-aws-iam-server-id,", ","))
    };
    let real = VaultLogin::read(&good.to_string(), Some(SERVER)).unwrap().headers()["authorization"].clone();
    let real = real.to_str().unwrap();
    let authorization = |from: &str, to: &str| {
        assert!(real.contains(from), "{from}");
        header("authorization", Some(real.replacen(from, to, 1).into()))
    };
    let (no_url, no_body) = ("iam_request_url is not base64", "iam_request_body is not base64");
    let (not_sts, target) = ("iam_request_url is not an https URL of STS", "iam_request_url has a path or a query");
    let (action, object) =
        ("iam_request_body calls something else than GetCallerIdentity", "iam_request_headers is no object of headers");
    let server = "x-vault-aws-iam-server-id is missing or another server's";
    let signature = "authorization is not one signature with its three parameters";
    let (twice, host) = ("iam_request_headers has a header twice", "host is not that of iam_request_url");
    let length = "content-length is not the length of iam_request_body";
    for (login, reason) in [
        (String::new(), "it is not JSON"),
        ("{".into(), "it is not JSON"),
        ("[]".into(), "iam_http_request_method is not POST"),
        (with("iam_http_request_method", "GET".into()), "iam_http_request_method is not POST"),
        (with("iam_http_request_method", Value::Null), "iam_http_request_method is not POST"),
        (with("iam_request_url", Value::Null), no_url),
        (with("iam_request_url", "https://sts.amazonaws.com/".into()), no_url),
        (encoded("iam_request_url", "https://sts amazonaws.com/"), "iam_request_url holds no URL"),
        (encoded("iam_request_url", "http://sts.amazonaws.com/"), not_sts),
        (encoded("iam_request_url", "https://sts.evil.example/"), not_sts),
        (encoded("iam_request_url", "https://sts.amazonaws.com@evil.example/"), not_sts),
        (encoded("iam_request_url", "https://sts.amazonaws.com/x"), target),
        (encoded("iam_request_url", "https://sts.amazonaws.com/?Action=GetCallerIdentity"), target),
        (with("iam_request_body", 7.into()), no_body),
        (encoded("iam_request_body", ""), action),
        (encoded("iam_request_body", "Action=GetSessionToken&Version=2011-06-15"), action),
        (encoded("iam_request_body", "Action=GetCallerIdentity&Version=2011-06-15&Action=GetSessionToken"), action),
        (with("iam_request_headers", json!({})), server),
        (encoded("iam_request_headers", "not JSON"), object),
        (encoded("iam_request_headers", "[]"), object),
        (encoded("iam_request_headers", r#"{"a b":["c"]}"#), object),
        (encoded("iam_request_headers", r#"{"host":["c\nd"]}"#), object),
        (encoded("iam_request_headers", r#"{"host":[["c"]]}"#), object),
        (encoded("iam_request_headers", r#"{"a":[1]}"#), "iam_request_headers has a header that is not allowed"),
        (header("Authorization", Some(real.into())), twice),
        (header("authorization", Some(json!([real, real]))), twice),
        (header("x-vault-aws-iam-server-id", Some(json!([SERVER, SERVER]))), twice),
        (header("x-vault-aws-iam-server-id", Some(json!([SERVER, "other.example.com"]))), twice),
        (header("host", Some(json!([HOST, HOST]))), twice),
        (header("HOST", Some(HOST.into())), twice),
        (header("host", Some("sts.amazonaws.com".into())), host),
        (header("host", Some("evil.example".into())), host),
        (header("host", Some(format!("{HOST}:443").into())), host),
        (header("host", Some("".into())), host),
        (header("content-length", Some("0".into())), length),
        (header("content-length", Some("44".into())), length),
        (header("content-length", Some("043".into())), length),
        (encoded("iam_request_headers", "{}"), server),
        (header("x-vault-aws-iam-server-id", None), server),
        (header("x-vault-aws-iam-server-id", Some(json!([]))), server),
        (header("x-vault-aws-iam-server-id", Some(json!(["other.example.com"]))), server),
        (header("x-vault-aws-iam-server-id", Some("VAULT.example.com".into())), server),
        (unsigned, "x-vault-aws-iam-server-id is not signed"),
        (header("authorization", None), signature),
        (header("authorization", Some(json!([]))), signature),
        (header("authorization", Some("".into())), signature),
        (authorization("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA512 "), signature),
        (authorization("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 X=1, "), signature),
        (authorization("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 X=SignedHeaders=x-vault-aws-iam-server-id, "), signature),
        (authorization("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 SignedHeaders=x-vault-aws-iam-server-id, "), signature),
        (authorization("Signature=", "SignedHeaders=x-vault-aws-iam-server-id, Signature="), signature),
        (authorization("Signature=", "Signature=0, Signature="), signature),
        (authorization("SignedHeaders=", "signedheaders="), signature),
        (authorization("SignedHeaders=", "SignedHeaders"), signature),
        (authorization("Credential=", "Credential ="), signature),
        (authorization(", Signature=", ",, Signature="), signature),
        (authorization(", Signature=", ";Signature="), signature),
    ] {
        let error = VaultLogin::read(&login, Some(SERVER)).unwrap_err();
        assert_eq!(error.to_string(), format!("the token is refused: {reason}"), "{login}");
    }
}

/// `defaultAllowedSTSRequestHeaders` of Vault's builtin/credential/aws/backend.go, and what is no header of Amazon's: what hvac, the clients
/// of aws-sdk-go and those of aws-sdk-go-v2 send.
#[test]
fn vaults_list_of_headers_is_ours() {
    let vaults = "X-Amz-Algorithm X-Amz-Content-Sha256 X-Amz-Credential X-Amz-Date X-Amz-Security-Token X-Amz-Signature \
        X-Amz-SignedHeaders X-Amz-User-Agent";
    let others = "Amz-Sdk-Invocation-Id Amz-Sdk-Request Authorization Content-Length Content-Type Host User-Agent \
        X-Vault-AWS-IAM-Server-ID";
    let good = login(None, Some(SERVER));
    let read = |name: &str, value: &str| {
        let mut headers: Value = serde_json::from_str(&decoded(&good, "iam_request_headers")).unwrap();
        headers.as_object_mut().unwrap().entry(name.to_lowercase()).or_insert(value.into());
        let mut login = good.clone();
        login["iam_request_headers"] = BASE64_STANDARD.encode(headers.to_string()).into();
        VaultLogin::read(&login.to_string(), Some(SERVER))
    };
    for name in vaults.split(' ').chain(others.split(' ')) {
        assert!(read(name, "43").is_ok(), "{name}");
    }
    for name in [
        "Accept",
        "Accept-Encoding",
        "Connection",
        "Content-Encoding",
        "Cookie",
        "Date",
        "Expect",
        "Proxy-Authorization",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "X-Amz-Region-Set",
        "X-Amz-Target",
        "X-Forwarded-For",
        "X-HTTP-Method-Override",
        "X-Vault-Token",
    ] {
        let error = read(name, "43").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the token is refused: iam_request_headers has a header that is not allowed",
            "{name}"
        );
    }
}

/// Go has the host beside the headers, so Vault's own clients do not send it.
#[test]
fn a_login_without_a_host_gets_that_of_its_url() {
    let mut login = login(None, Some(SERVER));
    let mut headers: Value = serde_json::from_str(&decoded(&login, "iam_request_headers")).unwrap();
    assert_eq!(headers.as_object_mut().unwrap().remove("host"), Some(json!([HOST])));
    login["iam_request_headers"] = BASE64_STANDARD.encode(headers.to_string()).into();
    let request = VaultLogin::read(&login.to_string(), Some(SERVER)).unwrap();
    assert_eq!(request.headers()["host"], HOST);
    assert!(Verifier::new("sts").verify(&request, NOW, |_| Some(credentials(None))).is_ok());
}

/// Who gets a login for a Vault that has no id cannot use it with another.
#[test]
fn a_login_that_is_signed_without_an_id_is_for_no_server() {
    let mut stolen = login(None, None);
    assert!(VaultLogin::read(&stolen.to_string(), None).is_ok());
    let signed = decoded(&stolen, "iam_request_headers");
    for hidden in ["X=SignedHeaders=x-vault-aws-iam-server-id, ", "SignedHeaders=x-vault-aws-iam-server-id, "] {
        let mut headers: Value = serde_json::from_str(&signed).unwrap();
        let real = headers["authorization"][0].as_str().unwrap();
        headers["authorization"] = real.replacen("AWS4-HMAC-SHA256 ", &format!("AWS4-HMAC-SHA256 {hidden}"), 1).into();
        headers["x-vault-aws-iam-server-id"] = SERVER.into();
        stolen["iam_request_headers"] = BASE64_STANDARD.encode(headers.to_string()).into();
        assert!(VaultLogin::read(&stolen.to_string(), Some(SERVER)).is_err(), "{hidden}");
    }
}

#[test]
fn what_cannot_be_sent_cannot_be_a_login() {
    let nowhere = Config::builder().endpoint_url("https://sts.us-east-1.amazonaws.com").build().unwrap();
    let login = VaultLogin::new(&config("us-east-1"), &credentials(None), Some("a\nb"), NOW).unwrap_err();
    assert_eq!(login.to_string(), "the server's id holds a character that a header cannot");
    assert!(VaultLogin::new(&nowhere, &credentials(None), None, NOW).is_err());
    assert!(VaultLogin::new(&config("us-east-1"), &credentials(Some("a\nb")), None, NOW).is_err());
}

/// `TypeHeader` of Vault's `sdk/framework/field_data.go`: texts, numbers and lists of both, in an object, as JSON, or as its base64, which
/// Go's decoder reads with line ends in it.
#[test]
fn headers_are_taken_as_vault_takes_them() {
    let login = login(None, Some(SERVER));
    let mut headers: Value = serde_json::from_str(&decoded(&login, "iam_request_headers")).unwrap();
    let expected = VaultLogin::read(&login.to_string(), Some(SERVER)).unwrap();
    let read = |member: &str, value: Value| {
        let mut login = login.clone();
        login[member] = value;
        VaultLogin::read(&login.to_string(), Some(SERVER)).unwrap()
    };
    assert_eq!(read("iam_request_headers", headers.clone()).headers(), expected.headers());
    assert_eq!(read("iam_request_headers", headers.to_string().into()).headers(), expected.headers());
    let wrapped = |text: &str| {
        let text = BASE64_STANDARD.encode(text);
        Value::from(
            text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\r\n")
                + "\n",
        )
    };
    assert_eq!(read("iam_request_headers", wrapped(&headers.to_string())).headers(), expected.headers());
    assert_eq!(read("iam_request_url", wrapped("https://sts.eu-central-1.amazonaws.com/")).uri(), expected.uri());
    for length in [json!(43), json!([43]), json!(["43"]), json!("43")] {
        headers["content-length"] = length;
        assert_eq!(read("iam_request_headers", headers.clone()).headers()["content-length"], "43");
    }
}

#[test]
fn headers_that_are_none_are_refused() {
    let wrong =
        ["host", "authorization"].map(|name| [json!({ name: [{}] }), json!({ name: null }), json!({ name: true })]);
    for headers in [json!([]), json!(7), Value::Null].into_iter().chain(wrong.into_iter().flatten()) {
        let mut login = login(None, None);
        login["iam_request_headers"] = headers;
        let error = VaultLogin::read(&login.to_string(), None).unwrap_err().to_string();
        assert_eq!(error, "the token is refused: iam_request_headers is no object of headers", "{login}");
    }
}

/// 25,000 names are more than a map of headers holds, and inserting one more panics.
#[test]
fn a_login_is_bounded() {
    let good = login(None, None);
    let read = |headers: &Value| {
        let mut login = good.clone();
        login["iam_request_headers"] = headers.clone();
        VaultLogin::read(&login.to_string(), None).unwrap_err().to_string()
    };
    let names = |count: usize| (0..count).map(|number| (format!("x{number}"), Value::from("1"))).collect::<Value>();
    assert_eq!(read(&names(25_000)), "the token is refused: it is longer than 65536 bytes");
    assert_eq!(read(&names(4000)), "the token is refused: iam_request_headers has a header that is not allowed");
    let twice = json!({ "user-agent": vec!["x"; 10_000] });
    assert_eq!(read(&twice), "the token is refused: iam_request_headers has a header twice");
    let longest = |length: usize| {
        let mut login = good.clone();
        login["role"] = "".into();
        login["role"] = "r".repeat(length - login.to_string().len()).into();
        VaultLogin::read(&login.to_string(), None).is_ok()
    };
    assert_eq!((longest(65_536), longest(65_537)), (true, false));
}

#[test]
fn the_secrets_of_a_login_are_marked() {
    let login = login(Some("TOKEN+/="), Some(SERVER));
    let request = VaultLogin::read(&login.to_string(), Some(SERVER)).unwrap();
    for (name, value) in request.headers() {
        let is_secret = ["authorization", "x-amz-security-token"].contains(&name.as_str());
        assert_eq!(value.is_sensitive(), is_secret, "{name}");
    }
    let debug = format!("{request:?}");
    assert!(!debug.contains("TOKEN") && !debug.contains("Signature="), "{debug}");
}
