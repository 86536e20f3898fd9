//! `sts`: AWS STS on the command line, with the AWS CLI's commands, options, output and exit codes.
//!
//! # Map
//! - [`cli`]: the command line, and which command does what
//! - [`commands`]: one file a command: its options, the operation that they make, what is printed of its output
//! - [`input`], [`shorthand`], [`shapes`]: from option values and JSON to members
//! - [`call`]: configuration, the exchange, its outcome
//! - [`query`]: which part of the output is printed
//! - [`output`], [`failure`]: what is printed, exit codes
//! - [`skeleton`]: inputs and outputs to fill in
//! - [`proof`]: commands that sign and do not call
//! - [`local`]: the STS inside the program

#![expect(clippy::doc_markdown, reason = "the options' comments are printed by --help, as they are")]

mod call;
mod cli;
mod commands;
mod failure;
mod input;
mod local;
mod output;
mod proof;
mod query;
mod shapes;
mod shorthand;
mod skeleton;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
