//! What a profile says beside credentials: region, endpoint, retries.
//! [Settings reference](https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html)

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
};
use core::fmt;

use crate::{
    error::PlanError,
    location::{Variable, profile_from_env},
    origin::Origin,
    profile::{Profiles, Section},
};

/// The environment with a profile behind it: what the environment leaves open, the profile says.
///
/// ```
/// use sts_core::Config;
/// use sts_credentials::{profile::Profiles, settings::Settings};
///
/// let mut profiles = Profiles::default();
/// profiles.read_config("~/.aws/config", "\
/// [default]
/// region = eu-west-1
/// services = local
/// [services local]
/// sts =
///   endpoint_url = http://127.0.0.1:4566
/// ");
/// let environment = |name: &str| (name == "AWS_REGION").then(|| "us-east-2".to_owned());
/// let settings = Settings::new(&environment, &profiles, None)?;
/// let config = Config::from_env(|name| settings.variable(name))?;
/// assert_eq!((config.endpoint().host(), config.signing_region()), (Some("127.0.0.1"), Some("us-east-2")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    variable: Variable<'a>,
    profile: Option<&'a Section>,
    services: Option<&'a Section>,
}

impl fmt::Debug for Settings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl<'a> Settings<'a> {
    /// The settings of the profile that is asked for, else of the one that the environment names, else of `default`. One that is not defined is empty.
    ///
    /// # Errors
    /// A setting of the profile has no meaning, and no variable goes before it.
    pub fn new(variable: Variable<'a>, profiles: &'a Profiles, asked_for: Option<&str>) -> Result<Self, PlanError> {
        let from_variable = profile_from_env(variable);
        let name = asked_for.or(from_variable.as_deref()).unwrap_or("default");
        let mut settings = Self { variable, profile: profiles.profile(name), services: None };
        let Some(profile) = settings.profile else { return Ok(settings) };
        if let Some(error) = profile.error() {
            return Err(PlanError::unreadable(name, error));
        }
        let error = |key, problem| {
            let origin = Origin::Profile { name: name.to_owned(), location: profile.location(key).cloned() };
            Err(PlanError { problem, origin })
        };
        let is_open = |name| variable(name).is_none_or(|value| value.is_empty());
        for (_, key, values) in LIMITED.into_iter().filter(|(name, ..)| is_open(name)) {
            if let Some(value) = settings.property(key) {
                let known = match values {
                    [] => value.parse::<u32>().is_ok_and(|number| number > 0),
                    values => values.iter().any(|known| known.eq_ignore_ascii_case(&value)),
                };
                if !known {
                    let expected = if values.is_empty() { "a whole number from 1".into() } else { values.join(" or ") };
                    return error(key, format!("{key} is {value:?}, expected {expected}"));
                }
            }
        }
        if let Some(services) = settings.property("services") {
            settings.services = profiles.services(&services);
            let is_ignored = settings.variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
            let is_used = is_open("AWS_ENDPOINT_URL_STS")
                && is_open("AWS_ENDPOINT_URL")
                && is_ignored.is_none_or(|value| !value.eq_ignore_ascii_case("true"));
            if is_used {
                match settings.services.map(Section::error) {
                    None => return error("services", format!("services section `{services}` is not defined")),
                    Some(Some(unreadable)) => return Err(PlanError::unreadable(name, unreadable)),
                    Some(None) => {}
                }
            }
        }
        Ok(settings)
    }

    /// The variable, or what the profile says in its place; for [`Config::from_env`](sts_core::Config::from_env) and
    /// [`ConfigBuilder::env`](sts_core::ConfigBuilder::env).
    ///
    /// | variable | property |
    /// |---|---|
    /// | `AWS_DEFAULT_REGION` (`AWS_REGION` goes before it) | `region` |
    /// | `AWS_ENDPOINT_URL` (`AWS_ENDPOINT_URL_STS` goes before it) | `endpoint_url` of `sts` in the section that `services` names, else `endpoint_url` |
    /// | `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` | `ignore_configured_endpoint_urls` |
    /// | `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` | `use_fips_endpoint`, `use_dualstack_endpoint` |
    /// | `AWS_STS_REGIONAL_ENDPOINTS` | `sts_regional_endpoints` |
    /// | `AWS_MAX_ATTEMPTS` | `max_attempts` |
    /// | `AWS_RETRY_MODE` | `retry_mode` |
    /// | `AWS_SDK_UA_APP_ID` | `sdk_ua_app_id` |
    /// | `AWS_CA_BUNDLE` | `ca_bundle`: a file of certificates, for the driver |
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = (self.variable)(name);
        if value.as_ref().is_some_and(|value| !value.is_empty()) {
            return value;
        }
        match name {
            "AWS_DEFAULT_REGION" => self.property("region"),
            "AWS_ENDPOINT_URL" => self.endpoint_url(),
            "AWS_SDK_UA_APP_ID" => self.property("sdk_ua_app_id"),
            "AWS_CA_BUNDLE" => self.property("ca_bundle"),
            _ => match LIMITED.iter().find(|(limited, ..)| *limited == name) {
                Some((_, key, _)) => self.property(key),
                // There are variables to which it matters whether they are empty or not set.
                None => value,
            },
        }
    }

    fn endpoint_url(&self) -> Option<String> {
        let own = self.services.and_then(|services| services.get_nested("sts", "endpoint_url"));
        own.filter(|url| !url.is_empty()).map(str::to_owned).or_else(|| self.property("endpoint_url"))
    }

    fn property(&self, key: &str) -> Option<String> {
        self.profile?.get(key).filter(|value| !value.is_empty()).map(ToString::to_string)
    }
}

