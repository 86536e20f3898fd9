//! Origins of settings.

use alloc::string::String;
use core::fmt;

use crate::location::Location;

/// Where a setting comes from: the environment, or a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Environment variables.
    Environment,
    /// A profile.
    Profile {
        /// Its name.
        name: String,
        /// The line that contains the setting.
        location: Option<Location>,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("the environment"),
            Self::Profile { name, location: Some(location) } => write!(f, "profile `{name}` ({location})"),
            Self::Profile { name, location: None } => write!(f, "profile `{name}`"),
        }
    }
}
