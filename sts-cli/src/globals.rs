//! The global options: those that stand before or after the command.

use clap::Args;
use std::time::Duration;
use sts_blocking::{Config, ConfigBuilder};

use crate::{output::Format, query::Query};

/// The global options.
#[derive(Args)]
#[command(next_help_heading = "Global options")]
#[expect(clippy::struct_excessive_bools, reason = "a flag is a bool")]
pub(crate) struct Globals {
    /// The profile of the AWS CLI's files, instead of AWS_PROFILE; it goes before keys in the environment
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// The region, instead of AWS_REGION, AWS_DEFAULT_REGION or the profile's
    #[arg(long, global = true)]
    pub(crate) region: Option<String>,
    /// Where requests go, instead of AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, the profile's or the region's endpoint
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// How the output is printed, instead of AWS_DEFAULT_OUTPUT, the profile's or json; env, powershell, fish: credentials as
    /// commands for a shell
    #[arg(long, global = true, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
    /// What of the output is printed, in JMESPath: Credentials.SessionToken
    #[arg(long, global = true, value_name = "EXPRESSION")]
    pub(crate) query: Option<Query>,
    /// Keep the credentials of a profile's role in ~/.aws/cli/cache, as the AWS CLI does, and use those that either has put there
    #[arg(long, global = true)]
    pub(crate) cache: bool,
    /// Call an STS inside this program, with credentials of its own
    #[arg(long, global = true)]
    pub(crate) local: bool,
    /// Sign nothing, and look for no credentials
    #[arg(long, global = true)]
    pub(crate) no_sign_request: bool,
    /// A PEM file of the certificates that are trusted, instead of AWS_CA_BUNDLE or the profile's
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca_bundle: Option<String>,
    /// Send over plain HTTP to another machine, too, where whoever is on the way can read credentials
    #[arg(long, global = true)]
    allow_http: bool,
    /// How long connecting may take; 0: as long as it likes
    #[arg(long, global = true, value_name = "SECONDS")]
    cli_connect_timeout: Option<u32>,
    /// How long an attempt may take, beside what --cli-connect-timeout adds; 0: as long as it likes
    #[arg(long, global = true, value_name = "SECONDS")]
    cli_read_timeout: Option<u32>,
    /// Say on standard error what is sent and what comes back, without secrets
    #[arg(long, global = true)]
    pub(crate) debug: bool,
    /// Accepted as the AWS CLI does; there is no pager
    #[arg(long, global = true)]
    no_cli_pager: bool,
    /// Accepted as the AWS CLI does; options are never prompted for
    #[arg(long, global = true)]
    no_cli_auto_prompt: bool,
    /// Accepted as the AWS CLI does; no output has pages
    #[arg(long, global = true)]
    no_paginate: bool,
    /// Accepted as the AWS CLI does; no member is binary
    #[arg(long, global = true, value_name = "FORMAT", value_parser = ["base64", "raw-in-base64-out"])]
    cli_binary_format: Option<String>,
    /// Accepted as the AWS CLI does; the output has no colours
    #[arg(long, global = true, value_name = "WHEN", value_parser = ["on", "off", "auto"])]
    color: Option<String>,
}

impl Globals {
    /// The options, by id, that do anything.
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

    /// The options that say what the STS inside the program has itself: credentials and an address.
    pub(crate) const WITHOUT_LOCAL: [&str; 4] = ["profile", "cache", "endpoint_url", "ca_bundle"];

    /// A client's configuration, as far as these options say.
    pub(crate) fn config(&self) -> ConfigBuilder {
        let mut config = Config::builder().allow_http(self.allow_http);
        if let Some(region) = &self.region {
            config = config.region(region);
        }
        if let Some(url) = &self.endpoint_url {
            config = config.endpoint_url(url);
        }
        if let Some(seconds) = self.cli_connect_timeout {
            config = config.connect_timeout(limit(seconds));
        }
        if self.cli_connect_timeout.or(self.cli_read_timeout).is_some() {
            // To the library, connecting is a part of an attempt, and would end with it.
            let connecting = self.cli_connect_timeout.map_or(Duration::ZERO, limit);
            let attempt = connecting + limit(self.cli_read_timeout.unwrap_or(READ_TIMEOUT));
            // The attempts are limited, so that the call is.
            config = config.attempt_timeout(attempt).call_timeout(limit(0));
        }
        config
    }
}

/// How many seconds an attempt may take when only the limit for connecting is given: what the library gives it.
const READ_TIMEOUT: u32 = 10;

/// The AWS CLI's time limits, in which zero stands for none.
fn limit(seconds: u32) -> Duration {
    // More than anybody waits, and less than clocks overflow at.
    Duration::from_secs(if seconds == 0 { u32::MAX } else { seconds }.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
    use super::*;
    use clap::Parser;
    use std::convert::Infallible;
    use sts_blocking::{Call, GetCallerIdentity, Learned, Step};
    use sts_local::LocalSts;
    use time::UtcDateTime;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        globals: Globals,
    }

    /// The limits, in seconds, for connecting and for the whole attempt.
    fn limits(options: &[&str]) -> (u64, u64) {
        let line = Line::parse_from([&["sts", "--region", "eu-west-1"], options].concat());
        let config = line.globals.config().build().unwrap();
        let (learned, credentials) = (Learned::new(0), LocalSts::demo_credentials());
        let call = Call::new(&GetCallerIdentity::new(), &config, &learned, Some(&credentials));
        let Step::Transmit(_, call) = call.start::<Infallible>(UtcDateTime::UNIX_EPOCH) else { panic!("no request") };
        (config.connect_timeout().as_secs(), call.timeout().as_secs())
    }

    #[test]
    fn the_limit_for_connecting_is_not_cut_by_that_of_an_attempt() {
        let (connect, read, none) = ("--cli-connect-timeout", "--cli-read-timeout", u64::from(u32::MAX));
        assert_eq!(limits(&[]), (3, 10));
        assert_eq!(limits(&[connect, "90"]), (90, 100));
        assert_eq!(limits(&[connect, "90", read, "5"]), (90, 95));
        assert_eq!(limits(&[read, "90"]), (3, 90));
        // The call's own limit is above all.
        assert_eq!(limits(&[connect, "0"]), (none, none));
        assert_eq!(limits(&[connect, "0", read, "0"]), (none, none));
    }
}
