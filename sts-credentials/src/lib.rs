//! Sources of AWS credentials, without I/O: access keys, roles, programs, single sign-on, containers and instances, as configured in the
//! shared files and the environment.
//!
//! A state machine returns the steps to take (read a file, run a program, send a request), and a driver such as `sts-blocking` or
//! `sts-async` performs them.
//!
//! # Map
//! - [`profile`]: the shared config and credentials files; [`location`]: their paths
//! - [`settings`]: settings from the environment and a profile
//! - [`plan`]: the configured sources in order, without running them; [`origin`]: where a source is configured
//! - [`source`], [`sources`]: the kinds of sources, one file each
//! - [`machine`]: the state machine that gets credentials from a source, with a diagram; [`error`]: its errors
//! - [`cache`]: decides which credentials to use, and when to refresh them
//!
//! Each file imports only from earlier files in this list: `location`, `words`, `origin`, `profile`, `error`, `settings`, `machine`,
//! `sources`, `source`, `plan`.

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod cache;
mod cache_file;
pub mod error;
pub mod location;
pub mod machine;
pub mod origin;
pub mod plan;
pub mod profile;
pub mod settings;
pub mod source;
pub mod sources;
mod words;
