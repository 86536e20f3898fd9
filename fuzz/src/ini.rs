//! A simple writer for profiles.

use sts_credentials::profile::{Profiles, Section};

/// Writes the section, and checks that it reads back.
pub fn assert_reads_back(name: &str, section: &Section) {
    for (key, value) in section.iter() {
        assert_eq!(section.get(key), Some(value));
        assert!(section.location(key).is_some_and(|location| location.line > 0));
    }
    let plain: Vec<_> = section.iter().filter(|(_, value)| is_plain(value)).collect();
    let lines: String = plain.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
    let mut again = Profiles::default();
    let name_in_quotes = name.replace('\\', r"\\").replace('"', "\\\"");
    again.read_config("again", &format!("[profile \"{name_in_quotes}\"]\n{lines}"));
    assert_eq!(again.profile(name).unwrap().iter().collect::<Vec<_>>(), plain);
}

/// Whether the value contains no comment or line break, and no white space at its ends.
fn is_plain(value: &str) -> bool {
    value.trim() == value && !value.contains(['\n', '\r', '#', ';'])
}
