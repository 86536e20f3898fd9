//! Code that `sts-blocking` and `sts-async` share. `sts-core` does no I/O; this crate supplies time, files and programs. The two drivers
//! differ only in how they send and how they wait.
//!
//! Users of the drivers do not need this crate: the drivers re-export the relevant items.
//!
//! # Map
//! - [`client`]: the parts of a client, and the settings of its builder
//! - [`chain`]: the default credential chain, loaded from environment and files
//! - [`find`]: a client's credentials, and the search for them
//! - [`network`], [`proxy`], [`tls`], [`dial`]: how a client connects
//! - [`transport`]: errors that transports report
//! - [`clock`], [`mod@file`], [`program`]: I/O for the state machines of `sts_core` and `sts_credentials`
//! - [`trace`]: spans and events for `tracing`
//! - [`error`]: errors while building a client or finding credentials

// docs.rs shows which items need a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

/// Implements `Debug` with the text of `Display`: `fn main() -> Result<(), Box<dyn Error>>` then prints readable errors.
macro_rules! debug_in_words {
    ($($error:ty),+) => {$(
        impl std::fmt::Debug for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                sts_core::text::write_chain(self, f)
            }
        }
    )+};
}

pub mod chain;
pub mod client;
pub mod clock;
pub mod dial;
pub mod error;
pub mod file;
pub mod find;
mod handshake;
pub mod network;
pub mod program;
pub mod proxy;
pub mod tls;
pub mod trace;
pub mod transport;

use std::hash::{BuildHasher, Hasher, RandomState};

/// A random seed for [`Client::new`](sts_core::Client::new).
pub fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
