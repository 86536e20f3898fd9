//! The commands that make one call, one file each, named as the operation.

mod assume_role;
mod assume_role_with_saml;
mod assume_role_with_web_identity;
mod assume_root;
mod decode_authorization_message;
mod get_access_key_info;
mod get_caller_identity;
mod get_delegated_access_token;
mod get_federation_token;
mod get_scoped_credentials;
mod get_session_token;
mod get_web_identity_token;

pub(crate) use assume_role::AssumeRole;
pub(crate) use assume_role_with_saml::AssumeRoleWithSaml;
pub(crate) use assume_role_with_web_identity::AssumeRoleWithWebIdentity;
pub(crate) use assume_root::AssumeRoot;
pub(crate) use decode_authorization_message::DecodeAuthorizationMessage;
pub(crate) use get_access_key_info::GetAccessKeyInfo;
pub(crate) use get_caller_identity::GetCallerIdentity;
pub(crate) use get_delegated_access_token::GetDelegatedAccessToken;
pub(crate) use get_federation_token::GetFederationToken;
pub(crate) use get_scoped_credentials::GetScopedCredentials;
pub(crate) use get_session_token::GetSessionToken;
pub(crate) use get_web_identity_token::GetWebIdentityToken;

use serde::de::DeserializeOwned;
use sts_blocking::{Operation, TemporaryCredentials};

use crate::{input::Missing, output::Value};

/// A command: the operation's members as options and as JSON, and the two mappings.
///
/// Every field is optional, so that `--cli-input-json` can give any member, and is named as the member: in kebab case it is
/// the option, in Pascal case the JSON key.
pub(crate) trait Command: clap::Args + DeserializeOwned + Default {
    type Operation: Operation;

    /// The credentials in the output, when the operation issues any: what `--output env` prints.
    const CREDENTIALS: Option<fn(&Output<Self>) -> &TemporaryCredentials> = None;

    /// The operation of these members.
    fn operation(self) -> Result<Self::Operation, Missing>;

    /// What is printed, in the order of the AWS CLI, which is the API model's.
    fn output(output: &Output<Self>) -> Value;
}

/// What a command's operation returns.
pub(crate) type Output<C> = <<C as Command>::Operation as Operation>::Output;

/// Sets an operation's optional members.
trait With: Sized {
    fn with<T>(self, value: Option<T>, set: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => set(self, value),
            None => self,
        }
    }
}

impl<O: Operation> With for O {}
