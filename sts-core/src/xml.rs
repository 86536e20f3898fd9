//! An XML reader with limits, which borrows from its input.
//!
//! [`Document::parse`] reads a document into a flat list of elements, [`Element`] navigates that list, and [`FromXml`] converts elements
//! into values. Elements are found by local name. Prefixes, namespaces, attributes, unknown elements and the order of members are ignored,
//! since STS and its emulators differ in these.
//!
//! For protection against hostile input, the reader refuses document types (and thus entity expansion), nesting deeper than [`MAX_DEPTH`],
//! more than [`MAX_ELEMENTS`] elements and documents longer than [`MAX_LENGTH`].

use alloc::{borrow::Cow, collections::BTreeMap, format, string::String, vec::Vec};
use core::fmt;
use memchr::memchr2;
use quick_xml::{
    errors::{IllFormedError, SyntaxError},
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesText},
    parser::{ElementParser, Parser, PiParser},
};
use time::UtcDateTime;

use crate::{
    text::{debug_in_words, snippet, without_bom},
    timestamp::{self, Timestamp},
};

/// The maximum length of a document, in bytes. Responses of STS are under 16 KiB.
pub const MAX_LENGTH: usize = 1 << 20;
/// The maximum nesting depth. STS uses seven levels.
pub const MAX_DEPTH: usize = 32;
/// The maximum number of elements. STS uses fewer than thirty, plus three for each entry of a map.
pub const MAX_ELEMENTS: usize = 4096;

/// A value that can be read from an element.
pub trait FromXml: Sized {
    /// Reads the value from an element.
    ///
    /// # Errors
    /// The element's text or children are not a valid value.
    fn from_xml(element: Element<'_, '_>) -> Result<Self, ParseError>;

    /// The value if the element is missing; `None` makes that an error.
    fn absent() -> Option<Self> {
        None
    }
}

/// A well-formed document.
#[derive(Debug)]
pub struct Document<'x> {
    /// In document order; never empty, the root comes first.
    nodes: Vec<Node<'x>>,
}

#[derive(Debug)]
struct Node<'x> {
    name: &'x str,
    /// Character data; stays empty once a child has been seen.
    text: Cow<'x, str>,
    /// Byte offset of the start tag.
    offset: usize,
    /// Index after the last descendant.
    end: usize,
}

impl<'x> Document<'x> {
    /// Reads a document.
    ///
    /// # Errors
    /// The bytes are not UTF-8, not well-formed XML with one root, or exceed a limit of this module.
    pub fn parse(bytes: &'x [u8]) -> Result<Self, ParseError> {
        if bytes.len() > MAX_LENGTH {
            return Err(ParseError::new(MAX_LENGTH, format!("document is longer than {MAX_LENGTH} bytes")));
        }
        let text = core::str::from_utf8(bytes)
            .map_err(|error| ParseError::new(error.valid_up_to(), "document is not UTF-8"))?;
        Reader::new(text).document()
    }

    /// The root element.
    pub fn root(&self) -> Element<'_, 'x> {
        Element { document: self, index: 0 }
    }
}

/// One element of a [`Document`].
#[derive(Clone, Copy, Debug)]
pub struct Element<'d, 'x> {
    document: &'d Document<'x>,
    index: usize,
}

