//! Transports, which send requests and receive responses.

use std::{
    error::Error as StdError,
    fmt, process,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sts_core::{host::bracketed, xml};
use sts_driver::{
    network::Network,
    proxy::{Proxy, ProxyScheme},
    tls::{CertificateDer, Roots},
    transport::{ProxyFailure, kind_of},
};
use ureq::{
    Agent, ProxyProtocol,
    tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig, TlsConfigBuilder},
};

pub use sts_core::{Body, Route, Transmit, TransportError, TransportErrorKind};
pub use sts_driver::tls::{Tls, TlsError};

use crate::connector;

/// A transport: sends one request and returns the response, whatever its status, without retries or redirects. For any transport, the
/// client adds retries, clock skew correction, time limits and metadata.
///
/// Closures are transports. This one gives every request the same answer, for a test. `sts_local::LocalSts` is a service without sockets
/// that verifies signatures and gives real answers.
///
/// ```
/// use sts_blocking::{Client, Config, Credentials, GetAccessKeyInfo, http::Response, transport::Transmit};
///
/// const ANSWER: &[u8] = b"<GetAccessKeyInfoResponse><GetAccessKeyInfoResult><Account>123456789012</Account>\
///     </GetAccessKeyInfoResult></GetAccessKeyInfoResponse>";
///
/// let client = Client::builder()
///     .config(Config::builder().region("eu-west-1"))
///     .credentials(Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
///     .transport(|_: Transmit| Ok(Response::new(ANSWER.to_vec())))
///     .build()?;
/// let reply = client.send(&GetAccessKeyInfo::new("AKIAIOSFODNN7EXAMPLE"))?;
/// assert_eq!(reply.output.account, "123456789012");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Transport: Send + Sync {
    /// Sends the request and reads the response with its whole body, at most [`xml::MAX_LENGTH`] bytes. The transport must give up after
    /// [`Transmit::timeout`]. A request whose [`Transmit::route`] is direct must not go through a proxy.
    ///
    /// # Errors
    /// There is no response, or only a part of it. The error's kind decides whether the client retries.
    fn exchange(&self, transmit: Transmit) -> Result<http::Response<Vec<u8>>, TransportError>;
}

impl<F> Transport for F
where
    F: Fn(Transmit) -> Result<http::Response<Vec<u8>>, TransportError> + Send + Sync,
{
    fn exchange(&self, transmit: Transmit) -> Result<http::Response<Vec<u8>>, TransportError> {
        self(transmit)
    }
}

/// A client's transport, of any type. Clones share it.
#[derive(Clone)]
pub struct AnyTransport(Arc<dyn Transport>);

impl AnyTransport {
    pub(crate) fn new(transport: impl Transport + 'static) -> Self {
        Self(Arc::new(transport))
    }
}

impl Transport for AnyTransport {
    fn exchange(&self, transmit: Transmit) -> Result<http::Response<Vec<u8>>, TransportError> {
        self.0.exchange(transmit)
    }
}

impl fmt::Debug for AnyTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyTransport")
    }
}

/// A transport over [`ureq`]. Clones share connections.
///
/// A client's default transport uses `CONNECT` through proxies, for plain HTTP endpoints, too. After an exchange times out or breaks off,
/// it no longer uses idle connections: the network may have dropped them, too. After a `fork`, the child does not use the parent's.
#[derive(Clone, Debug)]
pub struct Ureq {
    agent: Agent,
    /// The transport's own connection settings; `None` leaves them to the agent.
    own: Option<Arc<Own>>,
}

#[derive(Debug)]
struct Own {
    network: Network,
    idle: Idle,
}

