// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! Plans as texts: which source wins, what is passed over, and what is refused before anything runs.

use sts_credentials::{error::PlanError, location::Platform, plan::Plan, profile::Profiles};

const ROLE: &str = "arn:aws:iam::123456789012:role/demo";
const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "hush")];
const FILE: &str = "\
[default]
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key = hush
[profile empty]
region = eu-west-1
[profile process]
credential_process = '/opt/my tool' --password hush
[profile half]
aws_access_key_id = AKIDHALF
";

fn plan(environment: &[(&str, &str)], file: &str, profile: Option<&str>) -> Result<Plan, PlanError> {
    let mut profiles = Profiles::default();
    profiles.read_config("config", file);
    let variable = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let plan = Plan::new(Platform::Unix, &variable, &profiles, profile)?;
    for text in [plan.to_string(), format!("{plan:?}"), format!("{plan:#?}")] {
        assert!(!text.contains("hush"), "{text}");
    }
    Ok(plan)
}

fn text(environment: &[(&str, &str)], file: &str, profile: Option<&str>) -> String {
    plan(environment, file, profile).map_or_else(|error| error.to_string(), |plan| plan.to_string())
}

#[test]
fn the_environment_wins() {
    let keys = "1. access key AKIDENV of the environment\n";
    assert_eq!(text(&KEYS, "[default]\nregion = r\n", None), keys);
    assert_eq!(
        text(&KEYS, FILE, None),
        format!("{keys}passed over: profile `default` (config line 2), which comes after what is used\n")
    );
    let with = |variables: &[(&str, &str)]| {
        let text = text(&[&KEYS, variables].concat(), FILE, None);
        text.strip_prefix(keys).unwrap().replace("passed over: ", "")
    };
    let after = |name: &str| format!("{name}, which comes after what is used\n");
    let (newer, older) = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE");
    assert_eq!(with(&[(newer, "empty")]), after(newer));
    assert_eq!(with(&[(older, "empty")]), after(older));
    // Whether it is there makes no difference for credentials, but for settings.
    let undefined = "profile `nobody` is not defined\n";
    assert_eq!(with(&[(newer, "nobody")]), after(newer) + undefined);
    assert_eq!(
        text(&[KEYS[0], KEYS[1], (newer, "dev")], "[dev]\n", None),
        format!(
            "{keys}passed over: {}passed over: profile `dev` is not defined; config line 1 has [dev], which must be [profile dev] there\n",
            after(newer)
        )
    );
    assert_eq!(with(&[(newer, "nobody"), (older, "empty")]), after(newer) + &after(older) + undefined);
    assert_eq!(with(&[(newer, "empty"), (older, "nobody")]), after(newer) + &after(older));
}

