// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! Every code, as the API reference writes it: of the [operations](https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html)
//! and the [common errors](https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html).

mod common;

use common::receive;
use sts_core::{Error, ErrorCode, GetCallerIdentity};

const CODES: [(&str, ErrorCode); 29] = [
    ("AccessDenied", ErrorCode::AccessDenied),
    ("ExpiredToken", ErrorCode::ExpiredToken),
    ("ExpiredTokenException", ErrorCode::ExpiredTokenException),
    ("ExpiredTradeInTokenException", ErrorCode::ExpiredTradeInTokenException),
    ("IDPCommunicationError", ErrorCode::IdpCommunicationError),
    ("IDPRejectedClaim", ErrorCode::IdpRejectedClaim),
    ("IncompleteSignature", ErrorCode::IncompleteSignature),
    ("InsufficientSessionLifetime", ErrorCode::InsufficientSessionLifetime),
    ("InternalFailure", ErrorCode::InternalFailure),
    ("InvalidAction", ErrorCode::InvalidAction),
    ("InvalidAuthorizationMessageException", ErrorCode::InvalidAuthorizationMessageException),
    ("InvalidClientTokenId", ErrorCode::InvalidClientTokenId),
    ("InvalidContextAssertion", ErrorCode::InvalidContextAssertion),
    ("InvalidIdentityToken", ErrorCode::InvalidIdentityToken),
    ("InvalidSubjectCredentials", ErrorCode::InvalidSubjectCredentials),
    ("JWTPayloadSizeExceededException", ErrorCode::JwtPayloadSizeExceededException),
    ("MalformedInput", ErrorCode::MalformedInput),
    ("MalformedPolicyDocument", ErrorCode::MalformedPolicyDocument),
    ("MissingAuthenticationToken", ErrorCode::MissingAuthenticationToken),
    ("OptInRequired", ErrorCode::OptInRequired),
    ("OutboundWebIdentityFederationDisabledException", ErrorCode::OutboundWebIdentityFederationDisabledException),
    ("PackedPolicyTooLarge", ErrorCode::PackedPolicyTooLarge),
    ("RegionDisabledException", ErrorCode::RegionDisabledException),
    ("RequestExpired", ErrorCode::RequestExpired),
    ("ServiceUnavailable", ErrorCode::ServiceUnavailable),
    ("SessionDurationEscalationException", ErrorCode::SessionDurationEscalationException),
    ("SignatureDoesNotMatch", ErrorCode::SignatureDoesNotMatch),
    ("Throttling", ErrorCode::Throttling),
    ("ValidationError", ErrorCode::ValidationError),
];

/// With and without `Exception`: services and emulators disagree about it. `ExpiredToken` is a code of its own either way.
#[test]
fn codes_are_read_as_services_write_them() {
    for (wire, code) in CODES {
        let stem = wire.strip_suffix("Exception").unwrap_or(wire);
        for written in [stem.to_owned(), format!("{stem}Exception")] {
            let expected = match &*written {
                "ExpiredToken" => ErrorCode::ExpiredToken,
                "ExpiredTokenException" => ErrorCode::ExpiredTokenException,
                _ => code.clone(),
            };
            let xml = format!("<ErrorResponse><Error><Code>{written}</Code></Error></ErrorResponse>");
            let Err(Error::Service(error)) = receive(&GetCallerIdentity::new(), 400, &xml) else { panic!("{xml}") };
            assert_eq!((&error.code, &*error.wire_code), (&expected, &*written));
        }
        assert_eq!((code.as_str(), code.to_string()), (wire, wire.to_owned()));
    }
}
