//! The XML reader: never panics, reads back what is written in any of XML's ways, and finds an output's members
//! wherever and however they stand.

use proptest::{collection::vec, prelude::*, sample::Index};
use sts_core::{
    AssumeRole, AssumeRoleOutput, GetAccessKeyInfo, GetCallerIdentity,
    xml::{Document, Element},
};

use crate::{cases, common::receive};

/// An element, and how it is written.
#[derive(Clone, Debug)]
struct Tree {
    name: String,
    prefix: &'static str,
    attribute: &'static str,
    /// Written before the end tag and between children.
    noise: &'static str,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// Each part is written in the form beside it.
    Text(Vec<(String, Form)>),
    Children(Vec<Tree>),
}

/// One of the ways to write character data.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    Escaped,
    CData,
    Decimal,
    Hexadecimal,
    AroundComment,
}

impl Tree {
    fn write(&self, out: &mut String) {
        let Self { name, prefix, attribute, noise, content } = self;
        *out += &format!("<{prefix}{name}{attribute}>");
        match content {
            Content::Text(parts) => {
                for (text, form) in parts {
                    write_text(text, *form, out);
                }
            }
            Content::Children(children) => {
                for child in children {
                    *out += noise;
                    child.write(out);
                }
                *out += noise;
            }
        }
        *out += &format!("</{prefix}{name} >");
    }

    fn matches(&self, found: Element<'_, '_>) -> bool {
        let children: Vec<_> = found.children().collect();
        found.name() == self.name
            && match &self.content {
                Content::Text(parts) => {
                    children.is_empty() && found.text() == parts.iter().map(|(text, _)| &**text).collect::<String>()
                }
                Content::Children(expected) => {
                    children.len() == expected.len()
                        && expected.iter().zip(children).all(|(expected, child)| expected.matches(child))
                }
            }
    }
}

