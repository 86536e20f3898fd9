//! Credentials for other programs, shells and SDKs.

use clap::{ArgMatches, Args, FromArgMatches};
use std::sync::Arc;
use sts_blocking::{Credentials, Secret};
use time::UtcDateTime;

use crate::{
    client,
    context::Context,
    failure::Failure,
    member::Text,
    operation::OperationArgs as _,
    operations::AssumeRole,
    output, terminal,
    value::{Value, structure},
};

/// The credentials that are found, or those of a role that is assumed with them.
pub(crate) struct HandedOn(AssumeRole);

impl HandedOn {
    pub(crate) fn find(self, context: &Context) -> Result<Arc<Credentials>, Failure> {
        let Self(mut role) = self;
        if role.role_arn.is_none() {
            return client::find_credentials(context);
        }
        let (client, _) = client::connect(context)?;
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

impl Args for HandedOn {
    fn augment_args(command: clap::Command) -> clap::Command {
        let role = AssumeRole::augment_args(clap::Command::new("role"));
        let options = role.get_arguments().cloned().map(|option| {
            let option = option.help_heading("Options to assume a role first");
            match option.get_id().as_str() {
                "role_arn" => option.help("ARN of the role to assume"),
                "role_session_name" => {
                    option.help("Name of the role session; generated if not given").requires("role_arn")
                }
                "token_code" => {
                    option.help("The six digits on your MFA device; prompted for if not given").requires("role_arn")
                }
                _ => option.requires("role_arn"),
            }
        });
        command.args(options)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for HandedOn {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut role = AssumeRole::default();
        role.update_from_arg_matches(matches)?;
        Ok(Self(role))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// [The output of a `credential_process`](https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html).
pub(crate) fn document(credentials: &Credentials) -> String {
    let secret = |secret: &Secret| Value::Text(secret.expose().into());
    let document = structure([
        ("Version", 1.into()),
        ("AccessKeyId", credentials.access_key_id.as_str().into()),
        ("SecretAccessKey", secret(&credentials.secret_access_key)),
        ("SessionToken", credentials.session_token.as_ref().map(secret).into()),
        ("Expiration", credentials.expiration.into()),
    ]);
    output::json(&document)
}
