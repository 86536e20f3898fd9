// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! EKS tokens and Vault logins: against what the AWS CLI prints, and against the rules of who reads them.

use std::time::Duration;

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use http::{HeaderName, HeaderValue, Request};
use serde_json::{Value, json};
use sts_core::{
    Config, Credentials,
    identity_proof::{EksToken, ProofError, VaultLogin, presigned_get_caller_identity},
    sigv4::verify,
};
use time::{UtcDateTime, macros::utc_datetime};

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const NOW: UtcDateTime = utc_datetime!(2026-11-23 03:00:00);
const CLUSTER: &str = "my-cluster";

fn credentials(token: Option<&str>) -> Credentials {
    let credentials = Credentials::new(ID, SECRET);
    match token {
        Some(token) => credentials.session_token(token),
        None => credentials,
    }
}

fn config(region: &str) -> Config {
    Config::builder().region(region).build().unwrap()
}

/// The URL in what `aws eks get-token --cluster-name my-cluster` printed (AWS CLI 1.46.3, its clock stopped at that time).
const GOLDEN_URL: &str = "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&\
     X-Amz-Credential=AKIDEXAMPLE%2F20261123%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20261123T030000Z&X-Amz-Expires=60&\
     X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=\
     1d3d4f5c4a97fbde288116e6f46f6d78a7e942a46532d7e947de52336ec77039";

/// All of what it printed.
const GOLDEN: &str = r#"{
    "kind": "ExecCredential",
    "apiVersion": "client.authentication.k8s.io/v1beta1",
    "spec": {},
    "status": {
        "expirationTimestamp": "2026-11-23T03:14:00Z",
        "token": "k8s-aws-v1.aHR0cHM6Ly9zdHMudXMtZWFzdC0xLmFtYXpvbmF3cy5jb20vP0FjdGlvbj1HZXRDYWxsZXJJZGVudGl0eSZWZXJzaW9uPTIwMTEtMDYtMTUmWC1BbXotQWxnb3JpdGhtPUFXUzQtSE1BQy1TSEEyNTYmWC1BbXotQ3JlZGVudGlhbD1BS0lERVhBTVBMRSUyRjIwMjYxMTIzJTJGdXMtZWFzdC0xJTJGc3RzJTJGYXdzNF9yZXF1ZXN0JlgtQW16LURhdGU9MjAyNjExMjNUMDMwMDAwWiZYLUFtei1FeHBpcmVzPTYwJlgtQW16LVNpZ25lZEhlYWRlcnM9aG9zdCUzQngtazhzLWF3cy1pZCZYLUFtei1TaWduYXR1cmU9MWQzZDRmNWM0YTk3ZmJkZTI4ODExNmU2ZjQ2ZjZkNzhhN2U5NDJhNDY1MzJkN2U5NDdkZTUyMzM2ZWM3NzAzOQ"
    }
}"#;

#[test]
fn is_what_the_aws_cli_prints() {
    let token = EksToken::new(&config("us-east-1"), &credentials(None), CLUSTER, NOW).unwrap();
    let ours: Value =
        serde_json::from_str(token.to_exec_credential("client.authentication.k8s.io/v1beta1").expose()).unwrap();
    assert_eq!(ours, serde_json::from_str::<Value>(GOLDEN).unwrap());
    assert_eq!(url(&token), GOLDEN_URL);
}

