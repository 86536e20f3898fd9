//! `sts`: AWS STS on the command line, with the AWS CLI's commands, options, output and exit codes.
//!
//! # Map
//! - [`cli`]: the command line, and the dispatch to commands; [`globals`]: the global options; [`examples`]: the help's examples;
//!   [`completion`]: shell completion
//! - [`context`]: options, environment and profile of a command; [`client`]: its client
//! - [`call`]: commands that make one call; [`operation`], [`operations`]: their options and output, one file per operation
//! - [`commands`]: all other commands, one file each
//! - [`argument`], [`member`], [`shapes`], [`shorthand`], [`input_json`]: from option values and JSON to members
//! - [`value`], [`query`], [`output`], [`timestamp`]: from an output to the printed text; [`skeleton`]: inputs and outputs to fill in
//! - [`failure`]: messages and exit codes; [`usage`]: errors of the command line
//! - [`credentials`]: credentials for other programs; [`shell`]: as variables; [`process`]: running programs
//! - [`cache`]: the credentials cache, shared with the AWS CLI
//! - [`terminal`]: prompts for MFA codes, and text that is safe to print
//! - [`watch`]: a transport that logs for `--debug`; [`notice`]: notices of long waits, on a terminal

#![expect(clippy::doc_markdown, reason = "the options' comments are printed by --help, as they are")]

mod argument;
mod cache;
mod call;
mod cli;
mod client;
mod commands;
mod completion;
mod context;
mod credentials;
mod examples;
mod failure;
mod globals;
mod input_json;
mod member;
mod notice;
mod operation;
mod operations;
mod output;
mod process;
mod query;
mod shapes;
mod shell;
mod shorthand;
mod skeleton;
mod terminal;
mod timestamp;
mod usage;
mod value;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
