//! A small JSON reader ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)) for documents with credentials and tokens.
//!
//! Nesting is limited to 32 levels, and errors are byte offsets. Values borrow from the text, so no copy of a secret is left behind.
//!
//! The alternative, `serde_json` with a visitor that borrows in the same way, was measured: it adds 3 crates to each of the minimal programs
//! (46 to 49 and 62 to 65) and 1.2 % to the size of a program with the default chain (2,074,800 to 2,100,632 bytes).

use alloc::{borrow::Cow, string::String, vec::Vec};

/// The maximum nesting depth.
const MAX_DEPTH: usize = 32;

/// A JSON value that borrows from its text where it can.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    /// A string, unescaped.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Value<'a>>),
    /// An object, with its members in document order.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl<'a> Value<'a> {
    /// Parses a text that consists of one value.
    ///
    /// # Errors
    /// The byte offset of the first syntax error.
    pub fn parse(text: &'a str) -> Result<Self, usize> {
        let mut reader = Reader { text, position: 0 };
        let value = reader.value(0)?;
        reader.skip_space();
        if reader.position == text.len() { Ok(value) } else { Err(reader.position) }
    }

    /// The member with this name; the last one if the name is repeated.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The text of a string; `None` for other values.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

struct Reader<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value<'a>, usize> {
        if depth > MAX_DEPTH {
            return Err(self.position);
        }
        self.skip_space();
        match self.peek() {
            Some(b'{') => {
                let mut members = Vec::new();
                self.sequence(b'}', |reader| {
                    reader.skip_space();
                    let name = reader.string()?;
                    reader.skip_space();
                    reader.expect(b':')?;
                    members.push((name, reader.value(depth + 1)?));
                    Ok(())
                })?;
                Ok(Value::Object(members))
            }
            Some(b'[') => {
                let mut elements = Vec::new();
                self.sequence(b']', |reader| {
                    elements.push(reader.value(depth + 1)?);
                    Ok(())
                })?;
                Ok(Value::List(elements))
            }
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    /// Reads comma-separated elements up to the closing bracket.
    fn sequence(&mut self, end: u8, mut element: impl FnMut(&mut Self) -> Result<(), usize>) -> Result<(), usize> {
        self.position += 1;
        self.skip_space();
        if self.peek() == Some(end) {
            self.position += 1;
            return Ok(());
        }
        loop {
            element(self)?;
            self.skip_space();
            if self.peek() != Some(b',') {
                return self.expect(end);
            }
            self.position += 1;
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, usize> {
        self.expect(b'"')?;
        let mut text = Cow::Borrowed("");
        loop {
            let rest = &self.text[self.position..];
            let end = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').ok_or(self.text.len())?;
            // `+=` keeps borrowing while one of the two sides is empty.
            text += &rest[..end];
            self.position += end;
            match rest.as_bytes()[end] {
                b'"' => {
                    self.position += 1;
                    return Ok(text);
                }
                b'\\' => text.to_mut().push(self.escape()?),
                _ => return Err(self.position),
            }
        }
    }

    fn escape(&mut self) -> Result<char, usize> {
        let start = self.position;
        self.position += 2;
        Ok(match self.text.as_bytes().get(start + 1) {
            Some(plain @ (b'"' | b'\\' | b'/')) => char::from(*plain),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let high = self.hex().ok_or(start)?;
                // Characters above U+FFFF are written as surrogate pairs.
                let is_pair = (0xd800..0xdc00).contains(&high) && self.text[self.position..].starts_with("\\u");
                let code = if is_pair {
                    self.position += 2;
                    let low = self.hex().filter(|low| (0xdc00..0xe000).contains(low)).ok_or(start)?;
                    0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)
                } else {
                    high
                };
                char::from_u32(code).ok_or(start)?
            }
            _ => return Err(start),
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.position..self.position + 4)?;
        self.position += 4;
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    }

    fn number(&mut self) -> Result<Value<'a>, usize> {
        let start = self.position;
        if self.peek() == Some(b'-') {
            self.position += 1;
        }
        let leading = self.position;
        if self.digits()? > 1 && self.text.as_bytes()[leading] == b'0' {
            return Err(leading);
        }
        if self.peek() == Some(b'.') {
            self.position += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.position += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.position += 1;
            }
            self.digits()?;
        }
        Ok(Value::Number(&self.text[start..self.position]))
    }

    /// Skips one or more digits and returns their number.
    fn digits(&mut self) -> Result<usize, usize> {
        let count = self.text.as_bytes()[self.position..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.position += count;
        if count > 0 { Ok(count) } else { Err(self.position) }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, usize> {
        if !self.text[self.position..].starts_with(word) {
            return Err(self.position);
        }
        self.position += word.len();
        Ok(value)
    }

    fn expect(&mut self, byte: u8) -> Result<(), usize> {
        if self.peek() != Some(byte) {
            return Err(self.position);
        }
        self.position += 1;
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.position += 1;
        }
    }
}

