use std::{fmt, sync::Condvar, thread};

use sts_core::{Auth, Config, Credentials, Error, Operation, Reply, Step, Transmit, TransportError, http::Response};
use sts_driver::{
    client::Parts,
    clock::Clock,
    find::{self, UserProvider},
    trace::Trace,
    transport::explained,
};
use zeroize::Zeroizing;

use crate::{
    provider::{ProvideError, Provider},
    transport::{AnyTransport, Transport},
};

/// A client. Clones share connections, credentials and what was learned; threads can share one client as well.
#[derive(Clone)]
pub struct Client(pub(crate) Parts<dyn FindCredentials, Condvar, AnyTransport>);

impl Client {
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
    /// [`ConfigBuilder::call_timeout`](sts_core::ConfigBuilder::call_timeout) does not limit.
    ///
    /// # Errors
    /// Nothing was sent, the service refused, the response cannot be read, or there was none: see [`Error`].
    pub fn send<O: Operation>(&self, operation: &O) -> Result<Reply<O::Output>, Error> {
        let mut trace = Trace::start(O::NAME, self.config());
        let result = self.make(operation, &mut trace);
        trace.end(&result);
        result
    }

    fn make<O: Operation>(&self, operation: &O, trace: &mut Trace) -> Result<Reply<O::Output>, Error> {
        let clock = Clock::start();
        let credentials = match O::AUTH {
            Auth::SigV4 => self
                .find_credentials()
                .map_err(|error| Error::Credentials { operation: O::NAME, error: error.into() })?,
            Auth::None => None,
        };
        let mut step = self.0.core.call(operation, credentials.as_deref(), clock.now());
        let result = loop {
            step = match step {
                Step::Transmit(transmit, call) => {
                    trace.sent();
                    let result = self.exchange(transmit);
                    trace.received(&result);
                    call.receive(result, clock.now())
                }
                Step::Wait(delay, call) => {
                    thread::sleep(delay);
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

    pub(crate) fn exchange(&self, transmit: Transmit) -> Result<Response<Zeroizing<Vec<u8>>>, TransportError> {
        let result = self.0.transport.exchange(transmit);
        result.map(|response| response.map(Zeroizing::new)).map_err(explained)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub(crate) type ClientCredentials = find::ClientCredentials<dyn FindCredentials, Condvar>;

/// Finds a client's credentials. An object, so that only programs that load a [`Chain`] hold the code of one.
pub(crate) trait FindCredentials: fmt::Debug + Send + Sync {
    /// Finds them, with the client if they are to be had from a service.
    fn find(&self, client: &Client) -> Result<Credentials, ProvideError>;
}
