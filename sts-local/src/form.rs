//! The parameters of a request.

use std::{borrow::Cow, collections::BTreeMap, ops::Bound};

use http::{Request, header::CONTENT_TYPE};
use percent_encoding::percent_decode;
use sts_core::{ErrorCode, Operation, PolicyDescriptor, Tag, validate::InvalidInput};

use crate::answer::Refusal;

/// The parameters of the URL and of the body, by name. `sts-core` only writes forms, so this type parses them.
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    pub(crate) fn read(request: &Request<impl AsRef<[u8]>>) -> Result<Self, Refusal> {
        let is_form = request.headers().get(CONTENT_TYPE).is_some_and(|value| {
            let media_type = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
            media_type.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
        });
        let query = request.uri().query().unwrap_or_default().as_bytes();
        // STS ignores a body of another content type, and then finds no action.
        let body = if is_form { request.body().as_ref() } else { b"" };
        let mut parameters = BTreeMap::new();
        for field in [query, body].into_iter().flat_map(|text| text.split(|byte| *byte == b'&')) {
            let mut halves = field.splitn(2, |byte| *byte == b'=');
            let mut half = || decode(halves.next().unwrap_or_default());
            parameters.entry(half()?).or_insert(half()?);
        }
        Ok(Self(parameters))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A required member; empty if missing, which [`Rebuilt::check`] refuses.
    pub(crate) fn required(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u32>, Refusal> {
        let malformed = |_| Refusal::new(ErrorCode::MalformedInput, format!("{name} is not a number"));
        self.get(name).map(|text| text.parse().map_err(malformed)).transpose()
    }

    /// A list: `Name.member.1`, `Name.member.2` and so on. An empty list is sent as `Name=`.
    pub(crate) fn list<'f, T>(&'f self, name: &str, read: impl Fn(&Element<'f>) -> T) -> Option<Vec<T>> {
        let elements = (1..).map(|index| Element { form: self, name: format!("{name}.member.{index}") });
        let list: Vec<T> = elements.take_while(|one| self.has(&one.name)).map(|one| read(&one)).collect();
        (!list.is_empty() || self.get(name).is_some()).then_some(list)
    }

    /// Starts to rebuild the client's operation, which checks the constraints of its members.
    pub(crate) fn rebuild<O: Operation>(&self, operation: O) -> Rebuilt<'_, O> {
        Rebuilt { form: self, operation }
    }

    /// Whether the form contains this member, or a member inside it.
    fn has(&self, name: &str) -> bool {
        let names = self.0.range::<str, _>((Bound::Included(name), Bound::Unbounded)).map(|(name, _)| name);
        let mut rests = names.map_while(|longer| longer.strip_prefix(name));
        rests.any(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// A client's operation, rebuilt from the form.
pub(crate) struct Rebuilt<'f, O> {
    form: &'f Form,
    operation: O,
}

impl<O: Operation> Rebuilt<'_, O> {
    /// Sets an optional member.
    pub(crate) fn set<T>(self, value: Option<T>, set: impl FnOnce(O, T) -> O) -> Self {
        match value {
            Some(value) => Self { operation: set(self.operation, value), ..self },
            None => self,
        }
    }

    /// Checks the constraints of the members.
    pub(crate) fn check(&self, required: &[&str]) -> Result<(), Refusal> {
        let missing = required.iter().filter(|name| !self.form.has(name)).map(|name| lower_first(name));
        let missing: Vec<String> = missing.collect();
        let error = self.operation.to_body().err();
        let broken = error.iter().flat_map(InvalidInput::violations).filter(|one| !missing.contains(&one.member));
        let texts: Vec<String> = missing
            .iter()
            .map(|member| format!("Value null at '{member}' failed to satisfy constraint: Member must not be null"))
            .chain(broken.map(ToString::to_string))
            .collect();
        match texts.len() {
            0 => Ok(()),
            count => {
                let plural = if count == 1 { "" } else { "s" };
                let text = format!("{count} validation error{plural} detected: {}", texts.join("; "));
                Err(Refusal::invalid(text))
            }
        }
    }
}

/// An element of a list.
pub(crate) struct Element<'f> {
    form: &'f Form,
    name: String,
}

impl<'f> Element<'f> {
    /// The element as text.
    pub(crate) fn text(&self) -> &'f str {
        self.form.required(&self.name)
    }

    /// A member of the element, if the element is a structure.
    pub(crate) fn field(&self, name: &str) -> &'f str {
        self.form.required(&format!("{}.{name}", self.name))
    }

    pub(crate) fn policy(&self) -> PolicyDescriptor<'f> {
        PolicyDescriptor::new(self.field("arn"))
    }

    pub(crate) fn tag(&self) -> Tag<'f> {
        Tag::new(self.field("Key"), self.field("Value"))
    }
}

fn decode(text: &[u8]) -> Result<String, Refusal> {
    let text: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded = percent_decode(&text).decode_utf8().map(Cow::into_owned);
    decoded.map_err(|_| Refusal::new(ErrorCode::MalformedInput, "The request is not UTF-8"))
}

fn lower_first(name: &str) -> String {
    name.chars().take(1).map(|first| first.to_ascii_lowercase()).chain(name.chars().skip(1)).collect()
}