impl<'d, 'x> Element<'d, 'x> {
    /// The local name: `Arn` for `<sts:Arn>`.
    pub fn name(self) -> &'x str {
        self.node().name
    }

    /// The character data, with entities resolved and line ends normalized; empty for an element with children.
    pub fn text(self) -> &'d str {
        &self.node().text
    }

    /// The child elements, in document order.
    pub fn children(self) -> impl Iterator<Item = Self> {
        let end = self.node().end;
        let mut next = self.index + 1;
        core::iter::from_fn(move || {
            let child = Self { index: next, ..self };
            (next < end).then(|| {
                next = child.node().end;
                child
            })
        })
    }

    /// The first child with this name.
    pub fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// The value of the child with this name. An `Option` is `None` if the child is missing.
    ///
    /// # Errors
    /// The child is missing, or its value is invalid.
    pub fn get<T: FromXml>(self, name: &str) -> Result<T, ParseError> {
        match self.child(name) {
            Some(child) => T::from_xml(child),
            None => {
                T::absent().ok_or_else(|| self.error(format!("missing element {name} in {}", snippet(self.name()))))
            }
        }
    }

    /// The value of the child with this name; `None` if the child is missing or its value is invalid. For members whose invalid values
    /// must not make the whole output unreadable.
    pub fn optional<T: FromXml>(self, name: &str) -> Option<T> {
        T::from_xml(self.child(name)?).ok()
    }

    /// An error at this element.
    pub fn error(self, message: impl Into<Cow<'static, str>>) -> ParseError {
        ParseError::new(self.node().offset, message)
    }

    fn node(self) -> &'d Node<'x> {
        &self.document.nodes[self.index]
    }
}

/// Why a response could not be read, and where.
#[derive(Clone, PartialEq, Eq)]
pub struct ParseError {
    message: Cow<'static, str>,
    offset: usize,
}

impl ParseError {
    pub(crate) fn new(offset: usize, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), offset }
    }

    /// The byte offset of the error in the document.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.message, self.offset)
    }
}

impl core::error::Error for ParseError {}

debug_in_words!(ParseError);

impl FromXml for String {
    fn from_xml(element: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(element.text().into())
    }
}

