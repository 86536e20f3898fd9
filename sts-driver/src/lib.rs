//! What `sts-blocking` and `sts-async` share: the machine they run on. `sts-core` asks for time, files and programs; here they are had,
//! so that the two drivers differ in how they send and how they wait, and in nothing else.
//!
//! Users of the drivers need nothing from here: what matters to them is exported there.
//!
//! # Map
//! - [`client`]: the parts of a client, and what its builder is told
//! - [`chain`]: the default chain of credentials, loaded from environment and files
//! - [`find`]: where a client's credentials come from, and the search for them
//! - [`network`], [`proxy`], [`tls`], [`dial`]: how a client connects
//! - [`transport`]: what transports report
//! - [`clock`], [`mod@file`], [`program`]: what the machines of `sts_core` and `sts_credentials` ask for
//! - [`trace`]: what a call tells `tracing`
//! - [`error`]: why there is no client, or no credentials

// docs.rs shows which items need a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

/// `Debug` in the words of `Display`, so that `fn main() -> Result<(), Box<dyn Error>>` ends with words.
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

/// A random number, for [`Client::new`](sts_core::Client::new).
pub fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
