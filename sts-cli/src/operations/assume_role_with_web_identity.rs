use serde::Deserialize;
use sts_blocking::{AssumeRoleWithWebIdentity as Operation, AssumeRoleWithWebIdentityOutput, TemporaryCredentials};

use crate::{
    member::{Items, Missing, Text, all, required, token},
    operation::{OperationArgs, With},
    shapes::PolicyArn,
    value::{Value, structure},
};

#[derive(clap::Args, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct AssumeRoleWithWebIdentity {
    /// ARN of the role to assume (required)
    #[arg(long, value_name = "ARN")]
    role_arn: Option<Text>,
    /// Name of the role session (required)
    #[arg(long, value_name = "NAME")]
    role_session_name: Option<Text>,
    /// Token of the identity provider, or file://PATH (required)
    #[arg(long, value_name = "TOKEN", value_parser = token)]
    web_identity_token: Option<Text>,
    /// Host name of an OAuth 2.0 provider; not used with OpenID Connect
    #[arg(long, value_name = "HOST")]
    provider_id: Option<Text>,
    /// Managed policies that restrict the session: arn=ARN ..., or JSON
    #[arg(long, value_name = "arn=ARN", num_args = 1..)]
    policy_arns: Option<Vec<Items<PolicyArn>>>,
    /// Inline JSON policy that restricts the session, or file://PATH
    #[arg(long, value_name = "JSON")]
    policy: Option<Text>,
    /// Lifetime of the credentials: 900 to 43200
    #[arg(long, value_name = "SECONDS")]
    duration_seconds: Option<u32>,
    /// Minimum length of the session token, in characters: 0 to 4096
    #[arg(long, value_name = "CHARACTERS")]
    minimum_session_token_size: Option<u32>,
}

impl OperationArgs for AssumeRoleWithWebIdentity {
    type Operation = Operation<'static>;

    const CREDENTIALS: Option<fn(&AssumeRoleWithWebIdentityOutput) -> &TemporaryCredentials> =
        Some(|output| &output.credentials);

    fn operation(self) -> Result<Self::Operation, Missing> {
        let [role_arn, role_session_name, web_identity_token] = required([
            ("--role-arn", self.role_arn),
            ("--role-session-name", self.role_session_name),
            ("--web-identity-token", self.web_identity_token),
        ])?;
        Ok(Operation::new(role_arn, role_session_name, web_identity_token)
            .with(self.provider_id, Operation::provider_id)
            .with(self.policy_arns, |operation, arns| operation.policy_arns(all::<PolicyArn, PolicyArn>(arns)))
            .with(self.policy, Operation::policy)
            .with(self.duration_seconds, Operation::duration_seconds)
            .with(self.minimum_session_token_size, Operation::minimum_session_token_size))
    }

    fn output(output: &AssumeRoleWithWebIdentityOutput) -> Value {
        structure([
            ("Credentials", (&output.credentials).into()),
            ("SubjectFromWebIdentityToken", output.subject_from_web_identity_token.as_deref().into()),
            ("AssumedRoleUser", output.assumed_role_user.as_ref().into()),
            ("PackedPolicySize", output.packed_policy_size.into()),
            ("Provider", output.provider.as_deref().into()),
            ("Audience", output.audience.as_deref().into()),
            ("SourceIdentity", output.source_identity.as_deref().into()),
            ("SessionTokenUtilization", output.session_token_utilization.into()),
            ("SessionTokenSize", output.session_token_size.into()),
            ("TrustedIdentityPropagationContext", output.trusted_identity_propagation_context.as_ref().into()),
        ])
    }
}
