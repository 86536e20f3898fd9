//! Texts that must not be seen.

use alloc::{format, string::String};
use core::{fmt, hint::black_box, mem};
use zeroize::Zeroize;

use crate::xml::{Element, FromXml, ParseError};

/// A text that must not be seen: a secret access key, a session token, a SAML assertion, a web
/// identity token, an MFA code.
///
/// `Debug` always redacts it, the memory is wiped on drop, and there is no `Display`. [`expose`](Secret::expose) is the only way to read it,
/// so that every place that does can be found by searching for that word. Two secrets are compared in a time that depends on their lengths
/// alone.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        String::from(text).into()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        let difference = self.0.bytes().zip(other.0.bytes()).fold(0, |found, (one, other)| found | (one ^ other));
        // Not as soon as a byte differs.
        black_box(difference) == 0 && self.0.len() == other.0.len()
    }
}

impl Eq for Secret {}

impl Drop for Secret {
    fn drop(&mut self) {
        let mut text = mem::take(&mut self.0).into_bytes();
        text.spare_capacity_mut().zeroize();
        // As a slice, since a `Vec` wipes byte by byte.
        text.as_mut_slice().zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl FromXml for Secret {
    fn from_xml(element: Element<'_, '_>) -> Result<Self, ParseError> {
        // What looks like a tag may be a piece of the secret that was not escaped; the rest of it would be wrong.
        if element.children().next().is_some() {
            return Err(element.error(format!("{} has a tag in it", element.name())));
        }
        Ok(element.text().into())
    }
}
