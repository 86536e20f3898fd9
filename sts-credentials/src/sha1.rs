//! SHA-1 ([FIPS 180-4](https://csrc.nist.gov/pubs/fips/180-4/upd1/final)), which is broken: it names files here and protects nothing.

/// The digest of some bytes.
pub(crate) fn sha1(message: &[u8]) -> [u8; 20] {
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    let blocks = message.chunks_exact(64);
    // What is left, a one bit, zeros, and the length in bits fill one or two blocks.
    let rest = blocks.remainder();
    let mut end = [0; 128];
    end[..rest.len()].copy_from_slice(rest);
    end[rest.len()] = 0x80;
    let length = if rest.len() < 56 { 64 } else { 128 };
    end[length - 8..length].copy_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    blocks.chain(end[..length].chunks_exact(64)).for_each(|block| compress(&mut state, block));
    let mut digest = [0; 20];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

#[expect(clippy::many_single_char_names, reason = "they are the standard's")]
fn compress(state: &mut [u32; 5], block: &[u8]) {
    let mut words = [0_u32; 80];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    for t in 16..80 {
        words[t] = (words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16]).rotate_left(1);
    }
    let mut v = *state;
    for (t, word) in words.into_iter().enumerate() {
        let [a, b, c, d, e] = v;
        let mixed = match t / 20 {
            0 => ((b & c) | (!b & d)).wrapping_add(0x5a82_7999),
            1 => (b ^ c ^ d).wrapping_add(0x6ed9_eba1),
            2 => ((b & c) | (b & d) | (c & d)).wrapping_add(0x8f1b_bcdc),
            _ => (b ^ c ^ d).wrapping_add(0xca62_c1d6),
        };
        v = [a.rotate_left(5).wrapping_add(mixed).wrapping_add(e).wrapping_add(word), a, b.rotate_left(30), c, d];
    }
    for (word, new) in state.iter_mut().zip(v) {
        *word = word.wrapping_add(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// The examples of FIPS 180-4 and of NIST's test vectors; the lengths around a block's end as Python's hashlib has them.
    #[test]
    fn vectors() {
        let digest = |message: &[u8]| hex::encode(sha1(message));
        for (message, expected) in [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
            (
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
                "a49b2446a02c645bf419f995b67091253a04a259",
            ),
        ] {
            assert_eq!(digest(message.as_bytes()), expected);
        }
        assert_eq!(digest(&vec![b'a'; 1_000_000]), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
        for (length, expected) in [
            (55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
            (56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
            (63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5"),
            (64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
            (65, "11655326c708d70319be2610e8a57d9a5b959d3b"),
        ] {
            assert_eq!(digest(&vec![b'a'; length]), expected, "{length}");
        }
    }
}
