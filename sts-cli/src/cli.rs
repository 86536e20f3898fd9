//! The command line.

use clap::{Arg, ArgMatches, Args, CommandFactory as _, FromArgMatches, Id, Parser, Subcommand, parser::ValueSource};
use std::{any::TypeId, env, ffi::OsString};

use crate::{
    call::Call,
    commands::{
        Completions, CredentialProcess, Eks, EksToken, Exec, Export, Local, Man, Presign, VaultLogin, explain, whoami,
    },
    completion,
    context::Context,
    examples,
    failure::Failure,
    globals::Globals,
    operations::{
        AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, AssumeRoot, DecodeAuthorizationMessage,
        GetAccessKeyInfo, GetCallerIdentity, GetDelegatedAccessToken, GetFederationToken, GetScopedCredentials,
        GetSessionToken, GetWebIdentityToken,
    },
    output, usage,
};

/// AWS Security Token Service (AWS STS) on the command line.
///
/// Commands, options and output are those of the AWS CLI's "aws sts". Credentials, region and endpoint come from the environment, profiles
/// and metadata services, as in the AWS SDKs. "sts explain" shows their origins.
#[derive(Parser)]
// The AWS CLI takes the last of an option that is given twice.
#[command(name = "sts", version, args_override_self = true, long_about = None, after_help = examples::of("sts"))]
pub(crate) struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// To add an operation: a file in `operations`, a variant with [`Later`] here, an arm in [`Cli::run`].
#[derive(Subcommand)]
enum Command {
    /// Get temporary credentials for a role
    AssumeRole(Later<Call<AssumeRole>>),
    /// Get temporary credentials for a role with a SAML 2.0 assertion
    AssumeRoleWithSaml(Later<Call<AssumeRoleWithSaml>>),
    /// Get temporary credentials for a role with a web identity (OpenID Connect) token
    AssumeRoleWithWebIdentity(Later<Call<AssumeRoleWithWebIdentity>>),
    /// Get temporary credentials for one privileged task in a member account
    AssumeRoot(Later<Call<AssumeRoot>>),
    /// Decode the details of a denied request
    DecodeAuthorizationMessage(Later<Call<DecodeAuthorizationMessage>>),
    /// Get the account that an access key belongs to
    GetAccessKeyInfo(Later<Call<GetAccessKeyInfo>>),
    /// Get the account, user ID and ARN of the current credentials
    GetCallerIdentity(Later<Call<GetCallerIdentity>>),
    /// Get temporary credentials for a trade-in token
    GetDelegatedAccessToken(Later<Call<GetDelegatedAccessToken>>),
    /// Get temporary credentials for a federated user
    GetFederationToken(Later<Call<GetFederationToken>>),
    /// Get temporary credentials with fewer permissions or a shorter lifetime
    GetScopedCredentials(Later<Call<GetScopedCredentials>>),
    /// Get temporary credentials for the current user
    GetSessionToken(Later<Call<GetSessionToken>>),
    /// Get a JSON web token that proves the caller's identity outside AWS
    GetWebIdentityToken(Later<Call<GetWebIdentityToken>>),
    /// Show the identity of the current credentials, and their source
    Whoami(Later<()>),
    /// Show the origins of credentials, region and endpoint; calls nothing
    Explain(Later<()>),
    /// Run a program with credentials in its environment
    Exec(Later<Exec>),
    /// Print credentials as shell commands
    Export(Later<Export>),
    /// Print credentials as JSON, for the credential_process of a profile
    CredentialProcess(Later<CredentialProcess>),
    /// Get a token for an Amazon EKS cluster, as a kubectl exec plugin
    EksToken(Later<EksToken>),
    /// Same as eks-token, with the arguments of "aws eks get-token", for existing kubeconfig files
    Eks(Later<Eks>),
    /// Print a login for the AWS auth method of Vault or OpenBao
    VaultLogin(Later<VaultLogin>),
    /// Print a presigned GetCallerIdentity URL
    Presign(Later<Presign>),
    /// Run a local STS for tests, until Ctrl-C
    Local(Later<Local>),
    /// Print a completion script for a shell
    Completions(Later<Completions>),
    /// Print the manual page of a command
    Man(Later<Man>),
}

/// For each command, the global options that have no meaning for it. Its help hides them, and it refuses them.
const REFUSED: [(&str, &[&str]); 11] = [
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
    ("eks", &["local", "no_sign_request"]),
    ("vault-login", &["output", "query", "local", "no_sign_request"]),
    ("presign", &["output", "query", "local", "no_sign_request"]),
    ("local", &Globals::WITH_EFFECT),
    ("completions", &Globals::WITH_EFFECT),
    ("man", &Globals::WITH_EFFECT),
];

