//! The global options, which may precede or follow the command.

use clap::{Args, ValueHint};
use clap_complete::ArgValueCandidates;
use std::time::Duration;
use sts_blocking::{Config, ConfigBuilder};

use crate::{
    completion::{profiles, regions},
    output::Format,
    query::Query,
};

/// The global options.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "a flag is a bool")]
pub(crate) struct Globals {
    /// Profile of the AWS config and credentials files [env: AWS_PROFILE]; takes precedence over keys in the environment
    #[arg(long, global = true, value_name = "NAME", help_heading = CREDENTIALS, add = ArgValueCandidates::new(profiles))]
    pub(crate) profile: Option<String>,
    /// AWS Region [env: AWS_REGION, AWS_DEFAULT_REGION]
    #[arg(long, global = true, help_heading = CREDENTIALS, add = ArgValueCandidates::new(regions))]
    pub(crate) region: Option<String>,
    /// Cache the credentials of the profile's role in ~/.aws/cli/cache, shared with the AWS CLI
    #[arg(long, global = true, help_heading = CREDENTIALS)]
    pub(crate) cache: bool,
    /// Send requests without a signature, and load no credentials
    #[arg(long, global = true, help_heading = CREDENTIALS)]
    pub(crate) no_sign_request: bool,
    /// Output format [env: AWS_DEFAULT_OUTPUT]; env, powershell and fish print credentials as shell commands
    #[arg(long, global = true, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(crate) output: Option<Format>,
    /// JMESPath filter for the output, such as Credentials.SessionToken
    #[arg(long, global = true, value_name = "EXPRESSION", help_heading = OUTPUT)]
    pub(crate) query: Option<Query>,
    /// Log requests and responses to standard error, without secrets
    #[arg(long, global = true, help_heading = OUTPUT)]
    pub(crate) debug: bool,
    /// URL of the service [env: AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL]
    #[arg(long, global = true, value_name = "URL", help_heading = CONNECTION)]
    pub(crate) endpoint_url: Option<String>,
    /// Call an STS inside this program, with its own credentials and without a network
    #[arg(long, global = true, help_heading = CONNECTION)]
    pub(crate) local: bool,
    /// PEM file of the root certificates to trust [env: AWS_CA_BUNDLE]
    #[arg(long, global = true, value_name = "FILE", help_heading = CONNECTION, value_hint = ValueHint::FilePath)]
    pub(crate) ca_bundle: Option<String>,
    /// Allow plain HTTP to another machine, although credentials can then be read on the way
    #[arg(long, global = true, help_heading = CONNECTION)]
    allow_http: bool,
    /// Time limit for connecting; 0 for none
    #[arg(long, global = true, value_name = "SECONDS", help_heading = CONNECTION)]
    cli_connect_timeout: Option<u32>,
    /// Time limit for a response; 0 for none
    #[arg(long, global = true, value_name = "SECONDS", help_heading = CONNECTION)]
    cli_read_timeout: Option<u32>,
    /// Refused, with the reason
    #[arg(long, global = true, hide = true)]
    pub(crate) no_verify_ssl: bool,
    /// Has no effect: there is no pager
    #[arg(long, global = true, hide = true)]
    no_cli_pager: bool,
    /// Has no effect: there are no prompts
    #[arg(long, global = true, hide = true)]
    no_cli_auto_prompt: bool,
    /// Has no effect: no output has pages
    #[arg(long, global = true, hide = true)]
    no_paginate: bool,
    /// Has no effect: no member is binary
    #[arg(long, global = true, hide = true, value_name = "FORMAT", value_parser = ["base64", "raw-in-base64-out"])]
    cli_binary_format: Option<String>,
    /// Has no effect: the output has no colours
    #[arg(long, global = true, hide = true, value_name = "WHEN", value_parser = ["on", "off", "auto"])]
    color: Option<String>,
}

const CREDENTIALS: &str = "Global options (credentials and region)";
const OUTPUT: &str = "Global options (output)";
const CONNECTION: &str = "Global options (connection)";

impl Globals {
    /// The ids of the options that have an effect.
    pub(crate) const WITH_EFFECT: [&str; 13] = [
        "cache",
        "profile",
        "region",
        "endpoint_url",
        "output",
        "query",
        "local",
        "no_sign_request",
        "ca_bundle",
        "allow_http",
        "cli_connect_timeout",
        "cli_read_timeout",
        "debug",
    ];

    /// The options that conflict with `--local`, which has its own credentials and address.
    pub(crate) const WITHOUT_LOCAL: [&str; 4] = ["profile", "cache", "endpoint_url", "ca_bundle"];

    /// A client's configuration from these options.
    pub(crate) fn config(&self) -> ConfigBuilder {
        let mut config = Config::builder().allow_http(self.allow_http);
        if let Some(region) = &self.region {
            config = config.region(region);
        }
        if let Some(url) = &self.endpoint_url {
            config = config.endpoint_url(url);
        }
        if self.cli_connect_timeout.or(self.cli_read_timeout).is_some() {
            // For the library, connecting is part of an attempt.
            let connecting = self.cli_connect_timeout.map_or(Duration::ZERO, limit);
            let attempt = connecting + limit(self.cli_read_timeout.unwrap_or(READ_TIMEOUT));
            // The limit of each attempt also limits the call.
            config = config.attempt_timeout(attempt).call_timeout(limit(0));
        }
        config
    }

    /// The time limit for connecting, if set.
    pub(crate) fn connect_timeout(&self) -> Option<Duration> {
        self.cli_connect_timeout.map(limit)
    }
}

/// The library's default for an attempt, in seconds; used when only the connect timeout is given.
const READ_TIMEOUT: u32 = 10;

/// A time limit of the AWS CLI; zero means none.
fn limit(seconds: u32) -> Duration {
    // Long enough to be no limit, and short enough that clocks do not overflow.
    Duration::from_secs(if seconds == 0 { u32::MAX } else { seconds }.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
    use super::*;
    use clap::Parser;
    use sts_blocking::{GetCallerIdentity, core::Step};
    use sts_local::LocalSts;
    use time::UtcDateTime;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        globals: Globals,
    }

    /// The time limits, in seconds, of connecting (if any) and of the whole attempt.
    fn limits(options: &[&str]) -> (Option<u64>, u64) {
        let line = Line::parse_from([&["sts", "--region", "eu-west-1"], options].concat());
        let config = line.globals.config().build().unwrap();
        let (client, credentials) = (sts_blocking::core::Client::new(config, 0), LocalSts::demo_credentials());
        let step = client.call(&GetCallerIdentity::new(), Some(&credentials), UtcDateTime::UNIX_EPOCH);
        let Step::Transmit(transmit, _) = step else { panic!("no request") };
        (line.globals.connect_timeout().map(|limit| limit.as_secs()), transmit.timeout.as_secs())
    }

    #[test]
    fn the_limit_for_connecting_is_not_cut_by_that_of_an_attempt() {
        let (connect, read, none) = ("--cli-connect-timeout", "--cli-read-timeout", u64::from(u32::MAX));
        assert_eq!(limits(&[]), (None, 10));
        assert_eq!(limits(&[connect, "90"]), (Some(90), 100));
        assert_eq!(limits(&[connect, "90", read, "5"]), (Some(90), 95));
        assert_eq!(limits(&[read, "90"]), (None, 90));
        // The call has no limit of its own.
        assert_eq!(limits(&[connect, "0"]), (Some(none), none));
        assert_eq!(limits(&[connect, "0", read, "0"]), (Some(none), none));
    }
}
