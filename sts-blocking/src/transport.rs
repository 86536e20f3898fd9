//! How a request gets to the service, and the response back.

use std::io::ErrorKind;

use sts_core::{
    Body, Config, TransportErrorKind,
    proxy::{Proxy, ProxyScheme},
    xml,
};
use sts_driver::{
    tls::{CertificateDer, Roots},
    transport::{ProxyFailure, proxy_for},
};
use ureq::{
    Agent, ProxyProtocol, http,
    tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig, TlsConfigBuilder},
};

use crate::connector;

pub use sts_driver::{
    tls::{Tls, TlsError},
    transport::{Attempt, TransportError},
};

/// Carries one request and brings back its response, whatever its status: no retries, no redirects. Clients do the rest, with any
/// transport: retries, clock skew, time limits, metadata.
///
/// Closures are transports. This one has the same answer to every request, as a test may want it. A service that verifies signatures and
/// answers for real, without sockets, is `sts_local::LocalSts`.
///
/// ```
/// use sts_blocking::{Body, Client, Config, GetAccessKeyInfo, Credentials, http::{Request, Response}, transport::Attempt};
///
/// const ANSWER: &[u8] = b"<GetAccessKeyInfoResponse><GetAccessKeyInfoResult><Account>123456789012</Account>\
///     </GetAccessKeyInfoResult></GetAccessKeyInfoResponse>";
///
/// let client = Client::new(Config::builder().region("eu-west-1").build()?)
///     .credentials(Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
///     .transport(|_: Request<Body>, _: Attempt| Ok(Response::new(ANSWER.to_vec())));
/// let reply = client.send(&GetAccessKeyInfo::new("AKIAIOSFODNN7EXAMPLE"))?;
/// assert_eq!(reply.output.account, "123456789012");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Transport {
    /// Sends the request and reads the response with its whole body, of which a transport should read no more than
    /// [`xml::MAX_LENGTH`] bytes. An attempt that takes longer than [`Attempt::timeout`] is to be given up.
    ///
    /// # Errors
    /// There is no response, or not all of it. The error's kind decides whether the request is sent again.
    fn exchange(
        &self,
        request: http::Request<Body>,
        attempt: Attempt,
    ) -> Result<http::Response<Vec<u8>>, TransportError>;
}

impl<F> Transport for F
where
    F: Fn(http::Request<Body>, Attempt) -> Result<http::Response<Vec<u8>>, TransportError>,
{
    fn exchange(
        &self,
        request: http::Request<Body>,
        attempt: Attempt,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        self(request, attempt)
    }
}

/// A client's transport, whatever its type.
pub(crate) struct AnyTransport<'t>(pub(crate) &'t dyn Transport);

impl Transport for AnyTransport<'_> {
    fn exchange(
        &self,
        request: http::Request<Body>,
        attempt: Attempt,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        self.0.exchange(request, attempt)
    }
}

/// Sends with [`ureq`]. Clones share connections.
///
/// The one that clients have by default goes through the [proxies](sts_core::ConfigBuilder::proxy) that their [`Config`] names: with
/// `CONNECT` through HTTP proxies, whatever the endpoint's scheme.
#[derive(Clone, Debug)]
pub struct Ureq {
    agent: Agent,
    /// Which proxy to go through; `None` leaves it to the agent.
    proxies: Option<Config>,
}

impl Ureq {
    /// HTTPS as ureq has it by default, which is as [`Tls::new`] says.
    pub(crate) fn new(config: &Config) -> Self {
        Self::with_tls(config, tls_config())
    }

    #[cfg_attr(
        not(any(feature = "ring", feature = "aws-lc-rs")),
        expect(clippy::unnecessary_wraps, reason = "it is rustls that finds something wrong")
    )]
    pub(crate) fn trusting(config: &Config, tls: &Tls) -> Result<Self, TlsError> {
        // ureq takes what is wrong for impossible, or finds out with the first connection.
        #[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
        sts_driver::tls::client_config(tls)?;
        let (roots, identity) = sts_driver::tls::parts(tls);
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
        Ok(Self::with_tls(config, tls_config().root_certs(roots).client_cert(identity)))
    }

    fn with_tls(config: &Config, tls: TlsConfigBuilder) -> Self {
        // One idle connection for each of the threads that may share the client.
        let builder = Agent::config_builder()
            .max_idle_connections(64)
            .max_idle_connections_per_host(64)
            // Room for a request's or response's head, not for bodies, which are sent and read in pieces.
            .input_buffer_size(16 * 1024)
            .output_buffer_size(16 * 1024);
        let agent = connector::agent(builder.tls_config(tls.build()).proxy(None).build());
        Self { agent, proxies: Some(config.clone()) }
    }
}

