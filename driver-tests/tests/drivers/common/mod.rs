//! Code that the tests of both drivers share: the drivers behind one type, peers that are not servers, certificates.

pub(crate) mod agent;
pub(crate) mod folder;
pub(crate) mod peer;
pub(crate) mod pki;

use std::{
    error::Error as StdError,
    iter,
    sync::{Arc, LazyLock},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rustls::pki_types::CertificateDer;
use sts_async::{
    BuildError,
    provider::{Chain, ProvideError},
    transport,
};
use sts_core::{Config, ConfigBuilder, Credentials, Error, Operation, Reply};
use tokio::runtime::Runtime;

use pki::Identity;

/// A timeout that passes only if something hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// One of the two drivers. Each case is written once for both.
#[derive(Clone)]
pub(crate) enum Client {
    Blocking(sts_blocking::Client),
    Async(sts_async::Client),
}

/// TLS settings: root certificates and client certificate.
#[derive(Clone, Default)]
pub(crate) struct Tls {
    pub(crate) roots: Vec<CertificateDer<'static>>,
    pub(crate) identity: Option<Identity>,
}

/// The settings of both builders.
#[derive(Clone)]
pub(crate) struct Settings {
    config: ConfigBuilder,
    tls: Option<transport::Tls>,
    proxy: Option<String>,
    no_proxy: Option<String>,
    connect_timeout: Option<Duration>,
}

/// How a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The service's code and the status, the kind of transport error, or the status of an invalid response.
    pub(crate) what: String,
    pub(crate) attempts: u32,
    /// The text of the error and of its sources.
    pub(crate) text: String,
}

pub(crate) fn config(url: &str) -> ConfigBuilder {
    Config::builder().region("us-east-1").endpoint_url(url)
}

/// Waits until the condition is true; `false` if it never is.
pub(crate) fn until(done: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while !done() {
        if start.elapsed() > PATIENCE {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
    true
}

impl Client {
    /// Both drivers with these settings.
    pub(crate) fn both(settings: impl Into<Settings>) -> [Self; 2] {
        Self::try_both(settings).unwrap()
    }

    pub(crate) fn try_both(settings: impl Into<Settings>) -> Result<[Self; 2], BuildError> {
        let Settings { config, tls, proxy, no_proxy, connect_timeout } = settings.into();
        macro_rules! build {
            ($driver:ident) => {{
                let mut builder = $driver::Client::builder().config(config.clone());
                if let Some(tls) = &tls {
                    builder = builder.tls(tls.clone());
                }
                if let Some(proxy) = &proxy {
                    builder = builder.proxy(proxy);
                }
                if let Some(hosts) = &no_proxy {
                    builder = builder.no_proxy(hosts);
                }
                if let Some(timeout) = connect_timeout {
                    builder = builder.connect_timeout(timeout);
                }
                builder.build()?
            }};
        }
        Ok([Self::Blocking(build!(sts_blocking)), Self::Async(build!(sts_async))])
    }

    /// The driver with this number, with the settings of the chain.
    pub(crate) fn of(chain: Chain, driver: usize) -> Result<Self, BuildError> {
        Ok(match driver {
            0 => Self::Blocking(sts_blocking::Client::builder().chain(chain).build()?),
            _ => Self::Async(sts_async::Client::builder().chain(chain).build()?),
        })
    }

    /// The driver with this number, with the given provider.
    pub(crate) fn provided(
        config: ConfigBuilder,
        driver: usize,
        provide: impl Fn() -> Result<Credentials, ProvideError> + Send + Sync + 'static,
    ) -> Self {
        let provide = Arc::new(provide);
        match driver {
            0 => Self::Blocking(
                sts_blocking::Client::builder().config(config).provider(move || provide()).build().unwrap(),
            ),
            _ => Self::Async(
                sts_async::Client::builder()
                    .config(config)
                    .provider(move || {
                        let provide = provide.clone();
                        async move { provide() }
                    })
                    .build()
                    .unwrap(),
            ),
        }
    }

    /// The error is its text without its sources, in which the drivers differ.
    pub(crate) fn find_credentials(&self) -> Result<Option<Arc<Credentials>>, String> {
        let found = match self {
            Self::Blocking(client) => client.find_credentials(),
            Self::Async(client) => RUNTIME.block_on(client.find_credentials()),
        };
        found.map_err(|error| error.to_string())
    }

    pub(crate) fn credentials(self, credentials: impl Into<Credentials>) -> Self {
        match self {
            Self::Blocking(client) => Self::Blocking(client.with_credentials(credentials)),
            Self::Async(client) => Self::Async(client.with_credentials(credentials)),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Blocking(_) => "blocking",
            Self::Async(_) => "async",
        }
    }

    pub(crate) fn send<O: Operation>(&self, operation: &O) -> Result<Reply<O::Output>, Failure> {
        match self {
            Self::Blocking(client) => client.send(operation).map_err(|error| Failure::new(&error)),
            Self::Async(client) => RUNTIME.block_on(client.send(operation)).map_err(|error| Failure::new(&error)),
        }
    }
}

impl From<ConfigBuilder> for Settings {
    fn from(config: ConfigBuilder) -> Self {
        Self { config, tls: None, proxy: None, no_proxy: None, connect_timeout: None }
    }
}

impl Settings {
    pub(crate) fn tls(mut self, tls: impl Into<transport::Tls>) -> Self {
        self.tls = Some(tls.into());
        self
    }

    pub(crate) fn proxy(mut self, url: &str) -> Self {
        self.proxy = Some(url.to_owned());
        self
    }

    pub(crate) fn no_proxy(mut self, hosts: &str) -> Self {
        self.no_proxy = Some(hosts.to_owned());
        self
    }

    pub(crate) fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }
}

impl Failure {
    pub(crate) fn new(error: &Error) -> Self {
        let (what, attempts) = match error {
            Error::Service(error) => {
                (format!("{} {}", error.metadata.status.as_u16(), error.code), error.metadata.attempts)
            }
            Error::Response(error) => {
                (format!("{} unreadable", error.metadata.status.as_u16()), error.metadata.attempts)
            }
            Error::NoResponse(error) => (format!("{:?}", error.error.kind), error.attempts),
            _ => ("not sent".into(), 0),
        };
        let causes = iter::successors(Some(error as &dyn StdError), |&error| error.source());
        let text = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        Self { what, attempts, text }
    }
}

/// Converts the settings like a caller of both drivers.
impl From<&Tls> for transport::Tls {
    fn from(tls: &Tls) -> Self {
        let pem = |certificates: &[CertificateDer<'_>]| {
            let section = |der| {
                format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64_STANDARD.encode(der))
            };
            certificates.iter().map(section).collect::<String>()
        };
        let trusting = Self::new().ca_bundle_pem(pem(&tls.roots).as_bytes()).unwrap();
        match &tls.identity {
            Some(Identity { chain, key }) => {
                trusting.client_certificate_pem(pem(chain).as_bytes(), key.as_bytes()).unwrap()
            }
            None => trusting,
        }
    }
}
