//! The shared config and credentials files, `~/.aws/config` and `~/.aws/credentials`: where they are, and what they say.
//! [Syntax and location](https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html)
//!
//! ```
//! use sts_credentials::profile::Profiles;
//!
//! let mut profiles = Profiles::default();
//! profiles.read_config("~/.aws/config", "[profile dev]\nregion = eu-central-1 # Frankfurt\n")?;
//! profiles.read_credentials("~/.aws/credentials", "[dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n")?;
//! let dev = profiles.profile("dev").unwrap();
//! assert_eq!((dev.get("region"), dev.get("aws_access_key_id")), (Some("eu-central-1"), Some("AKIAIOSFODNN7EXAMPLE")));
//!
//! let error = profiles.read_config("~/.aws/config", "[profile dev]\nregion: eu-central-1\n").unwrap_err();
//! assert_eq!(error.to_string(), "~/.aws/config line 2: expected an '=' sign defining a property");
//! # Ok::<(), sts_credentials::profile::SyntaxError>(())
//! ```

use alloc::{
    borrow::{Cow, ToOwned},
    collections::BTreeMap,
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use core::fmt;

use crate::process::split_posix;
use sts_core::Secret;

/// What the shared files say, merged. What is read later wins, property by property, so the config file is read first.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    named: BTreeMap<String, Section>,
    sso_sessions: BTreeMap<String, Section>,
    services: BTreeMap<String, Section>,
    ignored: Vec<Ignored>,
}

impl Profiles {
    /// Reads the config file: sections `[default]`, `[profile dev]`, `[sso-session corp]`, `[services local]`. A name in quotes may have any
    /// characters, `[profile 'a b']`, as the AWS CLI writes it. `path` is for messages.
    ///
    /// # Errors
    /// A line is not what the syntax expects there.
    pub fn read_config(&mut self, path: &str, text: &str) -> Result<(), SyntaxError> {
        let sections = parse(path, text)?;
        let headers: Vec<_> = sections.iter().map(|section| config_header(section.header)).collect();
        // Where both are there, `[profile default]` is meant and `[default]` is not.
        let prefixed = headers.contains(&Some((Kind::Profile, "default".into())));
        for (section, header) in sections.iter().zip(headers) {
            let header = header.filter(|(kind, _)| *kind != Kind::PlainDefault || !prefixed);
            self.merge(section, header, File::Config);
        }
        Ok(())
    }

    /// Reads the credentials file, in which a section's name is the profile's, `[dev]`. The AWS CLI writes no quotes there, so that names
    /// with other characters count only for profiles that are known already. `path` is for messages.
    ///
    /// # Errors
    /// A line is not what the syntax expects there.
    pub fn read_credentials(&mut self, path: &str, text: &str) -> Result<(), SyntaxError> {
        for section in parse(path, text)? {
            let is_name = is_identifier(section.header) || self.named.contains_key(section.header);
            let header = is_name.then_some((Kind::Profile, section.header.into()));
            self.merge(&section, header, File::Credentials);
        }
        Ok(())
    }

    /// The profile of that name.
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

    /// The sections that mean nothing, for a hint: most often `[dev]` in the config file where `[profile dev]` is meant.
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    fn merge(&mut self, section: &RawSection<'_>, header: Option<(Kind, Cow<'_, str>)>, file: File) {
        let Some((kind, name)) = header else {
            self.ignored.push(Ignored { header: section.header.to_owned(), place: section.place.clone(), file });
            return;
        };
        let sections = match kind {
            Kind::Profile | Kind::PlainDefault => &mut self.named,
            Kind::SsoSession => &mut self.sso_sessions,
            Kind::Services => &mut self.services,
        };
        let known = sections.entry(name.into_owned()).or_default();
        let valid = section.properties.iter().filter(|(name, _)| is_identifier(name));
        known.0.extend(valid.map(|(name, property)| (name.to_ascii_lowercase(), property.clone())));
    }
}

/// The properties of a profile, an SSO session or a services section.
///
/// Any of them may be a secret, so `Debug` shows none of the values, and all are wiped on drop.
#[derive(Clone, Debug, Default)]
pub struct Section(BTreeMap<String, Property>);

