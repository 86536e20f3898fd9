//! SAML 2.0 responses. Signatures are not checked.

use base64::{Engine, prelude::BASE64_STANDARD};
use quick_xml::{
    Reader,
    escape::unescape,
    events::{BytesStart, Event},
};

/// The maximum length of a path, in bytes; far above that of real responses.
const MAX_PATH: usize = 1000;

/// The texts and attributes of a SAML response by path: `/Response/Assertion/Subject/NameID`, `…/NameID@Format`. The path contains an
/// `Attribute` element by its name: `…/AttributeStatement/https://aws.amazon.com/SAML/Attributes/Role/AttributeValue`.
pub(crate) struct Assertion(Vec<(String, String)>);

impl Assertion {
    pub(crate) fn decode(base64: &str) -> Option<Self> {
        let text = String::from_utf8(BASE64_STANDARD.decode(base64).ok()?).ok()?;
        let mut reader = Reader::from_str(&text);
        let mut values = Self(Vec::new());
        // The paths of the open elements, starting with the document's.
        let mut open = vec![String::new()];
        let mut text = String::new();
        loop {
            match reader.read_event().ok()? {
                Event::Start(tag) => {
                    let path = values.start(open.last()?, &tag)?;
                    open.push(path);
                    text.clear();
                }
                Event::Empty(tag) => drop(values.start(open.last()?, &tag)?),
                Event::Text(more) => text += &more,
                Event::CData(more) => text += &more,
                Event::GeneralRef(name) => text += &unescape(&format!("&{};", &*name)).ok()?,
                Event::End(_) => {
                    let path = open.pop()?;
                    if !text.trim().is_empty() {
                        values.0.push((path, text.trim().to_owned()));
                    }
                    text.clear();
                }
                Event::DocType(_) => return None,
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => return (open.len() == 1).then_some(values),
            }
        }
    }

    /// Stores the attributes of an element and returns its path.
    fn start(&mut self, parent: &str, tag: &BytesStart<'_>) -> Option<String> {
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            let value = unescape(&attribute.value).ok()?.into_owned();
            attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
        }
        let name = tag.local_name();
        let its_name = attributes.iter().find(|(key, _)| name.as_ref() == "Attribute" && key == "Name");
        let path = format!("{parent}/{}", its_name.map_or(name.as_ref(), |(_, value)| value));
        self.0.extend(attributes.into_iter().map(|(key, value)| (format!("{path}@{key}"), value)));
        (path.len() <= MAX_PATH).then_some(path)
    }

    /// The first value whose path ends with `path`.
    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.all(path).next()
    }

    /// All values whose path ends with `path`.
    pub(crate) fn all(&self, path: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(whole, _)| whole.ends_with(path)).map(|(_, value)| &**value)
    }
}