/// An agent's own connections, proxy and TLS settings. Time limits, redirects and the handling of statuses are set for each request. With
/// a time limit, such an agent looks the server's name up for each request, in a thread of its own, and makes its TLS settings anew for
/// each connection, as the default one does not.
impl From<Agent> for Ureq {
    fn from(agent: Agent) -> Self {
        Self { agent, proxies: None }
    }
}

impl Transport for Ureq {
    fn exchange(
        &self,
        request: http::Request<Body>,
        attempt: Attempt,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let proxy = match &self.proxies {
            Some(config) => proxy_for(config, request.uri(), attempt)?,
            None => None,
        };
        let (head, body) = request.into_parts();
        let mut builder = self
            .agent
            .configure_request(http::Request::from_parts(head, body.expose()))
            .timeout_connect(Some(attempt.connect_timeout))
            .timeout_global(Some(attempt.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false);
        if attempt.is_local || proxy.is_some() {
            builder = builder.proxy(proxy.map(ureq_proxy).transpose()?);
        }
        let request = builder.build();
        let exchange = || {
            let (head, mut body) = self.agent.run(request)?.into_parts();
            let body = body.with_config().limit(xml::MAX_LENGTH as u64).read_to_vec()?;
            Ok(http::Response::from_parts(head, body))
        };
        exchange().map_err(|error| transport_error(error, proxy))
    }
}

fn tls_config() -> TlsConfigBuilder {
    let builder = TlsConfig::builder();
    // Without this, ureq takes ring.
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
        // `proxy_for` lets nothing else through.
        _ => ProxyProtocol::Http,
    };
    let (open, close) = if proxy.host.contains(':') { ("[", "]") } else { ("", "") };
    let mut builder = ureq::Proxy::builder(protocol).host(&format!("{open}{}{close}", proxy.host)).port(proxy.port);
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
        ureq::Error::Io(error) => match error.kind() {
            // How rustls reports a certificate or a peer that it refuses.
            ErrorKind::InvalidData => TransportErrorKind::Permanent,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => TransportErrorKind::Timeout,
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => TransportErrorKind::Interrupted,
            // Refused, unreachable, no such name (which has no kind of its own).
            _ => TransportErrorKind::Connect,
        },
        #[cfg(feature = "native-tls")]
        ureq::Error::NativeTls(error) if is_end(error) => TransportErrorKind::Interrupted,
        _ => TransportErrorKind::Permanent,
    };
    match proxy {
        Some(proxy) => ProxyFailure::of(proxy, kind, error),
        None => TransportError::new(kind, error),
    }
}

/// Whether the connection ended within the TLS handshake, which the systems' libraries tell by their words alone.
#[cfg(feature = "native-tls")]
fn is_end(error: &impl std::fmt::Display) -> bool {
    let text = error.to_string().to_ascii_lowercase();
    // OpenSSL's and Windows', and Apple's.
    text.contains("unexpected eof") || text.contains("connection closed")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "these are tests")]
    use super::*;
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
        time::Duration,
    };
    use sts_core::{GetCallerIdentity, Operation, Route};

    /// Nobody listens at port 1. To the drivers, the host is a name as any other, and to the resolver 127.0.0.1.
    #[test]
    fn what_is_for_this_machine_goes_through_no_proxy() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://0x7f000001:{}/", listener.local_addr().unwrap().port());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"Version=2011-06-15") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
        });
        let config = Config::builder().region("us-east-1").proxy("http://127.0.0.1:1").build().unwrap();
        let transport = Ureq::new(&config);
        let attempt = |route| Attempt::new(Duration::from_secs(9), Duration::from_secs(9), route);
        let request = || {
            let body = GetCallerIdentity::new().to_body().unwrap();
            http::Request::post(&url).body(body).unwrap()
        };
        let error = transport.exchange(request(), attempt(Route::ProxyAllowed)).unwrap_err();
        assert_eq!(
            (error.kind, &*error.to_string()),
            (TransportErrorKind::Connect, "through the proxy http://127.0.0.1:1")
        );
        assert_eq!(transport.exchange(request(), attempt(Route::Direct)).unwrap().body(), b"ok");
        server.join().unwrap();
    }
}
