//! The AWS CLI's shorthand for a structure: `Key=project,Value="a, b"`.
//! [User guide](https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html)
//!
//! The structures of STS contain only texts, so nested lists and structures are not supported.

use crate::argument::load;

/// The members, in the order of the text. A value is quoted with `'` or `"`, or ends at the next comma without a backslash before it.
/// `Key@=file://PATH` takes the value from a file.
pub(crate) fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut members: Vec<(String, String)> = Vec::new();
    let mut rest = text.trim();
    loop {
        let end = rest.find(|c: char| !is_key(c)).unwrap_or(rest.len());
        let (key, tail) = rest.split_at(end);
        let tail = tail.trim_start();
        let (from_file, tail) = tail.strip_prefix('@').map_or((false, tail), |tail| (true, tail.trim_start()));
        let value = tail.strip_prefix('=').filter(|_| !key.is_empty());
        let value = value.ok_or_else(|| expected("key=value", text, rest))?;
        if members.iter().any(|(known, _)| known == key) {
            return Err(format!("{key} is given twice; elements are separated by a space, not by a comma"));
        }
        let (value, tail) =
            value_and_rest(value.trim_start()).ok_or_else(|| expected("a closing quote", text, rest))?;
        members.push((key.into(), if from_file { load(&value)?.into_owned() } else { value }));
        let tail = tail.trim_start();
        if tail.is_empty() {
            return Ok(members);
        }
        rest = tail.strip_prefix(',').ok_or_else(|| expected("a comma", text, tail))?.trim_start();
    }
}

fn is_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.#/:".contains(c)
}

/// A value and the text after it; `None` if a quote is not closed.
fn value_and_rest(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let mut value = String::new();
    let mut characters = text.char_indices().skip(usize::from(quote.is_some())).peekable();
    while let Some((index, character)) = characters.next() {
        match (quote, character) {
            (Some(quote), _) if character == quote => return Some((value, &text[index + 1..])),
            (None, ',') => return Some((value.trim_end().into(), &text[index..])),
            (_, '\\') => {
                let escaped = |c: char| quote.map_or(c == ',', |quote| c == quote || c == '\\');
                value.push(characters.next_if(|(_, next)| escaped(*next)).map_or('\\', |(_, next)| next));
            }
            _ => value.push(character),
        }
    }
    quote.is_none().then(|| (value.trim_end().into(), ""))
}

fn expected(what: &str, text: &str, rest: &str) -> String {
    let position = text.trim_end().chars().count().saturating_sub(rest.chars().count()) + 1;
    format!("expected {what} at character {position}")
}
