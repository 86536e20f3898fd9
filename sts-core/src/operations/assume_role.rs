use alloc::{borrow::Cow, format, string::String, vec::Vec};

use crate::{
    operation::Operation,
    query::{Query, ToQuery},
    secret::Secret,
    shapes::{
        ARN, AssumedRoleUser, NAME_CHARS, PolicyDescriptor, ProvidedContext, ROLE_DURATION, SERIAL_NUMBER,
        SESSION_NAME, TAG_KEY, TAGS, TOKEN_CODE, TOKEN_SIZE, Tag, TemporaryCredentials, UNRESTRICTED_POLICY,
        ascii_only, check_mfa, check_tags, is_same_key,
    },
    validate::{Chars, Rule, ascii},
    xml::{Element, FromXml, ParseError},
};

/// Returns temporary credentials of a role, to a caller that already has AWS credentials.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)
#[doc(alias = "assume_role")]
#[derive(Clone, Debug)]
#[must_use]
pub struct AssumeRole<'a> {
    role_arn: Cow<'a, str>,
    role_session_name: Cow<'a, str>,
    policy_arns: Option<Vec<PolicyDescriptor<'a>>>,
    policy: Option<Cow<'a, str>>,
    duration_seconds: Option<u32>,
    tags: Option<Vec<Tag<'a>>>,
    transitive_tag_keys: Option<Vec<Cow<'a, str>>>,
    external_id: Option<Cow<'a, str>>,
    serial_number: Option<Cow<'a, str>>,
    token_code: Option<Secret>,
    source_identity: Option<Cow<'a, str>>,
    provided_contexts: Option<Vec<ProvidedContext<'a>>>,
    minimum_session_token_size: Option<u32>,
}

impl<'a> AssumeRole<'a> {
    /// `role_arn`: ARN of the role, 20 to 2048 characters.
    /// `role_session_name`: the name of the session, 2 to 64 characters of `[\w+=,.@-]`.
    pub fn new(role_arn: impl Into<Cow<'a, str>>, role_session_name: impl Into<Cow<'a, str>>) -> Self {
        Self {
            role_arn: role_arn.into(),
            role_session_name: role_session_name.into(),
            policy_arns: None,
            policy: None,
            duration_seconds: None,
            tags: None,
            transitive_tag_keys: None,
            external_id: None,
            serial_number: None,
            token_code: None,
            source_identity: None,
            provided_contexts: None,
            minimum_session_token_size: None,
        }
    }

    /// Managed policies that limit the session further. The service accepts at most ten.
    pub fn policy_arns(mut self, policies: impl IntoIterator<Item = impl Into<PolicyDescriptor<'a>>>) -> Self {
        self.policy_arns.get_or_insert_default().extend(policies.into_iter().map(Into::into));
        self
    }

    /// Inline policy, as JSON, that limits the session further.
    pub fn policy(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.policy = Some(value.into());
        self
    }

    /// Lifetime of the credentials, in seconds: 900 to 43200 (3600 by default).
    pub fn duration_seconds(mut self, seconds: u32) -> Self {
        self.duration_seconds = Some(seconds);
        self
    }

    /// Session tags, at most 50.
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<Tag<'a>>>) -> Self {
        self.tags.get_or_insert_default().extend(tags.into_iter().map(Into::into));
        self
    }

    /// Keys of the tags that pass to the next role in a chain, at most 50.
    pub fn transitive_tag_keys(mut self, keys: impl IntoIterator<Item = impl Into<Cow<'a, str>>>) -> Self {
        self.transitive_tag_keys.get_or_insert_default().extend(keys.into_iter().map(Into::into));
        self
    }

    /// The external id that the role's trust policy requires from a third party, 2 to 1224 characters of `[\w+=,.@:/-]`.
    pub fn external_id(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.external_id = Some(value.into());
        self
    }

    /// Serial number or ARN of the caller's MFA device, 9 to 256 characters; requires `token_code`.
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

    /// The identity behind the session, kept through role chains; 2 to 256 characters of `[\w+=,.@-]`.
    pub fn source_identity(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.source_identity = Some(value.into());
        self
    }

    /// Assertions of trusted context providers, 1 to 5.
    pub fn provided_contexts(mut self, contexts: impl IntoIterator<Item = ProvidedContext<'a>>) -> Self {
        self.provided_contexts.get_or_insert_default().extend(contexts);
        self
    }

    /// Pads the session token to at least this many characters, 0 to 4096.
    pub fn minimum_session_token_size(mut self, characters: u32) -> Self {
        self.minimum_session_token_size = Some(characters);
        self
    }
}

