use alloc::{borrow::Cow, vec::Vec};

use crate::{
    operation::Operation,
    query::{Query, ToQuery},
    shapes::{
        FederatedUser, NAME_CHARS, POLICY, PolicyDescriptor, SESSION_DURATION, TAGS, TOKEN_SIZE, Tag,
        TemporaryCredentials, check_tags,
    },
    validate::Rule,
    xml::{Element, FromXml, ParseError},
};

/// Returns temporary credentials of a federated user. The caller is an IAM user.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html)
#[doc(alias = "get_federation_token")]
#[derive(Clone, Debug)]
#[must_use]
pub struct GetFederationToken<'a> {
    name: Cow<'a, str>,
    policy: Option<Cow<'a, str>>,
    policy_arns: Option<Vec<PolicyDescriptor<'a>>>,
    duration_seconds: Option<u32>,
    tags: Option<Vec<Tag<'a>>>,
    minimum_session_token_size: Option<u32>,
}

impl<'a> GetFederationToken<'a> {
    /// `name`: name of the federated user, 2 to 32 characters of `[\w+=,.@-]`.
    pub fn new(name: impl Into<Cow<'a, str>>) -> Self {
        Self {
            name: name.into(),
            policy: None,
            policy_arns: None,
            duration_seconds: None,
            tags: None,
            minimum_session_token_size: None,
        }
    }

    /// Inline policy, as JSON, that limits the session further, 1 to 2048 characters.
    pub fn policy(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.policy = Some(value.into());
        self
    }

    /// Managed policies that limit the session further.
    pub fn policy_arns(mut self, policies: impl IntoIterator<Item = impl Into<PolicyDescriptor<'a>>>) -> Self {
        self.policy_arns.get_or_insert_default().extend(policies.into_iter().map(Into::into));
        self
    }

    /// Lifetime of the credentials, in seconds: 900 to 129600 (43200 by default).
    pub fn duration_seconds(mut self, seconds: u32) -> Self {
        self.duration_seconds = Some(seconds);
        self
    }

    /// Session tags, at most 50.
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<Tag<'a>>>) -> Self {
        self.tags.get_or_insert_default().extend(tags.into_iter().map(Into::into));
        self
    }

    /// Pads the session token to at least this many characters, 0 to 4096.
    pub fn minimum_session_token_size(mut self, characters: u32) -> Self {
        self.minimum_session_token_size = Some(characters);
        self
    }
}

impl Operation for GetFederationToken<'_> {
    const NAME: &'static str = "GetFederationToken";
    type Output = GetFederationTokenOutput;
}

impl ToQuery for GetFederationToken<'_> {
    fn to_query(&self, query: &mut Query) {
        query.put("Name", &self.name, FEDERATED_NAME);
        query.put("Policy", &self.policy, POLICY);
        query.put("PolicyArns", &self.policy_arns, Rule::Any);
        query.put("DurationSeconds", &self.duration_seconds, SESSION_DURATION);
        query.put("Tags", &self.tags, TAGS);
        query.put("MinimumSessionTokenSize", &self.minimum_session_token_size, TOKEN_SIZE);
        check_tags(query, self.tags.as_deref().unwrap_or_default());
    }
}

/// What [`GetFederationToken`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetFederationTokenOutput {
    /// `Credentials`: the credentials.
    pub credentials: TemporaryCredentials,
    /// `FederatedUser`: the identity of the session. AWS always sends it.
    pub federated_user: Option<FederatedUser>,
    /// `PackedPolicySize`: deprecated; use `session_token_utilization`.
    pub packed_policy_size: Option<u32>,
    /// `SessionTokenUtilization`: size of the session token, as a percentage of the maximum.
    pub session_token_utilization: Option<u32>,
    /// `SessionTokenSize`: length of the session token, in characters.
    pub session_token_size: Option<u32>,
}

impl GetFederationTokenOutput {
    /// An output with its required members, for tests. Set the others through their fields.
    pub fn new(credentials: TemporaryCredentials) -> Self {
        Self {
            credentials,
            federated_user: None,
            packed_policy_size: None,
            session_token_utilization: None,
            session_token_size: None,
        }
    }
}

impl FromXml for GetFederationTokenOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            credentials: x.get("Credentials")?,
            federated_user: x.optional("FederatedUser"),
            packed_policy_size: x.optional("PackedPolicySize"),
            session_token_utilization: x.optional("SessionTokenUtilization"),
            session_token_size: x.optional("SessionTokenSize"),
        })
    }
}

/// `userNameType`
const FEDERATED_NAME: Rule = Rule::text(2, 32, NAME_CHARS);
