//! `sts`: AWS STS on the command line, with the AWS CLI's commands, options, output and exit codes.
//!
//! # Map
//! - [`cli`]: the command line, and which command does what
//! - [`commands`]: one file a command: its options, the operation that they make, what is printed of its output
//! - [`input`], [`shorthand`], [`shapes`]: from option values and JSON to members
//! - [`call`]: configuration, the exchange, its outcome
//! - [`output`], [`failure`]: what is printed, exit codes
//! - [`local`]: the STS inside the program

#![expect(clippy::doc_markdown, reason = "the options' comments are printed by --help, as they are")]

mod call;
mod cli;
mod commands;
mod failure;
mod input;
mod local;
mod output;
mod shapes;
mod shorthand;

use clap::Parser as _;
use std::process::ExitCode;

use cli::Cli;
use failure::Failure;

fn main() -> ExitCode {
    match Cli::try_parse().map_err(Failure::Usage).and_then(Cli::run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
