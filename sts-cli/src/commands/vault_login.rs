//! `sts vault-login`

use clap::Args;
use sts_blocking::proof;
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
    /// Role of Vault to log in to; the caller's name if not given
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// What Vault's iam_server_id_header_value is set to, if it is
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
