//! The minimum cost of the fixture: its hashing, and a program that only encodes, hashes and writes.

use std::hint::black_box;

use sha2::{Digest, Sha256};
use sts_core::Credentials;

use crate::fixture::{EXTERNAL_ID, ROLE, SESSION, TAGS, TRANSITIVE};

/// The number of SHA-256 blocks of a signed `AssumeRole` with cached signing key states: 23 for the form, 20 for the canonical request, 4
/// for the string to sign.
pub const BLOCKS: usize = 47;

/// Hashes as many bytes as fill [`BLOCKS`] including the padding.
pub fn hash_blocks() -> impl FnMut() {
    let bytes = [7; BLOCKS * 64 - 9];
    move || {
        black_box(Sha256::digest(black_box(&bytes)));
    }
}

/// A program for the fixture alone. It encodes without branches, caches the key's states and all constant parts, allocates nothing and
/// checks nothing.
pub struct Ideal {
    inner: Sha256,
    outer: Sha256,
    token: String,
    policy: String,
    form: [u8; 2048],
    canonical: [u8; 2048],
    head: [u8; 2048],
}

const DATE: &str = "20261123T030000Z";
const SCOPE: &str = "20261123/us-east-1/sts/aws4_request";
const HOST: &str = "sts.us-east-1.amazonaws.com";
const TYPE: &str = "application/x-www-form-urlencoded";
const SIGNED: &str = "content-type;host;x-amz-date;x-amz-security-token";

impl Ideal {
    /// A program with the signing key of these credentials.
    pub fn new(credentials: &Credentials, policy: String) -> Self {
        let mut key = format!("AWS4{}", credentials.secret_access_key.expose()).into_bytes();
        for part in ["20261123", "us-east-1", "sts", "aws4_request"] {
            let (inner, outer) = states(&key);
            key = hmac(&inner, &outer, part.as_bytes()).to_vec();
        }
        let (inner, outer) = states(&key);
        let token = credentials.session_token.as_ref().map(|token| token.expose().to_owned()).unwrap_or_default();
        Self { inner, outer, token, policy, form: [0; 2048], canonical: [0; 2048], head: [0; 2048] }
    }

    /// Head and body of the request.
    pub fn request(&mut self) -> (&[u8], &[u8]) {
        let mut form = Writer { bytes: &mut self.form, at: 0 };
        form.write("Action=AssumeRole&Version=2011-06-15&RoleArn=");
        form.encode(ROLE);
        form.write("&RoleSessionName=");
        form.encode(SESSION);
        form.write("&Policy=");
        form.encode(&self.policy);
        form.write("&DurationSeconds=3600");
        for ((key, value), names) in TAGS.into_iter().zip(TAG_NAMES) {
            form.write(names.0);
            form.encode(key);
            form.write(names.1);
            form.encode(value);
        }
        for (key, name) in TRANSITIVE.into_iter().zip(TRANSITIVE_NAMES) {
            form.write(name);
            form.encode(key);
        }
        form.write("&ExternalId=");
        form.encode(EXTERNAL_ID);
        let form = form.written();

        let mut canonical = Writer { bytes: &mut self.canonical, at: 0 };
        for part in ["POST\n/\n\ncontent-type:", TYPE, "\nhost:", HOST, "\nx-amz-date:", DATE] {
            canonical.write(part);
        }
        for part in ["\nx-amz-security-token:", &self.token, "\n\n", SIGNED, "\n"] {
            canonical.write(part);
        }
        canonical.write_hex(&Sha256::digest(form).into());
        let hash = Sha256::digest(canonical.written());

        let mut text = Writer { bytes: &mut [0; 256], at: 0 };
        for part in ["AWS4-HMAC-SHA256\n", DATE, "\n", SCOPE, "\n"] {
            text.write(part);
        }
        text.write_hex(&hash.into());
        let signature = hmac(&self.inner, &self.outer, text.written());

        let mut head = Writer { bytes: &mut self.head, at: 0 };
        head.write("POST / HTTP/1.1\r\ncontent-length: 1425\r\n");
        for part in ["content-type: ", TYPE, "\r\nhost: ", HOST, "\r\nx-amz-date: ", DATE] {
            head.write(part);
        }
        for part in ["\r\nx-amz-security-token: ", &self.token, "\r\nauthorization: AWS4-HMAC-SHA256 Credential="] {
            head.write(part);
        }
        for part in ["ASIAIOSFODNN7EXAMPLE/", SCOPE, ", SignedHeaders=", SIGNED, ", Signature="] {
            head.write(part);
        }
        head.write_hex(&signature);
        head.write("\r\n\r\n");
        (head.written(), form)
    }
}

