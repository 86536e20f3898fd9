//! Signature Version 4A: one signature for several regions, by ECDSA over P-256.
//!
//! The [`Signer`]'s region is a set of regions: `*`, or names and patterns such as `us-east-1,eu-*`. It is signed as `X-Amz-Region-Set`;
//! the scope does not contain a region.
//! [The algorithm](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)

use alloc::{format, string::String};
use core::time::Duration;
use ecdsa::hazmat::sign_prehashed_rfc6979;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue, Request, Uri};
use p256::{NistP256, NonZeroScalar, Scalar, elliptic_curve::PrimeField};
use sha2::{Digest, Sha256};
use time::UtcDateTime;
use zeroize::Zeroizing;

use super::{
    Scheme, Signer,
    error::SignError,
    insert, key,
    payload::Payload,
    set_headers,
    string_to_sign::{StringToSign, TERMINATOR, Timestamp},
};
use crate::credentials::Credentials;

const ALGORITHM: &str = "AWS4-ECDSA-P256-SHA256";
const X_AMZ_REGION_SET: HeaderName = HeaderName::from_static("x-amz-region-set");

/// With the feature `sigv4a`.
impl Signer<'_> {
    /// Like [`sign`](Self::sign), with Signature Version 4A. Also sets `X-Amz-Region-Set`.
    ///
    /// Does not use the [`KeyCache`](super::KeyCache), since deriving the key is a small part of the work.
    ///
    /// # Errors
    /// The request has no host, or the credentials, the set of regions or the date cannot be written in a header.
    pub fn sign_v4a<'p, B>(
        &self,
        request: &mut Request<B>,
        payload: impl Into<Payload<'p>>,
        now: UtcDateTime,
    ) -> Result<(), SignError> {
        let timestamp = Timestamp::new(now)?;
        let regions = HeaderValue::from_str(self.region).map_err(|_| SignError::RegionSet)?;
        set_headers(request, &timestamp, key::token(self.credentials)?)?;
        insert(request.headers_mut(), X_AMZ_REGION_SET, regions)?;
        let scope = self.scope_v4a(&timestamp);
        let scheme = Scheme { algorithm: ALGORITHM, scope: &scope, regions: Some(self.region) };
        self.authorize(request, payload.into(), &scheme, |hash| self.signature_v4a(&timestamp, &scope, hash))
    }

    /// Like [`presign`](Self::presign), with Signature Version 4A.
    ///
    /// # Errors
    /// The request has no host, the result is not a valid URL, or `expires` is less than a second or more than a week.
    pub fn presign_v4a<'p, B>(
        &self,
        request: &Request<B>,
        payload: impl Into<Payload<'p>>,
        expires: Duration,
        now: UtcDateTime,
    ) -> Result<Uri, SignError> {
        let timestamp = Timestamp::new(now)?;
        let scope = self.scope_v4a(&timestamp);
        let scheme = Scheme { algorithm: ALGORITHM, scope: &scope, regions: Some(self.region) };
        let sign = |hash| self.signature_v4a(&timestamp, &scope, hash);
        self.write_url(request, payload.into(), expires, &timestamp, &scheme, sign)
    }

    /// `20150830/sts/aws4_request`
    fn scope_v4a(&self, timestamp: &Timestamp) -> String {
        [timestamp.date(), self.service, TERMINATOR].join("/")
    }

    fn signature_v4a(&self, timestamp: &Timestamp, scope: &str, hash: [u8; 64]) -> String {
        let string_to_sign = StringToSign { algorithm: ALGORITHM, timestamp, scope, hash };
        // `SigningKey` would also compute the public key, which takes as long as the signature.
        let hash = Sha256::digest(string_to_sign.pieces().concat());
        let (signature, _) = sign_prehashed_rfc6979::<NistP256, Sha256>(&private_key(self.credentials), &hash, &[]);
        hex::encode(signature.to_der())
    }
}

