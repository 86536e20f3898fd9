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
//! certificate. The client does not follow redirects, rejects bodies over 1 MiB, and reuses connections. Dropping a call's future ends the
//! call and closes its connection.
//!
//! A function that takes `&Client` can be tested without a network: a client can use any [`Transport`](transport::Transport), even a
//! closure.
//!
//! Secrets and the bodies of requests are wiped from memory on drop. The bodies of responses are not: they are parts of hyper's buffers.
//!
//! # Features
//! - `ring` (default) or `aws-lc-rs`: TLS by rustls with this crypto provider; with aws-lc-rs if both are on. The process's default
//!   provider takes precedence.
//! - `platform-roots`: [`Tls::platform_roots`](transport::Tls::platform_roots).
//! - `tracing`: a span `sts.call` for each call (operation, region, attempts, request id, code), with an event for each attempt (status or
//!   kind of error, and time); and a warning when credentials cannot be refreshed and the old ones stay in use. The target is `sts`. No
//!   span or event contains a secret.
//! - `aws-credential-types`: [`Client`] implements `ProvideCredentials` for the AWS SDK for Rust. Needs Rust 1.94.

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

// Types of these crates appear in public signatures.
pub use bytes;
pub use http;
pub use sts_core as core;
pub use sts_credentials as credentials;
pub use time;
