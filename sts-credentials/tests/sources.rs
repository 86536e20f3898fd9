//! Which credentials a profile means: its own keys, a role with another profile's, a web identity, single sign-on.
// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

use sts_core::{Credentials, Secret};
use sts_credentials::{location::Platform, plan::Plan, profile::Profiles, source::Source};

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
        Source::Sso(sso) => {
            format!("sso {} {} {} {} {}", or(&sso.session), sso.account_id, sso.role_name, sso.region, sso.start_url)
        }
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

/// A session for bearer tokens is no source, and blocks none.
#[test]
fn a_session_without_account_and_role() {
    let session = "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n";
    for profile in ["sso_session = corp\n", "sso_start_url = https://corp.example/start\nsso_region = eu-west-1\n"] {
        let file = format!("[profile p]\n{profile}{KEYS}{session}");
        assert_sources(&file, &["keys AKIDBASE base -"]);
        let mut profiles = Profiles::default();
        profiles.read_config("config", &format!("[profile p]\n{profile}{session}"));
        // Nothing else is configured: the instance is asked, and the plan says what was passed over.
        let plan = Plan::new(Platform::Unix, &|_| None, &profiles, Some("p")).unwrap();
        assert!(matches!(&plan.sources[..], [Source::InstanceMetadata(_)]));
        let name = profile.split(' ').next().unwrap();
        let warning = format!(
            "passed over: {name} of profile `p` (config line 2), which gives no credentials without sso_account_id and sso_role_name\n"
        );
        assert!(plan.to_string().contains(&warning), "{plan}");
    }
}

/// Its identity is that of a person who signed in; any other would be the wrong one.
#[test]
fn a_sign_in_session_never_falls_through() {
    let session = "login_session = arn:aws:iam::123456789012:user/me\n";
    let error = "login_session names a session of `aws login`, which this client cannot use itself; another profile can, with \
                 `credential_process = aws configure export-credentials --profile p` (profile `p`, config line 2)";
    for file in [
        format!("[profile p]\n{session}"),
        format!("[profile p]\n{session}{KEYS}credential_process = x\n"),
        format!("[profile q]\n[profile p]\n{session}").replacen("[profile q]\n", "", 1),
    ] {
        assert_eq!(sources(&file).unwrap_err(), error);
        let mut profiles = Profiles::default();
        profiles.read_config("config", &file);
        for asked_for in [Some("p"), None] {
            let variable = |name: &str| (name == "AWS_PROFILE").then(|| "p".to_owned());
            let plan = Plan::new(Platform::Unix, &variable, &profiles, asked_for);
            assert_eq!(plan.unwrap_err().to_string(), error);
        }
    }
    assert_refused(
        &format!("[profile p]\n{OUTER}source_profile = q\n[profile q]\n{session}"),
        &["login_session", "profile `q`, config line 5"],
    );
    // A role of a web identity, or of single sign-on, is said to be meant first by all who know sign-in sessions.
    assert_sources(
        &format!("[profile p]\n{session}{OUTER}web_identity_token_file = /t\n"),
        &["web identity arn:aws:iam::111122223333:role/outer /t -"],
    );
    assert_sources(
        &format!("[profile p]\n{session}{OUTER}source_profile = q\n[profile q]\n{KEYS}"),
        &["keys AKIDBASE base -", "role arn:aws:iam::111122223333:role/outer - -"],
    );
}

