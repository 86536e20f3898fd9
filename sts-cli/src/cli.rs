//! The command line.

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum as _};
use sts_blocking::{Config, ConfigBuilder};

use crate::{
    call::{Call, variable},
    commands::{
        AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, AssumeRoot, DecodeAuthorizationMessage,
        GetAccessKeyInfo, GetCallerIdentity, GetDelegatedAccessToken, GetFederationToken, GetSessionToken,
        GetWebIdentityToken,
    },
    failure::Failure,
    local::Local,
    output::{self, Format, Value},
    proof::{EksToken, Presign, VaultLogin},
    query::Query,
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
    /// How the output is printed, instead of AWS_DEFAULT_OUTPUT or json; env: credentials as commands for a POSIX shell
    #[arg(long, global = true, value_name = "FORMAT", help_heading = "Global options")]
    output: Option<Format>,
    /// What of the output is printed, in JMESPath: Credentials.SessionToken
    #[arg(long, global = true, value_name = "EXPRESSION", help_heading = "Global options")]
    pub(crate) query: Option<Query>,
    /// Call an STS inside this program, with credentials of its own
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) local: bool,
}

impl Globals {
    pub(crate) fn format(&self) -> Result<Format, Failure> {
        match (self.output, variable("AWS_DEFAULT_OUTPUT")) {
            (Some(format), _) => Ok(format),
            (None, Some(name)) if !name.is_empty() => Format::from_str(&name, false)
                .map_err(|_| Failure::usage(format!("AWS_DEFAULT_OUTPUT: unknown output format {name:?}"))),
            _ => Ok(Format::Json),
        }
    }

    /// The region and the endpoint of these options, else of the environment.
    pub(crate) fn config(&self) -> ConfigBuilder {
        let mut config = Config::builder();
        if let Some(region) = &self.region {
            config = config.region(region);
        }
        if let Some(url) = &self.endpoint_url {
            config = config.endpoint_url(url);
        }
        config.env(variable)
    }

    /// Prints what these options want of an output, and how they want it. `title`: what a table is called.
    pub(crate) fn print(&self, mut value: Value, title: &str) -> Result<(), Failure> {
        if let Some(query) = &self.query {
            value = query.apply(&value)?;
        }
        output::print(&match self.format()? {
            Format::Text => value.to_text(),
            Format::Table => value.to_table(title),
            Format::Yaml => value.to_yaml(),
            Format::Json | Format::Env => value.to_json(),
        })
    }

    /// Fails when one of these options is given, since the command has no use for it.
    pub(crate) fn refuse(&self, options: &[&str], command: &str) -> Result<(), Failure> {
        let given = [
            ("--region", self.region.is_some()),
            ("--endpoint-url", self.endpoint_url.is_some()),
            ("--output", self.output.is_some()),
            ("--query", self.query.is_some()),
            ("--local", self.local),
        ];
        match given.into_iter().find(|(option, given)| *given && options.contains(option)) {
            Some((option, _)) => Err(Failure::usage(format!("{option} cannot be used with {command}"))),
            None => Ok(()),
        }
    }
}

/// To add an operation: a file in `commands`, a variant here, an arm in [`Cli::run`].
#[derive(Subcommand)]
enum Command {
    /// Get temporary credentials of a role
    AssumeRole(Call<AssumeRole>),
    /// Get temporary credentials of a role for an assertion of a SAML 2.0 identity provider
    AssumeRoleWithSaml(Call<AssumeRoleWithSaml>),
    /// Get temporary credentials of a role for a web identity (OpenID Connect) token
    AssumeRoleWithWebIdentity(Call<AssumeRoleWithWebIdentity>),
    /// Get temporary credentials for one privileged task on a member account
    AssumeRoot(Call<AssumeRoot>),
    /// Show the details behind an encoded authorization failure message
    DecodeAuthorizationMessage(Call<DecodeAuthorizationMessage>),
    /// Show which account an access key belongs to
    GetAccessKeyInfo(Call<GetAccessKeyInfo>),
    /// Show whose credentials these are
    GetCallerIdentity(Call<GetCallerIdentity>),
    /// Get temporary credentials for a trade-in token
    GetDelegatedAccessToken(Call<GetDelegatedAccessToken>),
    /// Get temporary credentials of a federated user
    GetFederationToken(Call<GetFederationToken>),
    /// Get temporary credentials of the calling user
    GetSessionToken(Call<GetSessionToken>),
    /// Get a JSON web token that proves the caller's identity outside AWS
    GetWebIdentityToken(Call<GetWebIdentityToken>),
    /// Get a token for a Kubernetes cluster on EKS, as aws eks get-token does; a kubectl exec plugin
    EksToken(EksToken),
    /// Make the JSON that logs in to Vault's or OpenBao's AWS auth method: what to post to auth/aws/login
    VaultLogin(VaultLogin),
    /// Make a URL that tells whoever fetches it whose credentials these are
    Presign(Presign),
    /// Run a local STS until Ctrl-C, for trying things out and for tests
    Local(Local),
}

/// Does what the program was started for.
pub(crate) fn run() -> Result<(), Failure> {
    let mut command = Cli::command();
    let mut matches = command.try_get_matches_from_mut(std::env::args_os()).map_err(Failure::Usage)?;
    let name = matches.subcommand_name().map(ToOwned::to_owned);
    let result = Cli::from_arg_matches_mut(&mut matches).map_err(Failure::Usage).and_then(Cli::run);
    result.map_err(|failure| match (failure, name.and_then(|name| command.find_subcommand_mut(name))) {
        // What the parser finds shows the command's usage already; this is for what is found later.
        (Failure::Usage(error), Some(command)) => Failure::Usage(error.format(command)),
        (failure, _) => failure,
    })
}

impl Cli {
    fn run(self) -> Result<(), Failure> {
        let globals = &self.globals;
        match self.command {
            Command::AssumeRole(call) => call.run(globals),
            Command::AssumeRoleWithSaml(call) => call.run(globals),
            Command::AssumeRoleWithWebIdentity(call) => call.run(globals),
            Command::AssumeRoot(call) => call.run(globals),
            Command::DecodeAuthorizationMessage(call) => call.run(globals),
            Command::GetAccessKeyInfo(call) => call.run(globals),
            Command::GetCallerIdentity(call) => call.run(globals),
            Command::GetDelegatedAccessToken(call) => call.run(globals),
            Command::GetFederationToken(call) => call.run(globals),
            Command::GetSessionToken(call) => call.run(globals),
            Command::GetWebIdentityToken(call) => call.run(globals),
            Command::EksToken(token) => token.run(globals),
            Command::VaultLogin(login) => login.run(globals),
            Command::Presign(presign) => presign.run(globals),
            Command::Local(local) => {
                globals.refuse(&["--region", "--endpoint-url", "--output", "--query", "--local"], "local")?;
                local.run()
            }
        }
    }
}
