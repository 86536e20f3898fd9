//! Code that the drivers' clients and builders share.

use std::{fmt, sync::Arc, time::Duration};

use sts_core::{Config, ConfigBuilder, Credentials, Error, environment::Environment};

use crate::{
    chain::{self, Chain},
    error::{BuildError, Conflict},
    find::ClientCredentials,
    network::Network,
    proxy::Proxies,
    tls::{Tls, TlsError},
};

/// The parts of a client. Clones share all of them. `S` finds credentials, `W` lets callers wait for a search, `T` is the transport.
pub struct Parts<S: ?Sized, W, T> {
    /// The configuration, and the state that calls share.
    pub core: Arc<sts_core::Client>,
    /// The source of the credentials.
    pub credentials: Arc<ClientCredentials<S, W>>,
    /// The transport, which sends requests.
    pub transport: T,
}

impl<S: ?Sized, W, T: Clone> Parts<S, W, T> {
    /// The same client with other credentials.
    #[must_use]
    pub fn with_credentials(&self, credentials: ClientCredentials<S, W>) -> Self {
        Self { core: self.core.clone(), credentials: Arc::new(credentials), transport: self.transport.clone() }
    }
}

impl<S: ?Sized, W, T> Parts<S, W, T> {
    /// Whether a service calls the credentials of a call expired, and others may be found.
    pub fn must_renew<R>(&self, result: &Result<R, Error>, credentials: Option<&Credentials>) -> bool {
        match (result, credentials) {
            (Err(error), Some(credentials)) => error.rejects_credentials() && self.credentials.reject(credentials),
            _ => false,
        }
    }
}

impl<S: ?Sized, W, T: Clone> Clone for Parts<S, W, T> {
    fn clone(&self) -> Self {
        let Self { core, credentials, transport } = self;
        Self { core: core.clone(), credentials: credentials.clone(), transport: transport.clone() }
    }
}

impl<S: fmt::Debug + ?Sized, W: fmt::Debug, T> fmt::Debug for Parts<S, W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Client");
        shown.field("config", self.core.config()).field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

/// The settings of a client's builder.
pub struct Builder<S: ?Sized, W, T> {
    config: Option<ConfigBuilder>,
    chain: Option<ChainParts<S, W>>,
    /// The credentials, which take precedence over the chain's, and the name of the method that set them.
    credentials: Option<(&'static str, ClientCredentials<S, W>)>,
    connect_timeout: Option<Duration>,
    proxies: Proxies,
    tls: Option<Tls>,
    /// Makes the default transport. A function pointer: programs that never call `tls` are linked without the code for TLS settings.
    connect: fn(Network) -> Result<T, TlsError>,
    /// The first method for connection settings that was called.
    connecting: Option<&'static str>,
    transport: Option<T>,
    wrap: Option<Box<dyn FnOnce(T) -> T + Send>>,
    /// The first error.
    mistake: Option<BuildError>,
}

/// The settings from a chain.
struct ChainParts<S: ?Sized, W> {
    config: Config,
    proxies: Proxies,
    tls: Result<Tls, TlsError>,
    credentials: ClientCredentials<S, W>,
}

impl<S: ?Sized, W: Default, T> Builder<S, W, T> {
    /// An empty builder. `connect` makes the default transport and ignores [`Network::tls`].
    pub fn new(connect: fn(Network) -> Result<T, TlsError>) -> Self {
        Self {
            config: None,
            chain: None,
            credentials: None,
            connect_timeout: None,
            proxies: Proxies::default(),
            tls: None,
            connect,
            connecting: None,
            transport: None,
            wrap: None,
            mistake: None,
        }
    }

    /// Sets the configuration of calls, such as region, endpoint and retries.
    pub fn config(&mut self, config: ConfigBuilder) {
        self.config = Some(config);
    }

    /// Sets the credentials. `method` is the name of the builder's method.
    pub fn credentials(&mut self, method: &'static str, credentials: ClientCredentials<S, W>) {
        if let Some((other, _)) = self.credentials.replace((method, credentials)) {
            self.conflict([other, method], "a client has one source of credentials");
        }
    }

