//! AWS's own cases for what the shared files say, and where they are; `conformance/fetch` brings them.
//!
//! They are not part of this repository, so a plain `cargo test` does not run this: `cargo test -p sts-credentials --test conformance`.

// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use serde_json::Value;
use sts_conformance::{json, list, text};
use sts_credentials::{
    location::{Platform, SharedFiles},
    profile::{Profiles, Section},
};

/// What the cases quote begins with a capital, and our error texts do not.
#[track_caller]
fn assert_says(error: &str, expected: &str) {
    assert!(error.to_lowercase().contains(&expected.to_lowercase()), "{error:?} lacks {expected:?}");
}

fn read(input: &Value) -> Profiles {
    let mut profiles = Profiles::default();
    profiles.read_config("config", input["configFile"].as_str().unwrap_or_default());
    profiles.read_credentials("credentials", input["credentialsFile"].as_str().unwrap_or_default());
    profiles
}

fn properties(section: Option<&Section>) -> BTreeMap<&str, &str> {
    section.unwrap().iter().collect()
}

fn expected(properties: &Value) -> BTreeMap<&str, &str> {
    properties.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), text(value))).collect()
}

#[test]
fn profile_parser() {
    let cases = json("profile/profile-parser-tests.json");
    let cases = list(&cases["tests"]);
    for case in cases {
        let (name, output) = (text(&case["name"]), &case["output"]);
        let profiles = read(&case["input"]);
        match (profiles.errors(), output["errorContaining"].as_str()) {
            ([error], Some(expected)) => assert_says(&error.to_string(), expected),
            // `key : value`, which the AWS CLI reads.
            ([], Some("Expected an '=' sign defining a property")) => {
                assert_eq!(properties(profiles.profile("foo")), BTreeMap::from([("key", "value")]));
            }
            ([], None) => {
                let wanted = output["config"]["profiles"].as_object().unwrap();
                assert_eq!(profiles.profile_names().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{name}");
                for (profile, wanted) in wanted {
                    assert_eq!(properties(profiles.profile(profile)), expected(wanted), "{name}");
                }
                for (session, wanted) in output["config"]["sso_sessions"].as_object().into_iter().flatten() {
                    assert_eq!(properties(profiles.sso_session(session)), expected(wanted), "{name}");
                }
            }
            (errors, expected) => panic!("{name}: {errors:?}, not {expected:?}"),
        }
    }
    assert_eq!(cases.len(), 65);
}

#[test]
fn file_location() {
    let cases = json("profile/file-location-tests.json");
    let cases = list(&cases["tests"]);
    for case in cases {
        let platform = if case["platform"] == "windows" { Platform::Windows } else { Platform::Unix };
        let found = SharedFiles::from_env(platform, &|name| case["environment"][name].as_str().map(str::to_owned));
        assert_eq!(found.config.as_deref(), case["configLocation"].as_str(), "{case}");
        assert_eq!(found.credentials.as_deref(), case["credentialsLocation"].as_str(), "{case}");
        // One case leaves it out.
        let profile = case["profile"].as_str().unwrap_or("default");
        assert_eq!(found.profile.as_deref().unwrap_or("default"), profile, "{case}");
    }
    assert_eq!(cases.len(), 9);
}
