use serde::Deserialize;
use sts_blocking::{GetSessionToken as Operation, GetSessionTokenOutput, TemporaryCredentials};

use crate::{
    member::{Missing, Text, token},
    operation::{OperationArgs, With},
    value::{Value, structure},
};

#[derive(clap::Args, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct GetSessionToken {
    /// Lifetime of the credentials: 900 to 129600
    #[arg(long, value_name = "SECONDS")]
    duration_seconds: Option<u32>,
    /// Serial number or ARN of your MFA device; requires --token-code
    #[arg(long, value_name = "SERIAL")]
    serial_number: Option<Text>,
    /// The six digits on your MFA device; requires --serial-number
    #[arg(long, value_name = "DIGITS", value_parser = token)]
    token_code: Option<Text>,
    /// Minimum length of the session token, in characters: 0 to 4096
    #[arg(long, value_name = "CHARACTERS")]
    minimum_session_token_size: Option<u32>,
}

impl OperationArgs for GetSessionToken {
    type Operation = Operation<'static>;

    const CREDENTIALS: Option<fn(&GetSessionTokenOutput) -> &TemporaryCredentials> = Some(|output| &output.credentials);

    fn operation(self) -> Result<Self::Operation, Missing> {
        Ok(Operation::new()
            .with(self.duration_seconds, Operation::duration_seconds)
            .with(self.serial_number, Operation::serial_number)
            .with(self.token_code, Operation::token_code)
            .with(self.minimum_session_token_size, Operation::minimum_session_token_size))
    }

    fn output(output: &GetSessionTokenOutput) -> Value {
        structure([
            ("Credentials", (&output.credentials).into()),
            ("SessionTokenUtilization", output.session_token_utilization.into()),
            ("SessionTokenSize", output.session_token_size.into()),
        ])
    }
}