/// Appends a text as a JSON string.
pub fn write_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '\0'..='\u{1f}' => *json += &alloc::format!("\\u{:04x}", u32::from(character)),
            _ => json.push(character),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString, vec};
    use proptest::prelude::*;
    use serde_json::Value as Oracle;

    fn same(ours: &Value<'_>, oracle: &Oracle) -> bool {
        match (ours, oracle) {
            (Value::Null, Oracle::Null) => true,
            (Value::Bool(ours), Oracle::Bool(theirs)) => ours == theirs,
            // serde_json rounds the last bit of a fraction otherwise.
            (Value::Number(ours), Oracle::Number(theirs)) => {
                let (ours, theirs): (f64, f64) = (ours.parse().unwrap(), theirs.as_f64().unwrap());
                (ours - theirs).abs() <= ours.abs() * 1e-14
            }
            (Value::Text(ours), Oracle::String(theirs)) => ours == theirs,
            (Value::List(ours), Oracle::Array(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
            }
            (Value::Object(_), Oracle::Object(theirs)) => {
                theirs.iter().all(|(name, theirs)| ours.get(name).is_some_and(|ours| same(ours, theirs)))
            }
            _ => false,
        }
    }

    /// Whether both readers accept the text with the same value, or both refuse it.
    fn agrees(text: &str) -> bool {
        match serde_json::from_str::<Oracle>(text) {
            Ok(oracle) => Value::parse(text).is_ok_and(|ours| same(&ours, &oracle)),
            Err(error) if error.to_string().contains("out of range") => true,
            Err(_) => Value::parse(text).is_err(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn agrees_with_serde_json(
            text in prop_oneof![
                r#"[\[\]{}:,"\\untrfalsed0-9E.+\- /]{0,24}"#,
                r#"\{"a":("[^"\\\x00-\x1f]{0,6}(\\[nt"u/\\]00e9)?"|-?[0-9]{1,4}(\.[0-9]+)?(e[+-]?[0-9])?|\[(1,)?null\]|true) ?\}"#,
            ]
        ) {
            prop_assert!(agrees(&text), "{text}");
        }

        #[test]
        fn strings_read_back(text in any::<String>()) {
            let mut json = String::new();
            write_string(&mut json, &text);
            prop_assert_eq!(Value::parse(&json), Ok(Value::Text(text.clone().into())));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }

    /// Texts that random generation seldom produces.
    #[test]
    fn agrees_with_serde_json_on_what_is_rare() {
        for text in [
            "false",
            "0",
            "-0.5",
            "1E5",
            "1e+5",
            "1e-5",
            "[]",
            "{}",
            "\t[\n]\r",
            " { } ",
            r#" { "a" : 1 , "b" : [ 2 , 3 ] } "#,
            r#""\"\\\/\b\f\n\r\t""#,
            r#""\u0041\u00e9\uFFFF""#,
            r#""\u+0e9""#,
            r#""\u00g9""#,
            // Both ends of the two halves of a character beyond U+FFFF, and their neighbours.
            r#""\ud800\udc00\udbff\udfff""#,
            r#""\ud7ff\ue000""#,
            r#""\ud800\udbff""#,
            r#""\ud800\ue000""#,
            r#""\udc00\udc00""#,
            r#""\ud800\ndc00""#,
        ] {
            assert!(agrees(text), "{text}");
        }
    }

    #[test]
    fn every_ascii_character_reads_back() {
        let text: String = ('\0'..='\u{7f}').collect();
        let mut json = String::new();
        write_string(&mut json, &text);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn errors_say_where() {
        for (text, offset) in [
            ("", 0),
            ("{", 1),
            (r#"{"a" 1}"#, 5),
            (r#"{"a":1,}"#, 7),
            ("[1 2]", 3),
            ("01", 0),
            ("1 x", 2),
            (r#""\x""#, 1),
            (r#""a"#, 2),
            (r#""\ud800x""#, 1),
            ("nul", 0),
            ("\"\t\"", 1),
            ("-", 1),
            ("1.", 2),
        ] {
            assert_eq!(Value::parse(text), Err(offset), "{text}");
        }
        assert_eq!(Value::parse(&"[".repeat(40)), Err(33));
        assert_eq!(Value::parse(&r#"{"":"#.repeat(40)), Err(33 * 4));
        assert_eq!(Value::parse(r#"{"a":1,"a":2}"#).unwrap().get("a"), Some(&Value::Number("2")));
        assert_eq!(Value::parse(r#"["\ud83d\ude00"]"#), Ok(Value::List(vec![Value::Text("\u{1f600}".into())])));
        assert_eq!(format!("{:?}", Value::parse("\"plain\"").unwrap()), "Text(\"plain\")");
    }
}