/// The variables and properties that may hold only some values; none listed means a number.
const LIMITED: [(&str, &str, &[&str]); 6] = [
    ("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", &["true", "false"]),
    ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", &["true", "false"]),
    ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls", &["true", "false"]),
    ("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints", &["regional", "legacy"]),
    ("AWS_RETRY_MODE", "retry_mode", &["standard", "legacy", "adaptive"]),
    ("AWS_MAX_ATTEMPTS", "max_attempts", &[]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use sts_core::Config;

    fn profiles(text: &str) -> Profiles {
        let mut profiles = Profiles::default();
        profiles.read_config("c", text);
        profiles
    }

    #[test]
    fn what_has_no_meaning_names_the_line() {
        for (line, expected) in [
            ("use_fips_endpoint = yes", "use_fips_endpoint is \"yes\", expected true or false"),
            ("retry_mode = often", "retry_mode is \"often\", expected standard or legacy or adaptive"),
            ("max_attempts = 0", "max_attempts is \"0\", expected a whole number from 1"),
            ("services = x", "services section `x` is not defined"),
        ] {
            let profiles = profiles(&format!("[default]\n{line}\n"));
            let error = Settings::new(&|_| None, &profiles, None).unwrap_err();
            assert_eq!(error.to_string(), format!("{expected} (profile `default`, c line 2)"));
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
            let with = |value: &'static str| move |asked: &str| (asked == name).then(|| value.to_owned());
            let variable = with(value);
            let settings = Settings::new(&variable, &profiles, None).unwrap();
            assert!(Config::from_env(|name| settings.variable(name)).is_ok(), "{line}");
            // An empty one counts as unset.
            assert!(Settings::new(&with(""), &profiles, None).is_err(), "{line}");
        }
    }

    #[test]
    fn every_property_stands_in_for_its_variable() {
        let text = "[default]\nmax_attempts = 4\nretry_mode = adaptive\nsdk_ua_app_id = shop\nca_bundle = /ca.pem\n";
        let profiles = profiles(text);
        let settings = Settings::new(&|_| None, &profiles, None).unwrap();
        for (name, value) in [
            ("AWS_MAX_ATTEMPTS", "4"),
            ("AWS_RETRY_MODE", "adaptive"),
            ("AWS_SDK_UA_APP_ID", "shop"),
            ("AWS_CA_BUNDLE", "/ca.pem"),
        ] {
            assert_eq!(settings.variable(name).as_deref(), Some(value), "{name}");
        }
    }

    #[test]
    fn the_environment_goes_before_the_profile() {
        let text = "[profile p]\nregion = eu-west-1\nendpoint_url = https://p\nuse_dualstack_endpoint = TRUE\nregion_x =\n\
                    [profile q]\nregion = us-gov-west-1\nuse_fips_endpoint = true\n";
        let profiles = profiles(text);
        let with = |pairs: &'static [(&str, &str)], asked_for| {
            let variable =
                |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            let settings = Settings::new(&variable, &profiles, asked_for).unwrap();
            Config::from_env(|name| settings.variable(name)).map(|config| config.endpoint().to_string())
        };
        assert_eq!(with(&[], Some("q")).unwrap(), "https://sts.us-gov-west-1.amazonaws.com/");
        assert_eq!(
            with(&[("AWS_DEFAULT_PROFILE", "q"), ("AWS_REGION", "eu-west-3")], None).unwrap(),
            "https://sts-fips.eu-west-3.amazonaws.com/"
        );
        assert_eq!(
            with(
                &[("AWS_PROFILE", "q"), ("AWS_USE_FIPS_ENDPOINT", "false"), ("AWS_DEFAULT_REGION", "eu-west-3")],
                None
            )
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
}
