//! The command line.

use clap::{Arg, ArgMatches, Args, CommandFactory as _, FromArgMatches, Id, Parser, Subcommand, parser::ValueSource};
use std::{any::TypeId, env};

use crate::{
    call::Call,
    commands::{CredentialProcess, EksToken, Exec, Export, Local, Presign, VaultLogin, explain, whoami},
    context::Context,
    failure::Failure,
    globals::Globals,
    operations::{
        AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, AssumeRoot, DecodeAuthorizationMessage,
        GetAccessKeyInfo, GetCallerIdentity, GetDelegatedAccessToken, GetFederationToken, GetScopedCredentials,
        GetSessionToken, GetWebIdentityToken,
    },
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

/// To add an operation: a file in `operations`, a variant with [`Later`] here, an arm in [`Cli::run`].
#[derive(Subcommand)]
enum Command {
    /// Get temporary credentials of a role
    AssumeRole(Later<Call<AssumeRole>>),
    /// Get temporary credentials of a role for an assertion of a SAML 2.0 identity provider
    AssumeRoleWithSaml(Later<Call<AssumeRoleWithSaml>>),
    /// Get temporary credentials of a role for a web identity (OpenID Connect) token
    AssumeRoleWithWebIdentity(Later<Call<AssumeRoleWithWebIdentity>>),
    /// Get temporary credentials for one privileged task on a member account
    AssumeRoot(Later<Call<AssumeRoot>>),
    /// Show the details behind an encoded authorization failure message
    DecodeAuthorizationMessage(Later<Call<DecodeAuthorizationMessage>>),
    /// Show which account an access key belongs to
    GetAccessKeyInfo(Later<Call<GetAccessKeyInfo>>),
    /// Show whose credentials these are
    GetCallerIdentity(Later<Call<GetCallerIdentity>>),
    /// Get temporary credentials for a trade-in token
    GetDelegatedAccessToken(Later<Call<GetDelegatedAccessToken>>),
    /// Get temporary credentials of a federated user
    GetFederationToken(Later<Call<GetFederationToken>>),
    /// Get temporary credentials that may do less than the caller's temporary ones, or that end sooner
    GetScopedCredentials(Later<Call<GetScopedCredentials>>),
    /// Get temporary credentials of the calling user
    GetSessionToken(Later<Call<GetSessionToken>>),
    /// Get a JSON web token that proves the caller's identity outside AWS
    GetWebIdentityToken(Later<Call<GetWebIdentityToken>>),
    /// Show whose credentials these are, and where they come from, for people
    Whoami,
    /// Say where credentials, region and endpoint come from, and why; nothing is called
    Explain(Later<()>),
    /// Run a program with credentials in its environment
    Exec(Later<Exec>),
    /// Print credentials as commands for a shell
    Export(Later<Export>),
    /// Print credentials as the credential_process of a profile has to, for any AWS SDK
    CredentialProcess(Later<CredentialProcess>),
    /// Get a token for a Kubernetes cluster on EKS, as aws eks get-token does; a kubectl exec plugin
    EksToken(Later<EksToken>),
    /// Make the JSON that logs in to Vault's or OpenBao's AWS auth method: what to post to auth/aws/login
    VaultLogin(Later<VaultLogin>),
    /// Make a URL that tells whoever fetches it whose credentials these are
    Presign(Later<Presign>),
    /// Run a local STS until Ctrl-C, for trying things out and for tests
    Local(Later<Local>),
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

/// What a command takes, put together only when this is the command that is asked for: for all commands, that takes as long as a call.
struct Later<A>(A);

impl<A: Args> Args for Later<A> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.defer(|command| {
            let globals: Vec<Id> = command.get_arguments().map(|option| option.get_id().clone()).collect();
            let hidden = refused(command.get_name());
            // They go behind the command's own again, where its help shows them.
            let again = |command: clap::Command, id: Id| {
                command.mut_arg(&id, |option| if hidden.contains(&id.as_str()) { option.hide(true) } else { option })
            };
            // The documentation of `A` is not what the command does.
            let about = command.get_about().cloned().unwrap_or_default();
            globals.into_iter().fold(A::augment_args(command).mut_args(negative), again).about(about).long_about(None)
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl<A: Args> FromArgMatches for Later<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        A::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// Does what the program was started for.
pub(crate) fn run() -> Result<(), Failure> {
    let mut command = Cli::command().mut_args(negative);
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

/// Lets a number be negative, so that it is refused as a number and not as an option that is not known.
fn negative(option: Arg) -> Arg {
    let parsed = option.get_value_parser().type_id();
    let is_number = parsed == TypeId::of::<u32>() || parsed == TypeId::of::<u16>();
    option.allow_negative_numbers(is_number)
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
        let context = &Context::new(self.globals);
        match self.command {
            Command::AssumeRole(Later(call)) => call.run(context),
            Command::AssumeRoleWithSaml(Later(call)) => call.run(context),
            Command::AssumeRoleWithWebIdentity(Later(call)) => call.run(context),
            Command::AssumeRoot(Later(call)) => call.run(context),
            Command::DecodeAuthorizationMessage(Later(call)) => call.run(context),
            Command::GetAccessKeyInfo(Later(call)) => call.run(context),
            Command::GetCallerIdentity(Later(call)) => call.run(context),
            Command::GetDelegatedAccessToken(Later(call)) => call.run(context),
            Command::GetFederationToken(Later(call)) => call.run(context),
            Command::GetScopedCredentials(Later(call)) => call.run(context),
            Command::GetSessionToken(Later(call)) => call.run(context),
            Command::GetWebIdentityToken(Later(call)) => call.run(context),
            Command::Whoami => whoami::run(context),
            Command::Explain(_) => explain::run(context),
            Command::Exec(Later(exec)) => exec.run(context),
            Command::Export(Later(export)) => export.run(context),
            Command::CredentialProcess(Later(process)) => process.run(context),
            Command::EksToken(Later(token)) => token.run(context),
            Command::VaultLogin(Later(login)) => login.run(context),
            Command::Presign(Later(presign)) => presign.run(context),
            Command::Local(Later(local)) => local.run(),
        }
    }
}
