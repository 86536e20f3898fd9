//! What a profile says for what the environment leaves open.
// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

use sts_core::{
    Config,
    environment::{APP_ID, CA_BUNDLE, MAX_ATTEMPTS, RETRY_MODE},
    retry::RetryMode,
};
use sts_credentials::{location::Platform, profile::Profiles, settings::Settings};

fn profiles(text: &str) -> Profiles {
    let mut profiles = Profiles::default();
    profiles.read_config("c", text);
    profiles
}

/// The endpoint that environment and profile describe.
fn endpoint(environment: &[(&str, &str)], profiles: &Profiles, asked_for: Option<&str>) -> Result<String, String> {
    let variable = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let settings = Settings::new(Platform::Unix, &variable, profiles, asked_for).map_err(|error| error.to_string())?;
    let config = Config::builder().settings(settings.environment()).build();
    config.map(|config| config.endpoint().to_string()).map_err(|error| error.to_string())
}

#[test]
fn what_has_no_meaning_names_the_line() {
    for (line, expected) in [
        ("use_fips_endpoint = yes", "use_fips_endpoint is \"yes\", expected true or false"),
        ("retry_mode = often", "retry_mode is \"often\", expected standard, adaptive or legacy"),
        ("max_attempts = 0", "max_attempts is \"0\", expected a whole number from 1"),
        ("services = x", "services is \"x\", expected the name of a services section"),
    ] {
        let error = endpoint(&[], &profiles(&format!("[default]\n{line}\n")), None).unwrap_err();
        assert!(error.ends_with(&format!("{expected} (profile `default`, c line 2)")), "{error}");
    }
}

#[test]
fn what_a_variable_goes_before_need_not_have_a_meaning() {
    for (line, name, value) in [
        ("use_fips_endpoint = yes", "AWS_USE_FIPS_ENDPOINT", "false"),
        ("use_dualstack_endpoint = yes", "AWS_USE_DUALSTACK_ENDPOINT", "false"),
        ("ignore_configured_endpoint_urls = yes", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"),
        ("sts_regional_endpoints = x", "AWS_STS_REGIONAL_ENDPOINTS", "regional"),
        ("retry_mode = often", "AWS_RETRY_MODE", "adaptive"),
        ("max_attempts = 0", "AWS_MAX_ATTEMPTS", "2"),
        ("services = x", "AWS_ENDPOINT_URL", "https://a"),
        ("services = x", "AWS_ENDPOINT_URL_STS", "https://a"),
        ("services = x", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
    ] {
        let profiles = profiles(&format!("[default]\nregion = eu-west-1\n{line}\n"));
        assert_eq!(endpoint(&[(name, value)], &profiles, None).err(), None, "{line}");
        // Empty and blank values count as unset.
        for unset in ["", " "] {
            assert!(endpoint(&[(name, unset)], &profiles, None).is_err(), "{line}");
        }
    }
}

#[test]
fn every_property_stands_in_for_its_variable() {
    let text = "[default]\nmax_attempts = 4\nretry_mode = adaptive\nsdk_ua_app_id = shop\nca_bundle = /ca.pem\n";
    let profiles = profiles(text);
    let settings = Settings::new(Platform::Unix, &|_| None, &profiles, None).unwrap();
    let environment = settings.environment();
    assert_eq!(environment.get(&MAX_ATTEMPTS), Ok(Some(4)));
    assert_eq!(environment.get(&RETRY_MODE), Ok(Some(RetryMode::Adaptive)));
    assert_eq!(environment.get(&APP_ID), Ok(Some("shop".to_owned())));
    let bundle = environment.find(&CA_BUNDLE).unwrap().unwrap();
    assert_eq!(
        (&*bundle.value, bundle.origin.to_string()),
        ("/ca.pem", "ca_bundle (profile `default`, c line 5)".to_owned())
    );
}

#[test]
fn the_environment_goes_before_the_profile() {
    let text = "[profile p]\nregion = eu-west-1\nendpoint_url = https://p\nuse_dualstack_endpoint = TRUE\nregion_x =\n\
                [profile q]\nregion = us-gov-west-1\nuse_fips_endpoint = true\n";
    let profiles = profiles(text);
    let with = |pairs: &[(&str, &str)], asked_for| endpoint(pairs, &profiles, asked_for);
    assert_eq!(with(&[], Some("q")).unwrap(), "https://sts.us-gov-west-1.amazonaws.com/");
    assert_eq!(
        with(&[("AWS_DEFAULT_PROFILE", "q"), ("AWS_REGION", "eu-west-3")], None).unwrap(),
        "https://sts-fips.eu-west-3.amazonaws.com/"
    );
    assert_eq!(
        with(&[("AWS_PROFILE", "q"), ("AWS_USE_FIPS_ENDPOINT", "false"), ("AWS_DEFAULT_REGION", "eu-west-3")], None)
            .unwrap(),
        "https://sts.eu-west-3.amazonaws.com/"
    );
    // A custom endpoint and dual stack contradict each other, and so does the profile.
    assert!(with(&[], Some("p")).is_err());
    assert_eq!(
        with(&[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")], Some("p")).unwrap(),
        "https://sts.eu-west-1.api.aws/"
    );
    assert!(with(&[], Some("nobody")).is_err());
}
