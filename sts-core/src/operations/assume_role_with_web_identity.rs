use alloc::{borrow::Cow, string::String, vec::Vec};

use crate::{
    operation::{Auth, Operation},
    query::{Query, ToQuery},
    secret::Secret,
    shapes::{
        ARN, AssumedRoleUser, POLICY, PolicyDescriptor, ROLE_DURATION, SESSION_NAME, TOKEN_SIZE, TemporaryCredentials,
        TrustedIdentityPropagationContext,
    },
    validate::Rule,
    xml::{Element, FromXml, ParseError},
};

/// Returns temporary credentials of a role, in exchange for a token of a web identity (OpenID Connect) provider.
/// The request is not signed.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html)
#[doc(alias = "assume_role_with_web_identity")]
#[derive(Clone, Debug)]
#[must_use]
pub struct AssumeRoleWithWebIdentity<'a> {
    role_arn: Cow<'a, str>,
    role_session_name: Cow<'a, str>,
    web_identity_token: Secret,
    provider_id: Option<Cow<'a, str>>,
    policy_arns: Option<Vec<PolicyDescriptor<'a>>>,
    policy: Option<Cow<'a, str>>,
    duration_seconds: Option<u32>,
    minimum_session_token_size: Option<u32>,
}

impl<'a> AssumeRoleWithWebIdentity<'a> {
    /// `role_arn`: ARN of the role, 20 to 2048 characters.
    /// `role_session_name`: the name of the session, 2 to 64 characters of `[\w+=,.@-]`.
    /// `web_identity_token`: the provider's token, 4 to 20000 characters.
    pub fn new(
        role_arn: impl Into<Cow<'a, str>>,
        role_session_name: impl Into<Cow<'a, str>>,
        web_identity_token: impl Into<Secret>,
    ) -> Self {
        Self {
            role_arn: role_arn.into(),
            role_session_name: role_session_name.into(),
            web_identity_token: web_identity_token.into(),
            provider_id: None,
            policy_arns: None,
            policy: None,
            duration_seconds: None,
            minimum_session_token_size: None,
        }
    }

    /// Host name of an OAuth 2.0 provider (`www.amazon.com`, `graph.facebook.com`); absent for OpenID Connect.
    pub fn provider_id(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.provider_id = Some(value.into());
        self
    }

    /// Managed policies that limit the session further.
    pub fn policy_arns(mut self, policies: impl IntoIterator<Item = impl Into<PolicyDescriptor<'a>>>) -> Self {
        self.policy_arns.get_or_insert_default().extend(policies.into_iter().map(Into::into));
        self
    }

    /// Inline policy, as JSON, that limits the session further, 1 to 2048 characters.
    pub fn policy(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.policy = Some(value.into());
        self
    }

    /// Lifetime of the credentials, in seconds: 900 to 43200 (3600 by default).
    pub fn duration_seconds(mut self, seconds: u32) -> Self {
        self.duration_seconds = Some(seconds);
        self
    }

    /// Pads the session token to at least this many characters, 0 to 4096.
    pub fn minimum_session_token_size(mut self, characters: u32) -> Self {
        self.minimum_session_token_size = Some(characters);
        self
    }
}

impl Operation for AssumeRoleWithWebIdentity<'_> {
    const NAME: &'static str = "AssumeRoleWithWebIdentity";
    const AUTH: Auth = Auth::None;
    type Output = AssumeRoleWithWebIdentityOutput;
}

impl ToQuery for AssumeRoleWithWebIdentity<'_> {
    fn to_query(&self, query: &mut Query) {
        query.put("RoleArn", &self.role_arn, ARN);
        query.put("RoleSessionName", &self.role_session_name, SESSION_NAME);
        query.put("WebIdentityToken", &self.web_identity_token, Rule::length(4, 20_000));
        query.put("ProviderId", &self.provider_id, Rule::length(4, 2048));
        query.put("PolicyArns", &self.policy_arns, Rule::Any);
        query.put("Policy", &self.policy, POLICY);
        query.put("DurationSeconds", &self.duration_seconds, ROLE_DURATION);
        query.put("MinimumSessionTokenSize", &self.minimum_session_token_size, TOKEN_SIZE);
    }
}

/// What [`AssumeRoleWithWebIdentity`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssumeRoleWithWebIdentityOutput {
    /// `Credentials`: the credentials.
    pub credentials: TemporaryCredentials,
    /// `SubjectFromWebIdentityToken`: the token's subject (`sub`).
    pub subject_from_web_identity_token: Option<String>,
    /// `AssumedRoleUser`: the identity of the session.
    pub assumed_role_user: Option<AssumedRoleUser>,
    /// `PackedPolicySize`: deprecated; use `session_token_utilization`.
    pub packed_policy_size: Option<u32>,
    /// `Provider`: the issuer of the token (`iss`).
    pub provider: Option<String>,
    /// `Audience`: the intended recipient of the token (`aud`).
    pub audience: Option<String>,
    /// `SourceIdentity`: the source identity of the session.
    pub source_identity: Option<String>,
    /// `SessionTokenUtilization`: size of the session token, as a percentage of the maximum.
    pub session_token_utilization: Option<u32>,
    /// `SessionTokenSize`: length of the session token, in characters.
    pub session_token_size: Option<u32>,
    /// `TrustedIdentityPropagationContext`: the end user of the session, if the provider sends it.
    pub trusted_identity_propagation_context: Option<TrustedIdentityPropagationContext>,
}

impl AssumeRoleWithWebIdentityOutput {
    /// An output with its required members, for tests. Set the others through their fields.
    pub fn new(credentials: TemporaryCredentials) -> Self {
        Self {
            credentials,
            subject_from_web_identity_token: None,
            assumed_role_user: None,
            packed_policy_size: None,
            provider: None,
            audience: None,
            source_identity: None,
            session_token_utilization: None,
            session_token_size: None,
            trusted_identity_propagation_context: None,
        }
    }
}

impl FromXml for AssumeRoleWithWebIdentityOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            credentials: x.get("Credentials")?,
            subject_from_web_identity_token: x.optional("SubjectFromWebIdentityToken"),
            assumed_role_user: x.optional("AssumedRoleUser"),
            packed_policy_size: x.optional("PackedPolicySize"),
            provider: x.optional("Provider"),
            audience: x.optional("Audience"),
            source_identity: x.optional("SourceIdentity"),
            session_token_utilization: x.optional("SessionTokenUtilization"),
            session_token_size: x.optional("SessionTokenSize"),
            trusted_identity_propagation_context: x.optional("TrustedIdentityPropagationContext"),
        })
    }
}
