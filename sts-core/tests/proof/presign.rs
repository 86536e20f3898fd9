//! Presigned calls.

use std::time::Duration;

use http::{HeaderValue, Request};
use sts_core::{Config, proof::presigned_get_caller_identity, sigv4::Verifier};

use crate::{ID, NOW, config, credentials};

#[test]
fn a_presigned_call_proves_who_signed_it() {
    for known in [credentials(None), credentials(Some("TOKEN+/="))] {
        let url = presigned_get_caller_identity(&config("eu-west-1"), &known, Duration::from_secs(60), NOW).unwrap();
        let mut request = Request::get(url).body(Vec::new()).unwrap();
        request.headers_mut().insert("host", HeaderValue::from_static("sts.eu-west-1.amazonaws.com"));
        let verified = Verifier::new("sts").verify(&request, NOW, |_| Some(known.clone())).unwrap();
        assert_eq!((&*verified.access_key_id, &*verified.region), (ID, "eu-west-1"));
    }
}

#[test]
fn without_a_region_nothing_is_presigned() {
    let nowhere = Config::builder().endpoint_url("https://sts.us-east-1.amazonaws.com").build().unwrap();
    assert!(presigned_get_caller_identity(&nowhere, &credentials(None), Duration::from_secs(60), NOW).is_err());
}
