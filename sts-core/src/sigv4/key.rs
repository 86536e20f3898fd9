//! Signing keys, derived from a secret access key for one day, region and service.

use alloc::{string::String, sync::Arc, vec::Vec};
use bytes::Bytes;
use core::fmt;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderValue;
use sha2::Sha256;
use time::UtcDateTime;
use try_lock::TryLock;
use zeroize::Zeroizing;

use super::{
    error::SignError,
    payload::hex_digits,
    string_to_sign::{ALGORITHM, StringToSign, TERMINATOR, Timestamp, is_scope, scope},
};
use crate::{credentials::Credentials, secret::Secret};

/// A signing key, with precomputed HMAC state.
#[derive(Clone)]
pub struct SigningKey {
    hmac: Hmac<Sha256>,
    scope: String,
}

impl SigningKey {
    /// The key for the day of `now`, in UTC.
    ///
    /// # Errors
    /// The year does not have four digits.
    pub fn derive(secret: &Secret, now: UtcDateTime, region: &str, service: &str) -> Result<Self, SignError> {
        Ok(Self::of(secret, &Timestamp::new(now)?, region, service))
    }

    /// The scope: `20150830/us-east-1/sts/aws4_request`.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The signature of a text, such as a string to sign or a policy for browser uploads to S3.
    pub fn sign(&self, text: &[u8]) -> [u8; 32] {
        self.sign_pieces([text])
    }

    pub(super) fn of(secret: &Secret, timestamp: &Timestamp, region: &str, service: &str) -> Self {
        let secret = Zeroizing::new(["AWS4", secret.expose()].concat());
        let mut hmac = keyed(secret.as_bytes());
        for part in [timestamp.date(), region, service, TERMINATOR] {
            let key: Zeroizing<[u8; 32]> = Zeroizing::new(hmac.chain_update(part).finalize().into_bytes().into());
            hmac = keyed(&key[..]);
        }
        Self { hmac, scope: scope(timestamp, region, service) }
    }

    /// The string to sign of a request with this hash.
    pub(super) fn string_to_sign<'a>(&'a self, timestamp: &'a Timestamp, hash: [u8; 64]) -> StringToSign<'a> {
        StringToSign { algorithm: ALGORITHM, timestamp, scope: &self.scope, hash }
    }

    /// The signature of a request with this hash.
    pub(super) fn signature(&self, timestamp: &Timestamp, hash: [u8; 64]) -> [u8; 64] {
        hex_digits(&self.sign_pieces(self.string_to_sign(timestamp, hash).pieces()))
    }

    fn sign_pieces<const N: usize>(&self, pieces: [&[u8]; N]) -> [u8; 32] {
        self.hmac_of(pieces).finalize().into_bytes().into()
    }

    /// Compares a signature in constant time.
    pub(super) fn verify<const N: usize>(&self, pieces: [&[u8]; N], signature: &[u8]) -> bool {
        self.hmac_of(pieces).verify_slice(signature).is_ok()
    }

    fn hmac_of<const N: usize>(&self, pieces: [&[u8]; N]) -> Hmac<Sha256> {
        let mut hmac = self.hmac.clone();
        for piece in pieces {
            hmac.update(piece);
        }
        hmac
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, [redacted])", self.scope)
    }
}

/// A cache of the last signing key and session token header, for clients that sign repeatedly. Deriving the key takes a third of the time
/// of a signature.
///
/// Threads can share it without blocking: a thread that finds it locked derives the key itself.
#[derive(Debug, Default)]
pub struct KeyCache(TryLock<Option<Arc<Derived>>>);

impl KeyCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn get(
        &self,
        credentials: &Credentials,
        timestamp: &Timestamp,
        region: &str,
        service: &str,
    ) -> Arc<Derived> {
        let cached = self.0.try_lock().and_then(|cached| cached.clone());
        if let Some(derived) = cached.filter(|derived| derived.is_of(credentials, timestamp, region, service)) {
            return derived;
        }
        let derived = Arc::new(Derived::new(credentials, timestamp, region, service));
        if let Some(mut cached) = self.0.try_lock() {
            *cached = Some(derived.clone());
        }
        derived
    }
}

/// The values derived from credentials for one day, region and service.
#[derive(Debug)]
pub(super) struct Derived {
    secret: Secret,
    /// The length of the region in the scope, since a region with a `/` would be ambiguous.
    region_length: usize,
    pub(super) key: SigningKey,
    pub(super) token: Result<Option<HeaderValue>, SignError>,
}

impl Derived {
    pub(super) fn new(credentials: &Credentials, timestamp: &Timestamp, region: &str, service: &str) -> Self {
        let secret = credentials.secret_access_key.clone();
        let key = SigningKey::of(&secret, timestamp, region, service);
        Self { secret, region_length: region.len(), key, token: token(credentials) }
    }

    fn is_of(&self, credentials: &Credentials, timestamp: &Timestamp, region: &str, service: &str) -> bool {
        let token = credentials.session_token.as_ref().map(|token| token.expose().as_bytes());
        self.secret.expose() == credentials.secret_access_key.expose()
            && self.token.as_ref().is_ok_and(|known| known.as_ref().map(HeaderValue::as_bytes) == token)
            && self.region_length == region.len()
            && is_scope(&self.key.scope, timestamp, region, service)
    }
}

/// The header for the session token, if there is one.
pub(super) fn token(credentials: &Credentials) -> Result<Option<HeaderValue>, SignError> {
    let Some(token) = &credentials.session_token else { return Ok(None) };
    // A cache may keep it for a long time, so it is wiped like the token itself.
    let text = Zeroizing::new(Vec::from(token.expose()));
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).map_err(|_| SignError::SessionToken)?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::utc_datetime;

    #[test]
    fn what_was_derived_is_taken_again_for_the_same_credentials_day_region_and_service() {
        let cache = KeyCache::new();
        let [day, next] =
            [utc_datetime!(2015-08-30 12:36), utc_datetime!(2015-08-31 00:00)].map(|now| Timestamp::new(now).unwrap());
        let [plain, token, other] = [
            Credentials::new("AKIDEXAMPLE", "secret"),
            Credentials::new("AKIDEXAMPLE", "secret").session_token("token"),
            Credentials::new("AKIDEXAMPLE", "another"),
        ];
        let mut last = cache.get(&plain, &day, "us-east-1", "sts");
        for (credentials, day, region, service) in [
            (&plain, &next, "us-east-1", "sts"),
            (&plain, &next, "eu-west-1", "sts"),
            (&plain, &next, "eu-west-1", "s3"),
            (&token, &next, "eu-west-1", "s3"),
            (&other, &next, "eu-west-1", "s3"),
        ] {
            let first = cache.get(credentials, day, region, service);
            assert!(!Arc::ptr_eq(&first, &last));
            last = cache.get(credentials, day, region, service);
            assert!(Arc::ptr_eq(&first, &last));
        }
    }
}
