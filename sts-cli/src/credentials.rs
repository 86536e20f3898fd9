//! Commands that hand on the credentials that are found: to a program, a shell, or an SDK that asks for them.

use clap::{
    ArgMatches, Args, FromArgMatches, ValueEnum as _,
    builder::{PossibleValuesParser, TypedValueParser},
};
use std::{ffi::OsString, process::Command, sync::Arc};
use sts_blocking::{Credentials, Secret};
use time::UtcDateTime;

use crate::{
    commands::{AssumeRole, Command as _},
    failure::Failure,
    globals::Globals,
    input::Text,
    output::{self, Format, Value, structure},
    process::become_program,
    shell::{self, exports},
    terminal,
};

/// Whose credentials: what is found, or a role's that is assumed with it.
struct Wanted(AssumeRole);

impl Wanted {
    fn find(self, globals: &Globals) -> Result<Arc<Credentials>, Failure> {
        let Self(mut role) = self;
        if role.role_arn.is_none() {
            return globals.find_credentials();
        }
        let (client, _) = globals.connect()?;
        if role.role_session_name.is_none() {
            role.role_session_name = Some(Text::new(format!("sts-rust-{}", UtcDateTime::now().unix_timestamp())));
        }
        if let (Some(serial), None) = (&role.serial_number, &role.token_code) {
            let code = terminal::ask(serial.as_str())
                .map_err(|error| Failure::other(format!("No code of MFA device {}: {error}", serial.as_str())))?;
            role.token_code = Some(Text::new(code.expose()));
        }
        let operation = role.operation().map_err(Failure::usage)?;
        Ok(Arc::new(client.send(&operation)?.output.credentials.into()))
    }
}

impl Args for Wanted {
    fn augment_args(command: clap::Command) -> clap::Command {
        let role = AssumeRole::augment_args(clap::Command::new("role"));
        let options = role.get_arguments().cloned().map(|option| {
            let option = option.help_heading("A role to be assumed with the credentials that are found");
            match option.get_id().as_str() {
                "role_arn" => option.help("ARN of the role"),
                "role_session_name" => {
                    option.help("Name of the session; one is made up when not given").requires("role_arn")
                }
                "token_code" => option
                    .help("The six digits that the MFA device shows; asked for on the terminal when not given")
                    .requires("role_arn"),
                _ => option.requires("role_arn"),
            }
        });
        command.args(options)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Wanted {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut role = AssumeRole::default();
        role.update_from_arg_matches(matches)?;
        Ok(Self(role))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// `sts exec`
#[derive(Args)]
pub(crate) struct Exec {
    #[command(flatten)]
    wanted: Wanted,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Exec {
    pub(crate) fn run(self, globals: &Globals) -> Result<(), Failure> {
        let region = globals.environment()?.region();
        let credentials = self.wanted.find(globals)?;
        let (program, arguments) = self.command.split_first().expect("the parser wants at least one");
        let mut command = Command::new(program);
        command.args(arguments);
        for (name, value) in shell::variables(&credentials) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some((region, _)) = region {
            command.env("AWS_REGION", &region).env("AWS_DEFAULT_REGION", region);
        }
        // With one of them, some programs would go to the profile for credentials.
        command.env_remove("AWS_PROFILE").env_remove("AWS_DEFAULT_PROFILE");
        // The SDKs for Python take it for these credentials' account. In a shell it may be the user's own, so that exports leave it alone.
        command.env_remove("AWS_ACCOUNT_ID");
        become_program(command)
    }
}

/// `sts export`
#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    wanted: Wanted,
    /// What is printed: commands for a POSIX shell, PowerShell or fish, or what credential-process prints
    #[arg(long, value_name = "FORMAT", default_value = "env", value_parser = formats())]
    format: Format,
}

fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(["env", "json", "powershell", "fish"]).try_map(|name| Format::from_str(&name, false))
}

impl Export {
    pub(crate) fn run(self, globals: &Globals) -> Result<(), Failure> {
        let credentials = self.wanted.find(globals)?;
        output::print(&match self.format {
            Format::Shell(shell) => exports(shell, &credentials)?,
            _ => document(&credentials),
        })
    }
}

/// `sts credential-process`
#[derive(Args)]
pub(crate) struct CredentialProcess {
    #[command(flatten)]
    wanted: Wanted,
}

impl CredentialProcess {
    pub(crate) fn run(self, globals: &Globals) -> Result<(), Failure> {
        let credentials = self.wanted.find(globals)?;
        output::print(&document(&credentials))
    }
}

/// [What a `credential_process` prints](https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html).
fn document(credentials: &Credentials) -> String {
    let secret = |secret: &Secret| Value::Text(secret.expose().into());
    structure([
        ("Version", 1.into()),
        ("AccessKeyId", credentials.access_key_id.as_str().into()),
        ("SecretAccessKey", secret(&credentials.secret_access_key)),
        ("SessionToken", credentials.session_token.as_ref().map(secret).into()),
        ("Expiration", credentials.expiration.into()),
    ])
    .to_json()
}
