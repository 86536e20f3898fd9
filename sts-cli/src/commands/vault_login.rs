//! `sts vault-login`

use clap::Args;
use sts_blocking::core::proof;
use time::UtcDateTime;

use crate::{
    client::{connect, credentials_of},
    context::Context,
    failure::Failure,
    output,
};

/// Prints a login for Vault's AWS auth method.
#[derive(Args)]
pub(crate) struct VaultLogin {
    /// Vault role to log in to; by default, Vault takes the name of the caller's role or user
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// Value of iam_server_id_header_value in Vault's configuration
    #[arg(long, value_name = "VALUE")]
    server_id: Option<String>,
}

impl VaultLogin {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        let (config, credentials) = (context.environment()?.config()?, credentials_of(&connect(context)?.0)?);
        let login = proof::VaultLogin::new(&config, &credentials, self.server_id.as_deref(), UtcDateTime::now())?;
        output::print(&format!("{}\n", login.to_json(self.role.as_deref()).expose()))
    }
}
