use alloc::{borrow::Cow, string::String, vec::Vec};

use crate::{
    operation::{Auth, Operation},
    query::{Query, ToQuery},
    secret::Secret,
    shapes::{
        ARN, AssumedRoleUser, POLICY, PolicyDescriptor, ROLE_DURATION, TOKEN_SIZE, TemporaryCredentials,
        TrustedIdentityPropagationContext,
    },
    validate::Rule,
    xml::{Element, FromXml, ParseError},
};

/// Returns temporary credentials of a role, in exchange for an assertion of a SAML 2.0 identity provider.
/// The request is not signed.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html)
#[doc(alias = "assume_role_with_saml")]
#[doc(alias = "AssumeRoleWithSAML")]
#[derive(Clone, Debug)]
#[must_use]
pub struct AssumeRoleWithSaml<'a> {
    role_arn: Cow<'a, str>,
    principal_arn: Cow<'a, str>,
    saml_assertion: Secret,
    policy_arns: Option<Vec<PolicyDescriptor<'a>>>,
    policy: Option<Cow<'a, str>>,
    duration_seconds: Option<u32>,
    minimum_session_token_size: Option<u32>,
}

impl<'a> AssumeRoleWithSaml<'a> {
    /// `role_arn`: ARN of the role, 20 to 2048 characters.
    /// `principal_arn`: ARN of the identity provider in IAM, 20 to 2048 characters.
    /// `saml_assertion`: the provider's assertion, base64, 4 to 100000 characters.
    pub fn new(
        role_arn: impl Into<Cow<'a, str>>,
        principal_arn: impl Into<Cow<'a, str>>,
        saml_assertion: impl Into<Secret>,
    ) -> Self {
        Self {
            role_arn: role_arn.into(),
            principal_arn: principal_arn.into(),
            saml_assertion: saml_assertion.into(),
            policy_arns: None,
            policy: None,
            duration_seconds: None,
            minimum_session_token_size: None,
        }
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

impl Operation for AssumeRoleWithSaml<'_> {
    const NAME: &'static str = "AssumeRoleWithSAML";
    const AUTH: Auth = Auth::None;
    type Output = AssumeRoleWithSamlOutput;
}

impl ToQuery for AssumeRoleWithSaml<'_> {
    fn to_query(&self, query: &mut Query) {
        query.put("RoleArn", &self.role_arn, ARN);
        query.put("PrincipalArn", &self.principal_arn, ARN);
        query.put("SAMLAssertion", &self.saml_assertion, Rule::length(4, 100_000));
        query.put("PolicyArns", &self.policy_arns, Rule::Any);
        query.put("Policy", &self.policy, POLICY);
        query.put("DurationSeconds", &self.duration_seconds, ROLE_DURATION);
        query.put("MinimumSessionTokenSize", &self.minimum_session_token_size, TOKEN_SIZE);
    }
}

/// What [`AssumeRoleWithSaml`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssumeRoleWithSamlOutput {
    /// `Credentials`: the credentials.
    pub credentials: TemporaryCredentials,
    /// `AssumedRoleUser`: the identity of the session. AWS always sends it.
    pub assumed_role_user: Option<AssumedRoleUser>,
    /// `PackedPolicySize`: deprecated; use `session_token_utilization`.
    pub packed_policy_size: Option<u32>,
    /// `Subject`: `NameID` of the assertion's subject.
    pub subject: Option<String>,
    /// `SubjectType`: format of the `NameID`: `transient`, `persistent` or a URI.
    pub subject_type: Option<String>,
    /// `Issuer`: the issuer of the assertion.
    pub issuer: Option<String>,
    /// `Audience`: the `Recipient` of the assertion.
    pub audience: Option<String>,
    /// `NameQualifier`: hash of issuer, account and provider. Together with the subject, it identifies a user.
    pub name_qualifier: Option<String>,
    /// `SourceIdentity`: the source identity of the session.
    pub source_identity: Option<String>,
    /// `SessionTokenUtilization`: size of the session token, as a percentage of the maximum.
    pub session_token_utilization: Option<u32>,
    /// `SessionTokenSize`: length of the session token, in characters.
    pub session_token_size: Option<u32>,
    /// `TrustedIdentityPropagationContext`: the end user of the session, if the provider sends it.
    pub trusted_identity_propagation_context: Option<TrustedIdentityPropagationContext>,
}

impl AssumeRoleWithSamlOutput {
    /// An output with its required members, for tests. Set the others through their fields.
    pub fn new(credentials: TemporaryCredentials) -> Self {
        Self {
            credentials,
            assumed_role_user: None,
            packed_policy_size: None,
            subject: None,
            subject_type: None,
            issuer: None,
            audience: None,
            name_qualifier: None,
            source_identity: None,
            session_token_utilization: None,
            session_token_size: None,
            trusted_identity_propagation_context: None,
        }
    }
}

impl FromXml for AssumeRoleWithSamlOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            credentials: x.get("Credentials")?,
            assumed_role_user: x.optional("AssumedRoleUser"),
            packed_policy_size: x.optional("PackedPolicySize"),
            subject: x.optional("Subject"),
            subject_type: x.optional("SubjectType"),
            issuer: x.optional("Issuer"),
            audience: x.optional("Audience"),
            name_qualifier: x.optional("NameQualifier"),
            source_identity: x.optional("SourceIdentity"),
            session_token_utilization: x.optional("SessionTokenUtilization"),
            session_token_size: x.optional("SessionTokenSize"),
            trusted_identity_propagation_context: x.optional("TrustedIdentityPropagationContext"),
        })
    }
}
