//! The command line.

use clap::{Args, Parser, Subcommand};

use crate::{
    call::Call,
    commands::{AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity, GetSessionToken},
    failure::Failure,
    local::Local,
    output::Format,
};

/// AWS Security Token Service on the command line.
///
/// Commands, options and output are the AWS CLI's. Region and credentials come from the environment:
/// AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
///
/// Exit codes: 0 done, 252 wrong usage, 253 no region or credentials, 254 refused by the service, 255 anything else.
#[derive(Parser)]
// The AWS CLI takes the last of an option that is given twice.
#[command(name = "sts", version, args_override_self = true, verbatim_doc_comment)]
pub(crate) struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// Options that stand before or after the command.
#[derive(Args)]
pub(crate) struct Globals {
    /// The region, instead of AWS_REGION or AWS_DEFAULT_REGION
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) region: Option<String>,
    /// Where requests go, instead of the region's endpoint
    #[arg(long, global = true, value_name = "URL", help_heading = "Global options")]
    pub(crate) endpoint_url: Option<String>,
    /// How the output is printed; env: credentials as commands for a POSIX shell
    #[arg(long, global = true, value_name = "FORMAT", default_value = "json", help_heading = "Global options")]
    pub(crate) output: Format,
    /// Call an STS inside this program, with credentials of its own
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) local: bool,
}

/// To add a command: a file in `commands`, a variant here, an arm in [`Cli::run`].
#[derive(Subcommand)]
enum Command {
    /// Get temporary credentials of a role
    AssumeRole(Call<AssumeRole>),
    /// Get temporary credentials of a role for a web identity (OpenID Connect) token
    AssumeRoleWithWebIdentity(Call<AssumeRoleWithWebIdentity>),
    /// Show whose credentials these are
    GetCallerIdentity(Call<GetCallerIdentity>),
    /// Get temporary credentials of the calling user
    GetSessionToken(Call<GetSessionToken>),
    /// Run a local STS until Ctrl-C, for trying things out and for tests
    Local(Local),
}

impl Cli {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let globals = &self.globals;
        match self.command {
            Command::AssumeRole(call) => call.run(globals),
            Command::AssumeRoleWithWebIdentity(call) => call.run(globals),
            Command::GetCallerIdentity(call) => call.run(globals),
            Command::GetSessionToken(call) => call.run(globals),
            Command::Local(local) => local.run(),
        }
    }
}
