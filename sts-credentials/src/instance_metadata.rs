//! The instance metadata service of EC2, version 2.
//! [Settings](https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html)

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
};
use core::fmt;
use http::Uri;

use crate::{error::PlanError, location::Variable, profile::Section};
use sts_core::text::without_secrets;

/// Where the instance metadata service is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InstanceMetadata {
    /// The service's address: scheme and host, without a path.
    pub endpoint: String,
}

impl InstanceMetadata {
    /// What is said when there is none.
    pub(crate) const DISABLED: &str = "AWS_EC2_METADATA_DISABLED is true";

    /// Reads `AWS_EC2_METADATA_DISABLED`, `AWS_EC2_METADATA_SERVICE_ENDPOINT` and `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE` (`IPv4` or
    /// `IPv6`), and for the last two, when not set, the profile's `ec2_metadata_service_endpoint` and
    /// `ec2_metadata_service_endpoint_mode`; `None` when disabled.
    ///
    /// # Errors
    /// The endpoint is no `http` or `https` URL, or the mode is something else.
    pub fn from_env(variable: Variable<'_>, profile: Option<&Section>) -> Result<Option<Self>, PlanError> {
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        if variable("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let setting = |name: &'static str, key: &'static str| {
            let value = variable(name).map(|value| (name.to_owned(), value));
            value.or_else(|| {
                let (value, location) = (profile?.get(key)?, profile?.location(key)?);
                Some((format!("{key} at {location}"), value.to_owned())).filter(|_| !value.is_empty())
            })
        };
        let invalid = |name: &str, value: &str, expected| {
            Err(PlanError::environment(format!("{name} is {:?}, expected {expected}", without_secrets(value))))
        };
        let endpoint = match setting("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint") {
            Some((name, value)) => {
                let uri: Option<Uri> = value.parse().ok();
                let usable = uri.is_some_and(|uri| {
                    matches!(uri.scheme_str(), Some("http" | "https"))
                        && uri.query().is_none()
                        // It would be shown with the address.
                        && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
                });
                if !usable {
                    return invalid(&name, &value, "an http or https URL without user name and query");
                }
                value.trim_end_matches('/').to_string()
            }
            None => match setting("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode") {
                Some((_, mode)) if mode.eq_ignore_ascii_case("IPv6") => "http://[fd00:ec2::254]".to_owned(),
                Some((name, mode)) if !mode.eq_ignore_ascii_case("IPv4") => {
                    return invalid(&name, &mode, "IPv4 or IPv6");
                }
                _ => "http://169.254.169.254".to_owned(),
            },
        };
        Ok(Some(Self { endpoint }))
    }
}

impl fmt::Display for InstanceMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ask the EC2 instance metadata service at {}", self.endpoint)
    }
}
