//! Settings from environment variables and profile properties.
//!
//! An [`Environment`] looks up variables first and then the properties of its [`Profile`], if it has one. **Empty and blank values count
//! as unset.** A [`Setting`] describes one setting: its variables in order of precedence, its profile property and its parser.
//! [`Environment::get`] reads a setting; [`Environment::find`] also returns where the value came from, and so do errors:
//!
//! ```
//! use sts_core::environment::{Environment, MAX_ATTEMPTS, REGION};
//!
//! let variable = |name: &str| match name {
//!     "AWS_REGION" => Some(" ".to_owned()),
//!     "AWS_DEFAULT_REGION" => Some("eu-west-1".to_owned()),
//!     "AWS_MAX_ATTEMPTS" => Some("three".to_owned()),
//!     _ => None,
//! };
//! let environment = Environment::new(&variable);
//! let region = environment.find(&REGION)?.unwrap();
//! assert_eq!((&*region.value, region.origin.to_string()), ("eu-west-1", "AWS_DEFAULT_REGION".to_owned()));
//! let error = environment.get(&MAX_ATTEMPTS).unwrap_err();
//! assert_eq!(error.to_string(), "AWS_MAX_ATTEMPTS is \"three\", expected a whole number from 1");
//! # Ok::<(), sts_core::environment::SettingError>(())
//! ```
//!
//! [Settings reference](https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html)

use alloc::{borrow::ToOwned, string::String};
use core::{fmt, str::FromStr};

use time::UtcDateTime;

use crate::{retry::RetryMode, text::debug_in_words, timestamp};

mod credentials;

pub use credentials::InvalidCredentials;

// The table.

/// `AWS_REGION`, `AWS_DEFAULT_REGION`, `region`
pub static REGION: Setting<String> = Setting::text(&["AWS_REGION", "AWS_DEFAULT_REGION"], Some("region"));
/// `AWS_USE_FIPS_ENDPOINT`, `use_fips_endpoint`
pub static USE_FIPS_ENDPOINT: Setting<bool> = Setting::switch(&["AWS_USE_FIPS_ENDPOINT"], Some("use_fips_endpoint"));
/// `AWS_USE_DUALSTACK_ENDPOINT`, `use_dualstack_endpoint`
pub static USE_DUALSTACK_ENDPOINT: Setting<bool> =
    Setting::switch(&["AWS_USE_DUALSTACK_ENDPOINT"], Some("use_dualstack_endpoint"));
/// `AWS_STS_REGIONAL_ENDPOINTS`, `sts_regional_endpoints`: whether STS's endpoint is the legacy global one
pub static STS_LEGACY_ENDPOINT: Setting<bool> =
    Setting::new(&["AWS_STS_REGIONAL_ENDPOINTS"], Some("sts_regional_endpoints"), legacy, "regional or legacy");
/// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, `ignore_configured_endpoint_urls`; see [`Environment::endpoint_url`]
static IGNORE_CONFIGURED_ENDPOINT_URLS: Setting<bool> =
    Setting::switch(&["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"], Some("ignore_configured_endpoint_urls"));
/// `AWS_RETRY_MODE`, `retry_mode`
pub static RETRY_MODE: Setting<RetryMode> =
    Setting::new(&["AWS_RETRY_MODE"], Some("retry_mode"), parsed, "standard, adaptive or legacy");
/// `AWS_MAX_ATTEMPTS`, `max_attempts`
pub static MAX_ATTEMPTS: Setting<u32> =
    Setting::new(&["AWS_MAX_ATTEMPTS"], Some("max_attempts"), positive, "a whole number from 1");
/// `AWS_DISABLE_CLOCK_SKEW_CORRECTION`, `disable_clock_skew_correction`
pub static DISABLE_CLOCK_SKEW_CORRECTION: Setting<bool> =
    Setting::switch(&["AWS_DISABLE_CLOCK_SKEW_CORRECTION"], Some("disable_clock_skew_correction"));