/// More of the same program, of which only the parts that differ are given.
#[test]
fn is_what_the_aws_cli_prints_elsewhere() {
    for (region, host, session_token, signature) in [
        (
            "us-east-1",
            "sts.us-east-1.amazonaws.com",
            Some("TOKEN+/="),
            "19e918dee84702a7645e2856dc7fb09126695adc1f3090c6297bc607a379aa69",
        ),
        (
            "eu-central-1",
            "sts.eu-central-1.amazonaws.com",
            None,
            "a3e1846e64469593984892f9501e839d8b98db5bf46eb97b0165923a03c0b3a8",
        ),
        (
            "us-gov-west-1",
            "sts.us-gov-west-1.amazonaws.com",
            None,
            "5b096257c93aee5d41cc49a3c3e695dfab8934462703bf002e23c96dc48748d7",
        ),
        (
            "cn-north-1",
            "sts.cn-north-1.amazonaws.com.cn",
            Some("TOKEN+/="),
            "c5fac1ce68d7ee5028d1e4b755026fe7523d71c89c9fb6a831cf8896c0a2cb29",
        ),
    ] {
        let token = EksToken::new(&config(region), &credentials(session_token), CLUSTER, NOW).unwrap();
        let session_token = if session_token.is_some() { "&X-Amz-Security-Token=TOKEN%2B%2F%3D" } else { "" };
        assert_eq!(
            url(&token),
            format!(
                "https://{host}/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&\
                 X-Amz-Credential=AKIDEXAMPLE%2F20261123%2F{region}%2Fsts%2Faws4_request&X-Amz-Date=20261123T030000Z&\
                 X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id{session_token}&X-Amz-Signature={signature}"
            )
        );
    }
}

