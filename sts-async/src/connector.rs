//! Opens connections on tokio: straight or through a proxy, with TLS where the URL asks for it.

use std::{
    error::Error as StdError,
    fmt,
    future::{Ready, ready},
    io,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{StatusCode, Uri, uri::Scheme};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{
    client::legacy::connect::{
        Connected, Connection, HttpConnector,
        dns::{GaiResolver, Name},
        proxy::SocksV5,
    },
    rt::TokioIo,
};
use rustls::ClientConfig;
use sts_core::{Route, host::bracketed};
use sts_driver::{
    network::Network,
    proxy::{Proxy, ProxyScheme},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time,
};
use tower_service::Service;

/// Opens the connections of the [`Hyper`](crate::transport::Hyper) that clients have by default.
#[derive(Clone)]
pub struct Connector {
    https: HttpsConnector<Way>,
    timeout: Duration,
}

impl Connector {
    /// For requests of that route.
    pub(crate) fn new(network: &Arc<Network>, route: Route, tls: &Arc<ClientConfig>) -> Self {
        let timeout = network.connect_timeout;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(timeout));
        let proxies = (route == Route::ProxyAllowed).then(|| Arc::clone(network));
        Self { https: Way { tcp, tls: Arc::clone(tls), proxies }.https(), timeout }
    }
}

type BoxError = Box<dyn StdError + Send + Sync>;

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Stream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.https.poll_ready(context)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        // What the proxy and TLS take counts, too.
        let connecting = time::timeout(self.timeout, self.https.call(target));
        Box::pin(async {
            connecting.await.unwrap_or_else(|_| {
                Err(io::Error::new(io::ErrorKind::TimedOut, "the time for connecting ran out").into())
            })
        })
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}

/// As far as the server, whether there is a proxy on the way or not.
#[derive(Clone)]
struct Way {
    tcp: HttpConnector,
    tls: Arc<ClientConfig>,
    proxies: Option<Arc<Network>>,
}

impl Way {
    /// The same, with TLS where the URL asks for it.
    fn https(self) -> HttpsConnector<Self> {
        let tls = Arc::clone(&self.tls);
        HttpsConnector::from((self, tls))
    }
}

impl Service<Uri> for Way {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let mut way = self.clone();
        Box::pin(async move {
            let network = way.proxies.take();
            let Some(proxy) = network.as_ref().and_then(|network| network.proxies.proxy_for(&target)) else {
                return Ok(Stream::new(Line::Tcp(way.tcp.call(target).await?)));
            };
            let is_https = target.scheme() == Some(&Scheme::HTTPS);
            let tls = if proxy.scheme == ProxyScheme::Https { "s" } else { "" };
            let url: Uri = format!("http{tls}://{}:{}/", bracketed(&proxy.host), proxy.port).parse()?;
            let mut stream = Stream::new(Line::ToProxy(Box::new(way.https().call(url.clone()).await?)));
            match proxy.scheme {
                ProxyScheme::Socks5 | ProxyScheme::Socks5h => {
                    let target = socks_target(&target, is_https, proxy.scheme).await?;
                    let mut socks = SocksV5::new(url, Connecting(Some(stream)));
                    if let Some((user, password)) = &proxy.credentials {
                        socks = socks.with_auth(user.clone(), password.expose().to_owned());
                    }
                    return Ok(socks.call(target).await?);
                }
                // The transport lets nothing else through.
                _ if is_https => tunnel(&mut stream, proxy, &target).await?,
                _ => stream.is_proxied = true,
            }
            Ok(stream)
        })
    }
}

