use alloc::{borrow::Cow, string::String};

use crate::{
    operation::Operation,
    query::{Query, ToQuery},
    shapes::{PolicyDescriptor, TOKEN_SIZE, TemporaryCredentials},
    validate::Rule,
    xml::{Element, FromXml, ParseError},
};

/// Returns short-lived credentials for one privileged task on a member account of the organization.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html)
#[doc(alias = "assume_root")]
#[derive(Clone, Debug)]
#[must_use]
pub struct AssumeRoot<'a> {
    target_principal: Cow<'a, str>,
    task_policy_arn: PolicyDescriptor<'a>,
    duration_seconds: Option<u32>,
    minimum_session_token_size: Option<u32>,
}

impl<'a> AssumeRoot<'a> {
    /// `target_principal`: the member account, 12 to 2048 characters.
    /// `task_policy_arn`: the managed policy that names the task, one of AWS's `root-task` policies.
    pub fn new(target_principal: impl Into<Cow<'a, str>>, task_policy_arn: impl Into<PolicyDescriptor<'a>>) -> Self {
        Self {
            target_principal: target_principal.into(),
            task_policy_arn: task_policy_arn.into(),
            duration_seconds: None,
            minimum_session_token_size: None,
        }
    }

    /// Lifetime of the credentials, in seconds: 0 to 900 (900 by default).
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

impl Operation for AssumeRoot<'_> {
    const NAME: &'static str = "AssumeRoot";
    type Output = AssumeRootOutput;
}

impl ToQuery for AssumeRoot<'_> {
    fn to_query(&self, query: &mut Query) {
        query.put("TargetPrincipal", &self.target_principal, Rule::length(12, 2048));
        query.put("TaskPolicyArn", &self.task_policy_arn, Rule::Any);
        query.put("DurationSeconds", &self.duration_seconds, Rule::Range(0, 900));
        query.put("MinimumSessionTokenSize", &self.minimum_session_token_size, TOKEN_SIZE);
    }
}

/// What [`AssumeRoot`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssumeRootOutput {
    /// `Credentials`: the credentials.
    pub credentials: TemporaryCredentials,
    /// `SourceIdentity`: the source identity of the session.
    pub source_identity: Option<String>,
    /// `SessionTokenUtilization`: size of the session token, as a percentage of the maximum.
    pub session_token_utilization: Option<u32>,
    /// `SessionTokenSize`: length of the session token, in characters.
    pub session_token_size: Option<u32>,
}

impl AssumeRootOutput {
    /// An output with its required members, for tests. Set the others through their fields.
    pub fn new(credentials: TemporaryCredentials) -> Self {
        Self { credentials, source_identity: None, session_token_utilization: None, session_token_size: None }
    }
}

impl FromXml for AssumeRootOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            credentials: x.get("Credentials")?,
            source_identity: x.optional("SourceIdentity"),
            session_token_utilization: x.optional("SessionTokenUtilization"),
            session_token_size: x.optional("SessionTokenSize"),
        })
    }
}