pub(crate) fn write_text(text: &str, form: Form, out: &mut String) {
    match form {
        Form::Escaped => *out += &escape(text),
        Form::CData => *out += &format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>")),
        Form::Decimal => text.chars().for_each(|c| *out += &format!("&#{};", u32::from(c))),
        Form::Hexadecimal => text.chars().for_each(|c| *out += &format!("&#x{:x};", u32::from(c))),
        Form::AroundComment => *out += &format!("<!-- <a>&lol; -->{}<?pi?>", escape(text)),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What XML 1.0 lets a text hold, without the carriage return that its line ends fold.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    let legal = prop_oneof![
        4 => prop::char::range(' ', '~'),
        1 => prop_oneof![Just('\t'), Just('\n'), prop::char::range('\u{a0}', '\u{d7ff}'), prop::char::range('\u{10000}', '\u{10ffff}')],
    ];
    vec(legal, 0..12).prop_map(String::from_iter)
}

pub(crate) fn forms() -> impl Strategy<Value = Form> {
    prop::sample::select(vec![Form::Escaped, Form::CData, Form::Decimal, Form::Hexadecimal, Form::AroundComment])
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = (decoration(), vec((texts(), forms()), 0..4))
        .prop_map(|(tree, text)| Tree { content: Content::Text(text), ..tree });
    leaf.prop_recursive(4, 24, 4, |inner| {
        (decoration(), vec(inner, 1..4))
            .prop_map(|(tree, children)| Tree { content: Content::Children(children), ..tree })
    })
}

/// An element without its content.
fn decoration() -> impl Strategy<Value = Tree> {
    (
        "[A-Za-z_][A-Za-z0-9_.-]{0,8}",
        prop::sample::select(vec!["", "", "sts:", "x:"]),
        prop::sample::select(vec!["", " a='1'", " xmlns=\"urn:x\" b = \"&lt;\"", "\n"]),
        prop::sample::select(vec!["", " ", "\r\n\t", "<!-- <Arn>no</Arn> -->", "<?pi ?> "]),
    )
        .prop_map(|(name, prefix, attribute, noise)| Tree {
            name,
            prefix,
            attribute,
            noise,
            content: Content::Text(vec![]),
        })
}

const OUTPUT: [&str; 6] = [
    "<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>s/+=</SecretAccessKey>\
     <SessionToken>t&amp;t</SessionToken><Expiration>2026-11-23T04:00:00Z</Expiration></Credentials>",
    "<AssumedRoleUser><AssumedRoleId>AROA:n</AssumedRoleId><Arn>arn</Arn></AssumedRoleUser>",
    "<PackedPolicySize>6</PackedPolicySize>",
    "<SourceIdentity>Alice</SourceIdentity>",
    "<SessionTokenUtilization>17</SessionTokenUtilization>",
    "<SessionTokenSize>3</SessionTokenSize>",
];

/// A response whose members come in some order with noise between them.
fn response(members: &[&str], noise: &str, metadata_first: bool) -> String {
    let result = format!("<AssumeRoleResult>{noise}{}{noise}</AssumeRoleResult>", members.join(noise));
    let metadata = "<ResponseMetadata><RequestId>7</RequestId></ResponseMetadata>";
    let parts = if metadata_first { [metadata, &result] } else { [&result, metadata] };
    format!("<AssumeRoleResponse>{noise}{}{noise}</AssumeRoleResponse>", parts.join(noise))
}

/// Everything in an output.
fn read(xml: &str) -> String {
    let reply = receive(&AssumeRole::new("", ""), 200, xml).unwrap();
    let AssumeRoleOutput { credentials, .. } = &reply.output;
    let secrets = [credentials.secret_access_key.expose(), credentials.session_token.expose()];
    format!("{:?} {secrets:?} {:?}", reply.output, reply.metadata)
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in vec(any::<u8>(), 0..300)) {
        let _ = Document::parse(&bytes);
    }

    #[test]
    fn arbitrary_markup_does_no_harm(parts in vec(prop::sample::select(vec![
        "<", ">", "</", "/>", "a", "A", ":", "&", ";", "#", "x41", "&lt;", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>",
        "<!DOCTYPE", "=", "'", "\"", " ", "\n", "\u{e9}", "<a>", "</a>", "<b/>", "\u{feff}",
    ]), 0..40)) {
        let _ = Document::parse(parts.concat().as_bytes());
    }

    #[test]
    fn a_damaged_response_is_read_or_refused(
        status in prop::sample::select(vec![200_u16, 302, 400, 500]),
        damages in vec((any::<Index>(), any::<char>(), any::<bool>()), 1..6),
    ) {
        let mut xml: Vec<char> = response(&OUTPUT, "\n", false).chars().collect();
        for (place, new, replace) in damages {
            let place = place.index(xml.len());
            if replace { xml[place] = new } else { xml.truncate(place.max(1)) }
        }
        let xml = String::from_iter(xml);
        match receive(&AssumeRole::new("", ""), status, &xml) {
            Ok(_) => prop_assert_eq!(status, 200),
            Err(error) => prop_assert!(error.to_string().starts_with("AssumeRole")),
        }
        prop_assert!(receive(&GetCallerIdentity::new(), status, &xml).is_err());
    }

    #[test]
    fn what_is_written_reads_back(tree in trees(), declaration in any::<bool>()) {
        let mut xml = String::from(if declaration { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- x -->" } else { "" });
        tree.write(&mut xml);
        let document = Document::parse(xml.as_bytes());
        let document = document.map_err(|error| TestCaseError::fail(format!("{error}: {xml}")))?;
        prop_assert!(tree.matches(document.root()), "{}", xml);
    }

    #[test]
    fn order_and_noise_do_not_change_an_output(
        order in Just(OUTPUT.to_vec()).prop_shuffle(),
        noise in prop::sample::select(vec![
            "", "\n  ", "<!-- <Arn>no</Arn> -->", "<Unknown>1</Unknown>", "<Unknown><Arn>no</Arn><Unknown/></Unknown>",
            "<x:New a='b'/>", "<?pi <a> ?>",
        ]),
        metadata_first in any::<bool>(),
    ) {
        prop_assert_eq!(read(&response(&order, noise, metadata_first)), read(&response(&OUTPUT, "", false)));
    }
}

#[test]
fn prefixes_and_other_forms_of_text_do_not_change_an_output() {
    let plain = response(&OUTPUT, "", false);
    let prefixed = plain.replace("</", "\u{1}").replace('<', "<sts:").replace('\u{1}', "</sts:");
    let attributes =
        plain.replace("Result>", "Result >").replacen('>', " xmlns='https://sts.amazonaws.com/doc/2011-06-15/'>", 1);
    let cdata = plain.replace(">t&amp;t<", "><![CDATA[t&t]]><").replace(">6<", "><![CDATA[6]]><");
    let numeric =
        plain.replace(">t&amp;t<", ">&#116;&#x26;t<").replace(">Alice<", ">&#65;lice<").replace("04:00", "04&#58;00");
    let commented = plain.replace("Alice", "Al<!-- and -->ice").replace("ASIA", "AS<?pi?>IA");
    let declared = format!("\u{feff}<?xml version=\"1.0\"?>\n{plain}\n<!-- end -->\n");
    for xml in [prefixed, attributes, cdata, numeric, commented, declared] {
        assert_ne!(xml, plain);
        assert_eq!(read(&xml), read(&plain), "{xml}");
    }
}

#[test]
fn a_member_of_a_nested_element_is_not_the_outer_ones() {
    let xml = "<GetCallerIdentityResponse><GetCallerIdentityResult><Other><Arn>no</Arn></Other><UserId>u</UserId>\
        <Account>a</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let output = receive(&GetCallerIdentity::new(), 200, xml).unwrap().output;
    assert_eq!((&*output.arn, &*output.user_id, &*output.account), ("", "u", "a"));
    let error = receive(
        &GetAccessKeyInfo::new(""),
        200,
        &xml.replace("CallerIdentity", "AccessKeyInfo").replace("Account", "A"),
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "GetAccessKeyInfo: https://sts.us-east-1.amazonaws.com answered HTTP 200, not an STS response: missing element \
         Account in GetAccessKeyInfoResult at byte 26 (region us-east-1)"
    );
}
