//! Where AWS credentials come from, without I/O: the files that `aws configure` writes, and what they and the environment describe.
//!
//! What is to be done (read a file, run a program, send a request) comes as steps of a machine, and a driver such as `sts-blocking` or
//! `sts-async` takes them.
//!
//! # Map
//! - [`profile`]: the shared config and credentials files, and where they are
//! - [`plan`]: which sources are meant, in which order, without running any
//! - [`machine`]: gets credentials from a source, with its chart
//! - [`cache`]: which credentials to use now, and when to look for newer ones
//! - [`settings`]: what a profile says beside credentials: region, endpoint, retries
//! - [`process`], [`container`], [`instance_metadata`], [`sso`]: what single sources need to know

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod cache;
pub mod container;
mod document;
pub mod error;
pub mod instance_metadata;
pub mod location;
pub mod machine;
pub mod origin;
pub mod plan;
pub mod process;
pub mod profile;
mod question;
mod role_cache;
pub mod settings;
pub mod sso;
mod words;
