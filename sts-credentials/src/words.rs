//! Splitting and quoting of command lines.

use alloc::{borrow::Cow, format, string::String, vec::Vec};
use sts_core::Secret;

use crate::location::Platform;

/// Splits a command line like the AWS CLI: by the rules of POSIX shells or of Windows programs. `None` if the line is empty or a quote is
/// not closed.
/// [POSIX](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02),
/// [Windows](https://learn.microsoft.com/en-us/cpp/c-language/parsing-c-command-line-arguments)
pub(crate) fn split(platform: Platform, line: &str) -> Option<(String, Vec<Secret>)> {
    let words = match platform {
        Platform::Unix => split_posix(line),
        Platform::Windows => split_windows(line),
    };
    let mut words = words?.into_iter();
    let program = words.next().filter(|program| !program.is_empty())?;
    Some((program, words.map(Secret::from).collect()))
}

/// Splits a line like a POSIX shell; `None` if a quote is not closed.
pub(crate) fn split_posix(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().push(characters.next()?),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        character => word.push(character),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' => match characters.next()? {
                            escaped @ ('"' | '\\') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        character => word.push(character),
                    }
                }
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    Some(words)
}

fn split_windows(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let (mut quoted, mut backslashes) = (false, 0);
    for character in line.chars() {
        if character == '\\' {
            backslashes += 1;
            continue;
        }
        // Backslashes are special only before a quote: there, two stand for one.
        if backslashes > 0 {
            let (count, escaped) =
                if character == '"' { (backslashes / 2, backslashes % 2 == 1) } else { (backslashes, false) };
            backslashes = 0;
            let word = word.get_or_insert_default();
            word.extend(core::iter::repeat_n('\\', count));
            if escaped {
                word.push('"');
                continue;
            }
        }
        match character {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' | '\t' | '\r' | '\n' if !quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    if backslashes > 0 {
        word.get_or_insert_default().extend(core::iter::repeat_n('\\', backslashes));
    }
    words.extend(word);
    (!quoted).then_some(words)
}

/// Whether an unquoted part of a line needs a shell. This may be a false alarm: `&` also occurs in URLs.
pub(crate) fn is_for_shell(platform: Platform, line: &str) -> bool {
    let (quote, special) = match platform {
        Platform::Unix => ('\'', "|&;<>$`"),
        Platform::Windows => ('"', "|&<>"),
    };
    let mut quoted = false;
    line.chars().any(|character| {
        quoted ^= character == quote;
        !quoted && special.contains(character)
    })
}

/// Quotes a word for a shell. Plain words stay unchanged. Other words get double quotes, which all shells and Windows support, or single
/// quotes if these do not suffice.
pub(crate) fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./@:+=,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.into()
    } else if !word.contains(['"', '$', '`', '\\', '!', '%']) {
        format!("\"{word}\"").into()
    } else {
        format!("'{}'", word.replace('\'', r"'\''")).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn words(platform: Platform, line: &str) -> Option<Vec<String>> {
        let (program, arguments) = split(platform, line)?;
        Some(core::iter::once(program).chain(arguments.iter().map(|word| word.expose().into())).collect())
    }

    /// Results of Python's `shlex.split`.
    #[test]
    fn posix_words() {
        for (line, expected) in [
            ("a  b\tc", vec!["a", "b", "c"]),
            (r#""/opt/my tool" --x 'a "b"' """#, vec!["/opt/my tool", "--x", "a \"b\"", ""]),
            (r#"a\ b "c\"d\\e\f" 'g\h'"#, vec!["a b", "c\"d\\e\\f", "g\\h"]),
            ("a'b'\"c\"d $HOME `x` ;|", vec!["abcd", "$HOME", "`x`", ";|"]),
        ] {
            assert_eq!(words(Platform::Unix, line).unwrap(), expected, "{line}");
        }
        for line in ["", " ", "a 'b", "a \"b", "a \"b\\", "a\\", "'' b"] {
            assert_eq!(words(Platform::Unix, line), None, "{line}");
        }
    }

    /// The table of Microsoft's page, and paths.
    #[test]
    fn windows_words() {
        for (line, expected) in [
            (r#"x "abc" d e"#, vec!["x", "abc", "d", "e"]),
            (r#"x a\\b d"e f"g h"#, vec!["x", r"a\\b", "de fg", "h"]),
            (r#"x a\\\"b c d"#, vec!["x", r#"a\"b"#, "c", "d"]),
            (r#"x a\\\\"b c" d e"#, vec!["x", r"a\\b c", "d", "e"]),
            (r#""C:\Program Files\x.exe" -p C:\y\ 'z"#, vec![r"C:\Program Files\x.exe", "-p", r"C:\y\", "'z"]),
            (r"C:\x\", vec![r"C:\x\"]),
        ] {
            assert_eq!(words(Platform::Windows, line).unwrap(), expected, "{line}");
        }
        for line in ["", "\"", "a \"b", r#"a "b\""#] {
            assert_eq!(words(Platform::Windows, line), None, "{line}");
        }
    }

    #[test]
    fn words_in_commands() {
        for (word, expected) in [
            ("dev", "dev"),
            ("a.b/c@d:e+f=g,h-i_j", "a.b/c@d:e+f=g,h-i_j"),
            ("a b", "\"a b\""),
            ("it's", "\"it's\""),
            ("", "\"\""),
            ("a;rm -rf $HOME", "'a;rm -rf $HOME'"),
            (r#"it's "x""#, r#"'it'\''s "x"'"#),
        ] {
            assert_eq!(quoted(word), expected);
            assert_eq!(split_posix(&quoted(word)).unwrap(), [word]);
        }
    }

    #[test]
    fn lines_for_a_shell() {
        for line in ["a | b", "a && b", "a $HOME", "a $(b)", "a `b`", "a \"$X\"", "a; b", "a > b"] {
            assert!(is_for_shell(Platform::Unix, line), "{line}");
        }
        for line in ["a b", "a 'b | c'", "sh -c 'a | b'", "a \"b c\""] {
            assert!(!is_for_shell(Platform::Unix, line), "{line}");
        }
        assert!(is_for_shell(Platform::Windows, "a | b"));
        assert!(!is_for_shell(Platform::Windows, r#""C:\a & b\c.exe" --c $x"#));
    }
}
