//! Ids, keys and secrets that look like the real ones, derived from a seed with SHA-256.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use sha2::{Digest, Sha256};
use sts_core::Secret;

pub(crate) struct Mint {
    seed: u64,
    /// The number of ids drawn so far.
    drawn: AtomicU64,
}

impl Mint {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }

    /// A new UUID of version 4.
    pub(crate) fn draw_uuid(&self, purpose: &str) -> String {
        self.uuid(purpose, &self.draw())
    }

    /// A new `ASIA` key id: the prefix and 16 characters, which encode the account as in AWS's ids. The first of their 80 bits is set, and
    /// the next 40 are the account's number.
    pub(crate) fn draw_access_key_id(&self, account: &str) -> String {
        let account: u128 = account.parse().unwrap_or_default();
        let random = number(&self.hash("access key id", &self.draw())) & ((1 << 39) - 1);
        format!("ASIA{}", base32((1 << 79) | ((account & ((1 << 40) - 1)) << 39) | random, 16))
    }

    /// The id of a user or role: the prefix (`AIDA`, `AROA`) and 17 characters.
    pub(crate) fn unique_id(&self, prefix: &str, arn: &str) -> String {
        format!("{prefix}{}", base32(number(&self.hash("unique id", arn)), 17))
    }

    /// The secret of a key id: 40 characters.
    pub(crate) fn secret_access_key(&self, access_key_id: &str) -> Secret {
        BASE64_STANDARD.encode(&self.hash("secret access key", access_key_id)[..30]).into()
    }

    /// The version 4 UUID of a text.
    pub(crate) fn uuid(&self, purpose: &str, text: &str) -> String {
        let bits = number(&self.hash(purpose, text));
        let bits = bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
        let digits = format!("{bits:032x}");
        [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
    }

    /// Encodes a text for [`open`](Self::open), which accepts nothing else.
    pub(crate) fn seal(&self, text: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode([&self.hash("seal", text)[..], text.as_bytes()].concat())
    }

    /// Decodes a sealed text; `None` for any other text.
    pub(crate) fn open(&self, sealed: &str) -> Option<String> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (seal, text) = bytes.split_at_checked(32)?;
        let text = str::from_utf8(text).ok()?;
        (self.hash("seal", text) == *seal).then(|| text.to_owned())
    }

    pub(crate) fn hash(&self, purpose: &str, text: &str) -> [u8; 32] {
        Sha256::digest(format!("{}/{purpose}/{text}", self.seed)).into()
    }

    /// A number that was not drawn before.
    fn draw(&self) -> String {
        (self.drawn.fetch_add(1, Ordering::Relaxed) + 1).to_string()
    }
}

/// Omits the seed, from which the secrets are derived.
impl fmt::Debug for Mint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mint")
    }
}

fn number(hash: &[u8; 32]) -> u128 {
    hash[..16].iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// The last `length` digits in base 32, with the digits of [RFC 4648](https://www.rfc-editor.org/rfc/rfc4648#section-6).
fn base32(number: u128, length: u32) -> String {
    let digit = |position| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(number >> (5 * position) & 31) as usize];
    (0..length).rev().map(|position| char::from(digit(position))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sts_core::identity::account_of;

    #[test]
    fn access_key_ids_hold_the_account() {
        let id = Mint::new(0).draw_access_key_id("581039954779");
        assert_eq!(id.len(), 20);
        assert!(id.starts_with("ASIA"), "{id}");
        assert_eq!(account_of(&id).as_deref(), Some("581039954779"));
    }

    #[test]
    fn drawn_ids_differ() {
        let mint = Mint::new(0);
        assert_ne!(mint.draw_uuid("request id"), mint.draw_uuid("request id"));
    }

    #[test]
    fn the_seed_makes_the_difference() {
        let [one, other] = [Mint::new(1), Mint::new(2)];
        assert_ne!(one.uuid("a", "b"), other.uuid("a", "b"));
        assert_eq!(one.uuid("a", "b"), Mint::new(1).uuid("a", "b"));
        assert_eq!(one.open(&one.seal("text")).as_deref(), Some("text"));
        assert_eq!(one.open(&other.seal("text")), None);
    }
}
