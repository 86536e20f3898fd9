//! The independent verifier.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use http::Request;
use scratchstack_aws_signature::{
    GetSigningKeyRequest, GetSigningKeyResponse, KSecretKey, SignatureError, SignatureOptions,
    VecSignedHeaderRequirements, principal::User, service_for_signing_key_fn, sigv4_validate_request,
};
use sts_core::{Credentials, Secret};
use time::UtcDateTime;

/// The independent verifier, with the one key that it knows.
pub(crate) fn validate(
    request: &Request<String>,
    region: &str,
    now: UtcDateTime,
    known: &Credentials,
) -> Result<(), SignatureError> {
    let known = known.clone();
    let find = move |wanted: GetSigningKeyRequest| {
        let token = known.session_token.as_ref().map(Secret::expose);
        let is_known = wanted.access_key() == known.access_key_id && wanted.session_token() == token;
        let key: Result<KSecretKey, _> = known.secret_access_key.expose().parse();
        async move {
            if !is_known {
                return Err(SignatureError::InvalidClientTokenId("no such key".into()).into());
            }
            let key = key?.to_ksigning(wanted.request_date(), wanted.region(), wanted.service());
            let user = User::new("aws", "123456789012", "/", "Alice")?;
            Ok(GetSigningKeyResponse::builder().principal(user).signing_key(key).build()?)
        }
    };
    let mut find = service_for_signing_key_fn(find);
    let now = chrono::DateTime::from_timestamp(now.unix_timestamp(), 0).unwrap();
    let (parts, body) = request.clone().into_parts();
    let request = Request::from_parts(parts, body.into_bytes());
    let required = VecSignedHeaderRequirements::new::<str, str, str>(&[], &[], &["x-amz-"]);
    let validation =
        sigv4_validate_request(request, region, "sts", &mut find, now, &required, SignatureOptions::default());
    // Nothing in it waits.
    match pin!(validation).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(_)) => Ok(()),
        Poll::Ready(Err(error)) => Err(*error.downcast().unwrap()),
        Poll::Pending => unreachable!("the key is found at once"),
    }
}
