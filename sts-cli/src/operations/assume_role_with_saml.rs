use serde::Deserialize;
use sts_blocking::{AssumeRoleWithSaml as Operation, AssumeRoleWithSamlOutput, TemporaryCredentials};

use crate::{
    member::{Items, Missing, Text, all, required, token},
    operation::{OperationArgs, With},
    shapes::PolicyArn,
    value::{Value, structure},
};

#[derive(clap::Args, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct AssumeRoleWithSaml {
    /// ARN of the role to assume (required)
    #[arg(long, value_name = "ARN")]
    role_arn: Option<Text>,
    /// ARN of the SAML provider in IAM (required)
    #[arg(long, value_name = "ARN")]
    principal_arn: Option<Text>,
    /// Base64-encoded SAML assertion, or file://PATH (required)
    #[arg(long, value_name = "BASE64", value_parser = token)]
    #[serde(rename = "SAMLAssertion")]
    saml_assertion: Option<Text>,
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

impl OperationArgs for AssumeRoleWithSaml {
    type Operation = Operation<'static>;

    const CREDENTIALS: Option<fn(&AssumeRoleWithSamlOutput) -> &TemporaryCredentials> =
        Some(|output| &output.credentials);

    fn operation(self) -> Result<Self::Operation, Missing> {
        let [role_arn, principal_arn, saml_assertion] = required([
            ("--role-arn", self.role_arn),
            ("--principal-arn", self.principal_arn),
            ("--saml-assertion", self.saml_assertion),
        ])?;
        Ok(Operation::new(role_arn, principal_arn, saml_assertion)
            .with(self.policy_arns, |operation, arns| operation.policy_arns(all::<PolicyArn, PolicyArn>(arns)))
            .with(self.policy, Operation::policy)
            .with(self.duration_seconds, Operation::duration_seconds)
            .with(self.minimum_session_token_size, Operation::minimum_session_token_size))
    }

    fn output(output: &AssumeRoleWithSamlOutput) -> Value {
        structure([
            ("Credentials", (&output.credentials).into()),
            ("AssumedRoleUser", output.assumed_role_user.as_ref().into()),
            ("PackedPolicySize", output.packed_policy_size.into()),
            ("Subject", output.subject.as_deref().into()),
            ("SubjectType", output.subject_type.as_deref().into()),
            ("Issuer", output.issuer.as_deref().into()),
            ("Audience", output.audience.as_deref().into()),
            ("NameQualifier", output.name_qualifier.as_deref().into()),
            ("SourceIdentity", output.source_identity.as_deref().into()),
            ("SessionTokenUtilization", output.session_token_utilization.into()),
            ("SessionTokenSize", output.session_token_size.into()),
            ("TrustedIdentityPropagationContext", output.trusted_identity_propagation_context.as_ref().into()),
        ])
    }
}
