//! Which variable or property counts, and what is said of a value that cannot be read.
// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

use sts_core::{
    Config, ConfigError, Credentials,
    environment::{self, Environment, Found, Profile, Property, Service, Setting, SettingError, SettingOrigin},
};

type Pairs = &'static [(&'static str, &'static str)];

fn value(pairs: Pairs, name: &str) -> Option<String> {
    pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
}

/// Properties, and those of the service in a `services` section; `None`: the profile names one that is not there.
struct File(Pairs, Option<Pairs>);

impl Profile for File {
    fn property(&self, name: &str) -> Option<Property> {
        Some(Property { value: value(self.0, name)?, location: "profile `p`, config line 2".to_owned() })
    }

    fn service_property(&self, service: &str, name: &str) -> Result<Option<Property>, SettingError> {
        let Some(services) = self.1 else {
            let origin =
                SettingOrigin::Property { name: "services", location: "profile `p`, config line 3".to_owned() };
            return Err(SettingError { origin, value: "x".to_owned(), expected: "a section `[services x]`" });
        };
        let own = value(services, &format!("{service}.{name}"));
        Ok(own.map(|value| Property { value, location: "profile `p`, config line 9".to_owned() }))
    }
}

/// The value and the name of its origin; or the error's text.
fn found<T: std::fmt::Display>(result: Result<Option<Found<T>>, SettingError>) -> String {
    match result {
        Ok(Some(found)) => format!("{} from {}", found.value, found.origin),
        Ok(None) => "unset".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_first_that_is_set_counts_and_empty_and_blank_values_are_not_set() {
    const PROFILE: Pairs = &[("region", "eu-west-3")];

    let region = |variables, properties| {
        let variable = |name: &str| value(variables, name);
        let file = File(properties, Some(&[]));
        found(Environment::new(&variable).with_profile(&file).find(&environment::REGION))
    };
    assert_eq!(region(&[("AWS_DEFAULT_REGION", "b"), ("AWS_REGION", "a")], PROFILE), "a from AWS_REGION");
    assert_eq!(region(&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "b")], PROFILE), "b from AWS_DEFAULT_REGION");
    assert_eq!(region(&[("AWS_REGION", " \t\n")], PROFILE), "eu-west-3 from region (profile `p`, config line 2)");
    assert_eq!(region(&[], &[("region", " ")]), "unset");
    assert_eq!(region(&[], &[]), "unset");
    // What is set is left as it is.
    assert_eq!(region(&[("AWS_REGION", " a ")], PROFILE), " a  from AWS_REGION");
}

#[test]
fn a_variable_may_be_asked_for_as_it_is() {
    let variable = |name: &str| value(&[("A", ""), ("B", " ")], name);
    let environment = Environment::new(&variable);
    assert_eq!(["A", "B", "C"].map(|name| environment.variable(name)), [None, None, None]);
    let raw = ["A", "B", "C"].map(|name| environment.variable_or_empty(name));
    assert_eq!(raw, [Some(String::new()), Some(" ".to_owned()), None]);
}

