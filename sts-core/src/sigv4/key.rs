//! The key that is derived from a secret access key for one day, region and service.

use alloc::{format, string::String};
use core::fmt;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use time::UtcDateTime;
use try_lock::TryLock;
use zeroize::Zeroizing;

use super::{SignError, Timestamp};
use crate::credentials::Secret;

/// The last part of every scope.
pub(super) const TERMINATOR: &str = "aws4_request";

/// A signing key, ready to sign: the states of HMAC are computed once.
#[derive(Clone)]
pub struct SigningKey {
    hmac: Hmac<Sha256>,
    scope: String,
}

impl SigningKey {
    /// The key for the day of `now`, in UTC.
    ///
    /// # Errors
    /// The year is not one of four digits.
    pub fn derive(secret: &Secret, now: UtcDateTime, region: &str, service: &str) -> Result<Self, SignError> {
        Ok(Self::of(secret, &Timestamp::new(now)?, region, service))
    }

    /// `20150830/us-east-1/sts/aws4_request`
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The signature of a text: of a string to sign, or of a policy for a browser's upload.
    pub fn sign(&self, text: &[u8]) -> [u8; 32] {
        self.sign_pieces([text])
    }

    pub(super) fn of(secret: &Secret, timestamp: &Timestamp, region: &str, service: &str) -> Self {
        let secret = Zeroizing::new(format!("AWS4{}", secret.expose()));
        let mut hmac = keyed(secret.as_bytes());
        for part in [timestamp.date(), region, service, TERMINATOR] {
            let key: Zeroizing<[u8; 32]> = Zeroizing::new(hmac.chain_update(part).finalize().into_bytes().into());
            hmac = keyed(&key[..]);
        }
        Self { hmac, scope: scope(timestamp, region, service) }
    }

    pub(super) fn sign_pieces<const N: usize>(&self, pieces: [&[u8]; N]) -> [u8; 32] {
        pieces.into_iter().fold(self.hmac.clone(), Mac::chain_update).finalize().into_bytes().into()
    }

    /// Whether this is the signature; takes the same time whatever the answer.
    pub(super) fn verify<const N: usize>(&self, pieces: [&[u8]; N], signature: &[u8]) -> bool {
        pieces.into_iter().fold(self.hmac.clone(), Mac::chain_update).verify_slice(signature).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, [redacted])", self.scope)
    }
}

/// The last signing key that was derived, for clients that sign again and again: deriving one costs a
/// third of a signature.
///
/// Threads share it without waiting: one that finds it in use derives the key for itself.
#[derive(Debug, Default)]
pub struct KeyCache(TryLock<Option<(Secret, SigningKey)>>);

impl KeyCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn with<T>(
        &self,
        secret: &Secret,
        timestamp: &Timestamp,
        region: &str,
        service: &str,
        sign: impl FnOnce(&SigningKey) -> T,
    ) -> T {
        let derive = || SigningKey::of(secret, timestamp, region, service);
        let Some(mut cached) = self.0.try_lock() else { return sign(&derive()) };
        match &*cached {
            Some((of, key)) if of.expose() == secret.expose() && is_scope(&key.scope, timestamp, region, service) => {
                sign(key)
            }
            _ => sign(&cached.insert((secret.clone(), derive())).1),
        }
    }
}

fn scope(timestamp: &Timestamp, region: &str, service: &str) -> String {
    [timestamp.date(), region, service, TERMINATOR].join("/")
}

/// `scope == self::scope(…)`, without making one.
fn is_scope(scope: &str, timestamp: &Timestamp, region: &str, service: &str) -> bool {
    let rest = scope
        .strip_prefix(timestamp.date())
        .and_then(|rest| rest.strip_prefix('/')?.strip_prefix(region)?.strip_prefix('/'));
    rest.and_then(|rest| rest.strip_prefix(service)) == Some("/aws4_request")
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}
