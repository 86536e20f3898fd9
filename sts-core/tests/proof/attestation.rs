//! What Google Cloud and Snowflake exchange for tokens of their own.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::Request;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use sts_core::{
    Config,
    proof::{ProofError, google_cloud_token, snowflake_credential},
    sigv4::Verifier,
};

use crate::{NOW, config, credentials};

const REGION: &str = "eu-central-1";
const AUDIENCE: &str = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/aws";
const URL: &str = "https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15";

/// What google-auth 2.63.0's `RequestSigner` makes of these, its clock stopped at that time, and how its subject token writes it.
#[test]
fn is_what_googles_library_makes() {
    for (session_token, signed, last, signature) in [
        (None, "", "", "804998f5a095e1cc7824d7565f6cba09bb9cf0ce5548a266ba8ba8abfa6bfaf6"),
        (
            Some("TOKEN+/="),
            "x-amz-security-token;",
            r#",{"key":"x-amz-security-token","value":"TOKEN+/="}"#,
            "971e35db42548d11a1212a25e41f1f44b711b9bafef6d395f29d3ea7402456e3",
        ),
    ] {
        let token = google_cloud_token(&config(REGION), &credentials(session_token), AUDIENCE, NOW).unwrap();
        assert!(token.expose().starts_with(
            "%7B%22headers%22%3A%5B%7B%22key%22%3A%22Authorization%22%2C%22value%22%3A%22AWS4-HMAC-SHA256%20"
        ));
        assert!(token.expose().contains("Credential%3DAKIDEXAMPLE/20261123/eu-central-1/sts/aws4_request%2C"));
        let json = percent_decode_str(token.expose()).decode_utf8().unwrap();
        assert_eq!(
            json,
            format!(
                r#"{{"headers":[{{"key":"Authorization","value":"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/eu-central-1/sts/aws4_request, SignedHeaders=host;x-amz-date;{signed}x-goog-cloud-target-resource, Signature={signature}"}},{{"key":"host","value":"sts.eu-central-1.amazonaws.com"}},{{"key":"x-amz-date","value":"20261123T030000Z"}},{{"key":"x-goog-cloud-target-resource","value":"{AUDIENCE}"}}{last}],"method":"POST","url":"{URL}"}}"#
            )
        );
    }
}

/// What `create_aws_attestation` of snowflake-connector-python 3.18 makes of these with botocore 1.44.8.
#[test]
fn is_what_snowflakes_connector_makes() {
    for (session_token, signed, header, signature) in [
        (None, "", "", "a7ee53ce7875f7e3cf4a1897e5ab61995612849145c425edabccc33d72a11954"),
        (
            Some("TOKEN+/="),
            "x-amz-security-token;",
            r#""X-Amz-Security-Token": "TOKEN+/=", "#,
            "92424feaf4f58638bfa74a7bac3f041a453edbade9c0d279f8aaaa514b823404",
        ),
    ] {
        let credential = snowflake_credential(&config(REGION), &credentials(session_token), NOW).unwrap();
        let json = String::from_utf8(BASE64_STANDARD.decode(credential.expose()).unwrap()).unwrap();
        assert_eq!(
            json,
            format!(
                r#"{{"url": "{URL}", "method": "POST", "headers": {{"Host": "sts.eu-central-1.amazonaws.com", "X-Snowflake-Audience": "snowflakecomputing.com", "X-Amz-Date": "20261123T030000Z", {header}"Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/eu-central-1/sts/aws4_request, SignedHeaders=host;x-amz-date;{signed}x-snowflake-audience, Signature={signature}"}}}}"#
            )
        );
    }
}

/// Whoever receives it sends it, and STS takes it.
#[test]
fn sts_takes_what_is_in_it() {
    let known = credentials(Some("TOKEN+/="));
    let google = google_cloud_token(&config(REGION), &known, AUDIENCE, NOW).unwrap();
    let google: Value = serde_json::from_str(&percent_decode_str(google.expose()).decode_utf8().unwrap()).unwrap();
    let snowflake =
        BASE64_STANDARD.decode(snowflake_credential(&config(REGION), &known, NOW).unwrap().expose()).unwrap();
    let snowflake: Value = serde_json::from_slice(&snowflake).unwrap();
    let pairs = google["headers"].as_array().unwrap().iter().map(|header| (&header["key"], &header["value"]));
    let pairs: Vec<_> = pairs.map(|(name, value)| (name.as_str().unwrap().to_owned(), value)).collect();
    let others = snowflake["headers"].as_object().unwrap().iter().map(|(name, value)| (name.clone(), value)).collect();
    for (call, headers) in [(&google, pairs), (&snowflake, others)] {
        let mut request = Request::post(call["url"].as_str().unwrap()).body(Vec::new()).unwrap();
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.as_str().unwrap().parse().unwrap());
        }
        let verified = Verifier::new("sts").verify(&request, NOW, |_| Some(known.clone())).unwrap();
        assert_eq!(verified.region, REGION);
    }
}

#[test]
fn what_cannot_be_attested() {
    let known = credentials(None);
    let nowhere = Config::builder().endpoint_url("https://sts.eu-central-1.amazonaws.com").build().unwrap();
    assert!(snowflake_credential(&nowhere, &known, NOW).unwrap_err().to_string().contains("no region"));
    let local = Config::builder().region(REGION).endpoint_url("http://127.0.0.1:1").build().unwrap();
    assert_eq!(snowflake_credential(&local, &known, NOW).map(drop), Err(ProofError::Endpoint));
    let audience = google_cloud_token(&config(REGION), &known, "a\nb", NOW).map(drop);
    assert_eq!(audience, Err(ProofError::Audience));
    assert_eq!(audience.unwrap_err().to_string(), "the audience holds a character that a header cannot");
    let global = Config::builder().region(REGION).use_legacy_global_endpoint(true).build().unwrap();
    let token = google_cloud_token(&global, &known, AUDIENCE, NOW).unwrap();
    assert!(token.expose().contains("https%3A//sts.us-east-1.amazonaws.com/%3FAction"), "{}", token.expose());
}