impl Ureq {
    /// HTTPS with ureq's defaults, which are equal to [`Tls::new`].
    #[cfg_attr(
        not(any(feature = "ring", feature = "aws-lc-rs")),
        expect(clippy::unnecessary_wraps, reason = "it is rustls that finds something wrong")
    )]
    pub(crate) fn without_tls_settings(network: Network) -> Result<AnyTransport, TlsError> {
        // Without this check, ureq panics.
        #[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
        sts_driver::tls::check_crypto_provider()?;
        Ok(AnyTransport::new(Self::new(network, tls_config())))
    }

    #[cfg_attr(
        not(any(feature = "ring", feature = "aws-lc-rs")),
        expect(clippy::unnecessary_wraps, reason = "it is rustls that finds something wrong")
    )]
    fn trusting(network: Network) -> Result<Self, TlsError> {
        // ureq takes what is wrong for impossible, or finds out with the first connection.
        #[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
        sts_driver::tls::client_config(&network.tls)?;
        let (roots, identity) = sts_driver::tls::parts(&network.tls);
        let certificate = |der: &CertificateDer<'_>| Certificate::from_der(der).to_owned();
        let roots = match roots {
            Roots::Mozilla => RootCerts::WebPki,
            Roots::Platform => RootCerts::PlatformVerifier,
            Roots::Given(bundle) => RootCerts::from(bundle.certificates.iter().map(certificate)),
        };
        let identity = identity.map(|identity| {
            let chain: Vec<_> = identity.chain.iter().map(certificate).collect();
            let key = PrivateKey::from_pem(identity.key_pem()).expect("this text has been read before");
            ClientCert::new_with_certs(&chain, key)
        });
        let tls = tls_config().root_certs(roots).client_cert(identity);
        Ok(Self::new(network, tls))
    }

    pub(crate) fn with_tls_settings(network: Network) -> Result<AnyTransport, TlsError> {
        Self::trusting(network).map(AnyTransport::new)
    }

    fn new(network: Network, tls: TlsConfigBuilder) -> Self {
        // One idle connection for each thread that may share the client.
        let builder = Agent::config_builder()
            .max_idle_age(IDLE_TIMEOUT)
            .max_idle_connections(64)
            .max_idle_connections_per_host(64)
            // Room for the head of a request or response. Bodies are sent and read in pieces.
            .input_buffer_size(16 * 1024)
            .output_buffer_size(16 * 1024);
        let agent = connector::agent(builder.tls_config(tls.build()).proxy(None).build());
        Self { agent, own: Some(Arc::new(Own { network, idle: Idle::new() })) }
    }
}

/// Uses an agent's own connections, proxy, connect timeout and TLS settings. Each request sets the other timeouts, redirects and the
/// handling of statuses. With a timeout, such an agent resolves the server's name for each request, in a separate thread, and makes new TLS
/// settings for each connection. The default transport does neither.
impl From<Agent> for Ureq {
    fn from(agent: Agent) -> Self {
        Self { agent, own: None }
    }
}

impl Transport for Ureq {
    fn exchange(&self, transmit: Transmit) -> Result<http::Response<Vec<u8>>, TransportError> {
        let Transmit { request, timeout, route } = transmit;
        // ureq adds the timeout to the current time.
        let timeout = timeout.min(MAX_TIMEOUT);
        let proxy = match &self.own {
            Some(own) => own.network.proxy_for(request.uri(), route)?,
            None => None,
        };
        let (head, body) = request.into_parts();
        let mut builder = self
            .agent
            .configure_request(http::Request::from_parts(head, body.expose()))
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false);
        if let Some(own) = &self.own {
            builder = builder
                .timeout_connect(Some(own.network.connect_timeout.min(timeout)))
                .max_idle_age(own.idle.max_age(process::id()));
        }
        if route == Route::Direct || proxy.is_some() {
            builder = builder.proxy(proxy.map(ureq_proxy).transpose()?);
        }
        let request = builder.build();
        let exchange = || {
            let (head, mut body) = self.agent.run(request)?.into_parts();
            let body = body.with_config().limit(xml::MAX_LENGTH as u64).read_to_vec()?;
            Ok(http::Response::from_parts(head, body))
        };
        exchange().map_err(|error| {
            let error = transport_error(error, proxy);
            if let (Some(own), TransportErrorKind::Timeout | TransportErrorKind::Interrupted) = (&self.own, error.kind)
            {
                own.idle.give_up();
            }
            error
        })
    }
}

/// The maximum idle time of a connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);

/// Which idle connections may be used.
#[derive(Debug)]
struct Idle(Mutex<IdleState>);

#[derive(Debug)]
struct IdleState {
    /// The process that owns the connections.
    process: u32,
    /// Connections that have been idle since before this time are not used.
    given_up_at: Option<Instant>,
}

impl Idle {
    fn new() -> Self {
        Self(Mutex::new(IdleState { process: process::id(), given_up_at: None }))
    }

    /// The maximum idle time of a connection that this process may use.
    fn max_age(&self, process: u32) -> Duration {
        let mut state = self.state();
        if state.process != process {
            *state = IdleState { process, given_up_at: Some(Instant::now()) };
        }
        state.given_up_at.map_or(IDLE_TIMEOUT, |at| at.elapsed().min(IDLE_TIMEOUT))
    }

    /// Stops the use of connections that are idle now.
    fn give_up(&self) {
        self.state().given_up_at = Some(Instant::now());
    }

