//! What `sts-blocking` and `sts-async` share: the machine they run on. `sts-core` asks for time, files and programs; here they are had,
//! so that the two drivers differ in how they send and how they wait, and in nothing else.
//!
//! Users of the drivers need nothing from here: what matters to them is exported there.
//!
//! # Map
//! - [`chain`]: the default chain of credentials, loaded from environment and files
//! - [`clock`]: the time of a call
//! - [`dial`]: which of a name's addresses to connect to
//! - [`mod@file`], [`program`]: what the machines of `sts_credentials` ask for
//! - [`provide`]: where a client's credentials come from, the search for them, and why there are none
//! - [`tls`]: whom a client trusts, and who it says it is
//! - [`trace`]: what a call tells `tracing`
//! - [`transport`]: what a transport is told, and what it reports

// docs.rs shows which items need a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod chain;
pub mod clock;
pub mod dial;
pub mod file;
pub mod program;
pub mod provide;
pub mod tls;
pub mod trace;
pub mod transport;

use std::hash::{BuildHasher, Hasher, RandomState};

/// A random number, for [`Client::new`](sts_core::Client::new).
pub fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
