//! AWS Security Token Service (STS) without I/O.
//!
//! Typed inputs become signed [`http::Request`]s, and [`http::Response`]s become typed outputs or errors. A state machine decides when
//! to retry, when to wait and how to correct for a wrong clock.
//!
//! # Out of scope
//! This crate never opens a socket, reads a clock, a file or an environment variable, obtains randomness, starts a
//! thread or sleeps. The caller passes in time, settings and responses. Use `sts-blocking` (ureq) or `sts-async` (hyper) for the
//! I/O, or write your own driver:
//!
//! # A driver
//! ```
//! use sts_core::{Client, Credentials, Error, Operation, Reply, Step, Transmit, TransportError};
//! use time::UtcDateTime;
//!
//! fn send<O: Operation>(
//!     client: &Client,
//!     operation: &O,
//!     credentials: &Credentials,
//!     exchange: impl Fn(Transmit) -> Result<http::Response<Vec<u8>>, TransportError>,
//!     now: impl Fn() -> UtcDateTime,
//! ) -> Result<Reply<O::Output>, Error> {
//!     let mut step = client.call(operation, Some(credentials), now());
//!     loop {
//!         step = match step {
//!             Step::Transmit(transmit, call) => call.receive(exchange(transmit), now()),
//!             Step::Wait(delay, call) => {
//!                 std::thread::sleep(delay);
//!                 call.resume(now())
//!             }
//!             Step::Done(result) => return result,
//!         };
//!     }
//! }
//!
//! # use std::{cell::Cell, time::Duration};
//! # use sts_core::{Config, GetCallerIdentity, call::Route};
//! # let attempts = Cell::new(0);
//! # let canned = |Transmit { request, timeout, route }: Transmit| {
//! #     assert_eq!(request.body().expose(), b"Action=GetCallerIdentity&Version=2011-06-15");
//! #     assert_eq!((timeout, route), (Duration::from_secs(10), Route::ProxyAllowed));
//! #     attempts.set(attempts.get() + 1);
//! #     Ok(http::Response::builder().status(if attempts.get() == 1 { 503 } else { 200 }).body(b"\
//! #         <GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/Alice</Arn>\
//! #         <UserId>AIDACKCEVSQ6C2EXAMPLE</UserId><Account>123456789012</Account></GetCallerIdentityResult>\
//! #         </GetCallerIdentityResponse>".to_vec()).unwrap())
//! # };
//! # let now = || time::macros::utc_datetime!(2026-11-23 03:00);
//! let client = Client::new(Config::builder().region("us-east-1").build()?, 7);
//! let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
//! let reply = send(&client, &GetCallerIdentity::new(), &credentials, canned, now)?;
//! assert_eq!(reply.output.arn, "arn:aws:iam::123456789012:user/Alice");
//! assert_eq!(reply.metadata.attempts, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//! - [`operations`]: the inputs and outputs, one file each; [`shapes`]: structures that several operations share
//! - [`operation`]: the trait behind them, with an example of an operation of your own
//! - [`Client`] starts calls; [`call`]: the state machine, with a diagram; [`config`], [`environment`], [`Credentials`]: its inputs
//! - [`response`], [`error`], [`denial`]: the results; [`identity`]: ARNs and names; [`web_identity`]: claims of web identity tokens
//! - [`proof`]: signed requests that another party sends: EKS tokens, Vault logins, database and cache passwords, tokens for other clouds
//! - [`sigv4`], [`query`], [`xml`], [`validate`]: signer, form writer, XML reader and constraints; usable without STS
//! - [`endpoint`], [`host`]: endpoint rules and host names; [`timestamp`]: reading and printing times
//! - [`json`], [`text`], [`random`]: helpers shared with `sts-credentials`

// docs.rs shows which items need a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod call;
mod client;
pub mod config;
pub mod credentials;
pub mod denial;
pub mod endpoint;
pub mod environment;
pub mod error;
mod error_code;
mod form;
pub mod host;
pub mod identity;
pub mod json;
mod metadata;
mod moment;
pub mod operation;
pub mod operations;
mod percent;
pub mod proof;
pub mod query;
pub mod random;
pub mod response;
pub mod retry;
pub mod secret;
pub mod shapes;
pub mod sigv4;
mod skew;
pub mod text;
pub mod timestamp;
pub mod validate;
pub mod web_identity;
pub mod xml;

// Its types are part of the public API.
pub use http;

pub use call::{InFlight, Route, Step, Transmit, Waiting};
pub use client::Client;
pub use config::{Config, ConfigBuilder, ConfigError};
pub use credentials::Credentials;
pub use error::{Error, NoResponse, TransportError, TransportErrorKind};
pub use error_code::ErrorCode;
pub use metadata::Metadata;
pub use moment::Moment;
pub use operation::{Auth, Operation};
pub use operations::*;
pub use query::Body;
pub use response::Reply;
pub use retry::RetryMode;
pub use secret::Secret;
pub use shapes::{PolicyDescriptor, ProvidedContext, Tag, TemporaryCredentials};
pub use timestamp::Timestamp;
