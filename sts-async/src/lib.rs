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
//! HTTPS checks certificates against Mozilla's roots. Redirects are not followed, bodies over 1 MiB are refused, connections are
//! reused. Dropping a call's future ends the call and closes its connection. Everything of `sts_core` that a user needs is exported
//! here, too.

mod transport;

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
    time::Instant,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        self,
        connect::{Connect, HttpConnector},
    },
    rt::{TokioExecutor, TokioTimer},
};
use time::UtcDateTime;

pub use sts_core::*;
pub use transport::TransportError;

/// Why a call failed.
pub type Error = sts_core::Error<TransportError>;

/// A client. Clones share connections and what was learned. `C` is the connector that opens connections.
///
/// Calls need a tokio runtime with time and, for the default connector, I/O enabled.
#[derive(Clone, Debug)]
pub struct Client<C = HttpsConnector<HttpConnector>> {
    config: Config,
    credentials: Option<Arc<Credentials>>,
    learned: Arc<Learned>,
    http: legacy::Client<C, Full<Bytes>>,
}

impl Client {
    /// A client without credentials, which is enough for operations that are not signed.
    pub fn new(config: Config) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(config.connect_timeout()));
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .expect("ring supports the default TLS versions")
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Self::with_connector(config, connector)
    }

    /// A client with the region, endpoint and credentials that the environment names; see
    /// [`ConfigBuilder::env`] and [`Credentials::from_env`].
    ///
    /// # Errors
    /// There is no region or half an access key, or the settings contradict each other.
    pub fn from_env() -> Result<Self, ConfigError> {
        // What is not Unicode is not taken for unset: it is an error where it is used.
        let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let client = Self::new(Config::from_env(variable)?);
        Ok(match Credentials::from_env(variable)? {
            Some(credentials) => client.credentials(credentials),
            None => client,
        })
    }
}

impl<C: Connect + Clone + Send + Sync + 'static> Client<C> {
    /// A client whose connections this connector opens, with its own connect timeout, proxy and TLS settings.
    pub fn with_connector(config: Config, connector: C) -> Self {
        let seed = RandomState::new().build_hasher().finish();
        let http = legacy::Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Self { config, credentials: None, learned: Arc::new(Learned::new(seed)), http }
    }

    /// Signs with these credentials.
    #[must_use]
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.credentials = Some(Arc::new(credentials.into()));
        self
    }

    /// Makes a call, retries included.
    ///
    /// # Errors
    /// Nothing was sent, the service refused, the response cannot be read, or there was none: see [`sts_core::Error`].
    pub async fn send<O: Operation>(&self, operation: &O) -> Result<Reply<O::Output>, Error> {
        // Two clocks, so that a wall clock that jumps does not shorten or stretch the call.
        let (start, clock) = (UtcDateTime::now(), Instant::now());
        let now = || start + clock.elapsed();
        let mut step = Call::new(operation, &self.config, &self.learned, self.credentials.as_deref()).start(now());
        loop {
            step = match step {
                Step::Transmit(request, call) => {
                    let exchange = tokio::time::timeout(call.timeout(), self.exchange(request));
                    let result = exchange.await.unwrap_or(Err(TransportError::Timeout));
                    call.receive(now(), result.map_err(|error| Lost { kind: error.kind(), error }))
                }
                Step::Wait(delay, call) => {
                    tokio::time::sleep(delay).await;
                    call.resume(now())
                }
                Step::Done(result) => return result,
            };
        }
    }

    async fn exchange(&self, request: http::Request<Body>) -> Result<http::Response<Bytes>, TransportError> {
        let request = request.map(|body| Full::new(Bytes::from_owner(body)));
        let (head, body) = self.http.request(request).await.map_err(TransportError::Http)?.into_parts();
        let body = Limited::new(body, xml::MAX_LENGTH).collect().await.map_err(TransportError::Body)?.to_bytes();
        Ok(http::Response::from_parts(head, body))
    }
}

/// The README's examples, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