/// Keys that cannot work are refused before anything is signed with them, by the name of the variable, or by line.
#[test]
fn keys_that_cannot_work() {
    let id = "aws_access_key_id = ";
    let temporary = "ASIAQNZGKIQY56JQ7WML, a temporary key, which works only with its session token:";
    for (lines, expected) in [
        (
            format!("{id}ASIAQNZGKIQY56JQ7WML\naws_secret_access_key = s\n"),
            format!("aws_access_key_id is {temporary} aws_session_token is not set (profile `p`, config line 2)"),
        ),
        (
            format!("{id}AKID\naws_secret_access_key = s\n  t\n"),
            "aws_secret_access_key contains a line break or another control character (profile `p`, config line 3)"
                .into(),
        ),
        (
            format!("{id}ASIA\naws_secret_access_key = s\naws_security_token = t\n u\n"),
            "aws_security_token contains a line break or another control character (profile `p`, config line 4)".into(),
        ),
    ] {
        assert_eq!(sources(&format!("[profile p]\n{lines}")).unwrap_err(), expected);
    }
    for (variables, expected) in [
        (
            ["ASIAQNZGKIQY56JQ7WML", "s", "", ""],
            format!("AWS_ACCESS_KEY_ID is {temporary} AWS_SESSION_TOKEN is not set"),
        ),
        (["AKID", "s\n", "", ""], "AWS_SECRET_ACCESS_KEY ends with a line break, which must go".into()),
        (["AKID\n", "s", "", ""], "AWS_ACCESS_KEY_ID ends with a line break, which must go".into()),
        (["AKID", "s", "t\r\n", ""], "AWS_SESSION_TOKEN ends with a line break, which must go".into()),
        (["AKID", "s", " ", "t\n"], "AWS_SECURITY_TOKEN ends with a line break, which must go".into()),
        (["AKID", "a\nb", "", ""], "AWS_SECRET_ACCESS_KEY contains a line break or another control character".into()),
    ] {
        assert_eq!(environment_keys(variables).unwrap_err(), expected);
    }
    // Blank ones count as unset, the older name as the newer.
    assert_eq!(
        environment_keys(["AKID", " ", "", ""]).unwrap_err(),
        "AWS_ACCESS_KEY_ID is set in the environment but AWS_SECRET_ACCESS_KEY is not"
    );
    assert_eq!(environment_keys([" ", "\t", "", ""]).unwrap(), "instance metadata");
    assert_eq!(environment_keys(["ASIA", "s", "", "older"]).unwrap(), "keys ASIA s older");
    assert_eq!(environment_keys(["ASIA", "s", "newer", "older"]).unwrap(), "keys ASIA s newer");
    let token = |name: &str| format!("[profile p]\n{id}ASIA\naws_secret_access_key = s\n{name} = t\n");
    for name in ["aws_session_token", "aws_security_token"] {
        assert_sources(&token(name), &["keys ASIA s -"]);
    }
}

/// What the default chain makes of key id, secret, token and token by its older name in the environment.
fn environment_keys(values: [&str; 4]) -> Result<String, String> {
    let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"];
    let variable = |name: &str| Some(values[names.iter().position(|known| *known == name)?].to_owned());
    let plan = Plan::new(Platform::Unix, &variable, &Profiles::default(), None).map_err(|error| error.to_string())?;
    Ok(match &plan.sources[0] {
        Source::Keys(keys) => {
            let Credentials { access_key_id, secret_access_key, session_token, .. } = &keys.credentials;
            let token = session_token.as_ref().map_or("-", Secret::expose);
            format!("keys {access_key_id} {} {token}", secret_access_key.expose())
        }
        source => described(source),
    })
}

/// A path, a query or a fragment behind the address of the metadata service would change where its requests go.
#[test]
fn addresses_of_instance_metadata() {
    let endpoint = |value: &str| {
        let variable = |name: &str| (name == "AWS_EC2_METADATA_SERVICE_ENDPOINT").then(|| value.to_owned());
        let plan =
            Plan::new(Platform::Unix, &variable, &Profiles::default(), None).map_err(|error| error.to_string())?;
        let Source::InstanceMetadata(metadata) = &plan.sources[0] else { panic!("{plan}") };
        Ok::<_, String>(metadata.endpoint.clone())
    };
    for (value, expected) in [
        ("http://127.0.0.1:1338/", "http://127.0.0.1:1338"),
        ("http://10.0.0.1", "http://10.0.0.1"),
        ("https://imds.example/base/", "https://imds.example/base"),
    ] {
        assert_eq!(endpoint(value).unwrap(), expected);
    }
    for value in ["http://h/#", "http://h#/x", "http://h/?x", "http://h?", "http://u@h/", "h", "ftp://h", "http://"] {
        let error = endpoint(value).unwrap_err();
        assert!(error.ends_with("expected an http or https URL without user name, query and fragment"), "{error}");
    }
}

/// For programs that decide by it.
#[test]
fn kinds_of_errors() {
    use sts_credentials::error::PlanErrorKind::{Invalid, NotConfigured, UndefinedProfile, UnreadableProfile};
    let disabled = |name: &str| (name == "AWS_EC2_METADATA_DISABLED").then(|| "true".to_owned());
    for (file, asked_for, kind) in [
        ("", None, NotConfigured),
        ("[profile p]\n", Some("p"), NotConfigured),
        ("[profile p]\n", Some("q"), UndefinedProfile),
        ("[profile p]\nx\n", Some("p"), UnreadableProfile),
        ("[profile p]\naws_access_key_id = x\n", Some("p"), Invalid),
    ] {
        let mut profiles = Profiles::default();
        profiles.read_config("config", file);
        assert_eq!(Plan::new(Platform::Unix, &disabled, &profiles, asked_for).unwrap_err().kind, kind, "{file}");
    }
}