    fn state(&self) -> MutexGuard<'_, IdleState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// More than any caller waits.
const MAX_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

fn tls_config() -> TlsConfigBuilder {
    let builder = TlsConfig::builder();
    // Without this, ureq uses ring.
    #[cfg(feature = "aws-lc-rs")]
    let builder = builder.unversioned_rustls_crypto_provider(sts_driver::tls::crypto_provider());
    #[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
    let builder = builder.provider(ureq::tls::TlsProvider::NativeTls);
    builder
}

fn ureq_proxy(proxy: &Proxy) -> Result<ureq::Proxy, TransportError> {
    let protocol = match proxy.scheme {
        ProxyScheme::Https => ProxyProtocol::Https,
        ProxyScheme::Socks5 => ProxyProtocol::Socks5,
        ProxyScheme::Socks5h => ProxyProtocol::Socks5h,
        // `Network::proxy_for` rejects all other kinds.
        _ => ProxyProtocol::Http,
    };
    let mut builder = ureq::Proxy::builder(protocol).host(&bracketed(&proxy.host)).port(proxy.port);
    if let Some((user, password)) = &proxy.credentials {
        builder = builder.username(user).password(password.expose());
    }
    builder.build().map_err(|error| transport_error(error, Some(proxy)))
}

fn transport_error(error: ureq::Error, proxy: Option<&Proxy>) -> TransportError {
    let kind = match &error {
        ureq::Error::ConnectProxyFailed(text) => {
            // "proxy server responded 407/407"
            let status = text.rsplit('/').next().and_then(|digits| digits.parse().ok());
            if let (Some(proxy), Some(status)) = (proxy, status) {
                return ProxyFailure::status(proxy, status);
            }
            TransportErrorKind::Interrupted
        }
        ureq::Error::Timeout(_) => TransportErrorKind::Timeout,
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => TransportErrorKind::Connect,
        ureq::Error::BodyExceedsLimit(_) => TransportErrorKind::TooLarge,
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => TransportErrorKind::Interrupted,
        ureq::Error::Io(error) => kind_of(error.kind()),
        #[cfg(feature = "native-tls")]
        ureq::Error::NativeTls(error) if is_end(error) => TransportErrorKind::Interrupted,
        _ => TransportErrorKind::Permanent,
    };
    let source: Box<dyn StdError + Send + Sync> = match error {
        // It says itself what it is, and ureq's error has no source.
        ureq::Error::Io(error) => error.into(),
        ureq::Error::Timeout(_) => "the time limit is over".into(),
        error => error.into(),
    };
    match proxy {
        Some(proxy) => ProxyFailure::of(proxy, kind, source),
        None => TransportError::new(kind, source),
    }
}

/// Whether the connection ended during the TLS handshake. The system's TLS library shows it only in the error text.
#[cfg(feature = "native-tls")]
fn is_end(error: &impl std::fmt::Display) -> bool {
    let text = error.to_string().to_ascii_lowercase();
    // The texts of OpenSSL and Windows, then of Apple.
    text.contains("unexpected eof") || text.contains("connection closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root certificate of one's own comes in place of Mozilla's, and not beside them.
    #[test]
    fn a_bundle_is_all_that_is_trusted() {
        let authority = rcgen::KeyPair::generate().and_then(|key| {
            let mut params = rcgen::CertificateParams::default();
            params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            Ok(params.self_signed(&key)?.pem())
        });
        let network = |tls| {
            let mut network = Network::default();
            network.tls = tls;
            network
        };
        let bundle = Tls::new().ca_bundle_pem(authority.expect("a certificate").as_bytes()).expect("it is one");
        let trusted = Ureq::trusting(network(bundle.clone())).expect("it can be trusted").agent;
        let RootCerts::Specific(roots) = trusted.config().tls_config().root_certs() else { panic!("others") };
        assert_eq!(roots.len(), 1);
        #[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
        assert!(format!("{:?}", sts_driver::tls::client_config(&bundle)).contains("(1 roots)"));
    }

    /// That is all that a test can know of a fork, which needs unsafe code.
    #[test]
    fn another_process_has_connections_of_its_own() {
        let idle = Idle::new();
        let parent = process::id();
        assert_eq!(idle.max_age(parent), IDLE_TIMEOUT);
        let child = parent + 1;
        assert!(idle.max_age(child) < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(10));
        // The child may use connections that were opened there by now.
        assert!(idle.max_age(child) >= Duration::from_millis(10));
    }
}
