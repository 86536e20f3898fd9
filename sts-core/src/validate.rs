//! Constraints on the members of requests.
//!
//! The constraints come from the API model. They are checked while the request is written. All violations are reported at once, in the
//! service's wording:
//!
//! ```
//! use sts_core::{AssumeRole, Operation};
//!
//! let error = AssumeRole::new("arn:aws:iam::123456789012:role/demo", "x").to_body().unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "1 validation error detected: Value 'x' at 'roleSessionName' failed to satisfy constraint: \
//!      Member must have length greater than or equal to 2"
//! );
//! ```

use alloc::{borrow::Cow, string::String, vec::Vec};
use core::fmt;

use crate::text::debug_in_words;

/// The constraint on one member.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Rule {
    /// Anything.
    Any,
    /// A text of `min` to `max` Unicode code points from the set `chars`.
    Text {
        /// Minimum number of code points.
        min: u32,
        /// Maximum number of code points.
        max: u32,
        /// Allowed characters.
        chars: Chars,
    },
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A whole number in this range, inclusive.
    Range(u32, u32),
    /// A list: minimum length, maximum length and the constraint on each element.
    List(u32, u32, &'static Rule),
}

impl Rule {
    /// A text of any characters.
    pub const fn length(min: u32, max: u32) -> Self {
        Self::text(min, max, Chars::ANY)
    }

    /// A text of these characters.
    pub const fn text(min: u32, max: u32, chars: Chars) -> Self {
        Self::Text { min, max, chars }
    }
}

/// A set of characters: the API model's pattern, and an equivalent table and predicate.
#[derive(Clone, Copy, Debug)]
pub struct Chars {
    pattern: &'static str,
    /// The allowed ASCII characters. A table is several times as fast as a predicate, which matters for long policies.
    ascii: &'static [bool; 256],
    non_ascii: fn(char) -> bool,
    /// Whether only single spaces between words are allowed.
    spaced: bool,
}

impl Chars {
    /// Every character.
    pub const ANY: Self = Self::new("", &ascii(b"\0\x7f"), |_| true);

    /// A set of characters. `pattern` is the regular expression for error messages, `ascii` the table of allowed ASCII characters (see
    /// [`ascii`]), and `non_ascii` a predicate for all other characters.
    pub const fn new(pattern: &'static str, ascii: &'static [bool; 256], non_ascii: fn(char) -> bool) -> Self {
        Self { pattern, ascii, non_ascii, spaced: false }
    }

    /// Like [`new`](Self::new), for texts of words that are separated by single spaces. The table must allow the space.
    pub const fn words(pattern: &'static str, ascii: &'static [bool; 256], non_ascii: fn(char) -> bool) -> Self {
        Self { pattern, ascii, non_ascii, spaced: true }
    }

    /// Whether the byte is an ASCII character of the set.
    pub(crate) fn allows_byte(self, byte: u8) -> bool {
        self.ascii[usize::from(byte)]
    }

    pub(crate) fn allows(self, character: char) -> bool {
        if character.is_ascii() { self.ascii[character as usize] } else { (self.non_ascii)(character) }
    }
}

/// A table of allowed ASCII characters. Each pair of bytes is the first and last character of a range.
///
/// ```
/// let digits_and_dash = sts_core::validate::ascii(b"09--");
/// assert!(digits_and_dash[usize::from(b'7')] && !digits_and_dash[usize::from(b'a')]);
/// ```
pub const fn ascii(pairs: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut index = 0;
    while index + 1 < pairs.len() {
        let mut byte = pairs[index];
        while byte <= pairs[index + 1] && byte < 128 {
            table[byte as usize] = true;
            byte += 1;
        }
        index += 2;
    }
    table
}

/// The error for a request whose members violate constraints.
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidInput {
    violations: Vec<Violation>,
}

impl InvalidInput {
    pub(crate) fn new(violations: Vec<Violation>) -> Self {
        Self { violations }
    }

    /// All violations, in the order of the members.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }
}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.violations.len();
        write!(f, "{count} validation error{} detected: ", if count == 1 { "" } else { "s" })?;
        for (index, violation) in self.violations.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            violation.fmt(f)?;
        }
        Ok(())
    }
}

impl core::error::Error for InvalidInput {}

debug_in_words!(InvalidInput);

/// A violation of a constraint by one member.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The member's name in the service's spelling: `roleSessionName`, `tags.1.member.key`.
    pub member: String,
    /// The value in quotes, shortened if long, or `null` if absent; `None` for a secret.
    pub value: Option<String>,
    /// The violated constraint: `Member must have length less than or equal to 64`.
    pub constraint: Cow<'static, str>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value ")?;
        if let Some(value) = &self.value {
            write!(f, "{value} ")?;
        }
        write!(f, "at '{}' failed to satisfy constraint: {}", self.member, self.constraint)
    }
}

/// The first constraint that a text violates: minimum length, maximum length, characters. `ascii_only` says that the text is ASCII and
/// all of its characters are allowed.
pub(crate) fn check_text(text: &str, ascii_only: bool, min: u32, max: u32, chars: Chars) -> Option<String> {
    let (count, legal) = if ascii_only {
        (text.len(), true)
    } else {
        (text.chars().count(), text.chars().all(|character| chars.allows(character)))
    };
    let legal = legal && (!chars.spaced || text.split(' ').all(|word| !word.is_empty()));
    check_length(count, min, max).or_else(|| {
        (!legal).then(|| alloc::format!("Member must satisfy regular expression pattern: {}", chars.pattern))
    })
}

pub(crate) fn check_length(length: usize, min: u32, max: u32) -> Option<String> {
    check_bounds("length", length as u64, min, max)
}

pub(crate) fn check_bounds(what: &str, number: u64, min: u32, max: u32) -> Option<String> {
    if number < u64::from(min) {
        Some(alloc::format!("Member must have {what} greater than or equal to {min}"))
    } else if number > u64::from(max) {
        Some(alloc::format!("Member must have {what} less than or equal to {max}"))
    } else {
        None
    }
}
