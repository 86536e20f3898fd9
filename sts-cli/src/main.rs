//! `sts`: AWS STS on the command line, with the AWS CLI's commands, options, output and exit codes.
//!
//! # Map
//! - [`cli`]: the command line, and which command does what; [`globals`]: what all commands share: options, environment, profile
//! - [`commands`]: one file a command: its options, the operation that they make, what is printed of its output
//! - [`input`], [`shorthand`], [`shapes`]: from option values and JSON to members
//! - [`call`]: a call, and its outcome
//! - [`query`]: which part of the output is printed
//! - [`output`], [`failure`]: what is printed, exit codes
//! - [`skeleton`]: inputs and outputs to fill in
//! - [`credentials`]: commands that hand on credentials; [`shell`]: as variables; [`process`]: to programs
//! - [`identity`]: commands that say whose credentials are used, and why
//! - [`proof`]: commands that sign and do not call
//! - [`cache`]: credentials from call to call, shared with the AWS CLI
//! - [`terminal`]: asks for MFA codes
//! - [`watch`]: what `--debug` and `--no-sign-request` do to requests on their way
//! - [`local`]: the STS inside the program

#![expect(clippy::doc_markdown, reason = "the options' comments are printed by --help, as they are")]

mod cache;
mod call;
mod cli;
mod commands;
mod credentials;
mod failure;
mod globals;
mod identity;
mod input;
mod local;
mod output;
mod process;
mod proof;
mod query;
mod shapes;
mod shell;
mod shorthand;
mod skeleton;
mod terminal;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
