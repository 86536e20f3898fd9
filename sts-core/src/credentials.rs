//! Credentials to sign requests with.

use alloc::string::String;
use time::UtcDateTime;

use crate::secret::Secret;

/// Credentials: an access key, and the session token if the key is temporary.
///
/// ```
/// use sts_core::Credentials;
///
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
/// assert!(!format!("{credentials:?}").contains("wJalr"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    /// Identifies the key (`AKIA…` long-term, `ASIA…` temporary). Not a secret.
    pub access_key_id: String,
    /// The key that signs.
    pub secret_access_key: Secret,
    /// The session token of a temporary key, sent with every request.
    pub session_token: Option<Secret>,
    /// When the key expires, if known.
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

    /// Sets the session token of a temporary key.
    #[must_use]
    pub fn session_token(mut self, token: impl Into<Secret>) -> Self {
        self.session_token = Some(token.into());
        self
    }

    /// Sets the time at which the key expires.
    #[must_use]
    pub fn expiration(mut self, at: UtcDateTime) -> Self {
        self.expiration = Some(at);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn debug_redacts() {
        let credentials = Credentials::new("AKIDEXAMPLE", "hush").session_token("quiet");
        let debug = format!("{credentials:?}");
        assert!(debug.contains("AKIDEXAMPLE"));
        assert!(!debug.contains("hush") && !debug.contains("quiet"), "{debug}");
    }
}
