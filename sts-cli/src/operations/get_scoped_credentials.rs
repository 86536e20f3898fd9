use serde::Deserialize;
use sts_blocking::{GetScopedCredentials as Operation, GetScopedCredentialsOutput, TemporaryCredentials};

use crate::{
    member::{Missing, Text},
    operation::{OperationArgs, With},
    value::{Value, structure},
};

#[derive(clap::Args, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct GetScopedCredentials {
    /// Inline JSON policy that restricts the session, or file://PATH
    #[arg(long, value_name = "JSON")]
    policy: Option<Text>,
    /// Lifetime of the credentials: 1 to 129600, and no longer than that of the current ones
    #[arg(long, value_name = "SECONDS")]
    duration_seconds: Option<u32>,
    /// Minimum length of the session token, in characters: 0 to 4096
    #[arg(long, value_name = "CHARACTERS")]
    minimum_session_token_size: Option<u32>,
    /// Purpose of the session, for CloudTrail logs
    #[arg(long, value_name = "TEXT")]
    scoped_session_description: Option<Text>,
}

impl OperationArgs for GetScopedCredentials {
    type Operation = Operation<'static>;

    const CREDENTIALS: Option<fn(&GetScopedCredentialsOutput) -> &TemporaryCredentials> =
        Some(|output| &output.credentials);

    fn operation(self) -> Result<Self::Operation, Missing> {
        Ok(Operation::new()
            .with(self.policy, Operation::policy)
            .with(self.duration_seconds, Operation::duration_seconds)
            .with(self.minimum_session_token_size, Operation::minimum_session_token_size)
            .with(self.scoped_session_description, Operation::scoped_session_description))
    }

    fn output(output: &GetScopedCredentialsOutput) -> Value {
        structure([
            ("Credentials", (&output.credentials).into()),
            ("SessionInfo", output.session_info.as_ref().into()),
            ("SessionTokenUtilization", output.session_token_utilization.into()),
            ("SessionTokenSize", output.session_token_size.into()),
            ("ScopedPoliciesCount", output.scoped_policies_count.into()),
            ("SourceIdentity", output.source_identity.as_deref().into()),
        ])
    }
}
