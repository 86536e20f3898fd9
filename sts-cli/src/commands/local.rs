//! `sts local`

use clap::Args;
use std::thread;
use sts_local::{DEMO_ROLE_ARN, LocalSts};

use crate::{
    failure::Failure,
    output,
    shell::{Shell, exports},
};

#[derive(Args)]
pub(crate) struct Local {
    /// Port on 127.0.0.1; 0 for any free port
    #[arg(long, default_value_t = 0)]
    port: u16,
}

impl Local {
    /// Serves until the process is stopped.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let listener = LocalSts::demo().serve(self.port);
        let listener = listener.map_err(|error| {
            Failure::caused(&format!("Could not listen on port {} of 127.0.0.1", self.port), &error)
        })?;
        output::print(&format!(
            "\
# A local STS answers at {url} until Ctrl-C. To use it, in another terminal:
export AWS_ENDPOINT_URL_STS={url}
export AWS_REGION=us-east-1
{credentials}sts assume-role --role-arn {DEMO_ROLE_ARN} --role-session-name demo
",
            url = listener.url(),
            credentials = exports(Shell::Posix, &LocalSts::demo_credentials())?,
        ))?;
        loop {
            thread::park();
        }
    }
}