/// `AWS_SDK_UA_APP_ID`, `sdk_ua_app_id`
pub static APP_ID: Setting<String> = Setting::text(&["AWS_SDK_UA_APP_ID"], Some("sdk_ua_app_id"));
/// `AWS_CA_BUNDLE`, `ca_bundle`: a file of root certificates
pub static CA_BUNDLE: Setting<String> = Setting::text(&["AWS_CA_BUNDLE"], Some("ca_bundle"));
/// `AWS_DEFAULT_OUTPUT`, `output`: the output format of a program
pub static OUTPUT: Setting<String> = Setting::text(&["AWS_DEFAULT_OUTPUT"], Some("output"));
/// `AWS_CREDENTIAL_EXPIRATION`: when the key in the environment expires
pub static CREDENTIAL_EXPIRATION: Setting<UtcDateTime> =
    Setting::new(&["AWS_CREDENTIAL_EXPIRATION"], None, timestamp::parse, "a time such as 2026-11-23T03:00:00Z");
/// `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`: the profile's name
pub static PROFILE: Setting<String> = Setting::text(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"], None);

/// A setting: its variables, its profile property and its parser.
#[derive(Debug)]
pub struct Setting<T> {
    /// Its environment variables; the first that is set wins.
    pub variables: &'static [&'static str],
    /// Its profile property, used if no variable is set.
    pub property: Option<&'static str>,
    /// The valid values, for error messages: "expected …".
    pub expected: &'static str,
    parse: fn(&str) -> Option<T>,
}

impl<T> Setting<T> {
    /// A setting. `parse` returns `None` for an invalid value; `expected` describes the valid ones.
    pub const fn new(
        variables: &'static [&'static str],
        property: Option<&'static str>,
        parse: fn(&str) -> Option<T>,
        expected: &'static str,
    ) -> Self {
        Self { variables, property, expected, parse }
    }
}

impl Setting<String> {
    /// A setting that accepts any text.
    pub const fn text(variables: &'static [&'static str], property: Option<&'static str>) -> Self {
        Self::new(variables, property, |text| Some(text.to_owned()), "a text")
    }
}

impl Setting<bool> {
    /// A setting that is on or off.
    pub const fn switch(variables: &'static [&'static str], property: Option<&'static str>) -> Self {
        Self::new(variables, property, boolean, "true or false")
    }
}

/// Environment variables, with the properties of a profile as fallback.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    profile: Option<&'a dyn Profile>,
}

/// A profile, for [`Environment::with_profile`].
pub trait Profile {
    /// A property of the profile.
    fn property(&self, name: &str) -> Option<Property>;

    /// A property of a service, from the `services` section that the profile names.
    ///
    /// # Errors
    /// That section does not exist.
    fn service_property(&self, service: &str, name: &str) -> Result<Option<Property>, SettingError>;
}

/// A property of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its value.
    pub value: String,
    /// Its location, for messages: "profile `audit`, ~/.aws/config line 2".
    pub location: String,
}

impl<'a> Environment<'a> {
    /// An environment whose variables come from this function.
    pub fn new(variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { variable, profile: None }
    }

