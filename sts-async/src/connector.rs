//! Opens connections on tokio: direct or through a proxy, with TLS for HTTPS URLs. It tries a name's addresses in parallel.

use std::{
    error::Error as StdError,
    fmt,
    future::{Ready, poll_fn, ready},
    io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{StatusCode, Uri, uri::Scheme};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{
    client::legacy::connect::{Connected, Connection, proxy::SocksV5},
    rt::TokioIo,
};
use rustls::ClientConfig;
use sts_core::{
    Route,
    host::{bracketed, without_brackets},
};
use sts_driver::{
    dial::{ATTEMPT_DELAY, Addresses},
    network::Network,
    proxy::{Proxy, ProxyScheme},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, lookup_host},
    time,
};
use tower_service::Service;

/// The connector of a client's default [`Hyper`](crate::transport::Hyper).
#[derive(Clone)]
pub struct Connector {
    https: HttpsConnector<Way>,
    timeout: Duration,
}

impl Connector {
    /// A connector for requests with this route.
    pub(crate) fn new(network: &Arc<Network>, route: Route, tls: &Arc<ClientConfig>) -> Self {
        let proxies = (route == Route::ProxyAllowed).then(|| Arc::clone(network));
        let way = Way { addresses: Arc::default(), tls: Arc::clone(tls), proxies };
        Self { https: way.https(), timeout: network.connect_timeout }
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
        // The timeout includes the handshakes with the proxy and with TLS.
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

/// Opens a connection to the server, directly or through a proxy.
#[derive(Clone)]
struct Way {
    addresses: Arc<Addresses>,
    tls: Arc<ClientConfig>,
    proxies: Option<Arc<Network>>,
}

impl Way {
    /// A TCP connection to the URL's host.
    async fn open(&self, target: &Uri) -> io::Result<TcpStream> {
        let host = without_brackets(target.host().unwrap_or_default());
        let order = self.addresses.order(lookup_host((host, port_of(target))).await?);
        let (stream, address) = connect(&order).await?;
        self.addresses.note(&order, address);
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Adds TLS for HTTPS URLs.
    fn https(self) -> HttpsConnector<Self> {
        let tls = Arc::clone(&self.tls);
        HttpsConnector::from((self, tls))
    }
}

impl Service<Uri> for Way {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let mut way = self.clone();
        Box::pin(async move {
            let network = way.proxies.take();
            let Some(proxy) = network.as_ref().and_then(|network| network.proxies.proxy_for(&target)) else {
                return Ok(Stream::new(Line::Tcp(TokioIo::new(way.open(&target).await?))));
            };
            let is_https = target.scheme() == Some(&Scheme::HTTPS);
            let tls = if proxy.scheme == ProxyScheme::Https { "s" } else { "" };
            let url: Uri = format!("http{tls}://{}:{}/", bracketed(&proxy.host), proxy.port).parse()?;
            let mut stream = Stream::new(Line::ToProxy(Box::new(way.https().call(url.clone()).await?)));
            match proxy.scheme {
                ProxyScheme::Socks5 | ProxyScheme::Socks5h => {
                    let target = socks_target(&target, proxy.scheme).await?;
                    let mut socks = SocksV5::new(url, Connecting(Some(stream)));
                    if let Some((user, password)) = &proxy.credentials {
                        socks = socks.with_auth(user.clone(), password.expose().to_owned());
                    }
                    return Ok(socks.call(target).await?);
                }
                // The transport rejects all other kinds.
                _ if is_https => tunnel(&mut stream, proxy, &target).await?,
                _ => stream.is_proxied = true,
            }
            Ok(stream)
        })
    }
}

/// A connection to the first of these addresses that answers, with [Happy Eyeballs](https://www.rfc-editor.org/rfc/rfc8305).
async fn connect(order: &[SocketAddr]) -> io::Result<(TcpStream, SocketAddr)> {
    let (mut waiting, mut attempts, mut failure) = (order.iter(), Vec::new(), None);
    loop {
        if let Some(&address) = waiting.next() {
            attempts.push((address, Box::pin(TcpStream::connect(address))));
        } else if attempts.is_empty() {
            return Err(failure.unwrap_or_else(|| io::ErrorKind::ConnectionRefused.into()));
        }
        let mut turn = pin!(time::sleep(ATTEMPT_DELAY));
        let is_last = waiting.len() == 0;
        let answer = poll_fn(|context| {
            for (index, (address, attempt)) in attempts.iter_mut().enumerate() {
                if let Poll::Ready(result) = attempt.as_mut().poll(context) {
                    return Poll::Ready(Some((index, *address, result)));
                }
            }
            if is_last { Poll::Pending } else { turn.as_mut().poll(context).map(|()| None) }
        });
        match answer.await {
            Some((_, address, Ok(stream))) => return Ok((stream, address)),
            Some((index, _, Err(error))) => {
                drop(attempts.swap_remove(index));
                failure = Some(error);
            }
            // Try the next address.
            None => {}
        }
    }
}

/// The URL's port, or its scheme's default.
fn port_of(url: &Uri) -> u16 {
    url.port_u16().unwrap_or(if url.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 })
}

/// Asks the proxy for a connection to the target, [RFC 9110, 9.3.6](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6).
async fn tunnel(stream: &mut Stream, proxy: &Proxy, target: &Uri) -> Result<(), BoxError> {
    const MAX_LENGTH: usize = 16 << 10;
    const MAX_HEADERS: usize = 64;
    let (host, port) = (target.host().unwrap_or_default(), port_of(target));
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

    // No server speaks first in the protocols used here, so nothing after the head is lost.
    let mut head = Vec::with_capacity(1024);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() >= MAX_LENGTH || stream.read_buf(&mut head).await? == 0 {
            return Err(not_http());
        }
    }
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let is_whole = response.parse(&head).is_ok_and(|status| status.is_complete());
    let status = response.code.filter(|_| is_whole).and_then(|code| StatusCode::from_u16(code).ok());
    match status.ok_or_else(not_http)? {
        status if status.is_success() => Ok(()),
        status => Err(Refused(status).into()),
    }
}

