//! Where AWS credentials come from, without I/O: the files that `aws configure` writes, and what they and the environment describe.
//!
//! What must be done (read a file, run a program, send a request) comes as steps of a machine, and a driver such as `sts-blocking` or
//! `sts-async` takes them.
//!
//! # Map
//! - [`profile`]: the shared config and credentials files; [`location`]: where they are
//! - [`settings`]: what the environment and a profile say beside credentials
//! - [`plan`]: which sources are meant, in which order, without running any; [`origin`]: who says so
//! - [`source`], [`sources`]: the kinds of sources, one file each
//! - [`machine`]: gets credentials from a source, with its chart; [`error`]: why there are none
//! - [`cache`]: which credentials to use now, and when to refresh them
//!
//! Each file imports only from what stands further up in this list: `location`, `words`, `origin`, `profile`, `error`, `settings`, `machine`,
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
