//! Who says so: where a setting was found.

use alloc::string::String;
use core::fmt;

use crate::location::Location;

/// Who says so: the environment, or a profile in a line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Environment variables.
    Environment,
    /// A profile.
    Profile {
        /// Its name.
        name: String,
        /// Where it says so.
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
