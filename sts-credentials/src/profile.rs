//! The shared config and credentials files, `~/.aws/config` and `~/.aws/credentials`.
//! [Syntax](https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html)
//!
//! In addition to the documented syntax, the parser accepts what the AWS CLI accepts: indented properties, a colon instead of
//! `=`, text after a header's `]`, and any Unicode white space around names and values.
//!
//! An invalid line only makes its own profile unusable:
//! ```
//! use sts_credentials::profile::Profiles;
//!
//! let mut profiles = Profiles::default();
//! profiles.read_config("~/.aws/config", "[profile dev]\nregion = eu-central-1 # Frankfurt\n[profile test]\nregion\n");
//! profiles.read_credentials("~/.aws/credentials", "[dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n");
//! let dev = profiles.profile("dev").unwrap();
//! assert_eq!((dev.get("region"), dev.get("aws_access_key_id")), (Some("eu-central-1"), Some("AKIAIOSFODNN7EXAMPLE")));
//!
//! let error = profiles.profile("test").unwrap().error().unwrap();
//! assert_eq!(error.to_string(), "~/.aws/config line 4: expected an '=' sign defining a property");
//! assert_eq!(profiles.errors(), [error.clone()]);
//! ```

use alloc::{
    borrow::{Cow, ToOwned},
    collections::BTreeMap,
    format,
    string::String,
    sync::Arc,
    vec::Vec,
};
use core::fmt;

use sts_core::{
    Secret,
    text::{without_bom, write_chain},
};

use crate::{location::Location, words::split_posix};

/// The merged content of the shared files. Properties read later override earlier ones, so read the config file first.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    named: BTreeMap<String, Section>,
    sso_sessions: BTreeMap<String, Section>,
    services: BTreeMap<String, Section>,
    ignored: Vec<Ignored>,
    errors: Vec<SyntaxError>,
}

impl Profiles {
    /// Reads the config file, with sections `[default]`, `[profile dev]`, `[sso-session corp]` and `[services local]`. A quoted name may
    /// contain any characters, as in `[profile 'a b']`. `path` is for messages. Invalid lines become [errors](Self::errors).
    pub fn read_config(&mut self, path: &str, text: &str) {
        let sections = self.parse(path, text);
        let headers: Vec<_> = sections.iter().map(|section| config_header(section.header)).collect();
        // If the file has both, `[profile default]` takes precedence over `[default]`.
        let prefixed = headers.contains(&Some((Kind::Profile, "default".into())));
        for (section, header) in sections.into_iter().zip(headers) {
            let header = header.filter(|(kind, _)| *kind != Kind::PlainDefault || !prefixed);
            self.merge(section, header, File::Config);
        }
    }

    /// Reads the credentials file, with sections such as `[dev]`. The AWS CLI writes no quotes there, so names with special characters only
    /// count for profiles that the config file defines. `path` is for messages. Invalid lines become [errors](Self::errors).
    pub fn read_credentials(&mut self, path: &str, text: &str) {
        for section in self.parse(path, text) {
            let is_name = is_identifier(section.header) || self.named.contains_key(section.header);
            let header = is_name.then_some((Kind::Profile, section.header.into()));
            self.merge(section, header, File::Credentials);
        }
    }

    /// The profile with this name.
    pub fn profile(&self, name: &str) -> Option<&Section> {
        self.named.get(name)
    }

    /// The names of all profiles, sorted.
    pub fn profile_names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    /// The section `[sso-session name]`.
    pub fn sso_session(&self, name: &str) -> Option<&Section> {
        self.sso_sessions.get(name)
    }

    /// The section `[services name]`.
    pub fn services(&self, name: &str) -> Option<&Section> {
        self.services.get(name)
    }

    /// The unknown sections, for hints. A common one is `[dev]` in the config file, instead of `[profile dev]`.
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    /// The invalid lines. Each is an error of its [section](Section::error), and may be a warning for users of other sections.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    fn parse<'t>(&mut self, path: &str, text: &'t str) -> Vec<RawSection<'t>> {
        let mut parser = Parser { path: path.into(), sections: Vec::new(), errors: &mut self.errors };
        parser.read(without_bom(text));
        parser.sections
    }

    fn merge(&mut self, section: RawSection<'_>, header: Option<(Kind, Cow<'_, str>)>, file: File) {
        let Some((kind, name)) = header else {
            self.ignored.push(Ignored { header: section.header.to_owned(), location: section.location, file });
            return;
        };
        let sections = match kind {
            Kind::Profile | Kind::PlainDefault => &mut self.named,
            Kind::SsoSession => &mut self.sso_sessions,
            Kind::Services => &mut self.services,
        };
        let known = sections.entry(name.into_owned()).or_default();
        let valid = section.properties.into_iter().filter(|property| is_identifier(property.name));
        known.properties.extend(valid.map(|property| (property.name.to_ascii_lowercase(), property.joined())));
        known.error = known.error.take().or(section.error);
    }
}

