use serde::Deserialize;
use sts_blocking::{AssumeRole as Operation, AssumeRoleOutput, TemporaryCredentials};

use crate::{
    member::{Items, Missing, Text, all, required, token},
    operation::{OperationArgs, With},
    shapes::{PolicyArn, ProvidedContext, Tag},
    value::{Value, structure},
};

#[derive(clap::Args, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct AssumeRole {
    /// ARN of the role to assume (required)
    #[arg(long, value_name = "ARN")]
    pub(crate) role_arn: Option<Text>,
    /// Name of the role session (required)
    #[arg(long, value_name = "NAME")]
    pub(crate) role_session_name: Option<Text>,
    /// Managed policies that restrict the session: arn=ARN ..., or JSON
    #[arg(long, value_name = "arn=ARN", num_args = 1..)]
    policy_arns: Option<Vec<Items<PolicyArn>>>,
    /// Inline JSON policy that restricts the session, or file://PATH
    #[arg(long, value_name = "JSON")]
    policy: Option<Text>,
    /// Lifetime of the credentials: 900 to 43200
    #[arg(long, value_name = "SECONDS")]
    duration_seconds: Option<u32>,
    /// Session tags: Key=KEY,Value=VALUE ..., or JSON
    #[arg(long, value_name = "Key=KEY,Value=VALUE", num_args = 1..)]
    tags: Option<Vec<Items<Tag>>>,
    /// Keys of the session tags that the next role in a chain keeps
    #[arg(long, value_name = "KEY", num_args = 1..)]
    transitive_tag_keys: Option<Vec<Items<Text>>>,
    /// External ID that the role's trust policy requires
    #[arg(long, value_name = "ID")]
    external_id: Option<Text>,
    /// Serial number or ARN of your MFA device; requires --token-code
    #[arg(long, value_name = "SERIAL")]
    pub(crate) serial_number: Option<Text>,
    /// The six digits on your MFA device; requires --serial-number
    #[arg(long, value_name = "DIGITS", value_parser = token)]
    pub(crate) token_code: Option<Text>,
    /// Name of the person or program behind the session; role chains keep it
    #[arg(long, value_name = "NAME")]
    source_identity: Option<Text>,
    /// Assertions of trusted context providers: ProviderArn=ARN,ContextAssertion=TEXT ..., or JSON
    #[arg(long, value_name = "ProviderArn=ARN,ContextAssertion=TEXT", num_args = 1..)]
    provided_contexts: Option<Vec<Items<ProvidedContext>>>,
    /// Minimum length of the session token, in characters: 0 to 4096
    #[arg(long, value_name = "CHARACTERS")]
    minimum_session_token_size: Option<u32>,
}

impl OperationArgs for AssumeRole {
    type Operation = Operation<'static>;

    const CREDENTIALS: Option<fn(&AssumeRoleOutput) -> &TemporaryCredentials> = Some(|output| &output.credentials);

    fn operation(self) -> Result<Self::Operation, Missing> {
        let [role_arn, role_session_name] =
            required([("--role-arn", self.role_arn), ("--role-session-name", self.role_session_name)])?;
        Ok(Operation::new(role_arn, role_session_name)
            .with(self.policy_arns, |operation, arns| operation.policy_arns(all::<PolicyArn, PolicyArn>(arns)))
            .with(self.policy, Operation::policy)
            .with(self.duration_seconds, Operation::duration_seconds)
            .with(self.tags, |operation, tags| operation.tags(all::<Tag, Tag>(tags)))
            .with(self.transitive_tag_keys, |operation, keys| operation.transitive_tag_keys(all::<Text, Text>(keys)))
            .with(self.external_id, Operation::external_id)
            .with(self.serial_number, Operation::serial_number)
            .with(self.token_code, Operation::token_code)
            .with(self.source_identity, Operation::source_identity)
            .with(self.provided_contexts, |operation, contexts| operation.provided_contexts(all(contexts)))
            .with(self.minimum_session_token_size, Operation::minimum_session_token_size))
    }

    fn output(output: &AssumeRoleOutput) -> Value {
        structure([
            ("Credentials", (&output.credentials).into()),
            ("AssumedRoleUser", output.assumed_role_user.as_ref().into()),
            ("PackedPolicySize", output.packed_policy_size.into()),
            ("SourceIdentity", output.source_identity.as_deref().into()),
            ("SessionTokenUtilization", output.session_token_utilization.into()),
            ("SessionTokenSize", output.session_token_size.into()),
        ])
    }
}
