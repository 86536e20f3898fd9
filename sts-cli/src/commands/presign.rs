//! `sts presign`

use clap::Args;
use std::time::Duration;
use sts_blocking::core::proof::presigned_get_caller_identity;
use time::UtcDateTime;

use crate::{
    client::{connect, credentials_of},
    context::Context,
    failure::Failure,
    output,
};

/// Prints a presigned `GetCallerIdentity` URL.
#[derive(Args)]
pub(crate) struct Presign {
    /// Lifetime that the URL states; STS refuses it after 15 minutes in any case
    #[arg(long, value_name = "SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u32).range(1..=604_800))]
    expires_in: u32,
}

impl Presign {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        let (config, credentials) = (context.environment()?.config()?, credentials_of(&connect(context)?.0)?);
        let expires = Duration::from_secs(self.expires_in.into());
        let url = presigned_get_caller_identity(&config, &credentials, expires, UtcDateTime::now());
        output::print(&format!("{}\n", url.map_err(|problem| Failure::from(&problem))?))
    }
}