#[test]
fn an_error_tells_where_the_value_came_from_and_what_is_expected() {
    let error = |variables, properties| {
        let variable = |name: &str| value(variables, name);
        let file = File(properties, Some(&[]));
        Config::builder().settings(Environment::new(&variable).with_profile(&file)).build().unwrap_err().to_string()
    };
    for (variable, property, wrong, expected) in [
        ("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", "yes", "true or false"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", "1", "true or false"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints", "global", "regional or legacy"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls", "no", "true or false"),
        ("AWS_RETRY_MODE", "retry_mode", "often", "standard, adaptive or legacy"),
        ("AWS_MAX_ATTEMPTS", "max_attempts", "0", "a whole number from 1"),
        ("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "disable_clock_skew_correction", "on", "true or false"),
    ] {
        let variables = Box::leak(Box::new([(variable, wrong)]));
        assert_eq!(error(variables, &[]), format!("{variable} is {wrong:?}, expected {expected}"));
        let properties = Box::leak(Box::new([(property, wrong)]));
        let text = format!("{property} is {wrong:?}, expected {expected} (profile `p`, config line 2)");
        assert_eq!(error(&[], properties), text);
        // A variable before it is all that counts.
        let right = if expected.starts_with("true") { "FALSE" } else { expected.split([',', ' ']).next().unwrap() };
        let right = if right == "a" { "7" } else { right };
        let variables = Box::leak(Box::new([(variable, right)]));
        assert_eq!(error(variables, properties), "Invalid Configuration: Missing Region");
    }
}

#[test]
fn the_endpoint_of_a_service() {
    const ALL: Pairs = &[("AWS_ENDPOINT_URL_STS", "1"), ("AWS_ENDPOINT_URL", "2")];
    const PROFILE: Pairs = &[("endpoint_url", "4")];
    const OWN: Option<Pairs> = Some(&[("sts.endpoint_url", "3"), ("sso_oidc.endpoint_url", "o")]);
    const IGNORED: Pairs = &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True"), ("AWS_ENDPOINT_URL", "2")];

    let endpoint = |variables, properties, services, service| {
        let variable = |name: &str| value(variables, name);
        let file = File(properties, services);
        found(Environment::new(&variable).with_profile(&file).endpoint_url(service))
    };
    let sts = Service::Sts;
    assert_eq!(endpoint(ALL, PROFILE, OWN, sts), "1 from AWS_ENDPOINT_URL_STS");
    assert_eq!(endpoint(&ALL[1..], PROFILE, OWN, sts), "2 from AWS_ENDPOINT_URL");
    assert_eq!(endpoint(&[], PROFILE, OWN, sts), "3 from endpoint_url (profile `p`, config line 9)");
    assert_eq!(endpoint(&[], PROFILE, OWN, Service::Sso), "4 from endpoint_url (profile `p`, config line 2)");
    assert_eq!(endpoint(&[], PROFILE, OWN, Service::SsoOidc), "o from endpoint_url (profile `p`, config line 9)");
    assert_eq!(endpoint(&[], &[], Some(&[("sts.endpoint_url", " ")]), sts), "unset");
    assert_eq!(
        endpoint(&[("AWS_ENDPOINT_URL_SIGNIN", "s")], PROFILE, OWN, Service::Signin),
        "s from AWS_ENDPOINT_URL_SIGNIN"
    );
    // Only where it matters that the section is not there.
    let undefined = "services is \"x\", expected a section `[services x]` (profile `p`, config line 3)";
    assert_eq!(endpoint(&[], PROFILE, None, sts), undefined);
    assert_eq!(endpoint(ALL, PROFILE, None, sts), "1 from AWS_ENDPOINT_URL_STS");
    // None counts.
    assert_eq!(endpoint(IGNORED, PROFILE, None, sts), "unset");
    assert_eq!(endpoint(ALL, &[("ignore_configured_endpoint_urls", "true")], OWN, sts), "unset");
}

#[test]
fn what_is_set_by_hand_goes_before_settings() {
    let environment = |name: &str| value(&[("AWS_REGION", "eu-west-1"), ("AWS_MAX_ATTEMPTS", "x")], name);
    let config = Config::builder().region("eu-central-1").max_attempts(2).env(environment).build().unwrap();
    assert_eq!(config.signing_region(), Some("eu-central-1"));
    assert!(matches!(Config::from_env(environment).unwrap_err(), ConfigError::Setting(_)));
}

#[test]
fn a_setting_of_ones_own() {
    static TIMEOUT: Setting<u8> = Setting::new(
        &["AWS_METADATA_SERVICE_TIMEOUT"],
        Some("metadata_service_timeout"),
        |text| text.parse().ok(),
        "seconds",
    );
    let get = |text: &'static str| Environment::new(&move |_| Some(text.to_owned())).get(&TIMEOUT);
    assert_eq!((get("5"), get(" ")), (Ok(Some(5)), Ok(None)));
    assert_eq!(get("5 s").unwrap_err().to_string(), "AWS_METADATA_SERVICE_TIMEOUT is \"5 s\", expected seconds");
}

#[test]
fn an_older_name_of_the_session_token_counts_when_the_newer_one_is_not_set() {
    const KEY: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "ASIA"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let token = |pairs: &[(&'static str, &'static str)]| {
        let pairs = [&KEY[..], pairs].concat();
        let variable = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Credentials::from_env(variable).unwrap().unwrap().session_token.unwrap().expose().to_owned()
    };
    assert_eq!(token(&[("AWS_SECURITY_TOKEN", "old")]), "old");
    assert_eq!(token(&[("AWS_SECURITY_TOKEN", "old"), ("AWS_SESSION_TOKEN", "new")]), "new");
    assert_eq!(token(&[("AWS_SECURITY_TOKEN", "old"), ("AWS_SESSION_TOKEN", " ")]), "old");
}
