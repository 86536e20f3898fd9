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
//! HTTPS checks certificates against Mozilla's roots, unless [`Client::tls`] says otherwise. Redirects are not followed, bodies over
//! 1 MiB are refused, connections are reused. Dropping a call's future ends the call and closes its connection. Everything of
//! `sts_core` that a user needs is exported here, too.
//!
//! Secrets are wiped from memory when they are dropped, and so are the bodies of requests. Those of responses are not: they are parts of
//! hyper's buffers.
//!
//! # Features
//! - `ring`, the default, or `aws-lc-rs`: TLS by rustls with the one or the other; with aws-lc-rs if both are on. A process's default
//!   provider goes before either.
//! - `platform-roots`: [`Tls::platform_roots`](transport::Tls::platform_roots).
//! - `tracing`: a span `sts.call` for each call (operation, region, attempts, request id, code), in it an event for each attempt (status or
//!   kind of loss, and time), and a warning when credentials cannot be refreshed and the old ones are used on, with the target `sts`. No
//!   secret is in any.
//! - `aws-credential-types`: [`Client`] is a `ProvideCredentials` for the AWS SDK for Rust. Needs Rust 1.94.

// docs.rs shows which items need a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

use std::{fmt, future::poll_fn, pin::pin, sync::Arc, task::Poll};

use bytes::Bytes;
use sts_driver::{
    clock::Clock,
    provide::Own,
    tls::{client_config, default_client_config},
    trace::Trace,
    transport::explained,
};

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
compile_error!("one of the features `ring` and `aws-lc-rs` is needed for TLS");

mod connector;
pub mod provider;
mod shared;
pub mod transport;

pub use sts_core as core;
pub use sts_core::*;

use provider::{Chain, LoadError, Origin, Provider};
use transport::{Attempt, Hyper, Tls, TlsError, Transport};

/// A client. Clones share connections, credentials and what was learned; tasks can share one client as well. `T` carries the requests.
///
/// Calls and the search for credentials need a tokio runtime with time and I/O enabled, unless the client is given another [`Transport`].
pub struct Client<T = Hyper> {
    core: Arc<sts_core::Client>,
    credentials: Arc<Origin>,
    transport: Arc<T>,
}

impl Client {
    /// A client without credentials, which is enough for operations that are not signed.
    pub fn new(config: Config) -> Self {
        let tls = default_client_config().expect("rustls supports its default versions of TLS");
        let transport = Arc::new(Hyper::on_tokio(&config, tls));
        let core = Arc::new(sts_core::Client::new(config, sts_driver::seed()));
        Self { core, credentials: Arc::new(Origin::None), transport }
    }

    /// A client with the region, endpoint and credentials that the environment and the profiles name: that of [`Chain::from_env`].
    /// Credentials are looked for when the first signed call is made.
    ///
    /// # Errors
    /// A file cannot be read, the profile is not defined, there is no region, or settings have no meaning or contradict each other.
    pub fn from_env() -> Result<Self, LoadError> {
        Self::from_chain(Chain::from_env()?)
    }

    /// As [`from_env`](Self::from_env), with that profile, which goes before keys and web identity of the environment.
    ///
    /// # Errors
    /// As there.
    pub fn from_profile(name: &str) -> Result<Self, LoadError> {
        Self::from_chain(Chain::from_profile(name)?)
    }

    /// A client with what such a chain describes. For profiles with an MFA device, the chain is told first whom to ask for the code:
    ///
    /// ```no_run
    /// use sts_async::{Client, provider::Chain};
    ///
    /// let chain = Chain::from_profile("audit")?.mfa_prompt(|serial| {
    ///     eprint!("MFA code of {serial}: ");
    ///     let mut code = String::new();
    ///     std::io::stdin().read_line(&mut code).map_err(|error| error.to_string())?;
    ///     Ok(code.into())
    /// });
    /// let client = Client::from_chain(chain)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Its file of root certificates cannot be read, or there is no certificate in it.
    pub fn from_chain(chain: Chain) -> Result<Self, LoadError> {
        let mut client = Self::new(chain.config().clone());
        if let Some(path) = chain.ca_bundle() {
            client = client.tls(&Tls::new().ca_bundle(path)?)?;
        }
        client.credentials = Arc::new(Origin::found(Box::new(chain)));
        Ok(client)
    }

