//! AWS Security Token Service (STS) without I/O.
//!
//! Typed inputs become signed [`http::Request`]s, [`http::Response`]s become typed outputs or errors, and what takes several
//! exchanges (retries, a wrong clock) is a state machine that says what to do next.
//!
//! # Out of scope
//! This crate never opens a socket, reads a clock, a file or an environment variable, draws a random number, starts a
//! thread or waits. All of these come in as arguments. Use `sts-blocking` (ureq) or `sts-async` (hyper) to have them done, or
//! do them yourself:
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
//! - [`operations`]: the inputs and outputs, one file each; [`shapes`]: structures that they share
//! - [`Client`] begins calls; [`call`]: the machine, with its chart; [`config`], [`Credentials`]: what it works with
//! - [`response`], [`error`], [`denial`]: what comes back; [`identity`]: ARNs and names; [`web_identity`]: tokens
//! - [`proof`]: signed calls that others send: EKS tokens, Vault logins, passwords for databases and caches, tokens for other clouds
//! - [`sigv4`], [`query`], [`xml`], [`validate`]: signer, form writer, XML reader and constraints, of use without STS, too
//! - [`endpoint`], [`host`]: where requests go; [`timestamp`]: when they do
//! - [`json`], [`text`], [`random`]: tools that `sts-credentials`, which finds credentials, uses, too

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

// Its types are part of what drivers and transports are made of.
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
