//! Why there are no credentials.

use alloc::string::{String, ToString};
use core::fmt;

use crate::{origin::Origin, profile::SyntaxError};

/// Why there is no plan. It tells the profile and, where there is one, the line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanError {
    /// What is wrong.
    pub problem: String,
    /// Who said it.
    pub origin: Origin,
}

impl PlanError {
    pub(crate) fn environment(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), origin: Origin::Environment }
    }

    /// A line of the profile's section cannot be read.
    pub(crate) fn unreadable(profile: &str, error: &SyntaxError) -> Self {
        let origin = Origin::Profile { name: profile.into(), location: Some(error.location.clone()) };
        Self { problem: error.problem.to_string(), origin }
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)?;
        match &self.origin {
            Origin::Environment => Ok(()),
            Origin::Profile { name, location: Some(location) } => write!(f, " (profile `{name}`, {location})"),
            Origin::Profile { name, location: None } => write!(f, " (profile `{name}`)"),
        }
    }
}

impl core::error::Error for PlanError {}
