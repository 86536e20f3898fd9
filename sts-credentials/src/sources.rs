//! The kinds of sources. Each file has what a profile or the environment says of the source, the requests, and the reading of the answers.

pub mod container;
mod document;
pub mod instance_metadata;
pub mod keys;
pub(crate) mod login;
pub mod process;
pub mod role;
pub mod sso;
pub mod web_identity;
