use serde::Deserialize;
use sts_blocking::{GetCallerIdentity as Operation, GetCallerIdentityOutput};

use crate::{
    member::Missing,
    operation::OperationArgs,
    value::{Value, structure},
};

#[derive(clap::Args, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GetCallerIdentity {}

impl OperationArgs for GetCallerIdentity {
    type Operation = Operation;

    fn operation(self) -> Result<Operation, Missing> {
        Ok(Operation::new())
    }

    fn output(output: &GetCallerIdentityOutput) -> Value {
        structure([
            ("UserId", output.user_id.as_str().into()),
            ("Account", output.account.as_str().into()),
            ("Arn", output.arn.as_str().into()),
        ])
    }
}
