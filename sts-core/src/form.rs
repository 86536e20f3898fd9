//! A buffer for form bodies and URL queries that percent-encodes on writing.

use alloc::{vec, vec::Vec};
use core::{mem, ops::Range};
use zeroize::Zeroize;

use crate::percent;

/// A buffer that may hold a token. Its memory is wiped on drop and on growth.
#[derive(Default)]
pub(crate) struct Form {
    /// The text up to `end`; after it zeroes or truncated bytes, so that writing into them needs no initialization.
    bytes: Vec<u8>,
    end: usize,
}

impl Form {
    pub(crate) fn with_capacity(length: usize) -> Self {
        Self { bytes: vec![0; length], end: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.end
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

    /// Appends a text without encoding it.
    pub(crate) fn append(&mut self, text: &[u8]) {
        self.reserve(text.len());
        self.bytes[self.end..][..text.len()].copy_from_slice(text);
        self.end += text.len();
    }

    /// Appends a copy of a range of its own text.
    pub(crate) fn repeat(&mut self, range: Range<usize>) {
        let length = range.len();
        self.reserve(length);
        self.bytes.copy_within(range, self.end);
        self.end += length;
    }

    /// Appends a text percent-encoded. `watch` is called for each byte before encoding.
    pub(crate) fn encode(&mut self, text: &[u8], mut watch: impl FnMut(u8)) {
        for chunk in text.chunks(percent::CHUNK) {
            self.reserve(percent::ROOM);
            let room = self.bytes[self.end..].first_chunk_mut().expect("there is as much");
            self.end += percent::encode(chunk, room, &mut watch);
        }
    }

    /// Truncates to this length. The bytes that are cut off are not wiped, so they must not be secret.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.end = self.end.min(length);
    }

    /// The text as a `Vec`, which is not wiped on drop.
    pub(crate) fn into_vec(mut self) -> Vec<u8> {
        let mut bytes = mem::take(&mut self.bytes);
        bytes.truncate(self.end);
        bytes
    }

    fn reserve(&mut self, length: usize) {
        if self.bytes.len() - self.end < length {
            self.grow(length);
        }
    }

    /// Moves the text to a larger buffer and wipes the old one. (`Vec` does not wipe when it grows.)
    #[cold]
    fn grow(&mut self, length: usize) {
        let mut larger = Self::with_capacity(2 * self.bytes.len() + length);
        larger.append(self.as_bytes());
        *self = larger;
    }
}

impl From<Vec<u8>> for Form {
    fn from(bytes: Vec<u8>) -> Self {
        Self { end: bytes.len(), bytes }
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        // As a slice: zeroizing a `Vec` is much slower, since it also wipes byte by byte.
        let end = self.end.min(self.bytes.len());
        self.bytes[..end].zeroize();
    }
}

/// The decimal digits of a number.
pub(crate) fn digits(mut number: u64, buffer: &mut [u8; 20]) -> &str {
    let mut start = buffer.len();
    loop {
        start -= 1;
        buffer[start] = b'0' + (number % 10).to_le_bytes()[0];
        number /= 10;
        if number == 0 {
            return core::str::from_utf8(&buffer[start..]).expect("digits are ASCII");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_piece_by_piece_and_grows() {
        let mut form = Form::with_capacity(3);
        form.append(b"a=");
        form.encode("\u{e9} b".as_bytes(), |_| ());
        form.append(b"&junk");
        form.truncate(form.len() - 4);
        form.repeat(0..2);
        form.append(b"c");
        assert_eq!(form.as_bytes(), b"a=%C3%A9%20b&a=c");
        assert_eq!(form.into_vec(), b"a=%C3%A9%20b&a=c");
    }

    #[test]
    fn a_watcher_sees_what_is_encoded() {
        let mut seen = Vec::new();
        Form::default().encode(&[b'x'; 200], |byte| seen.push(byte));
        assert_eq!(seen, [b'x'; 200]);
    }
}
