//! The AWS CLI's cache file of a role's credentials, shared with the AWS CLI and botocore.
//!
//! Locations and names follow botocore: `CachedCredentialFetcher._create_cache_key` and the AWS CLI's `assumerole.py`.

use alloc::{format, string::String, vec::Vec};

use sha1::{Digest, Sha1};

use crate::{
    location::{Platform, Variable, below_home},
    source::Source,
};
use sts_core::json::write_string;

impl Source {
    /// `~/.aws/cli/cache/<SHA-1 of the role's members>.json`: a JSON object whose `Credentials` are those that STS issued. `None` if the
    /// source is not a role, or the home folder is unknown.
    pub fn cache_file(&self, platform: Platform, variable: Variable<'_>) -> Option<String> {
        let file = key(self)? + ".json";
        below_home(platform, variable, &[".aws", "cli", "cache", &file])
    }
}

/// The SHA-1 hash of the sent members, formatted as by Python's `json.dumps(…, sort_keys=True)`.
fn key(source: &Source) -> Option<String> {
    let text = |text: &String| quoted(text);
    let members = match source {
        Source::AssumeRole(role) => [
            ("DurationSeconds", role.duration_seconds.map(|seconds| format!("{seconds}"))),
            ("ExternalId", role.external_id.as_ref().map(text)),
            ("RoleArn", Some(quoted(&role.role_arn))),
            ("RoleSessionName", role.role_session_name.as_ref().map(text)),
            ("SerialNumber", role.mfa_serial.as_ref().map(text)),
        ],
        // The AWS CLI supports no duration here.
        Source::WebIdentity(role) => [
            ("DurationSeconds", role.duration_seconds.map(|seconds| format!("{seconds}"))),
            ("ExternalId", None),
            ("RoleArn", Some(quoted(&role.role_arn))),
            ("RoleSessionName", role.role_session_name.as_ref().map(text)),
            ("SerialNumber", None),
        ],
        _ => return None,
    };
    let members = members.into_iter().filter_map(|(name, value)| Some(format!("\"{name}\": {}", value?)));
    let json = format!("{{{}}}", members.collect::<Vec<_>>().join(", "));
    Some(hex::encode(Sha1::digest(json)))
}

/// A text as Python's `json.dumps` writes it: in ASCII.
fn quoted(text: &str) -> String {
    let mut json = String::new();
    write_string(&mut json, text);
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            ascii.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Plan, profile::Profiles};

    /// Hashes computed with Python: `hashlib.sha1(json.dumps(args, sort_keys=True).encode()).hexdigest()`.
    #[test]
    fn names() {
        for (lines, expected) in [
            ("", "5f52c9c583acfd120a607977e4f21fe86b7fa42d"),
            ("role_session_name = work\n", "18f268e404be0b44e36f143e314ef648afbdea08"),
            (
                "role_session_name = work\nexternal_id = é\"\\😀\nduration_seconds = 900\n\
                 mfa_serial = arn:aws:iam::123456789012:mfa/demo\n",
                "290992abd83327d73780083bc6f5f750d35ae11b",
            ),
        ] {
            let mut profiles = Profiles::default();
            let role = "role_arn = arn:aws:iam::123456789012:role/demo\nsource_profile = default\n";
            let keys = "aws_access_key_id = AKIA\naws_secret_access_key = s\n";
            profiles.read_config("c", &format!("[default]\n{role}{keys}{lines}"));
            let home = |name: &str| (name == "HOME").then(|| "/home/me".into());
            let plan = Plan::new(Platform::Unix, &home, &profiles, None).unwrap();
            let file = plan.sources[1].cache_file(Platform::Unix, &home);
            assert_eq!(file.unwrap(), format!("/home/me/.aws/cli/cache/{expected}.json"));
            assert_eq!(plan.sources[0].cache_file(Platform::Unix, &home), None);
        }
    }
}
