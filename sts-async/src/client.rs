use std::{fmt, future::poll_fn, pin::pin, task::Poll};

use bytes::Bytes;
use http::Response;
use sts_core::{
    Auth, Config, Credentials, Error, Operation, Reply, Step, Transmit, TransportError, TransportErrorKind,
};
use sts_driver::{
    client::Parts, clock::Clock, error::BuildError, find::UserProvider, trace::Trace, transport::explained,
};

use crate::{
    builder::ClientBuilder,
    provider::{Chain, ClientCredentials, FindCredentials, Provider, Searches},
    transport::{AnyTransport, Transport},
};

/// A client. Clones share connections, credentials and what was learned; tasks can share one client as well.
///
/// Calls and the search for credentials need a tokio runtime with time and I/O enabled, unless the client is given another
/// [`Transport`](crate::transport::Transport).
#[derive(Clone)]
pub struct Client(pub(crate) Parts<dyn FindCredentials, Searches, AnyTransport>);

impl Client {
    /// A client to be put together.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// A client with the region, endpoint and credentials that the environment and the profiles name: that of [`Chain::from_env`].
    /// Credentials are looked for when the first signed call is made.
    ///
    /// # Errors
    /// A file cannot be read, the profile is not defined, there is no region, or settings have no meaning or contradict each other.
    pub fn from_env() -> Result<Self, BuildError> {
        Self::builder().chain(Chain::from_env()?).build()
    }

    /// As [`from_env`](Self::from_env), with that profile, which takes precedence over keys and web identity of the environment.
    ///
    /// # Errors
    /// As there.
    pub fn from_profile(name: &str) -> Result<Self, BuildError> {
        Self::builder().chain(Chain::from_profile(name)?).build()
    }

    /// The same client with these credentials: the two share connections and what they learn.
    #[must_use]
    pub fn with_credentials(&self, credentials: impl Into<Credentials>) -> Self {
        Self(self.0.with_credentials(ClientCredentials::given(credentials)))
    }

    /// The same client with the credentials of this provider: the two share connections and what they learn.
    #[must_use]
    pub fn with_provider(&self, provider: impl Provider + 'static) -> Self {
        Self(self.0.with_credentials(ClientCredentials::found(Box::new(UserProvider(provider)))))
    }

    /// Where calls go, and how often they are tried.
    pub fn config(&self) -> &Config {
        self.0.core.config()
    }

    /// Makes a call, retries included. Before that, credentials are looked for if there are none that can still be used, which
    /// [`ConfigBuilder::call_timeout`](sts_core::ConfigBuilder::call_timeout) does not limit; a timeout of the executor's around this does.
    ///
    /// # Errors
    /// Nothing was sent, the service refused, the response cannot be read, or there was none: see [`Error`].
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
        let mut step = self.0.core.call(operation, credentials.as_deref(), clock.now());
        let result = loop {
            step = match step {
                Step::Transmit(transmit, call) => {
                    trace.sent();
                    let result = self.exchange(transmit).await;
                    trace.received(&result);
                    call.receive(result, clock.now())
                }
                Step::Wait(delay, call) => {
                    self.0.transport.sleep(delay).await;
                    call.resume(clock.now())
                }
                Step::Done(result) => break result,
            };
        };
        if let (Err(error), Some(credentials)) = (&result, &credentials)
            && error.rejects_credentials()
        {
            self.0.credentials.invalidate(&credentials.access_key_id);
        }
        result
    }

    pub(crate) async fn exchange(&self, transmit: Transmit) -> Result<Response<Bytes>, TransportError> {
        let mut timeout = pin!(self.0.transport.sleep(transmit.timeout));
        let mut exchange = pin!(self.0.transport.exchange(transmit));
        let result = poll_fn(|context| match exchange.as_mut().poll(context) {
            Poll::Pending => timeout
                .as_mut()
                .poll(context)
                .map(|()| Err(TransportError::new(TransportErrorKind::Timeout, "the time for the attempt ran out"))),
            ready @ Poll::Ready(_) => ready,
        });
        result.await.map_err(explained)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
