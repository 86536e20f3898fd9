//! The kinds of sources. Each file contains the source's configuration, its requests, and the parsing of answers.

pub mod container;
mod document;
pub mod instance_metadata;
pub mod keys;
pub(crate) mod login;
pub mod process;
pub mod role;
pub mod sso;
pub mod web_identity;
