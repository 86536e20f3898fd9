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

/// What botocore 1.44.8's `SigV4QueryAuth` makes at that time, whatever the client's clock: the time is the caller's.
#[test]
fn is_what_botocore_presigns() {
    for (token, parameter, signature) in [
        (None, "", "1ff891f3d2541f5109f8d4eb0ce199d274dc4303bf6e98abd21cfb3017324a95"),
        (
            Some("TOKEN+/="),
            "&X-Amz-Security-Token=TOKEN%2B%2F%3D",
            "3cccf454121f97378722a9f392776bad19d74869dff2d8c8e69edc4dd8a23b88",
        ),
    ] {
        let (config, expires) = (config("eu-west-1"), Duration::from_secs(60));
        let url = presigned_get_caller_identity(&config, &credentials(token), expires, NOW).unwrap();
        assert_eq!(
            url.to_string(),
            format!(
                "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&\
                 X-Amz-Credential=AKIDEXAMPLE%2F20261123%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Date=20261123T030000Z&\
                 X-Amz-Expires=60&X-Amz-SignedHeaders=host{parameter}&X-Amz-Signature={signature}"
            )
        );
    }
}

#[test]
fn without_a_region_nothing_is_presigned() {
    let nowhere = Config::builder().endpoint_url("https://sts.us-east-1.amazonaws.com").build().unwrap();
    assert!(presigned_get_caller_identity(&nowhere, &credentials(None), Duration::from_secs(60), NOW).is_err());
}
