//! Credentials and the secrets in them.

use alloc::string::String;
use core::{fmt, mem};
use time::UtcDateTime;
use zeroize::Zeroize;

use crate::{
    environment::{CREDENTIAL_EXPIRATION, Environment, SettingError},
    xml::{Element, FromXml, ParseError},
};

/// A text that must not be seen: a secret access key, a session token, a SAML assertion, a web
/// identity token, an MFA code.
///
/// `Debug` redacts it always, the memory is wiped on drop, and there is neither `Display` nor
/// `PartialEq`. [`expose`](Secret::expose) is the one way to read it, so that every place which
/// does can be found by searching for that word.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        String::from(text).into()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        let mut text = mem::take(&mut self.0).into_bytes();
        text.spare_capacity_mut().zeroize();
        // As a slice, since a `Vec` wipes byte by byte.
        text.as_mut_slice().zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl FromXml for Secret {
    fn from_xml(element: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(element.text().into())
    }
}

/// What a request is signed with: an access key, and the session token when the key is temporary.
///
/// ```
/// use sts_core::Credentials;
///
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
/// assert!(!format!("{credentials:?}").contains("wJalr"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Credentials {
    /// Identifies the key (`AKIA…` long-term, `ASIA…` temporary). Not a secret.
    pub access_key_id: String,
    /// The key that signs.
    pub secret_access_key: Secret,
    /// Sent along with every request that a temporary key signs.
    pub session_token: Option<Secret>,
    /// When the key stops working, where that is known.
    pub expiration: Option<UtcDateTime>,
}

impl Credentials {
    /// A long-term access key.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<Secret>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
            expiration: None,
        }
    }

    /// Makes the key a temporary one.
    #[must_use]
    pub fn session_token(mut self, token: impl Into<Secret>) -> Self {
        self.session_token = Some(token.into());
        self
    }

    /// Notes when the key stops working.
    #[must_use]
    pub fn expiration(mut self, at: UtcDateTime) -> Self {
        self.expiration = Some(at);
        self
    }

    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` (else `AWS_SECURITY_TOKEN`, its older name) and
    /// `AWS_CREDENTIAL_EXPIRATION` with this function; none of the first two means no credentials. Empty and blank values count as unset.
    ///
    /// # Errors
    /// One of the pair is set without the other, or the expiration is no point in time.
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

/// What the environment says of credentials makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidCredentials {
    /// Half of an access key is there.
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

/// The `Credentials` that STS issues: all four members, always.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html)
///
/// Converts into [`Credentials`], which sign the calls that follow.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TemporaryCredentials {
    /// `AccessKeyId`: identifies the key.
    pub access_key_id: String,
    /// `SecretAccessKey`: signs.
    pub secret_access_key: Secret,
    /// `SessionToken`: sent along with every request.
    pub session_token: Secret,
    /// `Expiration`: when the key stops working.
    pub expiration: UtcDateTime,
}

impl FromXml for TemporaryCredentials {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            access_key_id: x.get("AccessKeyId")?,
            secret_access_key: x.get("SecretAccessKey")?,
            session_token: x.get("SessionToken")?,
            expiration: x.get("Expiration")?,
        })
    }
}

impl From<TemporaryCredentials> for Credentials {
    fn from(temporary: TemporaryCredentials) -> Self {
        Self {
            access_key_id: temporary.access_key_id,
            secret_access_key: temporary.secret_access_key,
            session_token: Some(temporary.session_token),
            expiration: Some(temporary.expiration),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString};
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
    fn the_environment_tells_the_end() {
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

    #[test]
    fn debug_redacts() {
        let credentials = Credentials::new("AKIDEXAMPLE", "hush").session_token("quiet");
        let debug = format!("{credentials:?}");
        assert!(debug.contains("AKIDEXAMPLE"));
        assert!(!debug.contains("hush") && !debug.contains("quiet"), "{debug}");
    }
}
