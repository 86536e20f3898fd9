//! The command line.

use clap::{Arg, ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, parser::ValueSource};
use std::env;

use crate::{
    call::Call,
    commands::{
        AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, AssumeRoot, DecodeAuthorizationMessage,
        GetAccessKeyInfo, GetCallerIdentity, GetDelegatedAccessToken, GetFederationToken, GetSessionToken,
        GetWebIdentityToken,
    },
    credentials::{CredentialProcess, Exec, Export},
    failure::Failure,
    globals::Globals,
    identity,
    local::Local,
    proof::{EksToken, Presign, VaultLogin},
};

/// AWS Security Token Service on the command line.
///
/// Commands, options and output are the AWS CLI's. Region and credentials come from the environment, profiles, web identity, containers and
/// instances, as the AWS SDKs find them; sts explain tells which.
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
    /// Show whose credentials these are, and where they come from, for people
    Whoami,
    /// Say where credentials, region and endpoint come from, and why; nothing is called
    Explain,
    /// Run a program with credentials in its environment
    Exec(Exec),
    /// Print credentials as commands for a shell
    Export(Export),
    /// Print credentials as the credential_process of a profile has to, for any AWS SDK
    CredentialProcess(CredentialProcess),
    /// Get a token for a Kubernetes cluster on EKS, as aws eks get-token does; a kubectl exec plugin
    EksToken(EksToken),
    /// Make the JSON that logs in to Vault's or OpenBao's AWS auth method: what to post to auth/aws/login
    VaultLogin(VaultLogin),
    /// Make a URL that tells whoever fetches it whose credentials these are
    Presign(Presign),
    /// Run a local STS until Ctrl-C, for trying things out and for tests
    Local(Local),
}

/// Global options that are of no use to a command: its help does not show them, and it fails when one is given.
const REFUSED: [(&str, &[&str]); 8] = [
    (
        "explain",
        &[
            "output",
            "query",
            "local",
            "no_sign_request",
            "cli_connect_timeout",
            "cli_read_timeout",
            "ca_bundle",
            "cache",
            "debug",
        ],
    ),
    ("exec", &["output", "query", "local", "no_sign_request"]),
    ("export", &["output", "query", "local", "no_sign_request"]),
    ("credential-process", &["output", "query", "local", "no_sign_request"]),
    ("eks-token", &["local", "no_sign_request"]),
    ("vault-login", &["output", "query", "local", "no_sign_request"]),
    ("presign", &["output", "query", "local", "no_sign_request"]),
    ("local", &Globals::WITH_EFFECT),
];

fn refused(command: &str) -> &'static [&'static str] {
    REFUSED.iter().find(|(name, _)| *name == command).map_or(&[], |(_, options)| options)
}

/// Does what the program was started for.
pub(crate) fn run() -> Result<(), Failure> {
    let mut command = command();
    let mut matches = command.try_get_matches_from_mut(env::args_os()).map_err(Failure::Usage)?;
    let name = matches.subcommand_name().map(ToOwned::to_owned);
    let result = check(&command, &matches)
        .and_then(|()| Cli::from_arg_matches_mut(&mut matches).map_err(Failure::Usage))
        .and_then(Cli::run);
    result.map_err(|failure| match (failure, name.and_then(|name| command.find_subcommand_mut(name))) {
        // What the parser finds shows the command's usage already; this is for what is found later.
        (Failure::Usage(error), Some(command)) => Failure::Usage(error.format(command)),
        (failure, _) => failure,
    })
}

fn command() -> clap::Command {
    let mut command = Cli::command();
    for (name, options) in REFUSED {
        // What a command has itself is not taken from the global options.
        let hidden = |option: &&Arg| options.contains(&option.get_id().as_str());
        let hidden: Vec<_> = command.get_arguments().filter(hidden).map(|option| option.clone().hide(true)).collect();
        command = command.mut_subcommand(name, |command| command.args(hidden));
    }
    command
}

fn check(command: &clap::Command, matches: &ArgMatches) -> Result<(), Failure> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(()) };
    let given = |option: &&&str| matches.value_source(option) == Some(ValueSource::CommandLine);
    let long = |id| command.get_arguments().find(|option| option.get_id() == id).and_then(Arg::get_long).unwrap_or(id);
    if let Some(id) = refused(name).iter().find(given) {
        return Err(Failure::usage(format!("--{} cannot be used with {name}", long(id))));
    }
    // The parser sees no conflict between what stands before the command and what stands behind it.
    match Globals::WITHOUT_LOCAL.iter().find(given) {
        Some(id) if given(&&"local") => Err(Failure::usage(format!("--local and --{} exclude each other", long(id)))),
        _ => Ok(()),
    }
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
            Command::Whoami => identity::whoami(globals),
            Command::Explain => identity::explain(globals),
            Command::Exec(exec) => exec.run(globals),
            Command::Export(export) => export.run(globals),
            Command::CredentialProcess(process) => process.run(globals),
            Command::EksToken(token) => token.run(globals),
            Command::VaultLogin(login) => login.run(globals),
            Command::Presign(presign) => presign.run(globals),
            Command::Local(local) => local.run(),
        }
    }
}
