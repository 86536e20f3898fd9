//! The client, and how it is made.

use std::{fmt, rc::Rc, sync::Arc};

use sts_core::{
    Config, ConfigBuilder, ConfigError, Credentials, Error, Operation, Reply, Step, operation::Auth, xml::FromXml,
};

use crate::{
    fetch::{AnyTransport, Fetch, Transport},
    provider::{Finder, ProvideError, Provider},
    timer,
};

/// A client of STS. Clones share everything: connections are the host's, credentials and what calls learn from each other are the client's.
#[derive(Clone)]
pub struct Client {
    core: Rc<sts_core::Client>,
    transport: Rc<dyn AnyTransport>,
    source: Rc<Source>,
}

enum Source {
    None,
    Given(Arc<Credentials>),
    Found(Finder),
}

impl Client {
    /// Begins to set up a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder { config: Config::builder(), transport: Rc::new(Fetch::default()), source: Source::None }
    }

    /// The same client with these credentials. It shares all else with this one.
    #[must_use]
    pub fn with_credentials(&self, credentials: impl Into<Credentials>) -> Self {
        self.with(Source::Given(Arc::new(credentials.into())))
    }

    /// The same client with the credentials of this provider. It shares all else with this one.
    #[must_use]
    pub fn with_provider(&self, provider: impl Provider + 'static) -> Self {
        self.with(Source::Found(Finder::new(provider)))
    }

    fn with(&self, source: Source) -> Self {
        Self { source: Rc::new(source), ..self.clone() }
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        self.core.config()
    }

    /// Makes a call, retries included. Dropping the future aborts the call.
    ///
    /// # Errors
    /// If the call fails.
    pub async fn send<O: Operation + ?Sized>(&self, operation: &O) -> Result<Reply<O::Output>, Error> {
        let credentials = self.credentials_for(O::NAME, O::AUTH).await?;
        let step = self.begin(operation, credentials.as_deref());
        self.finish(step, credentials.as_deref()).await
    }

    /// The credentials that the next signed call uses: those that were given, or those of the provider, which are kept until shortly before
    /// they expire. Calls that ask at the same time share one search. `None` if the client has no source of credentials.
    ///
    /// # Errors
    /// If the provider fails.
    pub async fn find_credentials(&self) -> Result<Option<Arc<Credentials>>, ProvideError> {
        match &*self.source {
            Source::None => Ok(None),
            Source::Given(credentials) => Ok(Some(credentials.clone())),
            Source::Found(finder) => finder.find().await.map(Some),
        }
    }

    pub(crate) async fn credentials_for(
        &self,
        operation: &'static str,
        auth: Auth,
    ) -> Result<Option<Arc<Credentials>>, Error> {
        match auth {
            Auth::None => Ok(None),
            Auth::SigV4 => {
                let found = self.find_credentials().await;
                found.map_err(|error| Error::Credentials { operation, error: Box::new(error) })
            }
        }
    }

    pub(crate) fn begin<'c, O: Operation + ?Sized>(
        &'c self,
        operation: &O,
        credentials: Option<&'c Credentials>,
    ) -> Step<'c, O::Output> {
        self.core.call(operation, credentials, timer::now())
    }

    pub(crate) async fn finish<T: FromXml>(
        &self,
        mut step: Step<'_, T>,
        credentials: Option<&Credentials>,
    ) -> Result<Reply<T>, Error> {
        let result = loop {
            step = match step {
                Step::Transmit(transmit, call) => {
                    let result = self.transport.exchange(transmit).await;
                    call.receive(result, timer::now())
                }
                Step::Wait(delay, call) => {
                    timer::sleep(delay).await;
                    call.resume(timer::now())
                }
                Step::Done(result) => break result,
            };
        };
        if let (Err(error), Some(credentials), Source::Found(finder)) = (&result, credentials, &*self.source)
            && error.rejects_credentials()
        {
            finder.invalidate(&credentials.access_key_id);
        }
        result
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", self.config()).finish_non_exhaustive()
    }
}

/// Sets up a [`Client`].
#[must_use]
pub struct ClientBuilder {
    config: ConfigBuilder,
    transport: Rc<dyn AnyTransport>,
    source: Source,
}

impl ClientBuilder {
    /// Region, endpoint, retries and so on. [`ConfigBuilder::browser`] is always on.
    pub fn config(mut self, config: ConfigBuilder) -> Self {
        self.config = config;
        self
    }

    /// Signs with these credentials.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.source = Source::Given(Arc::new(credentials.into()));
        self
    }

    /// Signs with the credentials of this provider.
    pub fn provider(mut self, provider: impl Provider + 'static) -> Self {
        self.source = Source::Found(Finder::new(provider));
        self
    }

    /// Sends requests with this transport instead of the global `fetch`: another [`Fetch`], or a function in a test.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Rc::new(transport);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// If the configuration is incomplete or contradicts itself.
    pub fn build(self) -> Result<Client, ConfigError> {
        let core = sts_core::Client::new(self.config.browser(true).build()?, timer::seed());
        Ok(Client { core: Rc::new(core), transport: self.transport, source: Rc::new(self.source) })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("config", &self.config).finish_non_exhaustive()
    }
}
