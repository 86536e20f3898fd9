use alloc::borrow::Cow;

use crate::{
    operation::Operation,
    query::{Query, ToQuery},
    secret::Secret,
    shapes::{SERIAL_NUMBER, SESSION_DURATION, TOKEN_CODE, TOKEN_SIZE, TemporaryCredentials, check_mfa},
    xml::{Element, FromXml, ParseError},
};

/// Returns temporary credentials of the calling user, optionally with MFA.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html)
#[doc(alias = "get_session_token")]
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct GetSessionToken<'a> {
    duration_seconds: Option<u32>,
    serial_number: Option<Cow<'a, str>>,
    token_code: Option<Secret>,
    minimum_session_token_size: Option<u32>,
}

impl<'a> GetSessionToken<'a> {
    /// The operation, all members absent.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lifetime of the credentials, in seconds: 900 to 129600 (43200 by default; at most 3600 for a root user).
    pub fn duration_seconds(mut self, seconds: u32) -> Self {
        self.duration_seconds = Some(seconds);
        self
    }

    /// Serial number or ARN of the user's MFA device, 9 to 256 characters; requires `token_code`.
    pub fn serial_number(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.serial_number = Some(value.into());
        self
    }

    /// The six digits that the MFA device shows; requires `serial_number`. A code works once, so a retry after a
    /// lost response may be denied.
    pub fn token_code(mut self, value: impl Into<Secret>) -> Self {
        self.token_code = Some(value.into());
        self
    }

    /// Pads the session token to at least this many characters, 0 to 4096.
    pub fn minimum_session_token_size(mut self, characters: u32) -> Self {
        self.minimum_session_token_size = Some(characters);
        self
    }
}

impl Operation for GetSessionToken<'_> {
    const NAME: &'static str = "GetSessionToken";
    type Output = GetSessionTokenOutput;
}

impl ToQuery for GetSessionToken<'_> {
    fn to_query(&self, query: &mut Query) {
        query.put("DurationSeconds", &self.duration_seconds, SESSION_DURATION);
        query.put("SerialNumber", &self.serial_number, SERIAL_NUMBER);
        query.put("TokenCode", &self.token_code, TOKEN_CODE);
        query.put("MinimumSessionTokenSize", &self.minimum_session_token_size, TOKEN_SIZE);
        check_mfa(query, self.serial_number.is_some(), self.token_code.is_some());
    }
}

/// What [`GetSessionToken`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetSessionTokenOutput {
    /// `Credentials`: the credentials.
    pub credentials: TemporaryCredentials,
    /// `SessionTokenUtilization`: size of the session token, as a percentage of the maximum.
    pub session_token_utilization: Option<u32>,
    /// `SessionTokenSize`: length of the session token, in characters.
    pub session_token_size: Option<u32>,
}

impl GetSessionTokenOutput {
    /// An output with its required members, for tests. Set the others through their fields.
    pub fn new(credentials: TemporaryCredentials) -> Self {
        Self { credentials, session_token_utilization: None, session_token_size: None }
    }
}

impl FromXml for GetSessionTokenOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            credentials: x.get("Credentials")?,
            session_token_utilization: x.optional("SessionTokenUtilization"),
            session_token_size: x.optional("SessionTokenSize"),
        })
    }
}
