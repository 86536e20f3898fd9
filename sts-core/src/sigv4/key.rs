//! The key that is derived from a secret access key for one day, region and service.

use alloc::{format, string::String};
use core::fmt;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use try_lock::TryLock;
use zeroize::Zeroizing;

use super::Timestamp;
use crate::credentials::Secret;

/// A signing key, ready to sign: the states of HMAC are computed once.
#[derive(Clone)]
pub struct SigningKey {
    hmac: Hmac<Sha256>,
    scope: String,
}

impl SigningKey {
    pub(super) fn derive(secret: &Secret, timestamp: &Timestamp, region: &str, service: &str) -> Self {
        let secret = Zeroizing::new(format!("AWS4{}", secret.expose()));
        let parts = [timestamp.date(), region, service, "aws4_request"];
        let hmac = parts
            .iter()
            .fold(keyed(secret.as_bytes()), |hmac, part| keyed(&Zeroizing::new(mac(hmac, part.as_bytes()))[..]));
        Self { hmac, scope: scope(timestamp, region, service) }
    }

    /// `20150830/us-east-1/sts/aws4_request`
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The signature of a string to sign.
    pub fn sign(&self, string_to_sign: &[u8]) -> [u8; 32] {
        mac(self.hmac.clone(), string_to_sign)
    }

    /// Whether this is the signature of a string to sign; takes the same time whatever the answer.
    pub fn verify(&self, string_to_sign: &[u8], signature: &[u8]) -> bool {
        self.hmac.clone().chain_update(string_to_sign).verify_slice(signature).is_ok()
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
        let derive = || SigningKey::derive(secret, timestamp, region, service);
        let Some(mut cached) = self.0.try_lock() else { return sign(&derive()) };
        match &*cached {
            Some((of, key)) if of.expose() == secret.expose() && is_scope(&key.scope, timestamp, region, service) => {
                sign(key)
            }
            _ => sign(&cached.insert((secret.clone(), derive())).1),
        }
    }
}

pub(super) fn scope(timestamp: &Timestamp, region: &str, service: &str) -> String {
    format!("{}/{region}/{service}/aws4_request", timestamp.date())
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

fn mac(hmac: Hmac<Sha256>, message: &[u8]) -> [u8; 32] {
    hmac.chain_update(message).finalize().into_bytes().into()
}
