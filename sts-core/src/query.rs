//! The awsQuery form writer: writes a request's members as `application/x-www-form-urlencoded` text.
//!
//! The encoding is [Smithy's awsQuery](https://smithy.io/2.0/aws/protocols/aws-query-protocol.html): lists as
//! `Tags.member.1`, structures as `Tags.member.1.Key`, an empty list as `Tags=`. Absent members are omitted. Everything except
//! `A-Z a-z 0-9 - . _ ~` is percent-encoded, including spaces.

use alloc::{borrow::Cow, format, string::String, sync::Arc, vec::Vec};
use core::{fmt, mem};

use crate::{
    form::{Form, digits},
    secret::Secret,
    text::snippet,
    validate::{self, InvalidInput, Rule, Violation},
};

/// A value that can be written as one or more form fields.
pub trait ToQuery {
    /// Writes the value under the current name, or its members with the current name as prefix.
    fn to_query(&self, query: &mut Query);
}

/// A form writer, which also collects the violations of rules.
///
/// ```
/// use sts_core::{query::{Query, ToQuery}, validate::Rule};
///
/// struct Greeting<'a> {
///     name: &'a str,
///     titles: Vec<&'a str>,
///     age: Option<u32>,
/// }
///
/// impl ToQuery for Greeting<'_> {
///     fn to_query(&self, query: &mut Query) {
///         query.put("Name", self.name, Rule::length(1, 64));
///         query.put("Titles", &self.titles, Rule::Any);
///         query.put("Age", &self.age, Rule::Range(0, 150));
///     }
/// }
///
/// let mut query = Query::new("Greet", "2026-01-01");
/// Greeting { name: "Zoë", titles: vec!["Dr", "Dr"], age: None }.to_query(&mut query);
/// let body = query.finish().unwrap();
/// assert_eq!(
///     body.expose(),
///     b"Action=Greet&Version=2026-01-01&Name=Zo%C3%AB&Titles.member.1=Dr&Titles.member.2=Dr"
/// );
/// ```
pub struct Query {
    /// The finished fields, followed by the name of the current member, `&Tags.member.1.Key`. To write a field, only its value is missing.
    form: Form,
    /// The offset of that name.
    name: usize,
    /// Whether members are checked against their rules.
    checked: bool,
    rule: Rule,
    violations: Vec<Violation>,
}

impl Query {
    /// Starts a form with the fields `Action` and `Version`.
    pub fn new(action: &str, version: &str) -> Self {
        let mut form = Form::with_capacity(2000);
        for part in ["Action=", action, "&Version=", version, "&"] {
            form.append(part.as_bytes());
        }
        let name = form.len() - 1;
        Self { form, name, checked: true, rule: Rule::Any, violations: Vec::new() }
    }

    /// Starts a form whose members are not checked.
    pub fn unchecked(action: &str, version: &str) -> Self {
        Self { checked: false, ..Self::new(action, version) }
    }

    /// Writes a member and checks it against its rule. `name` is the wire name.
    pub fn put<T: ToQuery + ?Sized>(&mut self, name: &str, value: &T, rule: Rule) {
        let length = self.form.len() - self.name;
        if length > 1 {
            self.form.append(b".");
        }
        self.form.append(name.as_bytes());
        self.rule = if self.checked { rule } else { Rule::Any };
        value.to_query(self);
        self.form.truncate(self.name + length);
    }

    /// Records a violation of a rule that involves several members. `value` is the member's value, or `None` if it is absent.
    pub fn refuse(&mut self, member: &str, value: Option<&str>, constraint: impl Into<Cow<'static, str>>) {
        if !self.checked {
            return;
        }
        self.violations.push(Violation {
            member: member_path(member),
            value: Some(value.map_or_else(|| "null".into(), quote)),
            constraint: constraint.into(),
        });
    }

    /// Finishes the form.
    ///
    /// # Errors
    /// Members violate their rules; the error lists all violations.
    pub fn finish(mut self) -> Result<Body, InvalidInput> {
        let violations = mem::take(&mut self.violations);
        if violations.is_empty() { Ok(self.finish_unchecked()) } else { Err(InvalidInput::new(violations)) }
    }

    /// Finishes the form without reporting violations.
    pub fn finish_unchecked(mut self) -> Body {
        self.form.truncate(self.name);
        Body(Arc::new(self.form))
    }

    fn text(&mut self, text: &str, shown: bool) {
        let Rule::Text { min, max, chars } = self.rule else { return self.word(text, shown) };
        // Nearly every text is ASCII and legal, which is checked while encoding.
        let mut legal = true;
        self.field(text.as_bytes(), |byte| legal &= chars.allows_byte(byte));
        let violation = validate::check_text(text, legal, min, max, chars);
        self.report(violation, || shown.then(|| quote(text)));
    }