/// The properties of a profile, an SSO session or a services section.
///
/// Any value may be a secret, so `Debug` shows none, and all are wiped on drop.
#[derive(Clone, Debug, Default)]
pub struct Section {
    properties: BTreeMap<String, Property>,
    error: Option<SyntaxError>,
}

impl Section {
    /// The value of a property; empty if nothing follows its `=`. `name` is in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        Some(self.properties.get(name)?.value.expose())
    }

    /// The value of a sub-property, such as `endpoint_url` below `sts =`.
    pub fn get_nested(&self, name: &str, nested: &str) -> Option<&str> {
        let mut lines = self.get(name)?.strip_prefix('\n')?.lines().filter_map(|line| line.split_once('='));
        lines.rfind(|(name, _)| name.trim().eq_ignore_ascii_case(nested)).map(|(_, value)| value.trim())
    }

    /// The location of a property.
    pub fn location(&self, name: &str) -> Option<&Location> {
        Some(&self.properties.get(name)?.location)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.properties.iter().map(|(name, property)| (name.as_str(), property.value.expose()))
    }

    /// The section's first invalid line. A section with an error must not be used, since the line's meaning is unknown.
    pub fn error(&self) -> Option<&SyntaxError> {
        self.error.as_ref()
    }
}

/// An unknown section.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignored {
    /// The text between the brackets.
    pub header: String,
    /// The location.
    pub location: Location,
    file: File,
}

impl Ignored {
    /// A hint on how to define the profile with this name.
    pub(crate) fn hint(&self, name: &str) -> Option<String> {
        let (header, location) = (&self.header, &self.location);
        let prefixed = header.strip_prefix("profile").filter(|rest| rest.starts_with(char::is_whitespace));
        let meant = prefixed.unwrap_or(header).trim();
        if meant != name && split_posix(meant).is_none_or(|parts| parts != [name]) {
            return None;
        }
        let quoted = format!("\"{}\"", name.replace('\\', r"\\").replace('"', "\\\""));
        Some(match (self.file, is_identifier(name)) {
            (File::Config, true) => format!("{location} has [{header}], which must be [profile {name}] there"),
            (File::Config, false) => format!("{location} has [{header}], which must be [profile {quoted}] there"),
            (File::Credentials, true) => format!("{location} has [{header}], which must be [{name}] there"),
            (File::Credentials, false) => format!(
                "{location} has [{header}], a name with a character that is not allowed unless the config file has [profile {quoted}]"
            ),
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum File {
    Config,
    Credentials,
}

/// An invalid line.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyntaxError {
    /// The location.
    pub location: Location,
    /// The problem. It does not quote the line, which may contain a secret.
    pub problem: SyntaxProblem,
}

/// The problem of a line in a shared file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyntaxProblem {
    /// The line precedes the first section.
    NoSection,
    /// A header without a closing bracket.
    OpenHeader,
    /// The line is not a header, a comment or a property.
    NoDelimiter,
    /// A property without a name.
    NoName,
    /// The line is indented like a continuation, but follows no property.
    NoProperty,
    /// The line is neither a comment nor a sub-property.
    NoNestedDelimiter,
    /// A sub-property without a name.
    NoNestedName,
}

impl fmt::Display for SyntaxProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSection => "expected a profile definition",
            Self::OpenHeader => "profile definition must end with ']'",
            Self::NoDelimiter => "expected an '=' sign defining a property",
            Self::NoName => "property did not have a name",
            Self::NoProperty => "expected a property definition, found continuation",
            Self::NoNestedDelimiter => "expected an '=' sign defining a sub-property",
            Self::NoNestedName => "sub-property did not have a name",
        })
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.problem)
    }
}

/// Like `Display`, since a program that returns the error from `main` prints this.
impl fmt::Debug for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_chain(self, f)
    }
}

impl core::error::Error for SyntaxError {}

#[derive(PartialEq, Eq)]
enum Kind {
    Profile,
    /// `[default]` in the config file.
    PlainDefault,
    SsoSession,
    Services,
}

/// The kind and name of a header of the config file; `None` if the header is unknown.
fn config_header(header: &str) -> Option<(Kind, Cow<'_, str>)> {
    if header == "default" {
        return Some((Kind::PlainDefault, header.into()));
    }
    let (kind, name) = header.split_once(char::is_whitespace)?;
    let kind = match kind {
        "profile" => Kind::Profile,
        "sso-session" => Kind::SsoSession,
        "services" => Kind::Services,
        _ => return None,
    };
    let name = name.trim();
    if is_identifier(name) {
        return Some((kind, name.into()));
    }
    // The SDKs reject names with other characters; the AWS CLI accepts them. Quoted names are unambiguous.
    if !name.contains(QUOTES) {
        return None;
    }
    let [name] = <[String; 1]>::try_from(split_posix(name)?).ok()?;
    (!name.is_empty()).then_some((kind, name.into()))
}