impl Section {
    /// The value of a property, which is empty when nothing stands behind its `=`. Names are in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        Some(self.0.get(name)?.value.expose())
    }

    /// The value of a sub-property, as `endpoint_url` below `sts =`.
    pub fn get_nested(&self, name: &str, nested: &str) -> Option<&str> {
        let mut lines = self.get(name)?.strip_prefix('\n')?.lines().filter_map(|line| line.split_once('='));
        lines.rfind(|(name, _)| name.trim().eq_ignore_ascii_case(nested)).map(|(_, value)| value.trim())
    }

    /// Where a property is defined.
    pub fn place(&self, name: &str) -> Option<&Place> {
        Some(&self.0.get(name)?.place)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, property)| (name.as_str(), property.value.expose()))
    }
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file.
    pub path: Arc<str>,
    /// The line, from 1.
    pub line: usize,
}

/// `~/.aws/config line 3`
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}", self.path, self.line)
    }
}

/// A section that means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignored {
    /// What stands between the brackets.
    pub header: String,
    /// Where.
    pub place: Place,
    file: File,
}

impl Ignored {
    /// What is to be done if the profile of that name was meant.
    pub(crate) fn hint(&self, name: &str) -> Option<String> {
        let (header, place) = (&self.header, &self.place);
        let prefixed = header.strip_prefix("profile").filter(|rest| rest.starts_with(BLANKS));
        let meant = prefixed.unwrap_or(header).trim_matches(BLANKS);
        if meant != name && split_posix(meant).is_none_or(|parts| parts != [name]) {
            return None;
        }
        let quoted = format!("\"{}\"", name.replace('\\', r"\\").replace('"', "\\\""));
        Some(match (self.file, is_identifier(name)) {
            (File::Config, true) => format!("{place} has [{header}], which must be [profile {name}] there"),
            (File::Config, false) => format!("{place} has [{header}], which must be [profile {quoted}] there"),
            (File::Credentials, true) => format!("{place} has [{header}], which must be [{name}] there"),
            (File::Credentials, false) => format!(
                "{place} has [{header}], a name with a character that is not allowed unless the config file has [profile {quoted}]"
            ),
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum File {
    Config,
    Credentials,
}

/// A line that is not what the syntax expects there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyntaxError {
    /// Where.
    pub place: Place,
    /// What was expected. Nothing of the line is shown, since it may hold a secret.
    pub problem: &'static str,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

impl core::error::Error for SyntaxError {}

/// How a system writes paths and where it keeps a user's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux, macOS and everything else.
    Unix,
    /// Windows.
    Windows,
}

/// Where the shared files are, and which profile is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The config file; `None` when the user's home is not known. It need not exist.
    pub config: Option<String>,
    /// The credentials file, likewise.
    pub credentials: Option<String>,
    /// `AWS_PROFILE`, else `AWS_DEFAULT_PROFILE`; `None` means `default`.
    pub profile: Option<String>,
}

impl Location {
    /// Reads `AWS_CONFIG_FILE`, `AWS_SHARED_CREDENTIALS_FILE` and what [`name_from_env`] reads through `variable`, and for the home
    /// folder `HOME`, on Windows else `USERPROFILE`, else `HOMEDRIVE` and `HOMEPATH`. Empty values count as unset.
    pub fn from_env(platform: Platform, variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let file = |name, file| match variable(name) {
            Some(path) => Some(expand(path, home(platform, &variable).as_deref())),
            None => below_home(platform, &variable, &[".aws", file]),
        };
        Self {
            config: file("AWS_CONFIG_FILE", "config"),
            credentials: file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            profile: name_from_env(variable),
        }
    }
}

/// The variables that name a profile. The first is every SDK's, the second the older one of the AWS CLI and the SDK for Python.
pub(crate) const NAME_VARIABLES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// The profile that the environment asks for: `AWS_PROFILE`, else `AWS_DEFAULT_PROFILE`. Empty values count as unset.
pub fn name_from_env(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    NAME_VARIABLES.into_iter().find_map(|name| variable(name).filter(|value| !value.is_empty()))
}

/// A file below the user's home folder; `None` when that is not known.
pub(crate) fn below_home(
    platform: Platform,
    variable: &dyn Fn(&str) -> Option<String>,
    path: &[&str],
) -> Option<String> {
    let separator = if platform == Platform::Windows { "\\" } else { "/" };
    let home = home(platform, variable)?;
    Some(path.iter().fold(home, |path, part| path + separator + part))
}

fn home(platform: Platform, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let variable = |name| variable(name).filter(|value| !value.is_empty());
    variable("HOME").or_else(|| {
        let windows = platform == Platform::Windows;
        let drive = || Some(variable("HOMEDRIVE")? + &variable("HOMEPATH")?);
        if windows { variable("USERPROFILE").or_else(drive) } else { None }
    })
}

/// `~/x` is below the home folder: in a variable there may have been no shell to see to it.
fn expand(path: String, home: Option<&str>) -> String {
    match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.starts_with(['/', '\\']) => format!("{home}{rest}"),
        _ => path,
    }
}

#[derive(PartialEq, Eq)]
enum Kind {
    Profile,
    /// `[default]` in the config file.
    PlainDefault,
    SsoSession,
    Services,
}

/// What a header of the config file announces; `None` when it means nothing.
fn config_header(header: &str) -> Option<(Kind, Cow<'_, str>)> {
    if header == "default" {
        return Some((Kind::PlainDefault, header.into()));
    }
    let (kind, name) = header.split_once(BLANKS)?;
    let kind = match kind {
        "profile" => Kind::Profile,
        "sso-session" => Kind::SsoSession,
        "services" => Kind::Services,
        _ => return None,
    };
    let name = name.trim_matches(BLANKS);
    if is_identifier(name) {
        return Some((kind, name.into()));
    }
    // The SDKs agree that other characters make no name, the AWS CLI takes them. In quotes there is no doubt what is meant.
    if !name.contains(['\'', '"']) {
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
    place: Place,
}

/// A section as it stands in the file, its name and those of its properties not yet looked at.
struct RawSection<'t> {
    header: &'t str,
    place: Place,
    properties: Vec<(&'t str, Property)>,
}

const BLANKS: [char; 2] = [' ', '\t'];
const COMMENT: [char; 2] = ['#', ';'];

fn parse<'t>(path: &str, text: &'t str) -> Result<Vec<RawSection<'t>>, SyntaxError> {
    let path: Arc<str> = path.into();
    let mut sections: Vec<RawSection<'t>> = Vec::new();
    for (index, line) in text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate() {
        let place = Place { path: path.clone(), line: index + 1 };
        let error = |problem| Err(SyntaxError { place: place.clone(), problem });
        let content = line.trim_matches(BLANKS);
        // An indented comment is one too, as in the AWS CLI; the SDKs disagree about it.
        if content.is_empty() || content.starts_with(COMMENT) {
            continue;
        }
        if line.starts_with('[') {
            let inside = |text: &'t str| text.trim_matches(BLANKS).strip_prefix('[')?.strip_suffix(']');
            // In quotes, what else begins a comment is part of the name.
            let quoted = || inside(&line[..=line.rfind(']').filter(|_| line.contains(['\'', '"']))?]);
            let Some(header) = line.split(COMMENT).next().and_then(inside).or_else(quoted) else {
                return error("profile definition must end with ']'");
            };
            sections.push(RawSection { header: header.trim_matches(BLANKS), place, properties: Vec::new() });
            continue;
        }
        let Some(section) = sections.last_mut() else {
            return error("expected a profile definition");
        };
        if line.starts_with(BLANKS) {
            let Some((_, property)) = section.properties.last_mut() else {
                return error("expected a property definition, found continuation");
            };
            let so_far = property.value.expose();
            if so_far.is_empty() || so_far.starts_with('\n') {
                match content.split_once('=') {
                    None => return error("expected an '=' sign defining a sub-property"),
                    Some((name, _)) if name.trim_matches(BLANKS).is_empty() => {
                        return error("sub-property did not have a name");
                    }
                    Some(_) => {}
                }
            }
            property.value = format!("{so_far}\n{content}").into();
        } else {
            let Some((name, value)) = line.split_once('=') else {
                return error("expected an '=' sign defining a property");
            };
            let name = name.trim_matches(BLANKS);
            if name.is_empty() {
                return error("property did not have a name");
            }
            section.properties.push((name, Property { value: without_comment(value).to_string().into(), place }));
        }
    }
    Ok(sections)
}

