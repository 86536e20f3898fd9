//! Ids, keys and tokens that look like the real ones, derived from a seed with SHA-256.

use std::fmt;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use sha2::{Digest, Sha256};
use sts_core::Secret;

/// How today's session tokens begin.
const TOKEN_PREFIX: &str = "IQoJb3JpZ2luX2Vj";
/// A usual length of a role's session token, in characters.
const TOKEN_SIZE: u32 = 816;

pub(crate) struct Mint {
    seed: u64,
}

impl Mint {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// `AIDA…` and `AROA…`: prefix and 17 characters.
    pub(crate) fn unique_id(&self, prefix: &str, arn: &str) -> String {
        format!("{prefix}{}", base32(number(&self.hash("unique id", arn)), 17))
    }

    /// `ASIA` and 16 characters, which hold the account as those of AWS do: 80 bits, of which the first is set and the next
    /// 40 are the account's number.
    pub(crate) fn access_key_id(&self, account: &str, drawn: u64) -> String {
        let account: u128 = account.parse().unwrap_or_default();
        let random = number(&self.hash("access key id", &drawn.to_string())) & ((1 << 39) - 1);
        format!("ASIA{}", base32((1 << 79) | ((account & ((1 << 40) - 1)) << 39) | random, 16))
    }

    /// 40 characters.
    pub(crate) fn secret_access_key(&self, access_key_id: &str) -> Secret {
        BASE64_STANDARD.encode(&self.hash("secret access key", access_key_id)[..30]).into()
    }

    /// How long a token becomes that shall have at least so many characters: a multiple of four, as base64 is.
    pub(crate) fn token_size(minimum: Option<u32>) -> u32 {
        minimum.unwrap_or_default().max(TOKEN_SIZE).next_multiple_of(4)
    }

    pub(crate) fn session_token(&self, access_key_id: &str, size: u32) -> Secret {
        let size = usize::try_from(size).unwrap_or_default();
        let mut token = String::from(TOKEN_PREFIX);
        let mut block = 0;
        while token.len() < size {
            block += 1;
            // 30 bytes are 40 characters without padding.
            token += &BASE64_STANDARD.encode(&self.hash("session token", &format!("{access_key_id}/{block}"))[..30]);
        }
        token.truncate(size);
        token.into()
    }

    /// A version 4 UUID.
    pub(crate) fn uuid(&self, what: &str, of: &str) -> String {
        let bits = number(&self.hash(what, of));
        let bits = bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
        let digits = format!("{bits:032x}");
        [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
    }

    /// A text that [`open`](Self::open) gives back, and that nobody else makes.
    pub(crate) fn seal(&self, text: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode([&self.hash("seal", text)[..], text.as_bytes()].concat())
    }

    pub(crate) fn open(&self, sealed: &str) -> Option<String> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (seal, text) = bytes.split_at_checked(32)?;
        let text = str::from_utf8(text).ok()?;
        (self.hash("seal", text) == *seal).then(|| text.to_owned())
    }

    pub(crate) fn hash(&self, what: &str, of: &str) -> [u8; 32] {
        Sha256::digest(format!("{}/{what}/{of}", self.seed)).into()
    }
}

/// Without the seed, since the secrets follow from it.
impl fmt::Debug for Mint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mint")
    }
}

fn number(hash: &[u8; 32]) -> u128 {
    hash[..16].iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// The last `length` digits to the base of 32, with the digits of [RFC 4648](https://www.rfc-editor.org/rfc/rfc4648#section-6).
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
        let minted = Mint::new(0).access_key_id("581039954779", 1);
        assert_eq!(minted.len(), 20);
        assert!(minted.starts_with("ASIA"), "{minted}");
        assert_eq!(account_of(&minted).as_deref(), Some("581039954779"));
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
