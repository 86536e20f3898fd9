//! Profiles: AWS's own cases for what the files say, where they are, and which credentials they mean.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sts_credentials::{
    container::Container,
    plan::{Plan, Source},
    profile::{Location, Platform, Profiles, Section, SyntaxError},
};

use crate::data;

/// What the cases quote begins with a capital, and our error texts do not.
#[track_caller]
fn assert_says(error: &str, expected: &str) {
    assert!(error.to_lowercase().contains(&expected.to_lowercase()), "{error:?} lacks {expected:?}");
}

fn read(input: &Value) -> Result<Profiles, SyntaxError> {
    let mut profiles = Profiles::default();
    profiles.read_config("config", input["configFile"].as_str().unwrap_or_default())?;
    profiles.read_credentials("credentials", input["credentialsFile"].as_str().unwrap_or_default())?;
    Ok(profiles)
}

fn properties(section: Option<&Section>) -> BTreeMap<&str, &str> {
    section.unwrap().iter().collect()
}

fn expected(properties: &Value) -> BTreeMap<&str, &str> {
    properties.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), data::text(value))).collect()
}

#[test]
fn profile_parser() {
    let cases = data::json("profile/profile-parser-tests.json");
    let cases = data::list(&cases["tests"]);
    for case in cases {
        let (name, output) = (data::text(&case["name"]), &case["output"]);
        match (read(&case["input"]), output["errorContaining"].as_str()) {
            (Err(error), Some(expected)) => assert_says(&error.to_string(), expected),
            (Ok(profiles), None) => {
                let wanted = output["config"]["profiles"].as_object().unwrap();
                assert_eq!(profiles.profile_names().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{name}");
                for (profile, wanted) in wanted {
                    assert_eq!(properties(profiles.profile(profile)), expected(wanted), "{name}");
                }
                for (session, wanted) in output["config"]["sso_sessions"].as_object().into_iter().flatten() {
                    assert_eq!(properties(profiles.sso_session(session)), expected(wanted), "{name}");
                }
            }
            (result, expected) => panic!("{name}: {result:?}, not {expected:?}"),
        }
    }
    assert_eq!(cases.len(), 65);
}

#[test]
fn file_location() {
    let cases = data::json("profile/file-location-tests.json");
    let cases = data::list(&cases["tests"]);
    for case in cases {
        let platform = if case["platform"] == "windows" { Platform::Windows } else { Platform::Unix };
        let found = Location::from_env(platform, |name| case["environment"][name].as_str().map(str::to_owned));
        assert_eq!(found.config.as_deref(), case["configLocation"].as_str(), "{case}");
        assert_eq!(found.credentials.as_deref(), case["credentialsLocation"].as_str(), "{case}");
        // One case leaves it out.
        let profile = case["profile"].as_str().unwrap_or("default");
        assert_eq!(found.profile.as_deref().unwrap_or("default"), profile, "{case}");
    }
    assert_eq!(cases.len(), 9);
}

/// A file that says what the case's table says.
fn config_file(input: &Value) -> String {
    let mut file = String::new();
    for (key, kind) in [("profiles", "profile"), ("sso_sessions", "sso-session")] {
        for (name, properties) in input[key].as_object().into_iter().flatten() {
            file += &format!("[{kind} {name}]\n");
            for (property, value) in expected(properties) {
                file += &format!("{property} = {value}\n");
            }
        }
    }
    file
}

/// A source, as the cases write it.
fn described(source: &Source) -> Value {
    let members = |members: &[(&str, Option<&str>)]| {
        let present = members.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.into())));
        Value::Object(present.collect())
    };
    match source {
        Source::Keys(keys) => json!({ "AccessKey": members(&[
            ("access_key_id", Some(&keys.credentials.access_key_id)),
            ("secret_access_key", Some(keys.credentials.secret_access_key.expose())),
            ("account_id", keys.account_id.as_deref()),
        ]) }),
        Source::AssumeRole(role) => json!({ "AssumeRole": members(&[
            ("role_arn", Some(&role.role_arn)),
            ("role_session_name", role.role_session_name.as_deref()),
            ("external_id", role.external_id.as_deref()),
        ]) }),
        Source::WebIdentity(role) => json!({ "WebIdentityToken": members(&[
            ("role_arn", Some(&role.role_arn)),
            ("web_identity_token_file", Some(&role.token_file)),
            ("role_session_name", role.role_session_name.as_deref()),
        ]) }),
        Source::Sso(sso) => json!({ "Sso": members(&[
            ("sso_session", sso.session.as_deref()),
            ("sso_account_id", sso.account_id.as_deref()),
            ("sso_role_name", sso.role_name.as_deref()),
            ("sso_region", Some(&sso.region)),
            ("sso_start_url", Some(&sso.start_url)),
        ]) }),
        Source::InstanceMetadata(_) => json!({ "NamedSource": "Ec2InstanceMetadata" }),
        source => panic!("no case is about {source}"),
    }
}

#[test]
fn assume_role_plans() {
    let cases = data::json("profile/assume-role-tests.json");
    let cases = data::list(&cases);
    for case in cases {
        let (docs, input, output) = (data::text(&case["docs"]), &case["input"], &case["output"]);
        let mut profiles = Profiles::default();
        profiles.read_config("config", &config_file(input)).unwrap();
        let selected = data::text(&input["selected_profile"]);
        match (Plan::of_profile(Platform::Unix, &|_| None, &profiles, selected), output["Error"].as_str()) {
            (Ok(plan), None) => {
                let found: Vec<_> = plan.sources.iter().map(described).collect();
                assert_eq!(found, data::list(&output["ProfileChain"]), "{docs}");
            }
            (Err(error), Some(expected)) => assert_says(&error.to_string(), expected),
            (result, expected) => panic!("{docs}: {result:?}, not {expected:?}"),
        }
    }
    assert_eq!(cases.len(), 28);
}

#[test]
fn container_addresses() {
    let cases = data::json("profile/ecs-tests.json");
    let cases = data::list(&cases["tests"]);
    for case in cases {
        let found = Container::from_env(&|name| case["env"][name].as_str().map(str::to_owned));
        match (found, case["result"]["Ok"].as_str(), case["result"]["ErrorContains"].as_str()) {
            (Ok(Some(container)), Some(expected), None) => assert_eq!(container.uri, expected, "{case}"),
            (Err(error), None, Some(expected)) => assert_says(&error.to_string(), expected),
            // Nothing configured is no error here: the chain goes on.
            (Ok(None), None, Some(expected)) => {
                assert_eq!(expected, "No environment variables were set to configure ECS provider");
            }
            (found, ..) => panic!("{case}: {found:?}"),
        }
    }
    assert_eq!(cases.len(), 11);
}