    /// Adds a profile, whose properties apply if no variable is set.
    #[must_use]
    pub fn with_profile(mut self, profile: &'a dyn Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// The value of a variable; `None` when it is not set, empty or blank.
    pub fn variable(self, name: &str) -> Option<String> {
        self.variable_or_empty(name).filter(|value| is_set(value))
    }

    /// The value of a variable, even if empty. For proxy variables, where empty means "no proxy".
    pub fn variable_or_empty(self, name: &str) -> Option<String> {
        (self.variable)(name)
    }

    /// The value of a setting.
    ///
    /// # Errors
    /// The value is invalid.
    pub fn get<T>(self, setting: &Setting<T>) -> Result<Option<T>, SettingError> {
        Ok(self.find(setting)?.map(|found| found.value))
    }

    /// The value of a setting, and where it came from.
    ///
    /// # Errors
    /// The value is invalid.
    pub fn find<T>(self, setting: &Setting<T>) -> Result<Option<Found<T>>, SettingError> {
        let from_variable = || setting.variables.iter().find_map(|name| self.find_variable(name));
        let from_profile = || self.find_property(setting.property?);
        let Some(Found { value, origin }) = from_variable().or_else(from_profile) else { return Ok(None) };
        match (setting.parse)(&value) {
            Some(value) => Ok(Some(Found { value, origin })),
            None => Err(SettingError { origin, value, expected: setting.expected }),
        }
    }

    /// The custom endpoint of a service. In order of precedence: `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, the service's
    /// `endpoint_url` in the profile's `services` section, and the profile's `endpoint_url`. All are ignored if
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` or `ignore_configured_endpoint_urls` is `true`.
    /// [Service-specific endpoints](https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html)
    ///
    /// # Errors
    /// The ignore setting is neither `true` nor `false`, or the profile names a `services` section that does not exist.
    pub fn endpoint_url(self, service: Service) -> Result<Option<Found<String>>, SettingError> {
        const PROPERTY: &str = "endpoint_url";
        if self.get(&IGNORE_CONFIGURED_ENDPOINT_URLS)? == Some(true) {
            return Ok(None);
        }
        let (id, variable) = service.names();
        if let Some(found) = [variable, "AWS_ENDPOINT_URL"].into_iter().find_map(|name| self.find_variable(name)) {
            return Ok(Some(found));
        }
        let service_property = match self.profile {
            Some(profile) => profile.service_property(id, PROPERTY)?.filter(|property| is_set(&property.value)),
            None => None,
        };
        Ok(service_property
            .map(|property| Found::of_property(PROPERTY, property))
            .or_else(|| self.find_property(PROPERTY)))
    }

    fn find_variable(self, name: &'static str) -> Option<Found<String>> {
        Some(Found { value: self.variable(name)?, origin: SettingOrigin::Variable(name) })
    }

    fn find_property(self, name: &'static str) -> Option<Found<String>> {
        let property = self.profile?.property(name).filter(|property| is_set(&property.value))?;
        Some(Found::of_property(name, property))
    }
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}

/// Whether a value counts as set: neither empty nor blank.
fn is_set(value: &str) -> bool {
    !value.trim().is_empty()
}

/// A service whose endpoint can be customized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Service {
    /// STS.
    Sts,
    /// The portal of IAM Identity Center.
    Sso,
    /// The OIDC token service of IAM Identity Center.
    SsoOidc,
    /// The token service for console sign-in sessions (`aws login`).
    Signin,
}

impl Service {
    /// Its id in a `services` section, and its variable.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Sts => ("sts", "AWS_ENDPOINT_URL_STS"),
            Self::Sso => ("sso", "AWS_ENDPOINT_URL_SSO"),
            Self::SsoOidc => ("sso_oidc", "AWS_ENDPOINT_URL_SSO_OIDC"),
            Self::Signin => ("signin", "AWS_ENDPOINT_URL_SIGNIN"),
        }
    }
}

/// A value, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: SettingOrigin,
}

impl Found<String> {
    fn of_property(name: &'static str, Property { value, location }: Property) -> Self {
        Self { value, origin: SettingOrigin::Property { name, location } }
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SettingOrigin {
    /// An environment variable.
    Variable(&'static str),
    /// A property of a profile.
    Property {
        /// Its name.
        name: &'static str,
        /// Its location: "profile `audit`, ~/.aws/config line 2".
        location: String,
    },
}

impl SettingOrigin {
    /// The name of the variable or property.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Variable(name) | Self::Property { name, .. } => name,
        }
    }
}

impl fmt::Display for SettingOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Property { name, location } => write!(f, "{name} ({location})"),
        }
    }
}

/// An invalid value of a setting.
#[derive(Clone, PartialEq, Eq)]
pub struct SettingError {
    /// Where the value came from.
    pub origin: SettingOrigin,
    /// The value.
    pub value: String,
    /// The valid values.
    pub expected: &'static str,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, value, expected } = self;
        write!(f, "{} is {value:?}, expected {expected}", origin.name())?;
        match origin {
            SettingOrigin::Variable(_) => Ok(()),
            SettingOrigin::Property { location, .. } => write!(f, " ({location})"),
        }
    }
}

impl core::error::Error for SettingError {}

debug_in_words!(SettingError);

fn boolean(text: &str) -> Option<bool> {
    one_of(text, [("true", true), ("false", false)])
}

fn legacy(text: &str) -> Option<bool> {
    one_of(text, [("legacy", true), ("regional", false)])
}

fn positive(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number > 0)
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn one_of<T>(text: &str, values: [(&str, T); 2]) -> Option<T> {
    values.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| value)
}