impl Operation for AssumeRole<'_> {
    const NAME: &'static str = "AssumeRole";
    type Output = AssumeRoleOutput;
}

impl ToQuery for AssumeRole<'_> {
    fn to_query(&self, query: &mut Query) {
        query.put("RoleArn", &self.role_arn, ARN);
        query.put("RoleSessionName", &self.role_session_name, SESSION_NAME);
        query.put("PolicyArns", &self.policy_arns, Rule::Any);
        query.put("Policy", &self.policy, UNRESTRICTED_POLICY);
        query.put("DurationSeconds", &self.duration_seconds, ROLE_DURATION);
        query.put("Tags", &self.tags, TAGS);
        query.put("TransitiveTagKeys", &self.transitive_tag_keys, TRANSITIVE_TAG_KEYS);
        query.put("ExternalId", &self.external_id, EXTERNAL_ID);
        query.put("SerialNumber", &self.serial_number, SERIAL_NUMBER);
        query.put("TokenCode", &self.token_code, TOKEN_CODE);
        query.put("SourceIdentity", &self.source_identity, SOURCE_IDENTITY);
        query.put("ProvidedContexts", &self.provided_contexts, PROVIDED_CONTEXTS);
        query.put("MinimumSessionTokenSize", &self.minimum_session_token_size, TOKEN_SIZE);
        check_tags(query, self.tags.as_deref().unwrap_or_default());
        check_transitive(query, self.tags.as_deref(), self.transitive_tag_keys.as_deref());
        check_mfa(query, self.serial_number.is_some(), self.token_code.is_some());
    }
}

/// What [`AssumeRole`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssumeRoleOutput {
    /// `Credentials`: the credentials.
    pub credentials: TemporaryCredentials,
    /// `AssumedRoleUser`: the identity of the session. AWS always sends it.
    pub assumed_role_user: Option<AssumedRoleUser>,
    /// `PackedPolicySize`: deprecated; use `session_token_utilization`.
    pub packed_policy_size: Option<u32>,
    /// `SourceIdentity`: the source identity of the session.
    pub source_identity: Option<String>,
    /// `SessionTokenUtilization`: size of the session token, as a percentage of the maximum.
    pub session_token_utilization: Option<u32>,
    /// `SessionTokenSize`: length of the session token, in characters.
    pub session_token_size: Option<u32>,
}

impl AssumeRoleOutput {
    /// An output with its required members, for tests. Set the others through their fields.
    pub fn new(credentials: TemporaryCredentials) -> Self {
        Self {
            credentials,
            assumed_role_user: None,
            packed_policy_size: None,
            source_identity: None,
            session_token_utilization: None,
            session_token_size: None,
        }
    }
}

impl FromXml for AssumeRoleOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            credentials: x.get("Credentials")?,
            assumed_role_user: x.optional("AssumedRoleUser"),
            packed_policy_size: x.optional("PackedPolicySize"),
            source_identity: x.optional("SourceIdentity"),
            session_token_utilization: x.optional("SessionTokenUtilization"),
            session_token_size: x.optional("SessionTokenSize"),
        })
    }
}

/// `tagKeyListType`
const TRANSITIVE_TAG_KEYS: Rule = Rule::List(0, 50, &TAG_KEY);
/// `sourceIdentityType`
const SOURCE_IDENTITY: Rule = Rule::text(2, 256, NAME_CHARS);
/// `externalIdType`
const EXTERNAL_ID: Rule =
    Rule::text(2, 1224, Chars::new(r"[\w+=,.@:\/-]*", &ascii(b"azAZ09__++==,,..@@:://--"), ascii_only));
/// `ProvidedContextsListType`
const PROVIDED_CONTEXTS: Rule = Rule::List(1, 5, &Rule::Any);

/// Checks that transitive keys are keys of tags. Keys with non-ASCII characters are left to the service, since case folding can map them
/// to ASCII and back (the Kelvin sign's lower case is `k`).
fn check_transitive(query: &mut Query, tags: Option<&[Tag<'_>]>, keys: Option<&[Cow<'_, str>]>) {
    for (index, key) in keys.unwrap_or_default().iter().take(50).enumerate() {
        let may_be = |tag: &Tag<'_>| is_same_key(&tag.key, key) || !tag.key.is_ascii();
        if key.is_ascii() && !tags.unwrap_or_default().iter().take(50).any(may_be) {
            let member = format!("TransitiveTagKeys.member.{}", index + 1);
            query.refuse(&member, Some(key), "The specified transitive tag key must be included in the requested tags");
        }
    }
}
