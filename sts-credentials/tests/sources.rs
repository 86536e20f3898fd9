//! Which credentials a profile means: its own keys, a role with another profile's, a web identity, single sign-on.
// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

use sts_credentials::{
    location::Platform,
    plan::{Plan, Source},
    profile::Profiles,
};

const KEYS: &str = "aws_access_key_id = AKIDBASE\naws_secret_access_key = base\n";
const OTHER_KEYS: &str = "aws_access_key_id = AKIDOTHER\naws_secret_access_key = other\n";
const OUTER: &str = "role_arn = arn:aws:iam::111122223333:role/outer\n";
const INNER: &str = "role_arn = arn:aws:iam::111122223333:role/inner\n";

/// The sources of profile `p` of a file, a line each, or the error.
fn sources(file: &str) -> Result<Vec<String>, String> {
    let mut profiles = Profiles::default();
    profiles.read_config("config", file);
    let plan = Plan::of_profile(Platform::Unix, &|_| None, &profiles, "p").map_err(|error| error.to_string())?;
    Ok(plan.sources.iter().map(described).collect())
}

fn described(source: &Source) -> String {
    let or = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    match source {
        Source::Keys(keys) => format!(
            "keys {} {} {}",
            keys.credentials.access_key_id,
            keys.credentials.secret_access_key.expose(),
            or(&keys.account_id)
        ),
        Source::AssumeRole(role) => {
            format!("role {} {} {}", role.role_arn, or(&role.role_session_name), or(&role.external_id))
        }
        Source::WebIdentity(role) => {
            format!("web identity {} {} {}", role.role_arn, role.token_file, or(&role.role_session_name))
        }
        Source::Sso(sso) => format!(
            "sso {} {} {} {} {}",
            or(&sso.session),
            or(&sso.account_id),
            or(&sso.role_name),
            sso.region,
            sso.start_url
        ),
        Source::InstanceMetadata(_) => "instance metadata".to_owned(),
        source => panic!("no test is about {source}"),
    }
}

#[track_caller]
fn assert_sources(file: &str, expected: &[&str]) {
    assert_eq!(sources(file).unwrap(), expected, "{file}");
}

/// Only what the error is about; how it says it is tested with the plan.
#[track_caller]
fn assert_refused(file: &str, parts: &[&str]) {
    let error = sources(file).unwrap_err();
    for part in parts {
        assert!(error.contains(part), "{error:?} lacks {part:?}");
    }
}

#[test]
fn a_role_with_the_keys_of_another_profile() {
    let file = |role: &str| {
        format!(
            "[profile p]\n{OUTER}source_profile = base\n{role}[profile base]\naws_account_id = 444455556666\n{KEYS}"
        )
    };
    let keys = "keys AKIDBASE base 444455556666";
    assert_sources(&file(""), &[keys, "role arn:aws:iam::111122223333:role/outer - -"]);
    assert_sources(
        &file("role_session_name = deploy\nexternal_id = partner\n"),
        &[keys, "role arn:aws:iam::111122223333:role/outer deploy partner"],
    );
}

#[test]
fn own_keys_do_not_count_beside_a_source_profile() {
    assert_sources(
        &format!("[profile p]\n{OTHER_KEYS}{OUTER}source_profile = base\n[profile base]\n{KEYS}"),
        &["keys AKIDBASE base -", "role arn:aws:iam::111122223333:role/outer - -"],
    );
}

#[test]
fn a_profile_may_name_itself() {
    assert_sources(
        &format!("[profile p]\n{KEYS}{OUTER}source_profile = p\n"),
        &["keys AKIDBASE base -", "role arn:aws:iam::111122223333:role/outer - -"],
    );
}

#[test]
fn a_chain_of_roles_begins_with_the_innermost() {
    let file = |inner: &str| {
        format!(
            "[profile p]\n{OUTER}source_profile = middle\n\
             [profile middle]\n{INNER}{inner}source_profile = base\n[profile base]\n{KEYS}"
        )
    };
    let outer = "role arn:aws:iam::111122223333:role/outer - -";
    assert_sources(&file(""), &["keys AKIDBASE base -", "role arn:aws:iam::111122223333:role/inner - -", outer]);
    // A source profile that has keys is used for them, not for its role.
    assert_sources(&file(OTHER_KEYS), &["keys AKIDOTHER other -", outer]);
}

#[test]
fn a_role_needs_one_source() {
    assert_sources(
        &format!("[profile p]\n{OUTER}credential_source = Ec2InstanceMetadata\n"),
        &["instance metadata", "role arn:aws:iam::111122223333:role/outer - -"],
    );
    assert_refused(&format!("[profile p]\n{OUTER}"), &["source_profile"]);
    assert_refused(
        &format!("[profile p]\n{OUTER}credential_source = Environment\nsource_profile = base\n[profile base]\n{KEYS}"),
        &["source_profile", "credential_source"],
    );
    assert_refused(&format!("[profile p]\n{OUTER}source_profile = base\n"), &["base"]);
}

#[test]
fn a_source_profile_without_credentials() {
    let file = |base: &str| format!("[profile p]\n{OUTER}source_profile = base\n[profile base]\n{base}");
    assert_refused(&file("aws_access_key_id = AKIDBASE\n"), &["aws_secret_access_key", "base"]);
    assert_refused(&file("aws_secret_access_key = base\n"), &["aws_access_key_id", "base"]);
    assert_refused(&file("region = eu-west-1\n"), &["base"]);
    assert_refused("[profile p]\nregion = eu-west-1\n", &["`p`"]);
    assert_refused("", &["rofile"]);
}

#[test]
fn circles_end() {
    let file =
        |keys: &str| format!("[profile p]\n{keys}{OUTER}source_profile = q\n[profile q]\n{INNER}source_profile = p\n");
    assert_refused(&file(""), &["loop", "p, q, p"]);
    assert_refused(&file(KEYS), &["loop", "p, q, p"]);
}

#[test]
fn web_identities() {
    let token = "web_identity_token_file = /var/run/token\n";
    let identity = "web identity arn:aws:iam::111122223333:role/outer /var/run/token";
    assert_sources(&format!("[profile p]\n{OUTER}{token}"), &[&format!("{identity} -")]);
    assert_sources(&format!("[profile p]\n{OUTER}{token}role_session_name = pod\n"), &[&format!("{identity} pod")]);
    assert_sources(
        &format!("[profile p]\n{INNER}source_profile = q\n[profile q]\n{OUTER}{token}role_session_name = pod\n"),
        &[&format!("{identity} pod"), "role arn:aws:iam::111122223333:role/inner - -"],
    );
    assert_refused(&format!("[profile p]\n{token}"), &["role_arn"]);
}

#[test]
fn single_sign_on() {
    let session = "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n";
    let old = "[profile p]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n";
    let (account, role) = ("sso_account_id = 444455556666\n", "sso_role_name = reader\n");
    let rest = "444455556666 reader eu-west-1 https://corp.example/start";
    assert_sources(&format!("{old}{account}{role}"), &[&format!("sso - {rest}")]);
    let profile = "[profile p]\nsso_session = corp\n";
    assert_sources(&format!("{profile}{account}{role}{session}"), &[&format!("sso corp {rest}")]);
    assert_refused(&format!("{old}{role}"), &["sso_account_id"]);
    assert_refused(&format!("{old}{account}"), &["sso_role_name"]);
    assert_refused(&format!("{profile}{account}{role}sso_region = eu-west-2\n{session}"), &["sso_region"]);
    assert_refused(&format!("{profile}{account}{role}"), &["corp", "`p`"]);
}