fn url(token: &EksToken) -> String {
    let text = token.token.expose().strip_prefix("k8s-aws-v1.").unwrap();
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

/// aws-iam-authenticator takes 4,096 bytes: the prefix of 11, and the base64 of a URL of 3,063.
#[test]
fn a_session_token_may_be_so_long_and_no_longer() {
    let longest = 3063 - GOLDEN_URL.len() - "&X-Amz-Security-Token=".len();
    assert_eq!(longest, 2689);
    let make = |token: &str| EksToken::new(&config("us-east-1"), &credentials(Some(token)), CLUSTER, NOW);
    assert_eq!(make(&"t".repeat(longest)).unwrap().token.expose().len(), 4095);
    assert_eq!(
        make(&"t".repeat(longest + 1)).unwrap_err(),
        ProofError::TooLong { length: 4097, session_token: longest + 1 }
    );
    assert_eq!(
        make(&"t".repeat(longest + 1)).unwrap_err().to_string(),
        "the EKS token would have 4097 bytes, and clusters take at most 4096: the session token, of 2690 characters, is too long; \
         use a role with fewer or shorter session tags and policies"
    );
    // Each of these takes three bytes in a URL.
    assert!(make(&"/".repeat(longest / 3)).is_ok());
    assert!(make(&"/".repeat(longest / 3 + 1)).is_err());
}

#[test]
fn a_token_ends_with_its_credentials() {
    let expiration = |credentials: &Credentials, now| {
        EksToken::new(&config("us-east-1"), credentials, CLUSTER, now).unwrap().expiration
    };
    let in_14_minutes = utc_datetime!(2026-11-23 03:14);
    let temporary = |end| credentials(Some("TOKEN")).expiration(end);
    assert_eq!(expiration(&credentials(None), NOW), in_14_minutes);
    for (end, expected) in [
        (utc_datetime!(2026-11-23 03:13:59), utc_datetime!(2026-11-23 03:13:59)),
        (in_14_minutes, in_14_minutes),
        (utc_datetime!(2026-11-23 03:14:01), in_14_minutes),
        (utc_datetime!(2026-11-23 15:00:00), in_14_minutes),
        (utc_datetime!(2026-11-23 02:00:00), utc_datetime!(2026-11-23 02:00:00)),
    ] {
        assert_eq!(expiration(&temporary(end), NOW), expected);
    }
    let token = EksToken::new(&config("us-east-1"), &temporary(utc_datetime!(2026-11-23 03:05)), CLUSTER, NOW).unwrap();
    assert!(token.to_exec_credential("v").expose().contains(r#""expirationTimestamp": "2026-11-23T03:05:00Z""#));
}

#[test]
fn exec_credentials_are_json_whatever_the_version_is() {
    let token =
        EksToken::new(&config("us-east-1"), &credentials(None), CLUSTER, utc_datetime!(2026-01-02 03:04:05.678))
            .unwrap();
    for version in [
        "client.authentication.k8s.io/v1",
        "client.authentication.k8s.io/v1beta1",
        "client.authentication.k8s.io/v1alpha1",
        "\"\\\n\u{7}\u{e9}",
    ] {
        let json: Value = serde_json::from_str(token.to_exec_credential(version).expose()).unwrap();
        assert_eq!(
            json,
            json!({
                "kind": "ExecCredential",
                "apiVersion": version,
                "spec": {},
                "status": { "expirationTimestamp": "2026-01-02T03:18:05Z", "token": token.token.expose() },
            })
        );
    }
}

#[test]
fn what_cannot_be_proven() {
    let nowhere = Config::builder().endpoint_url("https://sts.us-east-1.amazonaws.com").build().unwrap();
    let new = |config: &Config, credentials: &Credentials, cluster: &str| {
        EksToken::new(config, credentials, cluster, NOW).unwrap_err().to_string()
    };
    assert_eq!(
        new(&config("us-east-1"), &credentials(None), "my\ncluster"),
        "the cluster's name is empty, or holds a character that a header cannot"
    );
    assert!(new(&nowhere, &credentials(None), CLUSTER).starts_with("the request could not be signed: "));
    let empty = EksToken::new(&config("us-east-1"), &credentials(None), "", NOW).unwrap_err();
    assert_eq!(empty, ProofError::Cluster);
    let local = Config::builder().region("us-east-1").endpoint_url("http://127.0.0.1:1").build().unwrap();
    assert_eq!(EksToken::new(&local, &credentials(None), CLUSTER, NOW).unwrap_err(), ProofError::Endpoint);
    let global = Config::builder().region("eu-west-1").use_legacy_global_endpoint(true).build().unwrap();
    let token = EksToken::new(&global, &credentials(None), CLUSTER, NOW).unwrap();
    let claim = EksToken::read(token.token.expose(), CLUSTER, NOW).unwrap();
    assert_eq!(claim.request.uri().host(), Some("sts.us-east-1.amazonaws.com"));
    let debug = format!("{claim:?}");
    assert!(debug.contains("AKI") && !debug.contains("X-Amz-Signature"), "{debug}");
    let login = VaultLogin::new(&config("us-east-1"), &credentials(None), Some("a\nb"), NOW).unwrap_err();
    assert_eq!(login.to_string(), "the server's id holds a character that a header cannot");
    assert!(VaultLogin::new(&nowhere, &credentials(None), None, NOW).is_err());
    assert!(VaultLogin::new(&config("us-east-1"), &credentials(Some("a\nb")), None, NOW).is_err());
    assert!(presigned_get_caller_identity(&nowhere, &credentials(None), Duration::from_secs(60), NOW).is_err());
}

#[test]
fn a_presigned_call_proves_who_signed_it() {
    for known in [credentials(None), credentials(Some("TOKEN+/="))] {
        let url = presigned_get_caller_identity(&config("eu-west-1"), &known, Duration::from_secs(60), NOW).unwrap();
        let mut request = Request::get(url).body(Vec::new()).unwrap();
        request.headers_mut().insert("host", HeaderValue::from_static("sts.eu-west-1.amazonaws.com"));
        let verified = verify(&request, "sts", NOW, |_| Some(known.clone())).unwrap();
        assert_eq!((&*verified.access_key_id, &*verified.region), (ID, "eu-west-1"));
    }
}

/// What a cluster reads, STS accepts: for 15 minutes, and for that cluster alone.
#[test]
fn a_token_that_is_read_proves_who_signed_it() {
    let known = credentials(Some("TOKEN+/="));
    for region in ["us-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"] {
        let token = EksToken::new(&config(region), &known, CLUSTER, NOW).unwrap();
        let later = utc_datetime!(2026-11-23 03:15:00);
        let sts = |cluster| {
            let claim = EksToken::read(token.token.expose(), cluster, later).unwrap();
            assert_eq!((&*claim.access_key_id, claim.signed_at), (ID, NOW));
            let mut request = claim.request.map(|()| Vec::new());
            let host = request.uri().host().unwrap().parse().unwrap();
            request.headers_mut().insert("host", host);
            verify(&request, "sts", later, |_| Some(known.clone()))
        };
        assert_eq!(sts(CLUSTER).unwrap().signed_headers, ["host", "x-k8s-aws-id"]);
        assert_eq!(sts("another-cluster").unwrap_err().code(), "SignatureDoesNotMatch");
    }
}

fn token(url: &str) -> String {
    format!("k8s-aws-v1.{}", BASE64_URL_SAFE_NO_PAD.encode(url))
}

/// The rules of aws-iam-authenticator's `Verify`, in its order.
#[test]
fn tokens_that_break_a_rule_are_refused() {
    let read = |token: &str| EksToken::read(token, CLUSTER, NOW);
    let changed = |from: &str, to: &str| {
        assert!(GOLDEN_URL.contains(from), "{from}");
        token(&GOLDEN_URL.replace(from, to))
    };
    assert!(read(&token(GOLDEN_URL)).is_ok());
    let host = "sts.us-east-1.amazonaws.com";
    for (token, reason) in [
        (format!("k8s-aws-v1.{}", "A".repeat(4096 - 10)), "it is longer than 4096 bytes"),
        (String::new(), "it does not begin with k8s-aws-v1."),
        ("k8s-aws-v1".into(), "it does not begin with k8s-aws-v1."),
        (token(GOLDEN_URL).replace("v1.", "v2."), "it does not begin with k8s-aws-v1."),
        (token(GOLDEN_URL).replace("k8s", "K8S"), "it does not begin with k8s-aws-v1."),
        (format!(" {}", token(GOLDEN_URL)), "it does not begin with k8s-aws-v1."),
        (token(GOLDEN_URL) + "=", "it is not base64url"),
        (token(GOLDEN_URL) + "\n", "it is not base64url"),
        ("k8s-aws-v1.aHR0cHM6Ly9hL+8/".into(), "it is not base64url"),
        ("k8s-aws-v1.".into(), "it holds no URL"),
        (token("https://sts.us-east-1.amazonaws.com/ ?"), "it holds no URL"),
        (format!("k8s-aws-v1.{}", BASE64_URL_SAFE_NO_PAD.encode(b"https://\xff")), "it holds no URL"),
        (changed("https://", "http://"), "its URL is not an https URL of STS"),
        (changed("https://sts.us-east-1.amazonaws.com", ""), "its URL is not an https URL of STS"),
        (changed(host, "evil.example"), "its URL is not an https URL of STS"),
        (changed(host, "sts.us-east-1.amazonaws.com.evil.example"), "its URL is not an https URL of STS"),
        (changed(host, "evil-sts.us-east-1.amazonaws.com"), "its URL is not an https URL of STS"),
        (changed(host, "sts.evil.example.amazonaws.com"), "its URL is not an https URL of STS"),
        (changed(host, "sts..amazonaws.com"), "its URL is not an https URL of STS"),
        (changed(host, "sts.us-east-1-amazonaws.com"), "its URL is not an https URL of STS"),
        (changed(host, "sts.us-east-1.amazonaws.com@evil.example"), "its URL is not an https URL of STS"),
        (changed(host, "user@sts.us-east-1.amazonaws.com"), "its URL is not an https URL of STS"),
        (changed(host, "sts.us-east-1.amazonaws.com:8443"), "its URL is not an https URL of STS"),
        (changed(host, "ec2.us-east-1.amazonaws.com"), "its URL is not an https URL of STS"),
        (changed("com/?", "com/x?"), "its URL's path is not /"),
        (changed("com/?", "com//?"), "its URL's path is not /"),
        (changed("com/?", "com?"), "its URL's path is not /"),
        (changed("&Version", "&RoleArn=a&Version"), "its URL has a parameter that is not allowed"),
        (changed("&Version", "&&Version"), "its URL has a parameter that is not allowed"),
        (changed("?Action", "?=&Action"), "its URL has a parameter that is not allowed"),
        (token("https://sts.us-east-1.amazonaws.com/"), "its URL has a parameter that is not allowed"),
        (changed("&Version", "&Action=GetCallerIdentity&Version"), "its URL has a parameter twice"),
        (changed("&Version", "&action=GetCallerIdentity&Version"), "its URL has a parameter twice"),
        (changed("&Version", "&%41ction=GetCallerIdentity&Version"), "its URL has a parameter twice"),
        (changed("&X-Amz-Expires", "&X-AMZ-DATE=20261123T030000Z&X-Amz-Expires"), "its URL has a parameter twice"),
        (changed("Action=GetCallerIdentity&", ""), "its URL calls something else than GetCallerIdentity"),
        (
            changed("Action=GetCallerIdentity", "Action=GetSessionToken"),
            "its URL calls something else than GetCallerIdentity",
        ),
        (changed("=GetCallerIdentity", "=getcalleridentity"), "its URL calls something else than GetCallerIdentity"),
        (changed("&X-Amz-Expires=60", ""), "X-Amz-Expires is not between 0 and 900"),
        (changed("Expires=60", "Expires=901"), "X-Amz-Expires is not between 0 and 900"),
        (changed("Expires=60", "Expires=-1"), "X-Amz-Expires is not between 0 and 900"),
        (changed("Expires=60", "Expires=1m"), "X-Amz-Expires is not between 0 and 900"),
        (changed("Expires=60", "Expires="), "X-Amz-Expires is not between 0 and 900"),
        (changed("&X-Amz-Date=20261123T030000Z", ""), "X-Amz-Date is no date"),
        (changed("20261123T030000Z", "2026-11-23T03:00:00Z"), "X-Amz-Date is no date"),
        (changed("20261123T030000Z", "20261323T030000Z"), "X-Amz-Date is no date"),
        (changed("&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id", ""), "the cluster's name is not signed"),
        (changed("=host%3Bx-k8s-aws-id", "=host"), "the cluster's name is not signed"),
        (changed("=host%3Bx-k8s-aws-id", "=host%3Bx-k8s-aws-id2"), "the cluster's name is not signed"),
        (
            changed("&X-Amz-Credential=AKIDEXAMPLE%2F20261123%2Fus-east-1%2Fsts%2Faws4_request", ""),
            "X-Amz-Credential is missing",
        ),
        (changed("20261123T030000Z", "20261123T030001Z"), "it was signed in the future"),
        (changed("20261123T030000Z", "20261123T024459Z"), "it is older than 15 minutes"),
    ] {
        assert_eq!(read(&token).unwrap_err().to_string(), format!("the token is refused: {reason}"), "{token}");
    }
    let cluster = EksToken::read(&token(GOLDEN_URL), "my\ncluster", NOW);
    assert_eq!(cluster.unwrap_err().to_string(), "the token is refused: the cluster's name is not a header");
}

#[test]
fn tokens_at_the_edge_of_a_rule_are_read() {
    for url in [
        GOLDEN_URL.replace("Expires=60", "Expires=0"),
        GOLDEN_URL.replace("Expires=60", "Expires=900"),
        GOLDEN_URL.replace("20261123T030000Z", "20261123T024500Z"),
        GOLDEN_URL.replace("X-Amz-", "x-amz-").replace("Action", "action"),
        GOLDEN_URL.replace("host%3Bx-k8s-aws-id", "host;X-K8s-Aws-Id"),
        GOLDEN_URL.replace("sts.us-east-1.amazonaws.com", "sts.amazonaws.com"),
        GOLDEN_URL.replace("sts.us-east-1.amazonaws.com", "sts-fips.us-east-1.amazonaws.com"),
        GOLDEN_URL.replace("sts.us-east-1.amazonaws.com", "sts.us-east-1.api.aws"),
        GOLDEN_URL.replace("sts.us-east-1.amazonaws.com", "sts.cn-north-1.amazonaws.com.cn"),
    ] {
        assert!(EksToken::read(&token(&url), CLUSTER, NOW).is_ok(), "{url}");
    }
}

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
        let verified = verify(&request, "sts", NOW, |_| Some(known.clone())).unwrap();
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
    assert!(verify(&request, "sts", NOW, |_| Some(credentials(None))).is_ok());
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
    let (no_url, no_body, no_headers) =
        ("iam_request_url is not base64", "iam_request_body is not base64", "iam_request_headers is not base64");
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
        (with("iam_request_headers", json!({})), no_headers),
        (encoded("iam_request_headers", "not JSON"), object),
        (encoded("iam_request_headers", "[]"), object),
        (encoded("iam_request_headers", r#"{"a b":["c"]}"#), object),
        (encoded("iam_request_headers", r#"{"a":["c\nd"]}"#), object),
        (encoded("iam_request_headers", r#"{"a":[1]}"#), object),
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
    assert!(verify(&request, "sts", NOW, |_| Some(credentials(None))).is_ok());
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
