//! EKS tokens.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sts_core::{
    Config, Credentials,
    proof::{EksToken, ProofError},
    sigv4::Verifier,
};
use time::macros::utc_datetime;

use crate::{ID, NOW, config, credentials};

const CLUSTER: &str = "my-cluster";

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
            Verifier::new("sts").ignore_expires(true).verify(&request, later, |_| Some(known.clone()))
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
    let plus = "its URL has a +, which is a space to some and itself to others";
    for (token, reason) in [
        (format!("k8s-aws-v1.{}", "A".repeat(4096 - 10)), "it is longer than 4096 bytes"),
        (format!("k8s-aws-v1.{}", "A".repeat(4096 - 11)), "it is not base64url"),
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
        (changed("=GetCallerIdentity", "=Get+CallerIdentity"), plus),
        (changed("AKIDEXAMPLE", "AKID+EXAMPLE"), plus),
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
        (changed("20261123T030000Z", "20261123T031501Z"), "it was signed more than 15 minutes in the future"),
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
        GOLDEN_URL.replace("20261123T030000Z", "20261123T030001Z"),
        GOLDEN_URL.replace("20261123T030000Z", "20261123T031500Z"),
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

/// A region that is newer than the table of partitions still gets its tokens; a custom endpoint must be known.
#[test]
fn a_token_can_be_made_for_a_new_region() {
    let new = EksToken::new(&config("nz-south-1"), &credentials(None), CLUSTER, NOW).unwrap();
    assert!(url(&new).starts_with("https://sts.nz-south-1.amazonaws.com/?"));
    for (endpoint, accepted) in [
        ("https://sts.eu-west-1.api.aws", true),
        ("https://sts.eu-west-1.amazonaws.com", true),
        ("https://sts.s3.amazonaws.com", false),
        ("https://sts.eu-west-1.amazonaws.com:8443", false),
    ] {
        let config = Config::builder().region("eu-west-1").endpoint_url(endpoint).build().unwrap();
        let token = EksToken::new(&config, &credentials(None), CLUSTER, NOW);
        assert_eq!(token.is_ok(), accepted, "{endpoint}");
        assert!(accepted || token.unwrap_err() == ProofError::Endpoint);
    }
}
