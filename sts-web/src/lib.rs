//! An AWS STS client for WebAssembly: [`sts_core`] driven by `fetch`. It runs on pages, in web workers and service workers, in workerd
//! (Cloudflare Workers) and in Node, on the target `wasm32-unknown-unknown`.
//!
//! ```no_run
//! use sts_web::{AssumeRoleWithWebIdentity, Client, Config};
//!
//! # async fn example(token: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder().config(Config::builder().region("eu-central-1")).build()?;
//! let operation = AssumeRoleWithWebIdentity::new("arn:aws:iam::123456789012:role/page", "me", token);
//! let credentials = client.send(&operation).await?.output.credentials;
//! # Ok(())
//! # }
//! ```
//!
//! # On a page
//! - STS answers browsers. A signed call costs one preflight, which the browser remembers. An unsigned call such as
//!   `AssumeRoleWithWebIdentity` costs none.
//! - A page with a strict Content-Security-Policy needs `script-src 'wasm-unsafe-eval'` to run WebAssembly at all, and `connect-src` with
//!   the endpoint, such as `https://sts.eu-central-1.amazonaws.com`.
//! - Whoever uses the page can read the credentials that it holds. Give it credentials of a role that may do no more than its user:
//!   [`WebIdentity`] gets them for the user's own token.
//!
//! # In workerd
//! Make a [`Client`] while a request is handled: outside of one, workerd has neither a clock nor random numbers.
//!
//! # Everywhere
//! Time limits and dropped futures abort the exchange. Bodies over 1 MiB are refused, redirects are not followed. The clock and the seed
//! come from the host.

mod client;
mod fetch;
#[cfg(feature = "npm")]
mod npm;
mod provider;
mod timer;
mod web_identity;

pub use bytes;
pub use http;
pub use sts_core as core;
pub use sts_core::{
    AssumeRole, AssumeRoleOutput, AssumeRoleWithSaml, AssumeRoleWithSamlOutput, AssumeRoleWithWebIdentity,
    AssumeRoleWithWebIdentityOutput, AssumeRoot, AssumeRootOutput, Config, ConfigBuilder, ConfigError, Credentials,
    DecodeAuthorizationMessage, DecodeAuthorizationMessageOutput, Error, ErrorCode, GetAccessKeyInfo,
    GetAccessKeyInfoOutput, GetCallerIdentity, GetCallerIdentityOutput, GetDelegatedAccessToken,
    GetDelegatedAccessTokenOutput, GetFederationToken, GetFederationTokenOutput, GetScopedCredentials,
    GetScopedCredentialsOutput, GetSessionToken, GetSessionTokenOutput, GetWebIdentityToken, GetWebIdentityTokenOutput,
    Metadata, Operation, PolicyDescriptor, ProvidedContext, Reply, RetryMode, Secret, Tag, TemporaryCredentials,
    Transmit, TransportError, TransportErrorKind,
};
pub use time;

pub use client::{Client, ClientBuilder};
pub use fetch::{Fetch, Transport};
#[cfg(feature = "npm")]
pub use npm::Machine;
pub use provider::{ProvideError, Provider};
pub use web_identity::WebIdentity;
