//! A blocking client for AWS STS: [`sts_core`] driven by [`ureq`].
//!
//! ```no_run
//! use sts_blocking::{AssumeRole, Client};
//!
//! let client = Client::from_env()?;
//! let reply = client.send(&AssumeRole::new("arn:aws:iam::123456789012:role/demo", "demo"))?;
//! println!("{} until {}", reply.output.credentials.access_key_id, reply.output.credentials.expiration);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! HTTPS checks certificates against Mozilla's root certificates, or your own through [`ClientBuilder::tls`], which also accepts a client
//! certificate. Redirects are not followed, bodies over 1 MiB are refused, connections are reused.
//!
//! A function that takes `&Client` can be tested without a network: a client sends through any [`Transport`](transport::Transport), also
//! a closure.
//!
//! Secrets are wiped from memory when they are dropped, and so are the bodies of requests and responses; not what the buffers of ureq and
//! TLS hold meanwhile.
//!
//! # Features
//! - `ring`, the default, or `aws-lc-rs`: TLS by rustls with the one or the other; with aws-lc-rs if both are on. A process's default
//!   provider goes before either.
//! - `native-tls`: without these two, the operating system's TLS.
//! - `platform-roots`: [`Tls::platform_roots`](transport::Tls::platform_roots).
//! - `tracing`: a span `sts.call` for each call (operation, region, attempts, request id, code), in it an event for each attempt (status or
//!   kind of loss, and time), and a warning when credentials cannot be refreshed and the old ones stay in use, with the target `sts`. No
//!   secret is in any.

// docs.rs shows which items need a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs", feature = "native-tls")))]
compile_error!("one of the features `ring`, `aws-lc-rs` and `native-tls` is needed for TLS");

mod builder;
mod client;
mod connector;
mod find;
pub mod provider;
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
pub use http;
pub use sts_core as core;
pub use sts_credentials as credentials;
pub use time;