/// Derives the private key of an access key. Uses the key derivation function of
/// [NIST SP 800-108](https://csrc.nist.gov/pubs/sp/800/108/r1/upd1/final) in counter mode with HMAC-SHA256, and increments a counter until
/// the result is a valid candidate by [FIPS 186-5, A.2.2](https://csrc.nist.gov/pubs/fips/186-5/final).
fn private_key(credentials: &Credentials) -> Zeroizing<NonZeroScalar> {
    let secret = Zeroizing::new(format!("AWS4A{}", credentials.secret_access_key.expose()));
    let hmac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    let candidate = |counter: u8| {
        let round = 1_u32.to_be_bytes();
        let bits = 256_u32.to_be_bytes();
        let parts = [&round, ALGORITHM.as_bytes(), &[0], credentials.access_key_id.as_bytes(), &[counter], &bits];
        let number = parts.into_iter().fold(hmac.clone(), Mac::chain_update).finalize().into_bytes();
        // A candidate is a number c ≤ n - 2, where n is the order of the curve, and the key is c + 1. Modulo n: c < n, and c + 1 ≠ 0.
        let key = Scalar::from_repr(number).map(|number| number + Scalar::ONE).and_then(NonZeroScalar::new);
        key.into_option()
    };
    let key = (1..=254).find_map(candidate);
    Zeroizing::new(key.expect("each candidate is too large with a chance of 1 in 2^32, all 254 of them never"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey, signature::Verifier};
    use time::macros::utc_datetime;

    const NOW: UtcDateTime = utc_datetime!(2015-08-30 12:36:00);
    const TOKEN: &str = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";

    fn credentials() -> Credentials {
        Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    }

    /// Of these credentials, from the suite of test cases that AWS publishes.
    fn public_key() -> VerifyingKey {
        let key = "04b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1\
                   865ed22a7eadc9c5cb9d2cbaca1b3699139fedc5043dc6661864218330c8e518";
        VerifyingKey::from_sec1_bytes(&hex::decode(key).unwrap()).unwrap()
    }

    fn verifies(string_to_sign: &str, signed: &str) -> bool {
        let (_, signature) = signed.rsplit_once("Signature=").unwrap();
        let signature = DerSignature::from_bytes(&hex::decode(signature).unwrap()).unwrap();
        public_key().verify(string_to_sign.as_bytes(), &signature).is_ok()
    }

    #[test]
    fn lives_from_a_second_to_a_week() {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret");
        let request = Request::get("https://example.amazonaws.com/").body(()).unwrap();
        let presign = |seconds| {
            let signer = Signer::new(&credentials, "*", "service");
            signer.presign_v4a(&request, b"", Duration::from_secs(seconds), NOW)
        };
        assert!(presign(1).is_ok() && presign(604_800).is_ok());
        assert_eq!((presign(0), presign(604_801)), (Err(SignError::Expires), Err(SignError::Expires)));
    }

    #[test]
    fn derives_the_published_key() {
        assert_eq!(*SigningKey::from(*private_key(&credentials())).verifying_key(), public_key());
    }

    /// Strings to sign of the suite's cases get-vanilla and get-vanilla-with-session-token.
    #[test]
    fn signatures_verify_with_the_published_key() {
        let vanilla = Request::get("https://example.amazonaws.com/").body(()).unwrap();
        for (credentials, in_headers, in_query) in [
            (
                credentials(),
                "cf59db423e841c8b7e3444158185aa261b724a5c27cbe762676f3eed19f4dc02",
                "890c4ed28c1a1ac10b5862719b537afbe392e987dc1aab1efa16fe7de41d3c81",
            ),
            (
                credentials().session_token(TOKEN),
                "79893373104239a0547df489af395ec3c1b8873a8601f07f11ffd3f1ac557e7d",
                "496062b4c2ed2175fe08ad084158783fa8d013c694542af721d49b25d1ebd390",
            ),
        ] {
            let signer = Signer::new(&credentials, "us-east-1", "service");
            let string_to_sign =
                |hash| format!("AWS4-ECDSA-P256-SHA256\n20150830T123600Z\n20150830/service/aws4_request\n{hash}");
            let mut request = vanilla.clone();
            signer.sign_v4a(&mut request, b"", NOW).unwrap();
            assert!(verifies(&string_to_sign(in_headers), request.headers()["authorization"].to_str().unwrap()));
            let url = signer.presign_v4a(&vanilla, b"", Duration::from_secs(3600), NOW).unwrap();
            assert!(verifies(&string_to_sign(in_query), &url.to_string()));
            assert!(!verifies(&string_to_sign(in_headers), &url.to_string()));
        }
    }

    #[test]
    fn what_is_sent() {
        let credentials = credentials().session_token(TOKEN);
        let signer = Signer::new(&credentials, "us-east-1,eu-*", "sts");
        let mut request = Request::get("https://sts.amazonaws.com/?a=b").body(()).unwrap();
        let url = signer.presign_v4a(&request, b"", Duration::from_secs(60), NOW).unwrap().to_string();
        assert!(url.starts_with(
            "https://sts.amazonaws.com/?a=b&X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&\
             X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fsts%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&\
             X-Amz-Region-Set=us-east-1%2Ceu-%2A&X-Amz-SignedHeaders=host&X-Amz-Security-Token=6e86291e"
        ));
        signer.sign_v4a(&mut request, b"", NOW).unwrap();
        assert_eq!(request.headers()["x-amz-region-set"], "us-east-1,eu-*");
        assert!(request.headers().values().filter(|value| value.is_sensitive()).count() == 2);
        assert!(request.headers()["authorization"].to_str().unwrap().starts_with(
            "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20150830/sts/aws4_request, \
             SignedHeaders=host;x-amz-date;x-amz-region-set;x-amz-security-token, Signature=30"
        ));
        let error = Signer::new(&credentials, "a\nb", "sts").sign_v4a(&mut request, b"", NOW).unwrap_err();
        assert_eq!(error.to_string(), "the set of regions holds a character that a header cannot");
    }
}
