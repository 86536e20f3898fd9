use alloc::{borrow::Cow, string::String};

use crate::{
    operation::Operation,
    query::{Query, ToQuery},
    shapes::{POLICY, ScopedSession, TOKEN_SIZE, TemporaryCredentials},
    validate::{Chars, Rule, ascii},
    xml::{Element, FromXml, ParseError},
};

/// Returns temporary credentials of the same identity with fewer permissions or a shorter lifetime than the caller's own temporary
/// credentials. Requires `policy` or `duration_seconds`. Not available at the global endpoint.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetScopedCredentials.html)
#[doc(alias = "get_scoped_credentials")]
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct GetScopedCredentials<'a> {
    policy: Option<Cow<'a, str>>,
    duration_seconds: Option<u32>,
    minimum_session_token_size: Option<u32>,
    scoped_session_description: Option<Cow<'a, str>>,
}

impl<'a> GetScopedCredentials<'a> {
    /// The operation, all members absent.
    pub fn new() -> Self {
        Self::default()
    }

    /// Inline policy, as JSON, that limits the session further, 1 to 2048 characters. A session can have three such policies.
    pub fn policy(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.policy = Some(value.into());
        self
    }

    /// Lifetime of the credentials, in seconds: 1 to 129600, and not longer than the caller's (the default).
    pub fn duration_seconds(mut self, seconds: u32) -> Self {
        self.duration_seconds = Some(seconds);
        self
    }

    /// Pads the session token to at least this many characters, 0 to 4096.
    pub fn minimum_session_token_size(mut self, characters: u32) -> Self {
        self.minimum_session_token_size = Some(characters);
        self
    }

    /// A description of the session, which AWS logs: 2 to 256 characters of Latin-1.
    pub fn scoped_session_description(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.scoped_session_description = Some(value.into());
        self
    }
}

impl Operation for GetScopedCredentials<'_> {
    const NAME: &'static str = "GetScopedCredentials";
    type Output = GetScopedCredentialsOutput;
}

impl ToQuery for GetScopedCredentials<'_> {
    fn to_query(&self, query: &mut Query) {
        query.put("Policy", &self.policy, POLICY);
        query.put("DurationSeconds", &self.duration_seconds, DURATION);
        query.put("MinimumSessionTokenSize", &self.minimum_session_token_size, TOKEN_SIZE);
        query.put("ScopedSessionDescription", &self.scoped_session_description, DESCRIPTION);
        if self.policy.is_none() && self.duration_seconds.is_none() {
            query.refuse("Policy", None, "Member must not be null when 'durationSeconds' is not given");
        }
    }
}

/// What [`GetScopedCredentials`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetScopedCredentialsOutput {
    /// `Credentials`: the credentials.
    pub credentials: TemporaryCredentials,
    /// `SessionInfo`: the identity of the session.
    pub session_info: Option<ScopedSession>,
    /// `SessionTokenUtilization`: size of the session token, as a percentage of the maximum.
    pub session_token_utilization: Option<u32>,
    /// `SessionTokenSize`: length of the session token, in characters.
    pub session_token_size: Option<u32>,
    /// `ScopedPoliciesCount`: how many policies of this operation limit the session.
    pub scoped_policies_count: Option<u32>,
    /// `SourceIdentity`: the source identity of the session.
    pub source_identity: Option<String>,
}

impl GetScopedCredentialsOutput {
    /// An output with its required members, for tests. Set the others through their fields.
    pub fn new(credentials: TemporaryCredentials) -> Self {
        Self {
            credentials,
            session_info: None,
            session_token_utilization: None,
            session_token_size: None,
            scoped_policies_count: None,
            source_identity: None,
        }
    }
}

impl FromXml for GetScopedCredentialsOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            credentials: x.get("Credentials")?,
            session_info: x.optional("SessionInfo"),
            session_token_utilization: x.optional("SessionTokenUtilization"),
            session_token_size: x.optional("SessionTokenSize"),
            scoped_policies_count: x.optional("ScopedPoliciesCount"),
            source_identity: x.optional("SourceIdentity"),
        })
    }
}

/// `scopedCredentialDurationSecondsType`
const DURATION: Rule = Rule::Range(1, 129_600);
/// `scopedSessionDescriptionType`
const DESCRIPTION: Rule = Rule::text(
    2,
    256,
    Chars::new(r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*", &ascii(b"\t\n\r\r ~"), |c| {
        matches!(c, '\u{a1}'..='\u{ff}')
    }),
);