    /// Writes a text without a character set, or one of a fixed set of values.
    fn word(&mut self, text: &str, shown: bool) {
        self.field(text.as_bytes(), |_| ());
        if let Rule::OneOf(values) = self.rule
            && !values.contains(&text)
        {
            let constraint = format!("Member must satisfy enum value set: [{}]", values.join(", "));
            self.report(Some(constraint), || shown.then(|| quote(text)));
        }
    }

    /// Writes `name=value`. `watch` is called for each byte of the value.
    fn field(&mut self, value: &[u8], watch: impl FnMut(u8)) {
        let name = self.name..self.form.len();
        self.form.append(b"=");
        self.form.encode(value, watch);
        // Start the next field with the same name; the caller changes it as needed.
        self.name = self.form.len();
        self.form.repeat(name);
    }

    fn report(&mut self, constraint: Option<String>, value: impl FnOnce() -> Option<String>) {
        if let Some(constraint) = constraint {
            self.violations.push(Violation {
                member: member_path(&String::from_utf8_lossy(&self.form.as_bytes()[self.name + 1..])),
                value: value(),
                constraint: constraint.into(),
            });
        }
    }
}

impl ToQuery for str {
    fn to_query(&self, query: &mut Query) {
        query.text(self, true);
    }
}

impl ToQuery for String {
    fn to_query(&self, query: &mut Query) {
        query.text(self, true);
    }
}

impl ToQuery for bool {
    fn to_query(&self, query: &mut Query) {
        query.field(if *self { b"true" } else { b"false" }, |_| ());
    }
}

impl ToQuery for Cow<'_, str> {
    fn to_query(&self, query: &mut Query) {
        query.text(self, true);
    }
}

impl ToQuery for Secret {
    fn to_query(&self, query: &mut Query) {
        query.text(self.expose(), false);
    }
}

impl ToQuery for u32 {
    fn to_query(&self, query: &mut Query) {
        if let Rule::Range(min, max) = query.rule {
            let violation = validate::check_bounds("value", u64::from(*self), min, max);
            query.report(violation, || Some(format!("'{self}'")));
        }
        query.field(digits((*self).into(), &mut [0; 20]).as_bytes(), |_| ());
    }
}

impl<T: ToQuery + ?Sized> ToQuery for &T {
    fn to_query(&self, query: &mut Query) {
        (**self).to_query(query);
    }
}

impl<T: ToQuery> ToQuery for Option<T> {
    fn to_query(&self, query: &mut Query) {
        if let Some(value) = self {
            value.to_query(query);
        }
    }
}

/// A list. An empty list is sent as `Name=`; use `Option<Vec<_>>` to omit it.
impl<T: ToQuery> ToQuery for Vec<T> {
    fn to_query(&self, query: &mut Query) {
        let mut each = Rule::Any;
        if let Rule::List(min, max, rule) = query.rule {
            each = *rule;
            let violation = validate::check_length(self.len(), min, max);
            query.report(violation, || Some(format!("'[{} elements]'", self.len())));
        }
        if self.is_empty() {
            query.field(b"", |_| ());
        }
        let length = query.form.len() - query.name;
        for (number, value) in (1..).zip(self) {
            query.form.append(b".member.");
            query.form.append(digits(number, &mut [0; 20]).as_bytes());
            query.rule = each;
            value.to_query(query);
            query.form.truncate(query.name + length);
        }
    }
}

/// The body of a request. It may contain a token, so `Debug` shows only its length, and its memory is wiped when the last clone is
/// dropped. Cheap to clone.
#[derive(Clone, Default)]
pub struct Body(Arc<Form>);

impl Body {
    /// A body with these bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes.into()))
    }

    /// The bytes to send.
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// For transports that take any `AsRef<[u8]>`.
impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        self.expose()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes redacted]", self.expose().len())
    }
}

/// The name of a member in the service's messages: `Tags.member.1.Key` on the wire becomes `tags.1.member.key`.
fn member_path(name: &str) -> String {
    let mut parts: Vec<Cow<'_, str>> = name.split('.').map(|part| lower_first(part).into()).collect();
    let mut index = 1;
    while index < parts.len() {
        if parts[index - 1] == "member" {
            parts.swap(index - 1, index);
            index += 1;
        }
        index += 1;
    }
    parts.join(".")
}

fn lower_first(name: &str) -> String {
    let mut lower = String::from(name);
    if let Some(first) = lower.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    lower
}

