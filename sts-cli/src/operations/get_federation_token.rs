use serde::Deserialize;
use sts_blocking::{GetFederationToken as Operation, GetFederationTokenOutput, TemporaryCredentials};

use crate::{
    member::{Items, Missing, Text, all, required},
    operation::{OperationArgs, With},
    shapes::{PolicyArn, Tag},
    value::{Value, structure},
};

#[derive(clap::Args, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct GetFederationToken {
    /// Name of the federated user (required)
    #[arg(long, value_name = "NAME")]
    name: Option<Text>,
    /// Inline JSON policy that restricts the session, or file://PATH
    #[arg(long, value_name = "JSON")]
    policy: Option<Text>,
    /// Managed policies that restrict the session: arn=ARN ..., or JSON
    #[arg(long, value_name = "arn=ARN", num_args = 1..)]
    policy_arns: Option<Vec<Items<PolicyArn>>>,
    /// Lifetime of the credentials: 900 to 129600
    #[arg(long, value_name = "SECONDS")]
    duration_seconds: Option<u32>,
    /// Session tags: Key=KEY,Value=VALUE ..., or JSON
    #[arg(long, value_name = "Key=KEY,Value=VALUE", num_args = 1..)]
    tags: Option<Vec<Items<Tag>>>,
    /// Minimum length of the session token, in characters: 0 to 4096
    #[arg(long, value_name = "CHARACTERS")]
    minimum_session_token_size: Option<u32>,
}

impl OperationArgs for GetFederationToken {
    type Operation = Operation<'static>;

    const CREDENTIALS: Option<fn(&GetFederationTokenOutput) -> &TemporaryCredentials> =
        Some(|output| &output.credentials);

    fn operation(self) -> Result<Self::Operation, Missing> {
        let [name] = required([("--name", self.name)])?;
        Ok(Operation::new(name)
            .with(self.policy, Operation::policy)
            .with(self.policy_arns, |operation, arns| operation.policy_arns(all::<PolicyArn, PolicyArn>(arns)))
            .with(self.duration_seconds, Operation::duration_seconds)
            .with(self.tags, |operation, tags| operation.tags(all::<Tag, Tag>(tags)))
            .with(self.minimum_session_token_size, Operation::minimum_session_token_size))
    }

    fn output(output: &GetFederationTokenOutput) -> Value {
        structure([
            ("Credentials", (&output.credentials).into()),
            ("FederatedUser", output.federated_user.as_ref().into()),
            ("PackedPolicySize", output.packed_policy_size.into()),
            ("SessionTokenUtilization", output.session_token_utilization.into()),
            ("SessionTokenSize", output.session_token_size.into()),
        ])
    }
}