fn is_identifier(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-/.%@_:+".contains(c))
}

#[derive(Clone, Debug)]
struct Property {
    value: Secret,
    location: Location,
}

/// An unparsed section: its header, and its properties with unchecked names.
struct RawSection<'t> {
    header: &'t str,
    location: Location,
    properties: Vec<RawProperty<'t>>,
    error: Option<SyntaxError>,
}

/// A property with its continuation lines.
struct RawProperty<'t> {
    name: &'t str,
    value: &'t str,
    more: Vec<&'t str>,
    location: Location,
}

impl RawProperty<'_> {
    /// Joins the lines in one allocation, so that no copy of a secret remains in memory.
    fn joined(self) -> Property {
        let mut value =
            String::with_capacity(self.value.len() + self.more.iter().map(|line| 1 + line.len()).sum::<usize>());
        value += self.value;
        self.more.iter().for_each(|line| value.extend(["\n", line]));
        Property { value: value.into(), location: self.location }
    }
}

const QUOTES: [char; 2] = ['\'', '"'];
const COMMENT: [char; 2] = ['#', ';'];

struct Parser<'p, 't> {
    path: Arc<str>,
    sections: Vec<RawSection<'t>>,
    errors: &'p mut Vec<SyntaxError>,
}

impl<'t> Parser<'_, 't> {
    fn read(&mut self, text: &'t str) {
        // The indentation of the last header or property. A line that is indented further continues that property.
        let (mut indent, mut may_continue) = (0, false);
        for (index, line) in text.split('\n').enumerate() {
            let location = Location::new(&self.path, index + 1);
            // Carriage returns are white space, too; some editors write two.
            let content = line.trim();
            // An indented comment is a comment, as in the AWS CLI; the SDKs disagree about it.
            if content.is_empty() || content.starts_with(COMMENT) {
                continue;
            }
            let depth = line.chars().take_while(|c| c.is_whitespace()).count();
            if may_continue && depth > indent {
                self.continuation(content, location);
                continue;
            }
            indent = depth;
            may_continue = !content.starts_with('[');
            if may_continue {
                self.property(content, location, depth > 0);
            } else {
                self.header(content, location);
            }
        }
    }

    fn header(&mut self, line: &'t str, location: Location) {
        let name = &line[1..];
        let before_comment = name.split(COMMENT).next().unwrap_or_default();
        // An unclosed quote is part of the name.
        let end = end_of_header(name).or_else(|| before_comment.find(']'));
        let header = end.map_or(before_comment, |end| &name[..end]).trim();
        self.sections.push(RawSection { header, location: location.clone(), properties: Vec::new(), error: None });
        if end.is_none() {
            self.fail(location, SyntaxProblem::OpenHeader);
        }
    }

    fn property(&mut self, line: &'t str, location: Location, is_indented: bool) {
        let Some(section) = self.sections.last_mut() else {
            return self.fail(location, SyntaxProblem::NoSection);
        };
        let Some((name, value)) = line.split_once(['=', ':']) else {
            let is_first = section.properties.is_empty() && is_indented;
            let problem = if is_first { SyntaxProblem::NoProperty } else { SyntaxProblem::NoDelimiter };
            return self.fail(location, problem);
        };
        let name = name.trim_end();
        if name.is_empty() {
            return self.fail(location, SyntaxProblem::NoName);
        }
        section.properties.push(RawProperty { name, value: without_comment(value).trim(), more: Vec::new(), location });
    }

    fn continuation(&mut self, line: &'t str, location: Location) {
        let section = self.sections.last_mut().filter(|section| section.error.is_none());
        // Otherwise, the line continues an unreadable line.
        let Some(property) = section.and_then(|section| section.properties.last_mut()) else { return };
        property.more.push(line);
        if property.value.is_empty() {
            match line.split_once('=') {
                None => self.fail(location, SyntaxProblem::NoNestedDelimiter),
                Some((name, _)) if name.trim_end().is_empty() => {
                    self.fail(location, SyntaxProblem::NoNestedName);
                }
                Some(_) => {}
            }
        }
    }

    fn fail(&mut self, location: Location, problem: SyntaxProblem) {
        let error = SyntaxError { location, problem };
        if let Some(section) = self.sections.last_mut() {
            section.error.get_or_insert_with(|| error.clone());
        }
        self.errors.push(error);
    }
}

