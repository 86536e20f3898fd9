use serde::Deserialize;
use sts_blocking::{GetDelegatedAccessToken as Operation, GetDelegatedAccessTokenOutput, TemporaryCredentials};

use crate::{
    member::{Missing, Text, required, token},
    operation::OperationArgs,
    value::{Value, structure},
};

#[derive(clap::Args, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct GetDelegatedAccessToken {
    /// Trade-in token, or file://PATH (required)
    #[arg(long, value_name = "TOKEN", value_parser = token)]
    trade_in_token: Option<Text>,
}

impl OperationArgs for GetDelegatedAccessToken {
    type Operation = Operation;

    const CREDENTIALS: Option<fn(&GetDelegatedAccessTokenOutput) -> &TemporaryCredentials> =
        Some(|output| &output.credentials);

    fn operation(self) -> Result<Operation, Missing> {
        let [trade_in_token] = required([("--trade-in-token", self.trade_in_token)])?;
        Ok(Operation::new(trade_in_token))
    }

    fn output(output: &GetDelegatedAccessTokenOutput) -> Value {
        structure([
            ("Credentials", (&output.credentials).into()),
            ("PackedPolicySize", output.packed_policy_size.into()),
            ("AssumedPrincipal", output.assumed_principal.as_deref().into()),
        ])
    }
}
