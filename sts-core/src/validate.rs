//! What a member of a request may be, and what is said when it is something else.
//!
//! The constraints are the API model's. They are checked while the request is written, where name
//! and value meet anyway, and all violations are reported at once, in the wording of the service:
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

/// What one member may be.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Rule {
    /// Anything.
    Any,
    /// A text of so many Unicode code points, all of them among `chars`.
    Text {
        /// Fewest code points.
        min: u32,
        /// Most code points.
        max: u32,
        /// Which code points.
        chars: Chars,
    },
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A whole number in this range, ends included.
    Range(u32, u32),
    /// A list of so many elements, each of which obeys the last rule.
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

/// A set of characters: the model's pattern, and a table and a test that mean the same.
#[derive(Clone, Copy, Debug)]
pub struct Chars {
    pattern: &'static str,
    /// A policy may be long, and nearly all of it is ASCII: a table is several times as fast as a test.
    ascii: &'static [bool; 256],
    beyond: fn(char) -> bool,
    /// Whether spaces stand between two other characters alone.
    spaced: bool,
}

impl Chars {
    /// Every character.
    pub const ANY: Self = Self::new("", &ascii(b"\0\x7f"), |_| true);

    /// The set that the regular expression `pattern` repeats: the ASCII characters in it, as [`ascii`] makes them, and a test for all
    /// others.
    pub const fn new(pattern: &'static str, ascii: &'static [bool; 256], beyond: fn(char) -> bool) -> Self {
        Self { pattern, ascii, beyond, spaced: false }
    }

    /// The same for texts of words, a single space between two: the space is one of the characters, but not at the ends, and not twice
    /// in a row.
    pub const fn words(pattern: &'static str, ascii: &'static [bool; 256], beyond: fn(char) -> bool) -> Self {
        Self { pattern, ascii, beyond, spaced: true }
    }

    /// Whether the byte is an ASCII character of the set.
    pub(crate) fn allows_byte(self, byte: u8) -> bool {
        self.ascii[usize::from(byte)]
    }

    pub(crate) fn allows(self, character: char) -> bool {
        if character.is_ascii() { self.ascii[character as usize] } else { (self.beyond)(character) }
    }
}

/// A table of bytes that are true for ASCII characters, from the ends of ranges, pair by pair.
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

/// What is wrong with a request that therefore was not sent.
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidInput {
    violations: Vec<Violation>,
}

impl InvalidInput {
    pub(crate) fn new(violations: Vec<Violation>) -> Self {
        Self { violations }
    }

    /// Everything that is wrong, in the order of the members.
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

/// One member that breaks one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The member as the service writes it: `roleSessionName`, `tags.1.member.key`.
    pub member: String,
    /// The value in quotes, shortened when long, or `null`; `None` for a secret.
    pub value: Option<String>,
    /// `Member must have length less than or equal to 64`
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

/// Which constraint a text breaks; the first of too short, too long, wrong characters. `plain` says that the rule allows each of its
/// bytes as a character, which settles the last.
pub(crate) fn check_text(text: &str, plain: bool, min: u32, max: u32, chars: Chars) -> Option<String> {
    let (count, legal) = if plain {
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
