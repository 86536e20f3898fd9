//! `sts local`

use clap::Args;
use std::thread;
use sts_blocking::ErrorCode;
use sts_local::{DEMO_ROLE_ARN, LocalSts, Role, Script};
use time::SignedDuration;

use crate::{
    failure::Failure,
    output,
    shell::{Shell, exports},
};

/// Runs a local STS.
#[derive(Args)]
pub(crate) struct Local {
    /// Port on 127.0.0.1; 0 for any free port
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Roles to add to the role demo, by name, such as service/deploy
    #[arg(long, value_name = "NAME", num_args = 1.., value_parser = role)]
    role: Vec<Role>,
    /// Error codes of the next requests, one for each request, such as Throttling
    #[arg(long, value_name = "CODE", num_args = 1.., value_parser = code)]
    fail: Vec<ErrorCode>,
    /// Seconds by which the clock of the service is ahead; negative if it is behind
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    clock_offset: i64,
    /// Print only the commands that set the environment, for a file that a shell sources
    #[arg(long)]
    print_env: bool,
}

impl Local {
    /// Serves until the process is stopped.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let sts = LocalSts::demo().clock_offset(SignedDuration::seconds(self.clock_offset));
        let sts = self.role.into_iter().fold(sts, LocalSts::role);
        if !self.fail.is_empty() {
            sts.fail(Script::next(self.fail));
        }
        let listener = sts.serve(self.port).map_err(|error| {
            Failure::caused(&format!("Could not listen on port {} of 127.0.0.1", self.port), &error)
        })?;
        let url = listener.url();
        let credentials = exports(Shell::Posix, &LocalSts::demo_credentials())?;
        let environment = format!("export AWS_ENDPOINT_URL_STS={url}\nexport AWS_REGION=us-east-1\n{credentials}");
        output::print(&if self.print_env {
            environment
        } else {
            format!(
                "# A local STS runs at {url} until Ctrl-C. To use it, in another terminal:\n{environment}\
                 sts assume-role --role-arn {DEMO_ROLE_ARN} --role-session-name demo\n"
            )
        })?;
        loop {
            thread::park();
        }
    }
}

fn role(name: &str) -> Result<Role, &'static str> {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic());
    if name.starts_with("arn:") || !name.split('/').all(is_part) {
        return Err("expected the name of a role, with its path if it has one, and not an ARN");
    }
    Ok(Role::new(name))
}

fn code(name: &str) -> Result<ErrorCode, &'static str> {
    let is_code = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    if is_code { Ok(ErrorCode::from_wire(name)) } else { Err("expected an error code of AWS, such as Throttling") }
}