/// The position of the bracket that ends a header. Within quotes, brackets and comment characters are part of the name.
fn end_of_header(header: &str) -> Option<usize> {
    let mut quote = None;
    let mut characters = header.char_indices();
    while let Some((index, character)) = characters.next() {
        match (quote, character) {
            (None | Some('"'), '\\') => drop(characters.next()),
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, ']') => return Some(index),
            (None, '#' | ';') => return None,
            _ => {}
        }
    }
    None
}

/// Removes a comment after a value. Without white space before it, it belongs to the value, since secret keys may contain its character.
fn without_comment(value: &str) -> &str {
    let comment = value.match_indices(COMMENT).find(|(index, _)| value[..*index].ends_with([' ', '\t']));
    &value[..comment.map_or(value.len(), |(index, _)| index)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn nested_properties() {
        let mut profiles = Profiles::default();
        let text = "\u{feff}[services local]\nS3 =\n  endpoint_url = http://a\nsts =\n  # not this\n  Endpoint_URL = http://b=c\n\n  x=\n\
                    flat = endpoint_url = d\n";
        profiles.read_config("c", text);
        let local = profiles.services("local").unwrap();
        assert_eq!(local.get_nested("sts", "endpoint_url"), Some("http://b=c"));
        assert_eq!(local.get_nested("sts", "x"), Some(""));
        assert_eq!(local.get_nested("sts", "y"), None);
        assert_eq!(local.get_nested("flat", "endpoint_url"), None);
        assert_eq!(local.location("sts").unwrap().to_string(), "c line 4");
        assert_eq!(local.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["flat", "s3", "sts"]);
    }

    #[test]
    fn what_means_nothing_is_remembered() {
        let mut profiles = Profiles::default();
        profiles.read_config("config", "[dev]\nregion = r\n[profile  dev]\n[profile a b]\n[plugins]\n");
        profiles.read_credentials("credentials", "\n[profile dev]\n");
        let ignored: Vec<_> = profiles.ignored().iter().map(|i| format!("{}: {}", i.location, i.header)).collect();
        assert_eq!(
            ignored,
            [
                "config line 1: dev",
                "config line 4: profile a b",
                "config line 5: plugins",
                "credentials line 2: profile dev"
            ]
        );
        assert_eq!(profiles.profile_names().collect::<Vec<_>>(), ["dev"]);
    }

    /// Names as in Python's `shlex.split`, with which the AWS CLI parses headers.
    #[test]
    fn names_in_quotes() {
        let names = |config: &str, credentials: &str| {
            let mut profiles = Profiles::default();
            profiles.read_config("config", config);
            profiles.read_credentials("credentials", credentials);
            profiles.profile_names().map(str::to_owned).collect::<Vec<_>>().join(",")
        };
        // The last name is the output of `shlex.quote` for `it's mine`.
        let config = r#"
[profile "plain"]
[profile 'a b']
[profile  "ünï" ]
[profile 'it'"'"'s mine']
[profile 'team #1'] # ours
[profile "a]#b"] # ['x']
"#;
        assert_eq!(names(config, ""), "a b,a]#b,it's mine,plain,team #1,ünï");
        assert_eq!(names("[profile it's]\n[profile p] # it's\n[profile q\\]", ""), "p");
        for header in ["''", "'a", "'a' b", "'a' 'b'", r"a\ b", "ü"] {
            assert_eq!(names(&format!("[profile {header}]"), ""), "", "{header}");
        }
        // In the credentials file, a profile name with white space is not quoted.
        assert_eq!(names("", "[a b]"), "");
        assert_eq!(names("[profile 'a b']", "[a b]\n['a b']\n[c d]"), "a b");
        assert_eq!(names("[profile \"default\"]\n[default]", ""), "default");

        let mut profiles = Profiles::default();
        profiles.read_config("config", "[sso-session 'my corp']\n[services \"x y\"]\n");
        assert!(profiles.sso_session("my corp").is_some() && profiles.services("x y").is_some());
    }

    #[test]
    fn debug_shows_no_value() {
        let mut profiles = Profiles::default();
        profiles.read_credentials("c", "[a]\naws_secret_access_key = hush\n");
        let debug = format!("{profiles:?}");
        assert!(debug.contains("aws_secret_access_key") && !debug.contains("hush"), "{debug}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Every line is parsed or named by an error, whatever the text is.
        #[test]
        fn any_text_is_read_or_refused(text in r"([\[\] \t=#;\r\na-c\u{feff}é]|profile|default){0,40}") {
            for read in [Profiles::read_config, Profiles::read_credentials] {
                let mut profiles = Profiles::default();
                read(&mut profiles, "f", &text);
                for error in profiles.errors() {
                    prop_assert!((1..=text.lines().count()).contains(&error.location.line));
                }
            }
        }
    }
}
