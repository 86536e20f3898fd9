//! Texts that must not be seen.

use alloc::{format, string::String};
use core::{fmt, mem};
use zeroize::Zeroize;

use crate::xml::{Element, FromXml, ParseError};

/// A text that must not be seen: a secret access key, a session token, a SAML assertion, a web
/// identity token, an MFA code.
///
/// `Debug` redacts it always, the memory is wiped on drop, and there is neither `Display` nor
/// `PartialEq`. [`expose`](Secret::expose) is the one way to read it, so that every place which
/// does can be found by searching for that word.
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
