//! `sts`: AWS STS on the command line, with the AWS CLI's commands, options, output and exit codes.
//!
//! # Map
//! - [`cli`]: the command line, and the dispatch to commands; [`globals`]: the global options; [`examples`]: for the help; [`completion`]: in shells
//! - [`context`]: what a command runs with: options, environment, profile; [`client`]: the client that it calls with
//! - [`call`]: commands that make one call; [`operation`], [`operations`]: their options and output, one file per operation
//! - [`commands`]: all other commands, one file each
//! - [`argument`], [`member`], [`shapes`], [`shorthand`], [`input_json`]: from option values and JSON to members
//! - [`value`], [`query`], [`output`], [`timestamp`]: from an output to what is printed; [`skeleton`]: inputs and outputs to fill in
//! - [`failure`]: messages and exit codes; [`usage`]: errors of the command line
//! - [`credentials`]: credentials to hand on; [`shell`]: as variables; [`process`]: to programs
//! - [`cache`]: credentials from call to call, shared with the AWS CLI
//! - [`terminal`]: asks for MFA codes, and what may be printed there
//! - [`watch`]: a transport that logs for `--debug`; [`notice`]: of long waits, on a terminal

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
