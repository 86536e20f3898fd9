//! Secret texts.

use alloc::{format, string::String};
use core::{fmt, hint::black_box, mem};
use zeroize::Zeroize;

use crate::xml::{Element, FromXml, ParseError};

/// A secret text: a secret access key, session token, SAML assertion, web identity token or MFA code.
///
/// `Debug` redacts it, there is no `Display`, and its memory is wiped on drop. [`expose`](Secret::expose) is the only way to read it, so
/// you can find every use by searching for that word. The time of a comparison depends only on the lengths of the secrets.
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
        // No early exit at the first difference.
        black_box(difference) == 0 && self.0.len() == other.0.len()
    }
}

impl Eq for Secret {}

impl Drop for Secret {
    fn drop(&mut self) {
        let mut text = mem::take(&mut self.0).into_bytes();
        text.spare_capacity_mut().zeroize();
        // As a slice: `Vec` would wipe byte by byte.
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
        // A child element may be an unescaped part of the secret, whose value would then be wrong.
        if element.children().next().is_some() {
            return Err(element.error(format!("{} has a tag in it", element.name())));
        }
        Ok(element.text().into())
    }
}
