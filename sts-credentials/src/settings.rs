//! Settings from the environment, with a profile as fallback.
//! [Settings reference](https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html)

use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::String,
};
use core::fmt;

use sts_core::environment::{self, Environment, PROFILE, Property, SettingError};

use crate::{
    error::PlanError,
    location::{Location, Platform, Variable},
    origin::Origin,
    profile::{Profiles, Section},
};

/// The environment, with a profile as fallback.
///
/// ```
/// use sts_core::Config;
/// use sts_credentials::{location::Platform, profile::Profiles, settings::Settings};
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
/// let settings = Settings::new(Platform::Unix, &environment, &profiles, None)?;
/// let config = Config::builder().settings(settings.environment()).build()?;
/// assert_eq!((config.endpoint().host(), config.signing_region()), (Some("127.0.0.1"), Some("us-east-2")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Settings<'a> {
    pub(crate) platform: Platform,
    /// The variables, without the profile.
    pub(crate) variables: Environment<'a>,
    pub(crate) profiles: &'a Profiles,
    pub(crate) name: Cow<'a, str>,
    section: Option<&'a Section>,
}

impl<'a> Settings<'a> {
    /// Settings with the requested profile, the profile that the environment names, or `default`. An undefined profile has no properties.
    ///
    /// # Errors
    /// A line of the profile is invalid.
    pub fn new(
        platform: Platform,
        variable: Variable<'a>,
        profiles: &'a Profiles,
        asked_for: Option<&'a str>,
    ) -> Result<Self, PlanError> {
        let variables = Environment::new(variable);
        let name = match asked_for {
            Some(name) => name.into(),
            None => variables.get(&PROFILE)?.map_or("default".into(), Cow::Owned),
        };
        let section = profiles.profile(&name);
        let settings = Self { platform, variables, profiles, name, section };
        settings.check()?;
        Ok(settings)
    }

    /// The same environment with another profile.
    pub(crate) fn with_profile(&self, name: &'a str, section: &'a Section) -> Result<Self, PlanError> {
        let settings = Self { name: name.into(), section: Some(section), ..self.clone() };
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), PlanError> {
        match self.section.and_then(Section::error) {
            Some(error) => Err(PlanError::unreadable(&self.name, error)),
            None => Ok(()),
        }
    }

    /// The variables with the profile as fallback, for [`ConfigBuilder::settings`](sts_core::ConfigBuilder::settings).
    pub fn environment(&self) -> Environment<'_> {
        self.variables.with_profile(self)
    }

    /// The name of the profile, defined or not.
    pub fn profile_name(&self) -> &str {
        &self.name
    }

    /// A property of the profile; an empty one counts as unset.
    pub(crate) fn property(&self, name: &str) -> Option<&'a str> {
        self.section?.get(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.property(name).map(str::to_owned)
    }

    /// The origin of a property in this profile.
    pub(crate) fn origin(&self, property: &str) -> Origin {
        Origin::Profile { name: self.name.clone().into_owned(), location: self.location(property).cloned() }
    }

    /// An error for an invalid property.
    pub(crate) fn error(&self, property: &str, problem: impl Into<String>) -> PlanError {
        PlanError::invalid(problem, self.origin(property))
    }

    fn location(&self, property: &str) -> Option<&'a Location> {
        self.section?.location(property)
    }

    fn describe(&self, location: Option<&Location>) -> String {
        match location {
            Some(location) => format!("profile `{}`, {location}", self.name),
            None => format!("profile `{}`", self.name),
        }
    }
}

impl environment::Profile for Settings<'_> {
    fn property(&self, name: &str) -> Option<Property> {
        Some(Property { value: self.owned(name)?, location: self.describe(self.location(name)) })
    }

    fn service_property(&self, service: &str, name: &str) -> Result<Option<Property>, SettingError> {
        const SERVICES: &str = "services";
        let Some(value) = self.owned(SERVICES) else { return Ok(None) };
        let error = |value, location, expected| {
            let origin = environment::SettingOrigin::Property { name: SERVICES, location: self.describe(location) };
            Err(SettingError { origin, value, expected })
        };
        let Some(section) = self.profiles.services(&value) else {
            return error(value, self.location(SERVICES), "the name of a services section");
        };
        if let Some(unreadable) = section.error() {
            return error(value, Some(&unreadable.location), "a services section that can be read");
        }
        let found = section.get_nested(service, name).map(str::to_owned);
        Ok(found.map(|value| Property { value, location: self.describe(section.location(service)) }))
    }
}

impl fmt::Debug for Settings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("name", &self.name).field("section", &self.section).finish_non_exhaustive()
    }
}
