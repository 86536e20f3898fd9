//! The signer against published and independent signatures.

use sts_core::{Credentials, sigv4::Signer};
use time::macros::utc_datetime;

fn signature(token: Option<&str>) -> String {
    let mut credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    if let Some(token) = token {
        credentials = credentials.session_token(token);
    }
    let body = b"Action=GetCallerIdentity&Version=2011-06-15";
    let mut request = http::Request::post("https://sts.us-east-1.amazonaws.com/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(())
        .unwrap();
    let signer = Signer::new(&credentials, "us-east-1", "sts");
    signer.sign(&mut request, &body[..], utc_datetime!(2015-08-30 12:36:00)).unwrap();
    let authorization = request.headers()["authorization"].to_str().unwrap();
    authorization.rsplit_once("Signature=").unwrap().1.to_owned()
}

/// botocore, awscrt, @smithy/signature-v4 and aws-sigv4 agree on these.
#[test]
fn golden_signatures() {
    assert_eq!(signature(None), "94405bc26f219569999dadb25c560bc61134371b330f394151ebb698c4d5fb3a");
    assert_eq!(signature(Some("TOKEN+/=")), "fc0107bfb793a217288cd9e7d5d38f34013bf563e6a9e5e10ec7c367019c90ce");
}
