//! What the tests of both drivers share: the drivers behind one type, a server that misbehaves by a script, certificates.

pub(crate) mod pki;
pub(crate) mod server;

use std::{
    error::Error as StdError,
    iter,
    sync::LazyLock,
    thread,
    time::{Duration, Instant},
};

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};
use sts_core::{Config, ConfigBuilder, Credentials, Error, Operation, Reply};
use tokio::runtime::Runtime;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use pki::Identity;

/// A deadline that is only met when something hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// One of the two drivers, so that each case is written once.
#[derive(Clone)]
pub(crate) enum Client {
    Blocking(sts_blocking::Client),
    Async(sts_async::Client<HttpsConnector<HttpConnector>>),
}

/// Whom a client trusts, and who it says it is.
#[derive(Clone, Default)]
pub(crate) struct Tls {
    pub(crate) roots: Vec<CertificateDer<'static>>,
    pub(crate) identity: Option<Identity>,
}

/// How a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The service's code with the status, the kind of loss, or the status of what could not be read.
    pub(crate) what: String,
    pub(crate) attempts: u32,
    /// The error's text and those of its sources.
    pub(crate) text: String,
}

pub(crate) fn config(url: &str) -> ConfigBuilder {
    Config::builder().region("us-east-1").endpoint_url(url)
}

/// Waits until that is so; `false` if it never is.
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
    /// Both drivers as they are by default.
    pub(crate) fn both(config: &Config) -> [Self; 2] {
        [Self::Blocking(sts_blocking::Client::new(config.clone())), Self::Async(sts_async::Client::new(config.clone()))]
    }

    /// Both drivers with a caller's own agent and connector.
    pub(crate) fn both_with(config: &Config, tls: &Tls) -> [Self; 2] {
        [
            Self::Blocking(sts_blocking::Client::new(config.clone()).agent(agent(tls))),
            Self::Async(sts_async::Client::with_connector(config.clone(), connector(tls))),
        ]
    }

    pub(crate) fn credentials(self, credentials: impl Into<Credentials>) -> Self {
        match self {
            Self::Blocking(client) => Self::Blocking(client.credentials(credentials)),
            Self::Async(client) => Self::Async(client.credentials(credentials)),
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

impl Failure {
    pub(crate) fn new<E: StdError + 'static>(error: &Error<E>) -> Self {
        let (what, attempts) = match error {
            Error::Service(error) => {
                (format!("{} {}", error.metadata.status.as_u16(), error.code), error.metadata.attempts)
            }
            Error::Response(error) => {
                (format!("{} unreadable", error.metadata.status.as_u16()), error.metadata.attempts)
            }
            Error::Transport(error) => (format!("{:?}", error.lost.kind), error.attempts),
            _ => ("not sent".into(), 0),
        };
        let causes = iter::successors(Some(error as &dyn StdError), |&error| error.source());
        let text = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        Self { what, attempts, text }
    }
}

fn agent(tls: &Tls) -> ureq::Agent {
    let roots: Vec<_> = tls.roots.iter().map(|root| Certificate::from_der(root).to_owned()).collect();
    let identity = tls.identity.as_ref().map(|identity| {
        let chain: Vec<_> = identity.chain.iter().map(|link| Certificate::from_der(link).to_owned()).collect();
        ClientCert::new_with_certs(&chain, PrivateKey::from_pem(identity.key.as_bytes()).unwrap())
    });
    let tls = TlsConfig::builder().root_certs(RootCerts::from(roots)).client_cert(identity).build();
    ureq::Agent::config_builder().tls_config(tls).build().into()
}

fn connector(tls: &Tls) -> HttpsConnector<HttpConnector> {
    let mut roots = RootCertStore::empty();
    for root in &tls.roots {
        roots.add(root.clone()).unwrap();
    }
    let builder = ClientConfig::builder_with_provider(ring::default_provider().into());
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
    let config = match tls.identity.clone() {
        Some(identity) => {
            let key = identity.private_key();
            builder.with_client_auth_cert(identity.chain, key).unwrap()
        }
        None => builder.with_no_client_auth(),
    };
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().wrap_connector(tcp)
}
