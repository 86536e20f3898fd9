use serde::Deserialize;
use sts_blocking::{DecodeAuthorizationMessage as Operation, DecodeAuthorizationMessageOutput};

use crate::{
    member::{Missing, Text, required, token},
    operation::OperationArgs,
    value::{Value, structure},
};

#[derive(clap::Args, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct DecodeAuthorizationMessage {
    /// Encoded message, or file://PATH (required)
    #[arg(long, value_name = "TEXT", value_parser = token)]
    encoded_message: Option<Text>,
}

impl OperationArgs for DecodeAuthorizationMessage {
    type Operation = Operation<'static>;

    fn operation(self) -> Result<Self::Operation, Missing> {
        let [encoded_message] = required([("--encoded-message", self.encoded_message)])?;
        Ok(Operation::new(encoded_message))
    }

    fn output(output: &DecodeAuthorizationMessageOutput) -> Value {
        structure([("DecodedMessage", output.decoded_message.as_str().into())])
    }
}
