//! `sts credential-process`

use clap::Args;

use crate::{
    context::Context,
    credentials::{HandedOn, document},
    failure::Failure,
    output,
};

/// Prints credentials as an SDK expects them of a `credential_process`.
#[derive(Args)]
pub(crate) struct CredentialProcess {
    #[command(flatten)]
    credentials: HandedOn,
}

impl CredentialProcess {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        let credentials = self.credentials.find(context)?;
        output::print(&document(&credentials))
    }
}