/// Quotes and shortens a value for messages.
fn quote(text: &str) -> String {
    let beginning = snippet(text);
    let ellipsis = if beginning.len() < text.len() { "…" } else { "" };
    format!("'{beginning}{ellipsis}'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{Chars, ascii};
    use alloc::{string::ToString, vec};

    struct Pair(&'static str);

    impl ToQuery for Pair {
        fn to_query(&self, query: &mut Query) {
            const KEY: Rule = Rule::text(2, 3, Chars::new("[a-z]*", &ascii(b"az"), |_| false));
            query.put("Key", self.0, KEY);
            query.put("none", &None::<u32>, Rule::Any);
        }
    }

    fn write(fill: impl FnOnce(&mut Query)) -> Result<String, String> {
        let mut query = Query::new("Op", "1");
        fill(&mut query);
        let body = query.finish().map_err(|error| error.to_string())?;
        let text = core::str::from_utf8(body.expose()).unwrap();
        Ok(text.strip_prefix("Action=Op&Version=1").unwrap().to_string())
    }

    #[test]
    fn lists_structures_and_what_is_absent() {
        let form = write(|query| {
            query.put("Pairs", &vec![Pair("ab"), Pair("cd")], Rule::Any);
            query.put("Empty", &Vec::<Pair>::new(), Rule::Any);
            query.put("Blank", "", Rule::Any);
            query.put("Number", &Some(7), Rule::Any);
            query.put("Owned", &String::from("x"), Rule::Any);
            query.put("Flags", &vec![true, false], Rule::Any);
        });
        assert_eq!(
            form.unwrap(),
            "&Pairs.member.1.Key=ab&Pairs.member.2.Key=cd&Empty=&Blank=&Number=7&Owned=x&Flags.member.1=true&Flags.member.2=false"
        );
    }

    #[test]
    fn everything_but_the_unreserved_is_encoded() {
        let form = write(|query| query.put("V", " *~-._+%&=/\u{e9}\u{1f600}\n", Rule::Any));
        assert_eq!(form.unwrap(), "&V=%20%2A~-._%2B%25%26%3D%2F%C3%A9%F0%9F%98%80%0A");
    }

    #[test]
    fn every_violation_is_reported_at_once() {
        const PAIRS: Rule = Rule::List(1, 1, &Rule::Any);
        const WORDS: Rule = Rule::List(0, 9, &Rule::length(1, 2));
        let error = write(|query| {
            query.put("Pairs", &vec![Pair("x"), Pair("aB")], PAIRS);
            query.put("Words", &vec!["ok", "\u{e9}\u{e9}", "too long"], WORDS);
            query.put("Age", &151, Rule::Range(1, 150));
            query.put("Code", &Secret::from("hush"), Rule::length(6, 6));
            query.put("Mode", "c", Rule::OneOf(&["a", "b"]));
            query.put("Mode", "b", Rule::OneOf(&["a", "b"]));
            query.refuse("TokenCode", None, "Member must not be null when 'serialNumber' is given");
        });
        assert_eq!(
            error.unwrap_err(),
            "8 validation errors detected: \
             Value '[2 elements]' at 'pairs' failed to satisfy constraint: Member must have length less than or equal to 1; \
             Value 'x' at 'pairs.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 2; \
             Value 'aB' at 'pairs.2.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]*; \
             Value 'too long' at 'words.3.member' failed to satisfy constraint: Member must have length less than or equal to 2; \
             Value '151' at 'age' failed to satisfy constraint: Member must have value less than or equal to 150; \
             Value at 'code' failed to satisfy constraint: Member must have length greater than or equal to 6; \
             Value 'c' at 'mode' failed to satisfy constraint: Member must satisfy enum value set: [a, b]; \
             Value null at 'tokenCode' failed to satisfy constraint: Member must not be null when 'serialNumber' is given"
        );
    }

    #[test]
    fn the_number_of_an_element_stands_before_the_word_member() {
        assert_eq!(member_path("Tags.member.1.Member"), "tags.1.member.member");
    }

    #[test]
    fn a_body_does_not_show_what_it_carries() {
        let mut query = Query::new("Op", "1");
        query.put("Token", &Secret::from("hush"), Rule::Any);
        assert_eq!(format!("{:?}", query.finish_unchecked()), "[30 bytes redacted]");
    }

    #[test]
    fn a_long_value_is_shortened_in_messages() {
        let error = write(|query| query.put("V", &*"\u{e9}".repeat(300), Rule::length(1, 2))).unwrap_err();
        assert!(error.contains(&format!("Value '{}…' at", "\u{e9}".repeat(200))), "{error}");
    }
}
