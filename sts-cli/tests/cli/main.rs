//! The program itself, run as users run it, against a local STS and against canned responses.
//!
//! Expected outputs and forms were typed after what the AWS CLI prints (`awscli` 1.46, `cli_timestamp_format = iso8601`), given the same
//! options and responses; exit codes from the AWS CLI's documentation of version 2.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod cache;
mod cli;
mod client;
mod commands;
#[cfg(unix)]
mod completion;
mod context;
mod credentials;
mod failure;
mod globals;
mod harness;
mod input_json;
mod member;
#[cfg(target_os = "linux")]
mod notice;
mod operations;
mod output;
mod query;
mod shell;
mod skeleton;
mod terminal;
mod watch;