impl<T: FromXml> FromXml for Option<T> {
    fn from_xml(element: Element<'_, '_>) -> Result<Self, ParseError> {
        match T::from_xml(element) {
            // Emulators send empty elements for absent numbers.
            Err(_) if element.text().is_empty() && element.children().next().is_none() => Ok(None),
            value => value.map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl FromXml for bool {
    fn from_xml(element: Element<'_, '_>) -> Result<Self, ParseError> {
        match element.text().trim() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(element.error(format!("{} is neither true nor false", element.name()))),
        }
    }
}

/// A list: its `member` elements, in their order.
impl<T: FromXml> FromXml for Vec<T> {
    fn from_xml(element: Element<'_, '_>) -> Result<Self, ParseError> {
        element.children().filter(|child| child.name() == "member").map(T::from_xml).collect()
    }
}

/// A map: the `key` and `value` of its `entry` elements. The last of several with one key counts.
impl<T: FromXml> FromXml for BTreeMap<String, T> {
    fn from_xml(element: Element<'_, '_>) -> Result<Self, ParseError> {
        let entries = element.children().filter(|child| child.name() == "entry");
        entries.map(|entry| Ok((entry.get("key")?, entry.get("value")?))).collect()
    }
}

impl FromXml for u32 {
    fn from_xml(element: Element<'_, '_>) -> Result<Self, ParseError> {
        element.text().trim().parse().map_err(|_| element.error(format!("{} is not a whole number", element.name())))
    }
}

/// Reads what [`timestamp::parse`] reads.
impl FromXml for UtcDateTime {
    fn from_xml(element: Element<'_, '_>) -> Result<Self, ParseError> {
        // The text is not quoted: what a confused service puts here may be a secret.
        timestamp::parse(element.text().trim())
            .ok_or_else(|| element.error(format!("{} is not a timestamp", element.name())))
    }
}

impl FromXml for Timestamp {
    fn from_xml(element: Element<'_, '_>) -> Result<Self, ParseError> {
        UtcDateTime::from_xml(element).map(Self::from)
    }
}

/// Reads a document from its beginning to its end, piece by piece.
///
/// Where tags and instructions end, and what references and line ends mean, quick-xml says. Its `Reader` would also copy the name of each
/// element, and check again that each piece is UTF-8, which is more work than all the rest.
struct Reader<'x> {
    source: &'x str,
    /// What is still to be read of it.
    rest: &'x str,
    /// Where the piece begins that was read last.
    offset: usize,
    nodes: Vec<Node<'x>>,
}

/// What documents consist of.
enum Piece<'x> {
    /// A start tag: its name, with the prefix, and whether it is `<a/>`.
    Start(&'x str, bool),
    /// An end tag: its name, with the prefix.
    End(&'x str),
    /// Character data, a CDATA section or a named entity; line ends are as in the source.
    Text(&'x str),
    /// A character reference.
    Character(char),
    /// A comment, a processing instruction or the XML declaration.
    Other,
    EndOfDocument,
}

impl<'x> Reader<'x> {
    fn new(source: &'x str) -> Self {
        Self { source, rest: without_bom(source), offset: 0, nodes: Vec::with_capacity(16) }
    }

    fn document(mut self) -> Result<Document<'x>, ParseError> {
        loop {
            match self.next()? {
                Piece::Start(..) if !self.nodes.is_empty() => return Err(self.error("second root element")),
                Piece::Start(tag, is_empty) => self.element(tag, is_empty, 1)?,
                Piece::End(_) => return Err(self.error("malformed XML: end tag without a start tag")),
                Piece::Text(text) if text.trim().is_empty() => {}
                Piece::Text(_) | Piece::Character(_) => return Err(self.error("text outside the root element")),
                Piece::Other => {}
                Piece::EndOfDocument if self.nodes.is_empty() => {
                    return Err(ParseError::new(0, "document has no element"));
                }
                Piece::EndOfDocument => return Ok(Document { nodes: self.nodes }),
            }
        }
    }

    /// Reads an element and its descendants, after its start tag.
    fn element(&mut self, tag: &'x str, is_empty: bool, depth: usize) -> Result<(), ParseError> {
        if depth > MAX_DEPTH {
            return Err(self.error(format!("elements are nested deeper than {MAX_DEPTH}")));
        }
        let index = self.nodes.len();
        if index == MAX_ELEMENTS {
            return Err(self.error(format!("document has more than {MAX_ELEMENTS} elements")));
        }
        let name = tag.bytes().rposition(|byte| byte == b':').map_or(tag, |colon| &tag[colon + 1..]);
        if name.is_empty() {
            return Err(self.error("element has no name"));
        }
        self.nodes.push(Node { name, text: Cow::Borrowed(""), offset: self.offset, end: index + 1 });
        if is_empty {
            return Ok(());
        }
        let mut text = Cow::Borrowed("");
        loop {
            // Text before, between and after children is layout.
            let is_leaf = self.nodes.len() == index + 1;
            match self.next()? {
                Piece::Start(tag, is_empty) => self.element(tag, is_empty, depth + 1)?,
                Piece::End(end) if end == tag => {
                    if is_leaf {
                        self.nodes[index].text = text;
                    }
                    self.nodes[index].end = self.nodes.len();
                    return Ok(());
                }
                // The error does not quote the tags, since they may be parts of an unescaped secret.
                Piece::End(_) => {
                    let start = self.nodes[index].offset;
                    return Err(
                        self.error(format!("malformed XML: end tag does not match its start tag (byte {start})"))
                    );
                }
                Piece::Text(piece) if is_leaf => {
                    // Normalizes line ends.
                    let piece = BytesText::from_escaped(piece).xml10_content();
                    if text.is_empty() { text = piece } else { text.to_mut().push_str(&piece) }
                }
                Piece::Character(character) if is_leaf => text.to_mut().push(character),
                Piece::Text(_) | Piece::Character(_) | Piece::Other => {}
                Piece::EndOfDocument => {
                    let start = self.nodes[index].offset;
                    return Err(self.error(format!("document ends inside an element (byte {start})")));
                }
            }
        }
    }

    #[allow(clippy::inline_always, reason = "a tenth of all instructions would be calls of it")]
    #[inline(always)]
    fn next(&mut self) -> Result<Piece<'x>, ParseError> {
        self.offset = self.source.len() - self.rest.len();
        match self.rest.as_bytes() {
            [] => Ok(Piece::EndOfDocument),
            [b'<', b'/', ..] => {
                let tag = self.until(ElementParser::default())?;
                let name = &tag["</".len()..tag.len() - ">".len()];
                let end = name.bytes().rposition(|byte| !is_white_space(byte)).map_or(0, |last| last + 1);
                Ok(Piece::End(&name[..end]))
            }
            // The parser would take this question mark for the one of `?>`.
            [b'<', b'?', b'>', ..] => Err(self.malformed(SyntaxError::UnclosedPI)),
            [b'<', b'?', ..] => self.until(PiParser::default()).map(|_| Piece::Other),
            [b'<', b'!', b'-', ..] => self.between("<!--", "-->", SyntaxError::UnclosedComment).map(|_| Piece::Other),
            [b'<', b'!', b'[', ..] => self.between("<![CDATA[", "]]>", SyntaxError::UnclosedCData).map(Piece::Text),
            [b'<', b'!', b'D' | b'd', ..] => Err(self.error("document type declarations are refused")),
            [b'<', b'!', ..] => Err(self.malformed(SyntaxError::InvalidBangMarkup)),
            [b'<', ..] => {
                let tag = self.until(ElementParser::default())?;
                let tag = &tag["<".len()..tag.len() - ">".len()];
                let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
                let end = tag.bytes().position(is_white_space).unwrap_or(tag.len());
                Ok(Piece::Start(&tag[..end], is_empty))
            }
            [b'&', ..] => self.reference(),
            bytes => Ok(Piece::Text(self.take(memchr2(b'<', b'&', bytes).unwrap_or(bytes.len())))),
        }
    }

    /// `&amp;`, `&#38;` or `&#x26;`
    fn reference(&mut self) -> Result<Piece<'x>, ParseError> {
        let name = self.between("&", ";", IllFormedError::UnclosedReference)?;
        if name.contains(['&', '<']) {
            return Err(self.malformed(IllFormedError::UnclosedReference));
        }
        match BytesRef::new(name).resolve_char_ref() {
            Ok(Some(character)) => Ok(Piece::Character(character)),
            // The error does not quote it, since it may be part of an unescaped secret.
            Ok(None) => resolve_predefined_entity(name).map(Piece::Text).ok_or_else(|| self.error("unknown entity")),
            Err(_) => Err(self.error("malformed character reference")),
        }
    }

