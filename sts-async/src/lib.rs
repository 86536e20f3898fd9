//! An asynchronous client for AWS STS: [`sts_core`] driven by [hyper](https://hyper.rs) on [tokio](https://tokio.rs).
//!
//! ```no_run
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use sts_async::{AssumeRole, Client};
//!
//! let client = Client::from_env()?;
//! let reply = client.send(&AssumeRole::new("arn:aws:iam::123456789012:role/demo", "demo")).await?;
//! println!("{} until {}", reply.output.credentials.access_key_id, reply.output.credentials.expiration);
//! # Ok(())
//! # }
//! ```
//!
//! HTTPS checks certificates against Mozilla's root certificates, or your own through [`ClientBuilder::tls`], which also accepts a client
//! certificate. Redirects are not followed, bodies over 1 MiB are refused, connections are reused. Dropping a call's future ends the call
//! and closes its connection.
//!
//! A function that takes `&Client` can be tested without a network: a client sends through any [`Transport`](transport::Transport), also
//! a closure.
//!
//! Secrets are wiped from memory when they are dropped, and so are the bodies of requests. Those of responses are not: they are parts of
//! hyper's buffers.
//!
//! # Features
//! - `ring`, the default, or `aws-lc-rs`: TLS by rustls with the one or the other; with aws-lc-rs if both are on. A process's default
//!   provider goes before either.
//! - `platform-roots`: [`Tls::platform_roots`](transport::Tls::platform_roots).
//! - `tracing`: a span `sts.call` for each call (operation, region, attempts, request id, code), in it an event for each attempt (status or
//!   kind of loss, and time), and a warning when credentials cannot be refreshed and the old ones stay in use, with the target `sts`. No
//!   secret is in any.
//! - `aws-credential-types`: [`Client`] is a `ProvideCredentials` for the AWS SDK for Rust. Needs Rust 1.94.

// docs.rs shows which items need a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
compile_error!("one of the features `ring` and `aws-lc-rs` is needed for TLS");

mod builder;
mod client;
mod connector;
mod find;
pub mod provider;
mod shared;
pub mod transport;

pub use builder::ClientBuilder;
pub use client::Client;
pub use sts_driver::error::BuildError;

pub use sts_core::{
    AssumeRole, AssumeRoleOutput, AssumeRoleWithSaml, AssumeRoleWithSamlOutput, AssumeRoleWithWebIdentity,
    AssumeRoleWithWebIdentityOutput, AssumeRoot, AssumeRootOutput, Config, ConfigBuilder, Credentials,
    DecodeAuthorizationMessage, DecodeAuthorizationMessageOutput, Error, ErrorCode, GetAccessKeyInfo,
    GetAccessKeyInfoOutput, GetCallerIdentity, GetCallerIdentityOutput, GetDelegatedAccessToken,
    GetDelegatedAccessTokenOutput, GetFederationToken, GetFederationTokenOutput, GetScopedCredentials,
    GetScopedCredentialsOutput, GetSessionToken, GetSessionTokenOutput, GetWebIdentityToken, GetWebIdentityTokenOutput,
    Metadata, Operation, PolicyDescriptor, ProvidedContext, Reply, RetryMode, Secret, Tag, TemporaryCredentials,
    Timestamp,
};

// All that these crates have; their types are in the signatures here.
pub use bytes;
pub use http;
pub use sts_core as core;
pub use sts_credentials as credentials;
pub use time;