#[test]
fn what_comes_later_is_told() {
    let container = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    let later = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"), ("AWS_ROLE_ARN", ROLE), (container, "/c")];
    let told = |environment: &[(&str, &str)], file: &str, profile: Option<&str>| {
        let text = text(&[environment, &later].concat(), file, profile);
        let lines = text
            .lines()
            .filter_map(|line| line.strip_prefix("passed over: ")?.strip_suffix(", which comes after what is used"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(told(&KEYS, "", None), ["AWS_WEB_IDENTITY_TOKEN_FILE", container]);
    assert_eq!(told(&[("AWS_PROFILE", "process")], FILE, None), ["AWS_WEB_IDENTITY_TOKEN_FILE", container]);
    assert_eq!(told(&[], FILE, Some("process")), [container]);
    assert_eq!(told(&[], "", None), [container]);
    let in_container = format!("[profile c]\nrole_arn = {ROLE}\ncredential_source = EcsContainer\n");
    assert_eq!(told(&[], &in_container, Some("c")), [""; 0]);
}

/// The keys of a profile that others build on go before its own role.
#[test]
fn what_source_profiles_have_besides() {
    let file = format!(
        "[profile a]\nrole_arn = {ROLE}\nsource_profile = b\ncredential_process = x\n\
         [profile b]\nrole_arn = {ROLE}\nsource_profile = c\nsso_role_name = x\n\
         [profile c]\nrole_arn = {ROLE}\nsource_profile = a\naws_access_key_id = AKIDC\naws_secret_access_key = hush\n"
    );
    let text = text(&[], &file, Some("a"));
    assert_eq!(
        text.lines().skip(4).collect::<Vec<_>>(),
        [
            "passed over: credential_process of profile `a` (config line 4), since role_arn takes precedence over it",
            "passed over: sso_role_name of profile `b` (config line 8), since role_arn takes precedence over it",
            "passed over: role_arn of profile `c` (config line 10), since aws_access_key_id takes precedence over it",
        ]
    );
}

#[test]
fn a_profile_that_is_asked_for_wins_over_the_environment() {
    assert_eq!(
        text(&KEYS, FILE, Some("process")),
        "1. run /opt/my tool of profile `process` (config line 7)\n\
         passed over: the environment's keys and web identity, since a profile is asked for\n"
    );
}

#[test]
fn the_profile_of_the_environment_and_the_default() {
    let older = ("AWS_DEFAULT_PROFILE", "process");
    let process = "1. run /opt/my tool of profile `process` (config line 7)\n\
                   passed over: keys in the environment: AWS_ACCESS_KEY_ID is not set\n";
    assert_eq!(text(&[older], FILE, None), process);
    assert_eq!(text(&[("AWS_PROFILE", ""), older], FILE, None), process);
    assert_eq!(
        text(&[("AWS_PROFILE", "process"), ("AWS_DEFAULT_PROFILE", "empty")], FILE, None),
        format!("{process}passed over: AWS_DEFAULT_PROFILE, since AWS_PROFILE takes precedence over it\n")
    );
    assert_eq!(text(&[("AWS_DEFAULT_PROFILE", "nobody")], FILE, None), "profile `nobody` is not defined");
    assert_eq!(text(&[("AWS_PROFILE", "process")], FILE, None), process);
    assert_eq!(
        text(&[("AWS_PROFILE", ""), ("AWS_ROLE_ARN", ROLE), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t")], FILE, None),
        "1. access key AKIDDEFAULT of profile `default` (config line 2)\n\
         passed over: keys in the environment: AWS_ACCESS_KEY_ID is not set\n\
         passed over: AWS_WEB_IDENTITY_TOKEN_FILE, which comes after what is used\n"
    );
}

#[test]
fn behind_the_profile() {
    let token = [("AWS_ROLE_ARN", ROLE), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"), ("AWS_PROFILE", "empty")];
    assert_eq!(
        text(&token, FILE, None),
        format!(
            "1. assume role {ROLE} of the environment, with the token in /t\n\
             passed over: keys in the environment: AWS_ACCESS_KEY_ID is not set\n\
             passed over: profile `empty` did not contain credential information\n"
        )
    );
    let container = [("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c")];
    assert_eq!(
        text(&container, "", None),
        "1. ask the container's agent at http://169.254.170.2/c\n\
         passed over: keys in the environment: AWS_ACCESS_KEY_ID is not set\n\
         passed over: profile `default`: it is not defined\n\
         passed over: web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set\n"
    );
    assert_eq!(
        text(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv6")], "", None),
        "1. ask the EC2 instance metadata service at http://[fd00:ec2::254]\n\
         passed over: keys in the environment: AWS_ACCESS_KEY_ID is not set\n\
         passed over: profile `default`: it is not defined\n\
         passed over: web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set\n\
         passed over: container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set\n"
    );
    assert_eq!(
        text(&[("AWS_EC2_METADATA_DISABLED", "True")], FILE, Some("empty")),
        "no source of credentials is configured: the environment's keys and web identity, since a profile is asked for; \
         profile `empty` did not contain credential information; \
         container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set; \
         instance metadata: AWS_EC2_METADATA_DISABLED is true"
    );
}

#[test]
fn what_is_configured_wrongly_is_not_passed_over() {
    for (environment, profile, expected) in [
        (&[KEYS[0]][..], None, "AWS_ACCESS_KEY_ID is set in the environment but AWS_SECRET_ACCESS_KEY is not"),
        (&[("AWS_PROFILE", "nobody")], None, "profile `nobody` is not defined"),
        (
            &[],
            Some("half"),
            "profile missing aws_secret_access_key, which goes with aws_access_key_id (profile `half`, config line 9)",
        ),
        (
            &[("AWS_PROFILE", "empty"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t")],
            None,
            "AWS_WEB_IDENTITY_TOKEN_FILE is set in the environment but AWS_ROLE_ARN is not",
        ),
        (
            &[("AWS_PROFILE", "empty"), ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.169.254/")],
            None,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI is http://169.254.169.254/: over plain HTTP, only loopback addresses, \
             169.254.170.2, 169.254.170.23 and fd00:ec2::23 are asked",
        ),
        (
            &[("AWS_PROFILE", "empty"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://u:hunter2@127.0.0.1:1")],
            None,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT is \"http://…@127.0.0.1:1\", expected an http or https URL without user name, query and fragment",
        ),
        (
            &[("AWS_PROFILE", "empty"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv5")],
            None,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is \"ipv5\", expected IPv4 or IPv6",
        ),
    ] {
        assert_eq!(text(environment, FILE, profile), expected);
    }
}

#[test]
fn a_profile_in_the_wrong_file_or_without_its_prefix() {
    let file = "[dev]\nregion = x\n[profile other]\n";
    let expected = "profile `dev` is not defined; config line 1 has [dev], which must be [profile dev] there";
    assert_eq!(text(&[], file, Some("dev")), expected);
    let mut profiles = Profiles::default();
    profiles.read_credentials("credentials", "[profile dev]\n");
    assert_eq!(
        Plan::new(Platform::Unix, &|_| None, &profiles, Some("dev")).unwrap_err().to_string(),
        "no profiles were defined, and profile `dev` is asked for; credentials line 1 has [profile dev], which must be [dev] there"
    );
}

#[test]
fn a_profile_whose_name_has_other_characters() {
    let hint = |config: &str, credentials: &str, name: &str| {
        let mut profiles = Profiles::default();
        profiles.read_config("config", config);
        profiles.read_credentials("credentials", credentials);
        let error = Plan::new(Platform::Unix, &|_| None, &profiles, Some(name)).unwrap_err().to_string();
        error.split_once("is not defined; ").map(|(_, hint)| hint.to_owned())
    };
    let plain = "[default]\n";
    let config = format!("{plain}[profile ünï]\n[a b]\n[profilex]\n[profile say \"hi\"]\n");
    let hint_in_config = |name| hint(&config, "", name);
    assert_eq!(
        hint_in_config("ünï").unwrap(),
        "config line 2 has [profile ünï], which must be [profile \"ünï\"] there"
    );
    assert_eq!(hint_in_config("a b").unwrap(), "config line 3 has [a b], which must be [profile \"a b\"] there");
    assert_eq!(hint_in_config("x"), None);
    assert_eq!(
        hint_in_config("say \"hi\"").unwrap(),
        r#"config line 5 has [profile say "hi"], which must be [profile "say \"hi\""] there"#
    );
    assert_eq!(
        hint(plain, "[a b]\n", "a b").unwrap(),
        "credentials line 1 has [a b], a name with a character that is not allowed unless the config file has [profile \"a b\"]"
    );
    // A header in quotes, in the wrong file or without its prefix.
    assert_eq!(
        hint(&format!("{plain}['a b']\n"), "", "a b").unwrap(),
        "config line 2 has ['a b'], which must be [profile \"a b\"] there"
    );
    assert_eq!(
        hint(plain, "[profile \"q\"]\n", "q").unwrap(),
        "credentials line 1 has [profile \"q\"], which must be [q] there"
    );
    // What the hints say is so.
    assert_eq!(text(&[], "[profile \"ünï\"]\n", Some("ünï")).find("is not defined"), None);
    assert_eq!(text(&[], r#"[profile "say \"hi\""]"#, Some("say \"hi\"")).find("is not defined"), None);
}

#[test]
fn what_a_profile_has_besides() {
    let all = "aws_access_key_id = AKIDP\naws_secret_access_key = hush\ncredential_process = x\nsso_session = s\nsso_account_id = 1\n\
               sso_role_name = r\n";
    let sso = "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://corp.example\n";
    let role = format!("role_arn = {ROLE}\n");
    let of = |file: String| {
        let text = text(&[], &file, Some("p"));
        let mut lines = text.lines().filter_map(|line| line.strip_prefix("passed over: ")).skip(1);
        let besides: Vec<_> = lines.by_ref().map(str::to_owned).collect();
        (text.lines().next().unwrap().split_once(" of ").unwrap().0.to_owned(), besides)
    };
    let unused = |key, line, winner| {
        format!("{key} of profile `p` (config line {line}), since {winner} takes precedence over it")
    };
    assert_eq!(
        of(format!("[profile p]\n{all}{role}web_identity_token_file = /t\n{sso}")),
        (
            format!("1. assume role {ROLE}"),
            vec![
                unused("sso_account_id", 6, "role_arn"),
                unused("credential_process", 4, "role_arn"),
                unused("aws_access_key_id", 2, "role_arn")
            ]
        )
    );
    assert_eq!(
        of(format!("[profile p]\n{all}{sso}")),
        (
            "1. single sign-on at https://corp.example".to_owned(),
            vec![unused("credential_process", 4, "sso_account_id"), unused("aws_access_key_id", 2, "sso_account_id")]
        )
    );
    let process = all.replace("sso_", "x_");
    assert_eq!(
        of(format!("[profile p]\n{process}")),
        ("1. run x".to_owned(), vec![unused("aws_access_key_id", 2, "credential_process")])
    );
    assert_eq!(
        of(format!("[profile p]\n{role}web_identity_token_file = /t\nmfa_serial = GAHT12345678\nexternal_id = e\n")).1,
        [
            "external_id of profile `p` (config line 5), which goes with no web identity",
            "mfa_serial of profile `p` (config line 4), which goes with no web identity"
        ]
    );
    // With its own keys, a profile that assumes a role uses both.
    assert_eq!(
        of(format!("[profile p]\n{process}{role}source_profile = p\n")),
        ("1. access key AKIDP".to_owned(), vec![unused("credential_process", 4, "role_arn")])
    );
}

#[test]
fn the_token_of_single_sign_on_stays_between_the_right_hosts() {
    let file = |region: &str| {
        format!("[profile p]\nsso_start_url = u\nsso_region = {region}\nsso_account_id = 1\nsso_role_name = r\n")
    };
    assert_eq!(
        text(&[], &file("evil.example/"), Some("p")),
        "sso_region is \"evil.example/\", which is not a region (profile `p`, config line 3)"
    );
    for (url, expected) in [
        (
            "http://10.0.0.1:80",
            "endpoint \"http://10.0.0.1:80\" is plain HTTP to another machine, and gets the token of single sign-on",
        ),
        ("https://u:hush@h", "Invalid Configuration: endpoint \"https://…@h\" cannot be used: it holds a user name"),
        ("h", "Invalid Configuration: endpoint \"h\" cannot be used: it has no scheme, https:// or http://"),
    ] {
        for variable in ["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL"] {
            let expected = format!("{expected} (profile `p`, config line 4)");
            assert_eq!(text(&[(variable, url)], &file("eu-west-1"), Some("p")), expected);
        }
    }
    assert!(
        text(&[("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:80")], &file("eu-west-1"), Some("p"))
            .starts_with("1. single")
    );
}

/// A profile `a` that assumes a role with the credentials of what `source` says.
fn chained(role: &str, source: &str) -> String {
    text(&KEYS, &format!("[profile a]\nrole_arn = {ROLE}\n{role}\n{source}\n"), Some("a"))
}

#[test]
fn roles() {
    let all = "role_session_name = me\nexternal_id = partner\nduration_seconds = 43200\nmfa_serial = GAHT12345678";
    assert_eq!(
        chained(all, "credential_source = Environment"),
        format!(
            "1. access key AKIDENV of the environment\n\
             2. assume role {ROLE} of profile `a` (config line 2), as session me, with an external id, for 43200 s, \
             with a code of MFA device GAHT12345678\n\
             passed over: the environment's web identity, since a profile is asked for\n"
        )
    );
    for (role, source, expected) in [
        (
            "duration_seconds = 1h",
            "credential_source = Environment",
            "duration_seconds is \"1h\", expected a whole number from 900 to 43200 (profile `a`, config line 3)",
        ),
        (
            "duration_seconds = 899",
            "credential_source = Environment",
            "duration_seconds is \"899\", expected a whole number from 900 to 43200 (profile `a`, config line 3)",
        ),
        (
            "",
            "credential_source = EcsContainer",
            "credential_source is EcsContainer, but neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor \
             AWS_CONTAINER_CREDENTIALS_FULL_URI is set (profile `a`, config line 4)",
        ),
        (
            "",
            "credential_source = Magic",
            "credential_source is Magic, expected Environment, Ec2InstanceMetadata or EcsContainer (profile `a`, config line 4)",
        ),
        (
            "",
            "source_profile = b\n[profile b]\ncredential_process = 'x",
            "credential_process names no program, or a quote is not closed (profile `b`, config line 6)",
        ),
    ] {
        assert_eq!(chained(role, source), expected);
    }
}

#[test]
fn a_chained_role_lasts_an_hour_at_most() {
    let web = format!("source_profile = b\n[profile b]\nrole_arn = {ROLE}\nweb_identity_token_file = /t");
    let role = format!("source_profile = b\n[profile b]\nrole_arn = {ROLE}\ncredential_source = Environment");
    let sso =
        "source_profile = b\n[profile b]\nsso_start_url = u\nsso_region = r\nsso_account_id = 1\nsso_role_name = r"
            .to_owned();
    for source in [web, role, sso] {
        assert_eq!(
            chained("duration_seconds = 3601", &source),
            format!(
                "duration_seconds is 3601, but a role that is assumed with the credentials of another role lasts 3600 s at most \
                 (profile `a`, config line 2)"
            )
        );
        assert!(chained("duration_seconds = 3600", &source).contains(", for 3600 s"));
    }
    // What an instance gets is a role's, but does not count as one.
    assert!(chained("duration_seconds = 43200", "credential_source = Ec2InstanceMetadata").contains(", for 43200 s"));
}

#[test]
fn loops_are_shown() {
    let file = "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = c\n\
                [profile c]\nrole_arn = r\nsource_profile = b\n";
    let expected = "profile formed an infinite loop: a, b, c, b (profile `c`, config line 9)";
    assert_eq!(text(&[], file, Some("a")), expected);
}

#[test]
fn sso_session_and_profile_may_say_the_same() {
    let file = |region: &str| {
        format!(
            "[profile a]\nsso_session = s\nsso_region = {region}\nsso_account_id = 123456789012\nsso_role_name = r\n\
             [sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://corp.example\n"
        )
    };
    let passed_over = "passed over: the environment's keys and web identity, since a profile is asked for\n";
    assert_eq!(
        text(&[], &file("eu-west-1"), Some("a")),
        format!("1. single sign-on at https://corp.example of profile `a` (config line 2)\n{passed_over}")
    );
    assert_eq!(
        text(&[], &file("eu-west-2"), Some("a")),
        "`sso_region` can only be specified in the [sso-session] config when a session name is given (profile `a`, config line 3)"
    );
}