    /// Takes all settings from the chain. `connect` makes the default transport.
    pub fn chain(&mut self, chain: Chain, source: fn(Chain) -> Box<S>, connect: fn(Network) -> Result<T, TlsError>) {
        self.chain = Some(ChainParts {
            config: chain.config().clone(),
            proxies: chain.proxies().clone(),
            // Read here: a program without a chain need not contain the code that reads certificates.
            tls: chain.ca_bundle().map_or_else(|| Ok(Tls::new()), |path| Tls::new().ca_bundle(path)),
            credentials: ClientCredentials::found(source(chain)),
        });
        self.connect = connect;
    }

    /// Sets root certificates and client certificate. `connect` makes the default transport.
    pub fn tls(&mut self, tls: Tls, connect: fn(Network) -> Result<T, TlsError>) {
        self.connecting.get_or_insert("tls");
        self.tls = Some(tls);
        self.connect = connect;
    }

    /// Sets the connect timeout.
    pub fn connect_timeout(&mut self, timeout: Duration) {
        self.connecting.get_or_insert("connect_timeout");
        self.connect_timeout = Some(timeout);
    }

    /// Sets the proxy for all requests.
    pub fn proxy(&mut self, url: &str) {
        self.connecting.get_or_insert("proxy");
        if let Err(error) = self.proxies.set(url) {
            self.mistake.get_or_insert(error.into());
        }
    }

    /// Sets the hosts that bypass the proxy.
    pub fn no_proxy(&mut self, hosts: &str) {
        self.connecting.get_or_insert("no_proxy");
        self.proxies.set_exceptions(hosts);
    }

    /// Reads the proxy settings that are not set yet from the environment.
    pub fn env_proxies(&mut self) {
        self.connecting.get_or_insert("env_proxies");
        if let Err(error) = self.proxies.read(Environment::new(&chain::variable)) {
            self.mistake.get_or_insert(error.into());
        }
    }

    /// Sets the transport.
    pub fn transport(&mut self, transport: T) {
        self.transport = Some(transport);
    }

    /// Wraps the transport.
    pub fn wrap_transport(&mut self, wrap: impl FnOnce(T) -> T + Send + 'static) {
        self.wrap = Some(Box::new(wrap));
    }

    /// Builds the client's parts.
    ///
    /// # Errors
    /// A setting is missing or invalid, or contradicts another.
    pub fn build(mut self) -> Result<Parts<S, W, T>, BuildError> {
        if let (Some(method), Some(_)) = (self.connecting, &self.transport) {
            self.conflict([method, "transport"], "a transport connects in its own way");
        }
        if let (Some(_), Some(_)) = (&self.config, &self.chain) {
            let reason = "a chain has read its configuration; give settings that take precedence to `Chain::load`";
            self.conflict(["config", "chain"], reason);
        }
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let mut network = Network { proxies: self.proxies, ..Network::default() };
        if let Some(timeout) = self.connect_timeout {
            network.connect_timeout = timeout;
        }
        let (config, credentials) = match self.chain {
            Some(chain) => {
                network.proxies.fill(&chain.proxies);
                if self.tls.is_none() && self.transport.is_none() {
                    network.tls = chain.tls?;
                }
                (chain.config, chain.credentials)
            }
            None => (self.config.unwrap_or_default().build()?, ClientCredentials::None),
        };
        if let Some(tls) = self.tls {
            network.tls = tls;
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => (self.connect)(network)?,
        };
        let transport = match self.wrap {
            Some(wrap) => wrap(transport),
            None => transport,
        };
        let credentials = self.credentials.map_or(credentials, |(_, credentials)| credentials);
        let core = Arc::new(sts_core::Client::new(config, crate::seed()));
        Ok(Parts { core, credentials: Arc::new(credentials), transport })
    }

    fn conflict(&mut self, methods: [&'static str; 2], reason: &'static str) {
        self.mistake.get_or_insert(Conflict { methods, reason }.into());
    }
}

impl<S: fmt::Debug + ?Sized, W: fmt::Debug, T> fmt::Debug for Builder<S, W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ClientBuilder");
        shown.field("config", &self.config).field("proxies", &self.proxies).field("tls", &self.tls);
        shown.field("credentials", &self.credentials).finish_non_exhaustive()
    }
}
