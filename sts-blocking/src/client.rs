use std::{
    fmt,
    sync::{Arc, Condvar},
    thread,
};

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

/// A client. Clones share connections, credentials, clock skew and retry quota. Threads can share one client.
#[derive(Clone)]
pub struct Client(pub(crate) Parts<dyn FindCredentials, Condvar, AnyTransport>);

impl Client {
    /// The same client with these credentials. Both share connections, clock skew and retry quota.
    #[must_use]
    pub fn with_credentials(&self, credentials: impl Into<Credentials>) -> Self {
        Self(self.0.with_credentials(ClientCredentials::given(credentials)))
    }

    /// The same client with credentials from this provider. Both share connections, clock skew and retry quota.
    #[must_use]
    pub fn with_provider(&self, provider: impl Provider + 'static) -> Self {
        Self(self.0.with_credentials(ClientCredentials::found(Box::new(UserProvider(provider)))))
    }

    /// The configuration of calls, such as region, endpoint and retries.
    pub fn config(&self) -> &Config {
        self.0.core.config()
    }

    /// Makes a call, with retries. Looks up credentials first if none are usable;
    /// [`ConfigBuilder::call_timeout`](sts_core::ConfigBuilder::call_timeout) does not limit this search.
    ///
    /// # Errors
    /// The request was not sent, the service rejected it, the response is invalid, or there was no response: see [`Error`].
    pub fn send<O: Operation>(&self, operation: &O) -> Result<Reply<O::Output>, Error> {
        let mut trace = Trace::start(O::NAME, self.config());
        let result = self.make(operation, &mut trace);
        trace.end(&result);
        result
    }

    fn make<O: Operation>(&self, operation: &O, trace: &mut Trace) -> Result<Reply<O::Output>, Error> {
        let old = self.credentials_for::<O>()?;
        let result = self.call(operation, old.as_deref(), trace);
        if !self.0.must_renew(&result, old.as_deref()) {
            return result;
        }
        let new = self.credentials_for::<O>()?;
        if find::are_same(old.as_deref(), new.as_deref()) {
            return result;
        }
        let result = self.call(operation, new.as_deref(), trace);
        // If not even these are accepted, the next call uses others.
        self.0.must_renew(&result, new.as_deref());
        result
    }

    fn credentials_for<O: Operation>(&self) -> Result<Option<Arc<Credentials>>, Error> {
        match O::AUTH {
            Auth::SigV4 => {
                let found = self.find_credentials();
                found.map_err(|error| Error::Credentials { operation: O::NAME, error: error.into() })
            }
            Auth::None => Ok(None),
        }
    }

    fn call<O: Operation>(
        &self,
        operation: &O,
        credentials: Option<&Credentials>,
        trace: &mut Trace,
    ) -> Result<Reply<O::Output>, Error> {
        let clock = Clock::start();
        let mut step = self.0.core.call(operation, credentials, clock.now());
        loop {
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
                Step::Done(result) => return result,
            };
        }
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

/// Finds a client's credentials. A trait object, so only programs that load a [`Chain`] contain its code.
pub(crate) trait FindCredentials: fmt::Debug + Send + Sync {
    /// Finds credentials. Sources that call a service use `client`.
    fn find(&self, client: &Client) -> Result<Credentials, ProvideError>;
}
