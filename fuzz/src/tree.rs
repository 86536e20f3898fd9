//! A document in two parsers.

use roxmltree::Node;
use sts_core::xml::Element;

/// Checks that names and texts are the same in both trees.
pub fn assert_same(ours: Element<'_, '_>, theirs: Node<'_, '_>) {
    assert_eq!(ours.name(), theirs.tag_name().name());
    let (ours_below, theirs_below) = (ours.children(), theirs.children().filter(Node::is_element));
    let text: String = theirs.children().filter(Node::is_text).filter_map(|node| node.text()).collect();
    let is_leaf = theirs.children().all(|node| !node.is_element());
    assert_eq!(ours.text(), if is_leaf { &text } else { "" });
    let (ours, theirs): (Vec<_>, Vec<_>) = (ours_below.collect(), theirs_below.collect());
    assert_eq!(ours.len(), theirs.len());
    ours.into_iter().zip(theirs).for_each(|(ours, theirs)| assert_same(ours, theirs));
}
