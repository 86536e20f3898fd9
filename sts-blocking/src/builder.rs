use std::{sync::Condvar, time::Duration};

use sts_core::{ConfigBuilder, Credentials};
use sts_driver::{client::Builder, error::BuildError, find::UserProvider, tls::Tls};

use crate::{
    client::{Client, ClientCredentials, FindCredentials},
    provider::{Chain, Provider},
    transport::{AnyTransport, Transport, Ureq},
};

impl Client {
    /// Creates a client builder.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// A client with region, endpoint and credentials from the environment and the profiles, like [`Chain::from_env`]. The first signed
    /// call looks up the credentials.
    ///
    /// # Errors
    /// A file cannot be read, the profile is not defined, no region is set, or settings are invalid or contradict each other.
    pub fn from_env() -> Result<Self, BuildError> {
        Self::builder().chain(Chain::from_env()?).build()
    }

    /// Like [`from_env`](Self::from_env), with this profile. It takes precedence over keys and web identity in the environment.
    ///
    /// # Errors
    /// The same errors as [`from_env`](Self::from_env).
    pub fn from_profile(name: &str) -> Result<Self, BuildError> {
        Self::builder().chain(Chain::from_profile(name)?).build()
    }
}

/// A builder for a [`Client`].
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
/// The builder reads environment and files only through [`chain`](Self::chain) and [`env_proxies`](Self::env_proxies). A profile with an
/// MFA device needs a prompt for the code:
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

    /// Sets the configuration of calls, such as region, endpoint and retries.
    pub fn config(mut self, config: ConfigBuilder) -> Self {
        self.0.config(config);
        self
    }

    /// Signs with these credentials. A client without credentials, provider or chain can make only unsigned calls.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.0.credentials("credentials", ClientCredentials::given(credentials));
        self
    }

    /// Signs with the credentials from this provider.
    pub fn provider(mut self, provider: impl Provider + 'static) -> Self {
        self.0.credentials("provider", ClientCredentials::found(Box::new(UserProvider(provider))));
        self
    }

    /// Takes region, endpoint, retries, proxies and root certificates from environment and profiles. Credentials come from there, too,
    /// unless [`credentials`](Self::credentials) or [`provider`](Self::provider) sets them.
    pub fn chain(mut self, chain: Chain) -> Self {
        self.0.chain(chain, |chain| Box::new(chain), Ureq::with_tls_settings);
        self
    }

    /// Replaces Mozilla's root certificates, or sets a client certificate.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.0.tls(tls, Ureq::with_tls_settings);
        self
    }

    /// Sets the timeout for connecting, from name resolution to the end of the TLS handshake; 3.1 s by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.0.connect_timeout(timeout);
        self
    }

    /// Sends all requests through this proxy, `http://user:password@host:port`. The scheme is `http` (default), `https`, `socks5` or
    /// `socks5h`. The default port is 80, 443 for `https`, or 1080 for SOCKS. User name and password are percent-encoded. Requests to this
    /// machine never go through a proxy.
    pub fn proxy(mut self, url: &str) -> Self {
        self.0.proxy(url);
        self
    }

    /// Sets the hosts that bypass the proxy, separated by commas or blanks: a name, which includes its subdomains; an IP address or a range
    /// in CIDR notation; `*` for all hosts. A port after a name or address limits the entry to that port.
    pub fn no_proxy(mut self, hosts: &str) -> Self {
        self.0.no_proxy(hosts);
        self
    }

    /// Reads the proxy settings that are not set yet from the environment: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, or the
    /// same in lower case. A [`chain`](Self::chain) does this by itself.
    pub fn env_proxies(mut self) -> Self {
        self.0.env_proxies();
        self
    }

    /// Sends requests through this transport, including requests for credentials of a [`Chain`].
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.0.transport(AnyTransport::new(transport));
        self
    }

    /// Replaces the client's transport with the result of `wrap`, for example to observe exchanges or to inject faults.
    pub fn wrap_transport<T: Transport + 'static>(
        mut self,
        wrap: impl FnOnce(AnyTransport) -> T + Send + 'static,
    ) -> Self {
        self.0.wrap_transport(|transport| AnyTransport::new(wrap(transport)));
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// A setting is missing or invalid, two settings exclude each other, or certificates or keys are unusable.
    pub fn build(self) -> Result<Client, BuildError> {
        self.0.build().map(Client)
    }
}