    /// Trusts others than Mozilla's authorities, or shows servers a certificate of the client's own.
    ///
    /// ```no_run
    /// use sts_async::{Client, Config, transport::Tls};
    ///
    /// let tls = Tls::new().ca_bundle("/etc/ssl/company.pem")?;
    /// let client = Client::new(Config::builder().region("eu-central-1").build()?).tls(&tls)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Certificates or the key cannot be used, or do not belong together; the operating system's authorities are asked for, and there are
    /// none, or this build does not look for them.
    pub fn tls(self, tls: &Tls) -> Result<Self, TlsError> {
        let transport = Hyper::on_tokio(self.config(), client_config(tls)?);
        Ok(self.transport(transport))
    }
}

impl<T> Client<T> {
    /// Signs with these credentials.
    #[must_use]
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.credentials = Arc::new(Origin::Given(Arc::new(credentials.into())));
        self
    }

    /// Signs with the credentials that this provider gives.
    #[must_use]
    pub fn provider(mut self, provider: impl Provider + 'static) -> Self {
        self.credentials = Arc::new(Origin::found(Box::new(Own(provider))));
        self
    }

    /// Sends through this transport, also for credentials of a [`Chain`].
    pub fn transport<U: Transport>(self, transport: U) -> Client<U> {
        self.wrap_transport(|_| transport)
    }

    /// Sends through what `wrap` makes of the transport so far: something that watches it, or gets in its way.
    pub fn wrap_transport<U: Transport>(self, wrap: impl FnOnce(Arc<T>) -> U) -> Client<U> {
        let Self { core, credentials, transport } = self;
        Client { core, credentials, transport: Arc::new(wrap(transport)) }
    }

    /// Where calls go, and how often they are tried.
    pub fn config(&self) -> &Config {
        self.core.config()
    }
}

impl<T: Transport + 'static> Client<T> {
    /// Makes a call, retries included. Before that, credentials are looked for if there are none that can still be used, which
    /// [`ConfigBuilder::call_timeout`] does not limit; a timeout of the executor's around this does.
    ///
    /// # Errors
    /// Nothing was sent, the service refused, the response cannot be read, or there was none: see [`sts_core::Error`].
    pub async fn send<O: Operation>(&self, operation: &O) -> Result<Reply<O::Output>, Error> {
        let mut trace = Trace::start(O::NAME, self.config());
        let result = self.make(operation, &mut trace).await;
        trace.end(&result);
        result
    }

    async fn make<O: Operation>(&self, operation: &O, trace: &mut Trace) -> Result<Reply<O::Output>, Error> {
        let clock = Clock::start();
        let credentials = match O::AUTH {
            Auth::SigV4 => self
                .find_credentials()
                .await
                .map_err(|error| Error::Credentials { operation: O::NAME, error: error.into() })?,
            Auth::None => None,
        };
        let mut step = self.core.call(operation, credentials.as_deref(), clock.now());
        let result = loop {
            step = match step {
                Step::Transmit(transmit, call) => {
                    trace.sent();
                    let result = self.exchange(transmit).await;
                    trace.received(&result);
                    call.receive(result, clock.now())
                }
                Step::Wait(delay, call) => {
                    self.transport.sleep(delay).await;
                    call.resume(clock.now())
                }
                Step::Done(result) => break result,
            };
        };
        if let (Err(error), Some(credentials)) = (&result, &credentials)
            && error.rejects_credentials()
        {
            self.credentials.invalidate(&credentials.access_key_id);
        }
        result
    }

    async fn exchange(
        &self,
        Transmit { request, timeout, route }: Transmit,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let attempt = Attempt::new(self.config().connect_timeout(), timeout, route);
        let mut exchange = pin!(self.transport.exchange(request, attempt));
        let mut timeout = pin!(self.transport.sleep(timeout));
        poll_fn(|context| match exchange.as_mut().poll(context) {
            Poll::Pending => timeout
                .as_mut()
                .poll(context)
                .map(|()| Err(TransportError::new(TransportErrorKind::Timeout, "the time for the attempt ran out"))),
            Poll::Ready(result) => Poll::Ready(result.map_err(explained)),
        })
        .await
    }
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        let Self { core, credentials, transport } = self;
        Self { core: core.clone(), credentials: credentials.clone(), transport: transport.clone() }
    }
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Client");
        shown.field("config", self.config()).field("credentials", &self.credentials).finish_non_exhaustive()
    }
}
