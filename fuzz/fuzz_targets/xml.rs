//! A document that another, strict reader takes is read the same by ours, within its limits; and no bytes do any harm.
#![no_main]

use libfuzzer_sys::fuzz_target;
use roxmltree::Node;
use sts_core::xml::{Document, Element, MAX_DEPTH, MAX_ELEMENTS};

fuzz_target!(|bytes: &[u8]| {
    let ours = Document::parse(bytes);
    if let Err(error) = &ours {
        assert!(error.offset() <= bytes.len() && !error.to_string().is_empty());
    }
    let Some(theirs) = std::str::from_utf8(bytes).ok().and_then(|text| roxmltree::Document::parse(text).ok()) else {
        return;
    };
    let elements = || theirs.descendants().filter(Node::is_element);
    let depth = elements().map(|element| element.ancestors().filter(Node::is_element).count()).max();
    match ours {
        Ok(ours) => compare(ours.root(), theirs.root_element()),
        Err(error) => assert!(elements().count() > MAX_ELEMENTS || depth > Some(MAX_DEPTH), "{error}"),
    }
});

fn compare(ours: Element<'_, '_>, theirs: Node<'_, '_>) {
    assert_eq!(ours.name(), theirs.tag_name().name());
    let (ours_below, theirs_below) = (ours.children(), theirs.children().filter(Node::is_element));
    let text: String = theirs.children().filter(Node::is_text).filter_map(|node| node.text()).collect();
    let is_leaf = theirs.children().all(|node| !node.is_element());
    assert_eq!(ours.text(), if is_leaf { &text } else { "" });
    let (ours, theirs): (Vec<_>, Vec<_>) = (ours_below.collect(), theirs_below.collect());
    assert_eq!(ours.len(), theirs.len());
    ours.into_iter().zip(theirs).for_each(|(ours, theirs)| compare(ours, theirs));
}
