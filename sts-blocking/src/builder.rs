use std::{sync::Condvar, time::Duration};

use sts_core::{ConfigBuilder, Credentials};
use sts_driver::{client::Builder, error::BuildError, find::UserProvider, tls::Tls};

use crate::{
    client::{Client, ClientCredentials, FindCredentials},
    provider::{Chain, Provider},
    transport::{AnyTransport, Transport, Ureq},
};

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
}

/// Puts a [`Client`] together.
///
/// ```no_run
/// use sts_blocking::{Client, Config, Credentials, transport::Tls};
///
/// let client = Client::builder()
///     .config(Config::builder().region("eu-central-1"))
///     .credentials(Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
///     .tls(Tls::new().ca_bundle("/etc/ssl/company.pem")?)
///     .proxy("http://proxy.example:3128")
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Nothing is read from environment or files, unless a [`chain`](Self::chain) or [`env_proxies`](Self::env_proxies) does so. For a
/// profile with an MFA device, the chain is told how to ask for the code:
///
/// ```no_run
/// use sts_blocking::{Client, provider::Chain};
///
/// let chain = Chain::from_profile("audit")?.mfa_prompt(|serial| {
///     eprint!("MFA code of {serial}: ");
///     let mut code = String::new();
///     std::io::stdin().read_line(&mut code).map_err(|error| error.to_string())?;
///     Ok(code.into())
/// });
/// let client = Client::builder().chain(chain).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
#[derive(Debug)]
pub struct ClientBuilder(Builder<dyn FindCredentials, Condvar, AnyTransport>);

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self(Builder::new(Ureq::without_tls_settings))
    }

    /// Where calls go, and how often they are tried.
    pub fn config(mut self, config: ConfigBuilder) -> Self {
        self.0.config(config);
        self
    }

    /// Signs with these credentials. Without credentials, a provider or a chain, a client can make the calls that are not signed.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.0.credentials("credentials", ClientCredentials::given(credentials));
        self
    }

    /// Signs with the credentials that this provider gives.
    pub fn provider(mut self, provider: impl Provider + 'static) -> Self {
        self.0.credentials("provider", ClientCredentials::found(Box::new(UserProvider(provider))));
        self
    }

    /// Takes region, endpoint, retries, proxies and root certificates from environment and profiles, and the credentials unless
    /// [`credentials`](Self::credentials) or a [`provider`](Self::provider) are given.
    pub fn chain(mut self, chain: Chain) -> Self {
        self.0.chain(chain, |chain| Box::new(chain), Ureq::with_tls_settings);
        self
    }

    /// Trusts others than Mozilla's root certificates, or shows servers a certificate of the client's own.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.0.tls(tls, Ureq::with_tls_settings);
        self
    }

    /// How long connecting may take, from looking the name up to the end of TLS; 3.1 s when not set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.0.connect_timeout(timeout);
        self
    }

    /// Sends everything through this proxy, `http://user:password@host:port`: `http` when it has no scheme, else `https`, `socks5` or
    /// `socks5h`; at port 80, 443 or 1080 when it has none. User name and password are percent-encoded. What is on this machine is never
    /// asked for through a proxy.
    pub fn proxy(mut self, url: &str) -> Self {
        self.0.proxy(url);
        self
    }

    /// The hosts that no proxy is used for, with commas or blanks between them: a name, which means what is in its domain as well; an IP
    /// address or addresses in CIDR notation; `*` for all. A port behind a name or address limits it to that port.
    pub fn no_proxy(mut self, hosts: &str) -> Self {
        self.0.no_proxy(hosts);
        self
    }

    /// Uses the proxies that the environment names, for what was not set before: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`,
    /// and the same in lower case. A [`chain`](Self::chain) does so by itself.
    pub fn env_proxies(mut self) -> Self {
        self.0.env_proxies();
        self
    }

    /// Sends through this transport, also for credentials of a [`Chain`].
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.0.transport(AnyTransport::new(transport));
        self
    }

    /// Sends through what `wrap` makes of the client's transport: something that watches it, or gets in its way.
    pub fn wrap_transport<T: Transport + 'static>(
        mut self,
        wrap: impl FnOnce(AnyTransport) -> T + Send + 'static,
    ) -> Self {
        self.0.wrap_transport(|transport| AnyTransport::new(wrap(transport)));
        self
    }

    /// The client.
    ///
    /// # Errors
    /// A setting is missing or wrong, two exclude each other, or certificates or keys cannot be used.
    pub fn build(self) -> Result<Client, BuildError> {
        self.0.build().map(Client)
    }
}
