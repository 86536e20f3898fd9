//! The parts of a command that makes one call: its options, its operation, and its printed output.

use serde::de::DeserializeOwned;
use sts_blocking::{Operation, TemporaryCredentials};

use crate::{member::Missing, value::Value};

/// An operation's members as options and as JSON, and the two mappings.
///
/// Every field is optional, so that `--cli-input-json` can give any member. Its name in kebab case is the option, in Pascal case the JSON
/// key.
pub(crate) trait OperationArgs: clap::Args + DeserializeOwned + Default {
    type Operation: Operation;

    /// The credentials in the output, if the operation issues any: `--output env` prints them.
    const CREDENTIALS: Option<fn(&Output<Self>) -> &TemporaryCredentials> = None;

    /// The operation with these members.
    fn operation(self) -> Result<Self::Operation, Missing>;

    /// The printed value, in the order of the AWS CLI, which is that of the API model.
    fn output(output: &Output<Self>) -> Value;
}

/// The output of a command's operation.
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