/// Asks the proxy for a connection to the target, [RFC 9110, 9.3.6](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6).
async fn tunnel(stream: &mut Stream, proxy: &Proxy, target: &Uri) -> Result<(), BoxError> {
    const MOST: usize = 16 << 10;
    let (host, port) = (target.host().unwrap_or_default(), target.port_u16().unwrap_or(443));
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n").into_bytes();
    if let Some(authorization) = proxy.basic_authorization() {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(authorization.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    let mut stream = TokioIo::new(stream);
    stream.write_all(&request).await?;
    stream.flush().await?;

    // The server speaks first in no protocol that is used in a tunnel here, so that nothing behind the head is lost.
    let mut head = Vec::with_capacity(1024);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() >= MOST || stream.read_buf(&mut head).await? == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the proxy did not answer in HTTP").into());
        }
    }
    // "HTTP/1.1 200 Connection established"
    let status = head.split(|byte| *byte == b' ').nth(1).and_then(|digits| StatusCode::from_bytes(digits).ok());
    match status {
        Some(status) if status.is_success() => Ok(()),
        Some(status) => Err(Refused(status).into()),
        None => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the proxy did not answer in HTTP").into()),
    }
}

/// The proxy's answer to `CONNECT`.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) StatusCode);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy answered {}", self.0)
    }
}

impl StdError for Refused {}

/// The URL as the proxy is to see it: with a port, and with an address where the client resolves names.
async fn socks_target(target: &Uri, is_https: bool, scheme: ProxyScheme) -> Result<Uri, BoxError> {
    let host = target.host().unwrap_or_default();
    let port = target.port_u16().unwrap_or(if is_https { 443 } else { 80 });
    let is_address = host.starts_with('[') || host.parse::<IpAddr>().is_ok();
    if scheme == ProxyScheme::Socks5h || is_address {
        return Ok(format!("http://{host}:{port}/").parse()?);
    }
    let name: Name = host.parse()?;
    let mut addresses = GaiResolver::new().call(name).await?;
    let mut address = addresses.next().ok_or_else(|| io::Error::other("the endpoint's name has no address"))?;
    address.set_port(port);
    Ok(format!("http://{address}/").parse()?)
}

/// A connection to a proxy, for what expects a service that opens one.
struct Connecting(Option<Stream>);

impl Service<Uri> for Connecting {
    type Response = Stream;
    type Error = io::Error;
    type Future = Ready<io::Result<Stream>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}

/// A connection to a server, or to a proxy that passes on what comes.
#[derive(Debug)]
#[expect(unnameable_types, reason = "it is only ever hyper's")]
pub struct Stream {
    line: Line,
    /// Whether it is for requests that name the whole URL.
    is_proxied: bool,
}

/// What a connection is made of. One type for all of them, or a program would hold the code of TLS over each.
#[derive(Debug)]
enum Line {
    Tcp(TokioIo<TcpStream>),
    ToProxy(Box<MaybeHttpsStream<Stream>>),
}

impl Stream {
    fn new(line: Line) -> Self {
        Self { line, is_proxied: false }
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        match &self.line {
            Line::Tcp(tcp) => tcp.connected(),
            Line::ToProxy(proxy) => proxy.connected().proxy(self.is_proxied),
        }
    }
}

impl Read for Stream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        match &mut self.line {
            Line::Tcp(tcp) => Pin::new(tcp).poll_read(context, to),
            Line::ToProxy(proxy) => Pin::new(proxy).poll_read(context, to),
        }
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.line {
            Line::Tcp(tcp) => Pin::new(tcp).poll_write(context, bytes),
            Line::ToProxy(proxy) => Pin::new(proxy).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.line {
            Line::Tcp(tcp) => Pin::new(tcp).poll_flush(context),
            Line::ToProxy(proxy) => Pin::new(proxy).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.line {
            Line::Tcp(tcp) => Pin::new(tcp).poll_shutdown(context),
            Line::ToProxy(proxy) => Pin::new(proxy).poll_shutdown(context),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.line {
            Line::Tcp(tcp) => tcp.is_write_vectored(),
            Line::ToProxy(proxy) => proxy.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.line {
            Line::Tcp(tcp) => Pin::new(tcp).poll_write_vectored(context, slices),
            Line::ToProxy(proxy) => Pin::new(proxy).poll_write_vectored(context, slices),
        }
    }
}
