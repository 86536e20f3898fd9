//! Text helpers: byte order marks, and safe excerpts for messages.

use alloc::{format, string::String};
use core::{error::Error, fmt, iter, time::Duration};

/// The text without a leading byte order mark, which some editors and PowerShell add.
pub fn without_bom(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The first 200 characters of a text, for error messages.
pub fn snippet(text: &str) -> &str {
    beginning(text, 200)
}

/// The first `max` characters of a text.
pub fn beginning(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    text.char_indices().nth(max).map_or(text, |(index, _)| &text[..index])
}

/// A duration to a tenth of a second, without floating point, which takes as much code as all other messages together.
pub fn seconds(duration: Duration) -> String {
    let rounded = duration.saturating_add(Duration::from_millis(50));
    format!("{}.{} s", rounded.as_secs(), rounded.subsec_millis() / 100)
}

/// A URL for messages, without user name, password, query and fragment, which may contain secrets.
pub fn without_secrets(url: &str) -> String {
    let start = url.find("://").map_or(0, |index| index + 3);
    let rest = url[start..].rfind('@').map_or(start, |at| start + at);
    let end = url[rest..].find(['?', '#']).map_or(url.len(), |index| rest + index);
    let ellipsis = |hidden| if hidden { "…" } else { "" };
    format!("{}{}{}{}", &url[..start], ellipsis(rest > start), &url[rest..end], ellipsis(end < url.len()))
}

/// Writes an error and its sources in one line, such as `could not connect: refused`. The `Debug` implementations of errors use it, so that
/// `fn main() -> Result<(), Box<dyn Error>>` prints a readable message.
pub fn write_chain(error: &dyn Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{error}")?;
    iter::successors(error.source(), |&cause| cause.source()).try_for_each(|cause| write!(f, ": {cause}"))
}

/// Implements `Debug` with [`write_chain`].
macro_rules! debug_in_words {
    ($($error:ty),+) => {$(
        impl core::fmt::Debug for $error {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::text::write_chain(self, f)
            }
        }
    )+};
}

pub(crate) use debug_in_words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_counted_in_characters() {
        let beginnings = [("abc", "abc"), ("abcd", "abc"), ("\u{e9}", "\u{e9}"), ("\u{e9}\u{e9}", "\u{e9}\u{e9}")];
        for (text, expected) in beginnings {
            assert_eq!(beginning(text, 3), expected);
        }
        assert_eq!(beginning("\u{1f600}a\u{1f600}a", 3), "\u{1f600}a\u{1f600}");
    }
}