/// A comment behind a value has a blank before it; without one it is part of the value, as secret keys may need it.
fn without_comment(value: &str) -> &str {
    let comment = value.match_indices(COMMENT).find(|(index, _)| value[..*index].ends_with(BLANKS));
    value[..comment.map_or(value.len(), |(index, _)| index)].trim_matches(BLANKS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    #[test]
    fn nested_properties() {
        let mut profiles = Profiles::default();
        let text = "\u{feff}[services local]\nS3 =\n  endpoint_url = http://a\nsts =\n  # not this\n  Endpoint_URL = http://b=c\n\n  x=\n\
                    flat = endpoint_url = d\n";
        profiles.read_config("c", text).unwrap();
        let local = profiles.services("local").unwrap();
        assert_eq!(local.get_nested("sts", "endpoint_url"), Some("http://b=c"));
        assert_eq!(local.get_nested("sts", "x"), Some(""));
        assert_eq!(local.get_nested("sts", "y"), None);
        assert_eq!(local.get_nested("flat", "endpoint_url"), None);
        assert_eq!(local.place("sts").unwrap().to_string(), "c line 4");
        assert_eq!(local.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["flat", "s3", "sts"]);
    }

    #[test]
    fn what_means_nothing_is_remembered() {
        let mut profiles = Profiles::default();
        profiles.read_config("config", "[dev]\nregion = r\n[profile  dev]\n[profile a b]\n[plugins]\n").unwrap();
        profiles.read_credentials("credentials", "\n[profile dev]\n").unwrap();
        let ignored: Vec<_> = profiles.ignored().iter().map(|i| format!("{}: {}", i.place, i.header)).collect();
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

    /// As Python's `shlex.split` has them, which the AWS CLI reads headers with.
    #[test]
    fn names_in_quotes() {
        let names = |config: &str, credentials: &str| {
            let mut profiles = Profiles::default();
            profiles.read_config("config", config).unwrap();
            profiles.read_credentials("credentials", credentials).unwrap();
            profiles.profile_names().map(str::to_owned).collect::<Vec<_>>().join(",")
        };
        // The last is what `shlex.quote` makes of `it's mine`.
        let config = r#"
[profile "plain"]
[profile 'a b']
[profile  "ünï" ]
[profile 'it'"'"'s mine']
[profile 'team #1'] # ours
"#;
        assert_eq!(names(config, ""), "a b,it's mine,plain,team #1,ünï");
        for header in ["''", "'a", "'a' b", "'a' 'b'", r"a\ b", "ü"] {
            assert_eq!(names(&format!("[profile {header}]"), ""), "", "{header}");
        }
        // Keys of a profile with a blank in its name are without quotes in the credentials file.
        assert_eq!(names("", "[a b]"), "");
        assert_eq!(names("[profile 'a b']", "[a b]\n['a b']\n[c d]"), "a b");
        assert_eq!(names("[profile \"default\"]\n[default]", ""), "default");

        let mut profiles = Profiles::default();
        profiles.read_config("config", "[sso-session 'my corp']\n[services \"x y\"]\n").unwrap();
        assert!(profiles.sso_session("my corp").is_some() && profiles.services("x y").is_some());
    }

    #[test]
    fn debug_shows_no_value() {
        let mut profiles = Profiles::default();
        profiles.read_credentials("c", "[a]\naws_secret_access_key = hush\n").unwrap();
        let debug = format!("{profiles:?}");
        assert!(debug.contains("aws_secret_access_key") && !debug.contains("hush"), "{debug}");
    }

    #[test]
    fn homes() {
        let locate = |platform, pairs: &[(&str, &str)]| {
            Location::from_env(platform, |name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_string())
            })
        };
        let nowhere = Location { config: None, credentials: None, profile: None };
        assert_eq!(locate(Platform::Unix, &[("USERPROFILE", "C:"), ("HOME", ""), ("AWS_PROFILE", "")]), nowhere);
        let profiles = [("AWS_DEFAULT_PROFILE", "older"), ("AWS_PROFILE", "newer")];
        assert_eq!(locate(Platform::Unix, &profiles[..1]).profile.unwrap(), "older");
        assert_eq!(locate(Platform::Unix, &profiles).profile.unwrap(), "newer");
        let tilde = [("HOME", "/h"), ("AWS_CONFIG_FILE", "~/c"), ("AWS_SHARED_CREDENTIALS_FILE", "~other/c")];
        let found = locate(Platform::Unix, &tilde);
        assert_eq!(vec![found.config, found.credentials], [Some("/h/c".to_string()), Some("~other/c".to_string())]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever the text is, it is read or the error names one of its lines.
        #[test]
        fn any_text_is_read_or_refused(text in r"([\[\] \t=#;\r\na-c\u{feff}é]|profile|default){0,40}") {
            for read in [Profiles::read_config, Profiles::read_credentials] {
                if let Err(error) = read(&mut Profiles::default(), "f", &text) {
                    prop_assert!((1..=text.lines().count()).contains(&error.place.line));
                }
            }
        }
    }
}