const TAG_NAMES: [(&str, &str); 3] = [
    ("&Tags.member.1.Key=", "&Tags.member.1.Value="),
    ("&Tags.member.2.Key=", "&Tags.member.2.Value="),
    ("&Tags.member.3.Key=", "&Tags.member.3.Value="),
];
const TRANSITIVE_NAMES: [&str; 2] = ["&TransitiveTagKeys.member.1=", "&TransitiveTagKeys.member.2="];

/// A writer to a buffer that is large enough for the fixture.
struct Writer<'a> {
    bytes: &'a mut [u8],
    at: usize,
}

impl<'a> Writer<'a> {
    fn write(&mut self, text: &str) {
        self.bytes[self.at..][..text.len()].copy_from_slice(text.as_bytes());
        self.at += text.len();
    }

    fn encode(&mut self, text: &str) {
        for &byte in text.as_bytes() {
            let (escaped, length) = ESCAPES[usize::from(byte)];
            self.bytes[self.at..][..4].copy_from_slice(&escaped);
            self.at += length;
        }
    }

    fn write_hex(&mut self, hash: &[u8; 32]) {
        hex::encode_to_slice(hash, &mut self.bytes[self.at..][..64]).expect("a hash has 64 digits");
        self.at += 64;
    }

    fn written(self) -> &'a [u8] {
        &self.bytes[..self.at]
    }
}

/// The form encoding of each byte, and how many of the four bytes it takes.
const ESCAPES: [([u8; 4], usize); 256] = {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut table = [([0; 4], 0); 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation, reason = "a loop over bytes")]
        let character = byte as u8;
        table[byte] = if character.is_ascii_alphanumeric() || matches!(character, b'-' | b'.' | b'_' | b'~') {
            ([character, 0, 0, 0], 1)
        } else {
            ([b'%', DIGITS[byte >> 4], DIGITS[byte & 15], 0], 3)
        };
        byte += 1;
    }
    table
};

/// The hash states after the inner and outer key blocks, with which HMAC begins. RFC 2104 §4
fn states(key: &[u8]) -> (Sha256, Sha256) {
    let state = |pad: u8| {
        let mut block = [pad; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        Sha256::new_with_prefix(block)
    };
    (state(0x36), state(0x5c))
}

fn hmac(inner: &Sha256, outer: &Sha256, text: &[u8]) -> [u8; 32] {
    let inner = inner.clone().chain_update(text).finalize();
    outer.clone().chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, assume_role, config, credentials, policy};
    use sts_core::{Client, Step};

    /// It is only a floor if it does the same work.
    #[test]
    fn the_ideal_sends_what_the_core_sends() {
        let (policy, client, credentials) = (policy(), Client::new(config(), 1), credentials());
        let step = client.call(&assume_role(&policy), Some(&credentials), NOW);
        let Step::Transmit(transmit, _) = step else { panic!("the fixture is valid") };
        let request = transmit.request;
        let mut ideal = Ideal::new(&credentials, policy);
        let (head, form) = ideal.request();
        assert_eq!(form, request.body().expose());
        let head = std::str::from_utf8(head).unwrap();
        for name in ["content-length", "content-type", "x-amz-date", "x-amz-security-token", "authorization"] {
            let line = format!("\r\n{name}: {}\r\n", request.headers()[name].to_str().unwrap());
            assert!(head.contains(&line), "{line}");
        }
    }

    #[test]
    fn blocks() {
        let blocks = |bytes: usize| (bytes + 9).div_ceil(64);
        let mut ideal = Ideal::new(&credentials(), policy());
        ideal.request();
        let canonical = ideal.canonical.iter().position(|byte| *byte == 0).unwrap();
        // HMAC hashes the string to sign after one block, and the result after another. Both block states are cached.
        let text = "AWS4-HMAC-SHA256\n".len() + DATE.len() + SCOPE.len() + 2 + 64;
        assert_eq!(blocks(1425) + blocks(canonical) + blocks(text) + 1, BLOCKS);
    }
}