fn not_http() -> BoxError {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the proxy did not answer in HTTP").into()
}

/// The status of a proxy that refuses `CONNECT`.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) StatusCode);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy answered {}", self.0)
    }
}

impl StdError for Refused {}

/// The URL for the proxy: with a port, and with an address if the client resolves names.
async fn socks_target(target: &Uri, scheme: ProxyScheme) -> Result<Uri, BoxError> {
    let (host, port) = (target.host().unwrap_or_default(), port_of(target));
    let is_address = host.starts_with('[') || host.parse::<IpAddr>().is_ok();
    if scheme == ProxyScheme::Socks5h || is_address {
        return Ok(format!("http://{host}:{port}/").parse()?);
    }
    let mut addresses = lookup_host((host, port)).await?;
    let address = addresses.next().ok_or_else(|| io::Error::other("the endpoint's name has no address"))?;
    Ok(format!("http://{address}/").parse()?)
}

/// An open connection, wrapped as the service that opens one.
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

/// A connection to a server, or to a proxy that forwards requests.
#[derive(Debug)]
#[expect(unnameable_types, reason = "it is only ever hyper's")]
pub struct Stream {
    line: Line,
    /// Whether requests name the full URL.
    is_proxied: bool,
}

/// The layers of a connection. A single type, because generic ones would duplicate the TLS code.
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

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "these are tests")]
    use super::*;
    use std::{
        net::{self, TcpListener},
        time::Instant,
    };

    /// A server whose accept queue is full, so Linux drops further connection attempts.
    struct Dead {
        address: SocketAddr,
        _queue: (socket2::Socket, Vec<net::TcpStream>),
    }

    impl Dead {
        fn bind(address: &str) -> Self {
            let address: SocketAddr = address.parse().unwrap();
            let listener =
                socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::STREAM, None).unwrap();
            listener.bind(&address.into()).unwrap();
            listener.listen(0).unwrap();
            let address = listener.local_addr().unwrap().as_socket().unwrap();
            let wait = Duration::from_millis(100);
            let queue = (0..8).map_while(|_| net::TcpStream::connect_timeout(&address, wait).ok()).collect();
            Self { address, _queue: (listener, queue) }
        }
    }

    #[tokio::test]
    async fn a_dead_address_delays_a_connection_little() {
        let dead = [Dead::bind("127.0.0.1:0"), Dead::bind("127.0.0.2:0")];
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let alive = listener.local_addr().unwrap();
        // No server listens on this port.
        let closed: SocketAddr = "127.0.0.1:1".parse().unwrap();
        for (order, delays) in [
            (vec![alive], 0),
            (vec![closed, alive], 0),
            (vec![dead[0].address, alive], 1),
            (vec![dead[0].address, closed, alive], 1),
            (vec![dead[0].address, dead[1].address, alive], 2),
        ] {
            let start = Instant::now();
            let (_, address) = connect(&order).await.unwrap();
            assert_eq!(address, alive);
            let (waited, least) = (start.elapsed(), ATTEMPT_DELAY * delays);
            // Each address alone would have taken seconds.
            assert!(waited >= least && waited < least + Duration::from_secs(1), "{order:?}: {waited:?}");
        }
        let error = connect(&[closed, closed]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}
