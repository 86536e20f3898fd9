//! Credentials in environment variables.

use alloc::string::String;
use core::fmt;

use super::{CREDENTIAL_EXPIRATION, Environment, SettingError};
use crate::{credentials::Credentials, secret::Secret, text::debug_in_words};

impl Credentials {
    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` (or its older name `AWS_SECURITY_TOKEN`) and
    /// `AWS_CREDENTIAL_EXPIRATION`. `None` if neither of the first two is set. Empty and blank values count as unset.
    ///
    /// # Errors
    /// Only one of the first two is set, or the expiration is not a valid time.
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, InvalidCredentials> {
        let environment = Environment::new(&variable);
        let variable = |name| environment.variable(name);
        match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY").map(Secret::from)) {
            (None, None) => Ok(None),
            (Some(_), None) => {
                Err(InvalidCredentials::Incomplete { missing: "AWS_SECRET_ACCESS_KEY", present: "AWS_ACCESS_KEY_ID" })
            }
            (None, Some(_)) => {
                Err(InvalidCredentials::Incomplete { missing: "AWS_ACCESS_KEY_ID", present: "AWS_SECRET_ACCESS_KEY" })
            }
            (Some(id), Some(secret)) => {
                let mut credentials = Self::new(id, secret);
                let token = variable("AWS_SESSION_TOKEN").or_else(|| variable("AWS_SECURITY_TOKEN"));
                credentials.session_token = token.map(Secret::from);
                credentials.expiration = environment.get(&CREDENTIAL_EXPIRATION)?;
                Ok(Some(credentials))
            }
        }
    }
}

/// The credentials in the environment are incomplete or invalid.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidCredentials {
    /// Only half of the access key is set.
    Incomplete {
        /// The variable that is not set.
        missing: &'static str,
        /// The variable that is.
        present: &'static str,
    },
    /// `AWS_CREDENTIAL_EXPIRATION` is not a time.
    Expiration(SettingError),
}

impl From<SettingError> for InvalidCredentials {
    fn from(error: SettingError) -> Self {
        Self::Expiration(error)
    }
}

impl fmt::Display for InvalidCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete { missing, present } => {
                write!(f, "{present} is set in the environment but {missing} is not")
            }
            Self::Expiration(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for InvalidCredentials {}

debug_in_words!(InvalidCredentials);

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use time::macros::utc_datetime;

    fn from_env(pairs: &[(&str, &str)]) -> Result<Option<Credentials>, InvalidCredentials> {
        Credentials::from_env(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_string()))
    }

    #[test]
    fn environment() {
        assert!(from_env(&[]).unwrap().is_none());
        assert!(from_env(&[("AWS_ACCESS_KEY_ID", ""), ("AWS_SESSION_TOKEN", "t")]).unwrap().is_none());
        let found =
            from_env(&[("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_SESSION_TOKEN", "t")]);
        let found = found.unwrap().unwrap();
        assert_eq!(found.access_key_id, "id");
        assert_eq!(found.secret_access_key.expose(), "s");
        assert_eq!(found.session_token.unwrap().expose(), "t");
    }

    #[test]
    fn reads_the_expiration() {
        let keys = [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "s")];
        let end = |text| from_env(&[keys[0], keys[1], ("AWS_CREDENTIAL_EXPIRATION", text)]);
        // As the AWS CLI exports it, and as the SDKs write it.
        for text in ["2026-11-23T04:00:00+01:00", "2026-11-23T03:00:00Z"] {
            assert_eq!(end(text).unwrap().unwrap().expiration, Some(utc_datetime!(2026-11-23 03:00)));
        }
        assert_eq!(end("").unwrap().unwrap().expiration, None);
        assert_eq!(
            end("soon").unwrap_err().to_string(),
            "AWS_CREDENTIAL_EXPIRATION is \"soon\", expected a time such as 2026-11-23T03:00:00Z"
        );
        assert!(from_env(&[("AWS_CREDENTIAL_EXPIRATION", "soon")]).unwrap().is_none());
    }

    #[test]
    fn half_a_key_is_an_error() {
        assert_eq!(
            from_env(&[("AWS_ACCESS_KEY_ID", "id")]).unwrap_err().to_string(),
            "AWS_ACCESS_KEY_ID is set in the environment but AWS_SECRET_ACCESS_KEY is not"
        );
        assert_eq!(
            from_env(&[("AWS_SECRET_ACCESS_KEY", "s")]).unwrap_err().to_string(),
            "AWS_SECRET_ACCESS_KEY is set in the environment but AWS_ACCESS_KEY_ID is not"
        );
    }
}
