//! `--output yaml`: the block style of YAML, which parsers of [1.1](https://yaml.org/spec/1.1/) and [1.2](https://yaml.org/spec/1.2.2/)
//! read back to the same value.

use crate::value::Value;

pub(super) fn write(value: &Value) -> String {
    let mut yaml = String::new();
    block(value, 0, &mut yaml);
    yaml
}

/// Writes a value whose first line is already indented.
fn block(value: &Value, indent: usize, out: &mut String) {
    let next = |index, out: &mut String| out.extend((index > 0).then(|| " ".repeat(indent)));
    match value {
        Value::Structure(members) if !members.is_empty() => {
            for (index, (key, value)) in members.iter().enumerate() {
                next(index, out);
                out.push_str(&text(key));
                out.push(':');
                let below = match value {
                    Value::Structure(members) if !members.is_empty() => Some(indent + 2),
                    Value::List(elements) if !elements.is_empty() => Some(indent),
                    _ => None,
                };
                out.push_str(&below.map_or(" ".into(), |indent| format!("\n{}", " ".repeat(indent))));
                block(value, below.unwrap_or(indent), out);
            }
        }
        Value::List(elements) if !elements.is_empty() => {
            for (index, element) in elements.iter().enumerate() {
                next(index, out);
                out.push_str("- ");
                block(element, indent + 2, out);
            }
        }
        scalar => {
            out.push_str(&match scalar {
                Value::Null => "null".into(),
                Value::Bool(value) => value.to_string(),
                Value::Number(number) => decimal(&number.to_string()),
                Value::Text(value) => text(value),
                Value::List(_) => "[]".into(),
                Value::Structure(_) => "{}".into(),
            });
            out.push('\n');
        }
    }
}

/// Formats a text: plain if every parser reads that as a text, otherwise in single quotes. Characters that a line cannot contain need
/// double quotes and escapes.
fn text(text: &str) -> String {
    if text.chars().any(must_be_escaped) {
        let mut quoted = String::from("\"");
        for character in text.chars() {
            match character {
                '"' | '\\' => quoted.extend(['\\', character]),
                _ if must_be_escaped(character) => quoted.push_str(&format!("\\u{:04x}", u32::from(character))),
                _ => quoted.push(character),
            }
        }
        return quoted + "\"";
    }
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+=/.,:@%".contains(&byte))
        && !text.ends_with(':')
        && !OTHER_TYPES.iter().any(|word| word.eq_ignore_ascii_case(text));
    if plain { text.into() } else { format!("'{}'", text.replace('\'', "''")) }
}

/// Line breaks and unprintable characters: [chapter 5.1](https://yaml.org/spec/1.2.2/#51-character-set).
fn must_be_escaped(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Words that YAML 1.1 or 1.2 does not read as texts.
const OTHER_TYPES: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// Adds the decimal point and the sign of the exponent, which YAML 1.1 requires.
fn decimal(number: &str) -> String {
    let Some((mantissa, exponent)) = number.split_once('e') else { return number.into() };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}
