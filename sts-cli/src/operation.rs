//! What every command that makes one call has: its options, the operation that they make, and what is printed of the output.

use serde::de::DeserializeOwned;
use sts_blocking::{Operation, TemporaryCredentials};

use crate::{member::Missing, value::Value};

/// An operation's members as options and as JSON, and the two mappings.
///
/// Every field is optional, so that `--cli-input-json` can give any member, and is named as the member: in kebab case it is
/// the option, in Pascal case the JSON key.
pub(crate) trait OperationArgs: clap::Args + DeserializeOwned + Default {
    type Operation: Operation;

    /// The credentials in the output, when the operation issues any: what `--output env` prints.
    const CREDENTIALS: Option<fn(&Output<Self>) -> &TemporaryCredentials> = None;

    /// The operation of these members.
    fn operation(self) -> Result<Self::Operation, Missing>;

    /// What is printed, in the order of the AWS CLI, which is the API model's.
    fn output(output: &Output<Self>) -> Value;
}

/// What a command's operation returns.
pub(crate) type Output<C> = <<C as OperationArgs>::Operation as Operation>::Output;

/// Sets an operation's optional members.
pub(crate) trait With: Sized {
    fn with<T>(self, value: Option<T>, set: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => set(self, value),
            None => self,
        }
    }
}

impl<O: Operation> With for O {}
