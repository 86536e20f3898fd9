use serde::Deserialize;
use sts_blocking::{AssumeRoot as Operation, AssumeRootOutput, TemporaryCredentials};

use crate::{
    member::{Missing, Text, item},
    operation::{OperationArgs, With},
    shapes::PolicyArn,
    value::{Value, structure},
};

#[derive(clap::Args, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct AssumeRoot {
    /// ID of the member account, 12 digits (required)
    #[arg(long, value_name = "ACCOUNT")]
    target_principal: Option<Text>,
    /// Managed policy that defines the task: arn=ARN, or JSON (required)
    #[arg(long, value_name = "arn=ARN", value_parser = item::<PolicyArn>)]
    task_policy_arn: Option<PolicyArn>,
    /// Lifetime of the credentials: 0 to 900
    #[arg(long, value_name = "SECONDS")]
    duration_seconds: Option<u32>,
    /// Minimum length of the session token, in characters: 0 to 4096
    #[arg(long, value_name = "CHARACTERS")]
    minimum_session_token_size: Option<u32>,
}

impl OperationArgs for AssumeRoot {
    type Operation = Operation<'static>;

    const CREDENTIALS: Option<fn(&AssumeRootOutput) -> &TemporaryCredentials> = Some(|output| &output.credentials);

    fn operation(self) -> Result<Self::Operation, Missing> {
        let given = [
            ("--target-principal", self.target_principal.is_some()),
            ("--task-policy-arn", self.task_policy_arn.is_some()),
        ];
        let members = self.target_principal.zip(self.task_policy_arn);
        let (target_principal, task_policy_arn) = members.ok_or_else(|| Missing::among(given))?;
        Ok(Operation::new(target_principal, task_policy_arn)
            .with(self.duration_seconds, Operation::duration_seconds)
            .with(self.minimum_session_token_size, Operation::minimum_session_token_size))
    }

    fn output(output: &AssumeRootOutput) -> Value {
        structure([
            ("Credentials", (&output.credentials).into()),
            ("SourceIdentity", output.source_identity.as_deref().into()),
            ("SessionTokenUtilization", output.session_token_utilization.into()),
            ("SessionTokenSize", output.session_token_size.into()),
        ])
    }
}
