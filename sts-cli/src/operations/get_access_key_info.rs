use serde::Deserialize;
use sts_blocking::{GetAccessKeyInfo as Operation, GetAccessKeyInfoOutput};

use crate::{
    member::{Missing, Text, required},
    operation::OperationArgs,
    value::{Value, structure},
};

#[derive(clap::Args, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct GetAccessKeyInfo {
    /// Access key ID (required)
    #[arg(long, value_name = "ID")]
    access_key_id: Option<Text>,
}

impl OperationArgs for GetAccessKeyInfo {
    type Operation = Operation<'static>;

    fn operation(self) -> Result<Self::Operation, Missing> {
        let [access_key_id] = required([("--access-key-id", self.access_key_id)])?;
        Ok(Operation::new(access_key_id))
    }

    fn output(output: &GetAccessKeyInfoOutput) -> Value {
        structure([("Account", output.account.as_str().into())])
    }
}
