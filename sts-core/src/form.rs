//! Text of a form or of a URL's query, percent-encoded while it is written.

use alloc::{vec, vec::Vec};
use core::{mem, ops::Range};
use zeroize::Zeroize;

use crate::percent;

/// A text that may hold a token: its memory is wiped when it is left.
#[derive(Default)]
pub(crate) struct Form {
    /// The text, and zeroes or what was cut off, which are overwritten without a look at each byte's place.
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

    /// Adds a text as it is.
    pub(crate) fn append(&mut self, text: &[u8]) {
        self.reserve(text.len());
        self.bytes[self.end..][..text.len()].copy_from_slice(text);
        self.end += text.len();
    }

    /// Adds a text that stands in it already.
    pub(crate) fn repeat(&mut self, place: Range<usize>) {
        let length = place.len();
        self.reserve(length);
        self.bytes.copy_within(place, self.end);
        self.end += length;
    }

    /// Adds a text percent-encoded, and shows each of its bytes to `watch` on the way.
    pub(crate) fn encode(&mut self, text: &[u8], mut watch: impl FnMut(u8)) {
        for chunk in text.chunks(percent::CHUNK) {
            self.reserve(percent::ROOM);
            let room = self.bytes[self.end..].first_chunk_mut().expect("there is as much");
            self.end += percent::encode(chunk, room, &mut watch);
        }
    }

    /// Cuts off what is behind that length. It is not wiped until it is overwritten, so it must not be a secret.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.end = self.end.min(length);
    }

    /// The text, which is not wiped any more.
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

    /// A `Vec` that grows by itself leaves a copy behind that is not wiped.
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
        // As a slice, since a `Vec` wipes byte by byte.
        let end = self.end.min(self.bytes.len());
        self.bytes[..end].zeroize();
    }
}

/// A number's decimal digits.
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