    /// Takes a piece up to its closing `>`. The parser skips other `>`, such as those in attribute values.
    fn until(&mut self, mut parser: impl Parser) -> Result<&'x str, ParseError> {
        match parser.feed(self.rest.as_bytes()) {
            Some(end) => Ok(self.take(end + 1)),
            None => Err(self.malformed(parser.eof_error(self.rest.as_bytes()))),
        }
    }

    /// Takes a piece with this start and end, and returns the text between them.
    fn between(&mut self, start: &str, end: &str, error: impl Into<quick_xml::Error>) -> Result<&'x str, ParseError> {
        let Some((text, rest)) = self.rest.strip_prefix(start).and_then(|text| text.split_once(end)) else {
            return Err(self.malformed(error));
        };
        self.rest = rest;
        Ok(text)
    }

    fn take(&mut self, length: usize) -> &'x str {
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        text
    }

    fn malformed(&self, error: impl Into<quick_xml::Error>) -> ParseError {
        self.error(format!("malformed XML: {}", error.into()))
    }

    /// An error at the last piece that was read.
    fn error(&self, message: impl Into<Cow<'static, str>>) -> ParseError {
        ParseError::new(self.offset, message)
    }
}

/// Whether a byte is white space in XML.
fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use time::macros::utc_datetime;

    fn error(text: impl AsRef<[u8]>) -> String {
        Document::parse(text.as_ref()).unwrap_err().to_string()
    }

    #[test]
    fn elements_are_found_by_local_name_in_any_order() {
        let document = Document::parse(
            b"\xef\xbb\xbf<?xml version='1.0'?><!-- x --><s:R xmlns:s='urn:x'>\n <New><Arn>no</Arn></New>\n <s:B/> <Arn at='1'>a</Arn></s:R>\n",
        )
        .unwrap();
        let root = document.root();
        assert_eq!(root.name(), "R");
        assert_eq!(root.text(), "");
        assert_eq!(root.children().map(Element::name).collect::<Vec<_>>(), ["New", "B", "Arn"]);
        assert_eq!(root.get::<String>("Arn").unwrap(), "a");
        assert_eq!(root.get::<String>("B").unwrap(), "");
        assert_eq!(root.get::<Option<String>>("C").unwrap(), None);
        assert_eq!(root.get::<String>("C").unwrap_err().to_string(), "missing element C in R at byte 34");
        assert_eq!(root.get::<u32>("Arn").unwrap_err().to_string(), "Arn is not a whole number at byte 90");
        let twice = Document::parse(b"<R><A>first</A><A>second</A></R>").unwrap();
        assert_eq!(twice.root().get::<String>("A").unwrap(), "first");
    }

    #[test]
    fn a_map_is_its_entries() {
        let read = |text: &[u8]| BTreeMap::<String, u32>::from_xml(Document::parse(text).unwrap().root());
        let map = read(
            b"<m><entry><value>1</value><key>b</key></entry><x/><entry><key>a</key><value>2</value></entry>\
              <entry><key>b</key><value>3</value></entry></m>",
        );
        assert_eq!(map.unwrap().into_iter().collect::<Vec<_>>(), [("a".into(), 2), ("b".into(), 3)]);
        assert!(read(b"<m/>").unwrap().is_empty());
        let error = read(b"<m><entry><key>a</key></entry></m>").unwrap_err();
        assert_eq!(error.to_string(), "missing element value in entry at byte 3");
    }

    #[test]
    fn text_is_put_together_from_all_its_forms() {
        let list = Document::parse(b"<l><member>true</member><x/><member>false</member></l>").unwrap();
        assert_eq!(Vec::<bool>::from_xml(list.root()).unwrap(), [true, false]);
        let mixed = Document::parse(b"<a>layout<b>text</b>layout</a>").unwrap();
        assert_eq!((mixed.root().text(), mixed.root().get::<String>("b").unwrap().as_str()), ("", "text"));
        let document = Document::parse(
            "<a> &lt;b&amp;<![CDATA[<&]]><!-- no -->\u{e9}&#233;&#xE9;\r\n&quot;&apos;&gt; </a>".as_bytes(),
        );
        assert_eq!(document.unwrap().root().text(), " <b&<&\u{e9}\u{e9}\u{e9}\n\"'> ");
    }

    #[test]
    fn white_space_is_text_in_a_leaf_and_layout_elsewhere() {
        for (content, text) in [
            (" ", " "),
            (" \r\n\t", " \n\t"),
            ("\r", "\n"),
            (" x ", " x "),
            (" &#13; x", " \r x"),
            (" <![CDATA[ x\r]]> ", "  x\n "),
            (" <!-- --> <?pi?> x", "   x"),
            (" \u{a0}", " \u{a0}"),
            ("\u{c}", "\u{c}"),
            // Line ends to XML 1.1 only.
            ("\u{85}\r\u{85}\u{2028}", "\u{85}\n\u{85}\u{2028}"),
            (" <b/>", ""),
            ("<b/> ", ""),
            (" <b> </b> &lt; <![CDATA[x]]> <!-- --> ", ""),
        ] {
            let xml = format!("\n <a \n>{content}</a \n>\n");
            assert_eq!(Document::parse(xml.as_bytes()).unwrap().root().text(), text, "{content:?}");
        }
        let children = Document::parse(b"<a>\r\n <b> </b >\n <c />\n <x:d \n></x:d\n></a>").unwrap();
        let children: Vec<_> = children.root().children().map(|child| child.error(child.name()).to_string()).collect();
        assert_eq!(children, ["b at byte 6", "c at byte 17", "d at byte 24"]);
        for space in ["", " ", "\t", "\r", "\n"] {
            for xml in [format!("<a{space}></a{space}>"), format!("<a{space}/>"), format!("<a{space} b='/'{space}/>")] {
                assert_eq!(Document::parse(xml.as_bytes()).unwrap().root().name(), "a", "{xml:?}");
            }
        }
        assert_eq!(error("<a/>\n <b/>"), "second root element at byte 6");
        assert_eq!(error("<a/>\n x"), "text outside the root element at byte 4");
        assert_eq!(error("<a/>\n &lt;"), "text outside the root element at byte 6");
        for document in ["<a/>&#32;", "<a/>&#65;", "&#32;<a/>"] {
            assert!(error(document).starts_with("text outside the root element"), "{document}");
        }
        assert_eq!(error("<a/>\n <![CDATA[x]]>"), "text outside the root element at byte 6");
        assert_eq!(error("<a> &lol;</a>"), "unknown entity at byte 4");
        assert_eq!(error("\n <!DOCTYPE a>"), "document type declarations are refused at byte 2");
        assert_eq!(error("<a> "), "document ends inside an element (byte 0) at byte 4");
    }

    /// What stands where a tag should may be a piece of a secret that was not escaped.
    #[test]
    fn tags_are_not_quoted() {
        for text in [
            "<hush>",
            "<hush></a>",
            "<a></hush>",
            "</hush>",
            "<a>b<hush",
            "<a>&hush;</a>",
            "<a>&#4711;&#0;</a>",
            "<a>b<hush>c</a>",
        ] {
            let error = error(text);
            assert!(!error.contains("hush") && !error.contains("4711"), "{error}");
        }
    }

    #[test]
    fn what_is_optional_costs_nothing_else() {
        let document = Document::parse(b"<a><N>x</N><M>7</M><S/></a>").unwrap();
        let root = document.root();
        assert_eq!((root.optional::<u32>("N"), root.optional("M"), root.optional::<u32>("L")), (None, Some(7), None));
        assert_eq!(root.optional::<String>("S").as_deref(), Some(""));
    }

    #[test]
    fn an_optional_number_may_be_empty_but_not_wrong() {
        let read = |content: &[u8]| Document::parse(content).unwrap().root().get::<Option<u32>>("N");
        assert_eq!((read(b"<a><N>7</N></a>"), read(b"<a><N/></a>"), read(b"<a/>")), (Ok(Some(7)), Ok(None), Ok(None)));
        for wrong in [&b"<a><N>x</N></a>"[..], b"<a><N><b/></N></a>"] {
            assert_eq!(read(wrong).unwrap_err().offset(), 3);
        }
    }

    /// As [XML Schema](https://www.w3.org/TR/xmlschema-2/#rf-whiteSpace) wants it for everything but strings.
    #[test]
    fn space_around_a_value_does_not_count() {
        let document =
            Document::parse(b"<a><S> s </S><B>\n true\t</B><N> 7\r\n</N><T>\n2026-11-23T03:00:00Z </T></a>").unwrap();
        let root = document.root();
        assert_eq!(root.get::<String>("S").unwrap(), " s ");
        assert!(root.get::<bool>("B").unwrap());
        assert_eq!(root.get::<u32>("N").unwrap(), 7);
        assert_eq!(root.get::<UtcDateTime>("T").unwrap(), utc_datetime!(2026-11-23 03:00));
    }

    #[test]
    fn names_in_errors_are_cut() {
        let name = "n".repeat(10_000);
        let document = format!("<{name}/>");
        let text = Document::parse(document.as_bytes()).unwrap().root().get::<u32>("N").unwrap_err().to_string();
        assert!(text.contains("nnn") && text.len() < 1000, "{text}");
    }

    #[test]
    fn the_longest_document_is_read() {
        let longest = format!("<a>{}</a>", "x".repeat(MAX_LENGTH - 7));
        assert_eq!(Document::parse(longest.as_bytes()).unwrap().root().text().len(), MAX_LENGTH - 7);
    }

    #[test]
    fn what_is_malformed_or_unsafe_is_refused_and_says_where() {
        assert_eq!(error(""), "document has no element at byte 0");
        assert_eq!(error("<a><b></b>"), "document ends inside an element (byte 0) at byte 10");
        assert_eq!(error("<a/><b/>"), "second root element at byte 4");
        assert_eq!(error("<a/>x"), "text outside the root element at byte 4");
        assert_eq!(error("\u{feff}\u{feff}<a/>"), "text outside the root element at byte 3");
        assert_eq!(error("Service Unavailable"), "text outside the root element at byte 0");
        assert_eq!(error("<!doctype html><a/>"), "document type declarations are refused at byte 0");
        assert_eq!(error("<!DOCTYPE a><a/>"), "document type declarations are refused at byte 0");
        assert_eq!(error("<a>&lol;</a>"), "unknown entity at byte 3");
        assert_eq!(error(b"<a>\xff</a>"), "document is not UTF-8 at byte 3");
        assert_eq!(error("<a>".repeat(33)), "elements are nested deeper than 32 at byte 96");
        assert_eq!(
            error(format!("<a>{}</a>", "<b/>".repeat(4096))),
            "document has more than 4096 elements at byte 16383"
        );
        assert_eq!(error(" ".repeat(MAX_LENGTH + 1)), "document is longer than 1048576 bytes at byte 1048576");
        assert_eq!(error("<a>< b/></a>"), "element has no name at byte 3");
        for (malformed, why) in [
            ("<a></b >", "end tag does not match its start tag (byte 0) at byte 3"),
            ("<x:a></a>", "end tag does not match its start tag (byte 0) at byte 5"),
            ("</a>", "end tag without a start tag at byte 0"),
            (
                "<a> &lt</a>",
                "ill-formed document: entity or character reference not closed: `;` not found before end of input at byte 4",
            ),
            (
                "<a>&lt&amp;</a>",
                "ill-formed document: entity or character reference not closed: `;` not found before end of input at byte 3",
            ),
            (
                "<a>&lt</a>;",
                "ill-formed document: entity or character reference not closed: `;` not found before end of input at byte 3",
            ),
            ("<a b='>", "syntax error: attribute value not closed: `'` not found before end of input at byte 0"),
            (
                "<?>?><a/>",
                "syntax error: processing instruction not closed: `?>` not found before end of input at byte 0",
            ),
            ("<!---><a/>", "syntax error: comment not closed: `-->` not found before end of input at byte 0"),
            ("<a><![]]></a>", "syntax error: CDATA not closed: `]]>` not found before end of input at byte 3"),
            ("<!ELEMENT a>", "syntax error: unknown or missed symbol in markup at byte 0"),
        ] {
            assert_eq!(error(malformed), format!("malformed XML: {why}"));
        }
        for malformed in [
            "<a></b>",
            "<a></a b>",
            "<a></a\u{c}>",
            "<a",
            "</a>",
            "<a>&#0;</a>",
            "<a>&#xD800;</a>",
            "<a>&#;</a>",
            "<a>&#x;</a>",
            "<a>&#+65;</a>",
            "<a>&#X41;</a>",
            "<a>& #65;</a>",
            "<a>&</a>",
            "<a><![CDATA[x</a>",
        ] {
            assert!(Document::parse(malformed.as_bytes()).is_err(), "{malformed}");
        }
    }
}