fn refused(command: &str) -> &'static [&'static str] {
    REFUSED.iter().find(|(name, _)| *name == command).map_or(&[], |(_, options)| options)
}

/// A command's options, built only for the command that runs: for all commands, that would take as long as a call.
struct Later<A>(A);

impl<A: Args> Args for Later<A> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.defer(|command| {
            let globals: Vec<Id> = command.get_arguments().map(|option| option.get_id().clone()).collect();
            let hidden = refused(command.get_name());
            // Adds the global options again after the command's own, in this order for the help.
            let again = |command: clap::Command, id: Id| {
                command.mut_arg(&id, |option| if hidden.contains(&id.as_str()) { option.hide(true) } else { option })
            };
            // The documentation of `A` must not replace the command's.
            let about = command.get_about().cloned().unwrap_or_default();
            let examples = examples::of(command.get_name());
            let command = globals.into_iter().fold(A::augment_args(command).mut_args(negative), again);
            command.about(about).long_about(None).after_help(examples)
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

/// Runs the command that the command line names.
pub(crate) fn run() -> Result<(), Failure> {
    let mut arguments: Vec<OsString> = env::args_os().collect();
    let mut command = command();
    if let Ok(shell) = env::var(completion::VARIABLE)
        && let Some(candidates) = completion::candidates(&shell, &mut command, env::args_os())
    {
        let candidates = candidates.map_err(|error| Failure::caused("Could not complete the command line", &error))?;
        return output::print(&String::from_utf8_lossy(&candidates));
    }
    let mut parsed = command.try_get_matches_from_mut(&arguments);
    if let Err(error) = &parsed
        && usage::asks_for_help(error)
        && let Some(help) = arguments.iter_mut().rfind(|argument| **argument == *"help")
    {
        *help = "--help".into();
        parsed = command.try_get_matches_from_mut(&arguments);
    }
    let mut matches = parsed.map_err(|error| Failure::Usage(usage::explained(error, &arguments)))?;
    let name = matches.subcommand_name().map(ToOwned::to_owned);
    let result = check(&command, &matches)
        .and_then(|()| Cli::from_arg_matches_mut(&mut matches).map_err(Failure::Usage))
        .and_then(Cli::run);
    result.map_err(|failure| match (failure, name.and_then(|name| command.find_subcommand_mut(name))) {
        // The parser's own errors already show the command's usage.
        (Failure::Usage(error), Some(command)) => Failure::Usage(error.format(command)),
        (failure, _) => failure,
    })
}

fn command() -> clap::Command {
    Cli::command().mut_args(negative)
}

/// Allows negative numbers, so that the error is about the number and not about an unknown option.
fn negative(option: Arg) -> Arg {
    let parsed = option.get_value_parser().type_id();
    let is_number =
        [TypeId::of::<u16>(), TypeId::of::<u32>(), TypeId::of::<i64>()].iter().any(|number| parsed == *number);
    option.allow_negative_numbers(is_number)
}

fn check(command: &clap::Command, matches: &ArgMatches) -> Result<(), Failure> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(()) };
    let given = |option: &&&str| matches.value_source(option) == Some(ValueSource::CommandLine);
    let long = |id| command.get_arguments().find(|option| option.get_id() == id).and_then(Arg::get_long).unwrap_or(id);
    if let Some(id) = refused(name).iter().find(given) {
        return Err(Failure::usage(format!("--{} cannot be used with {name}", long(id))));
    }
    if given(&&"no_verify_ssl") {
        return Err(Failure::usage(NO_VERIFY_SSL));
    }
    // The parser detects no conflicts between options before the command and options after it.
    match Globals::WITHOUT_LOCAL.iter().find(given) {
        Some(id) if given(&&"local") => Err(Failure::usage(format!("--local and --{} exclude each other", long(id)))),
        _ => Ok(()),
    }
}

const NO_VERIFY_SSL: &str = "--no-verify-ssl is not supported: whoever answers in place of AWS would get your requests. Trust the server's \
    certificate instead, with --ca-bundle FILE, AWS_CA_BUNDLE, or ca_bundle in the profile";

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
            Command::Whoami(_) => whoami::run(context),
            Command::Explain(_) => explain::run(context),
            Command::Exec(Later(exec)) => exec.run(context),
            Command::Export(Later(export)) => export.run(context),
            Command::CredentialProcess(Later(process)) => process.run(context),
            Command::EksToken(Later(token)) => token.run(context),
            Command::Eks(Later(eks)) => eks.run(context),
            Command::VaultLogin(Later(login)) => login.run(context),
            Command::Presign(Later(presign)) => presign.run(context),
            Command::Local(Later(local)) => local.run(),
            Command::Completions(Later(completions)) => completions.run(),
            Command::Man(Later(man)) => man.run(command()),
        }
    }
}
