//! A document that a strict parser accepts is parsed to the same result, within our limits, and no input does harm.
#![no_main]

use libfuzzer_sys::fuzz_target;
use roxmltree::Node;
use sts_core::xml::{Document, MAX_DEPTH, MAX_ELEMENTS};
use sts_fuzz::{is_told, tree::assert_same};

fuzz_target!(|bytes: &[u8]| {
    let ours = Document::parse(bytes);
    if let Err(error) = &ours {
        is_told(error);
        // The error has a position, and quotes nothing.
        assert!(error.offset() <= bytes.len() && error.to_string().len() < 160, "{error}");
    }
    // roxmltree reads `:a` as `a`, so that the end tag of one closes the other.
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains("<:") && !text.contains("</:"));
    let Some(theirs) = text.and_then(|text| roxmltree::Document::parse(text).ok()) else { return };
    let elements = || theirs.descendants().filter(Node::is_element);
    let depth = elements().map(|element| element.ancestors().filter(Node::is_element).count()).max();
    match ours {
        Ok(ours) => assert_same(ours.root(), theirs.root_element()),
        Err(error) => assert!(elements().count() > MAX_ELEMENTS || depth > Some(MAX_DEPTH), "{error}"),
    }
});
