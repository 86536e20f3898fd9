//! Transports, which send requests and receive responses.

use std::{
    error::Error as StdError,
    fmt,
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    process,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{body::Incoming, rt::Timer};
use hyper_util::{
    client::legacy::{self, connect::Connect},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::ClientConfig;
use sts_core::xml;
use sts_driver::{
    network::Network,
    proxy::{Proxy, ProxyScheme},
    tls::{client_config, default_client_config},
    transport::{ProxyFailure, causes, kind_of},
};
use tokio::task;

pub use crate::connector::Connector;
pub use sts_core::{Body, Route, Transmit, TransportError, TransportErrorKind};
pub use sts_driver::tls::{Tls, TlsError};

use crate::{connector::Refused, shared::Place};

/// A transport: sends one request and returns the response, whatever its status, without retries or redirects. For any transport, the
/// client adds retries, clock skew correction, time limits and metadata.
///
/// Closures that return a future are transports, too. This one gives every request the same answer, for a test. `sts_local::LocalSts` is a
/// service without sockets that verifies signatures and gives real answers.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use sts_async::{Client, Config, Credentials, GetAccessKeyInfo, bytes::Bytes, http::Response, transport::Transmit};
///
/// const ANSWER: &[u8] = b"<GetAccessKeyInfoResponse><GetAccessKeyInfoResult><Account>123456789012</Account>\
///     </GetAccessKeyInfoResult></GetAccessKeyInfoResponse>";
///
/// let client = Client::builder()
///     .config(Config::builder().region("eu-west-1"))
///     .credentials(Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
///     .transport(|_: Transmit| async { Ok(Response::new(Bytes::from_static(ANSWER))) })
///     .build()?;
/// let reply = client.send(&GetAccessKeyInfo::new("AKIAIOSFODNN7EXAMPLE")).await?;
/// assert_eq!(reply.output.account, "123456789012");
/// # Ok(())
/// # }
/// ```
pub trait Transport: Send + Sync {
    /// Sends the request and reads the response with its whole body, at most [`xml::MAX_LENGTH`] bytes. The client drops the future after
    /// [`Transmit::timeout`], or when the caller drops the call. A request whose [`Transmit::route`] is direct must not go through a proxy.
    ///
    /// # Errors
    /// There is no response, or only a part of it. The error's kind decides whether the client retries.
    fn exchange(
        &self,
        transmit: Transmit,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send;

    /// Waits for this time on the client's executor. The default implementation uses tokio.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(time)
    }
}

impl<F, R> Transport for F
where
    F: Fn(Transmit) -> R + Send + Sync,
    R: Future<Output = Result<http::Response<Bytes>, TransportError>> + Send,
{
    fn exchange(&self, transmit: Transmit) -> impl Future<Output = R::Output> + Send {
        self(transmit)
    }
}

/// A client's transport, of any type. Clones share it.
#[derive(Clone)]
pub struct AnyTransport(Arc<dyn DynTransport>);

impl AnyTransport {
    pub(crate) fn new(transport: impl Transport + 'static) -> Self {
        Self(Arc::new(transport))
    }
}

impl Transport for AnyTransport {
    fn exchange(&self, transmit: Transmit) -> impl Future<Output = Exchanged> + Send {
        self.0.exchange_boxed(transmit)
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        self.0.sleep_boxed(time)
    }
}

impl fmt::Debug for AnyTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyTransport")
    }
}

/// [`Transport`] as a trait object.
trait DynTransport: Send + Sync {
    fn exchange_boxed(&self, transmit: Transmit) -> BoxFuture<'_, Exchanged>;

    fn sleep_boxed(&self, time: Duration) -> BoxFuture<'_, ()>;
}

type Exchanged = Result<http::Response<Bytes>, TransportError>;
type BoxFuture<'f, R> = Pin<Box<dyn Future<Output = R> + Send + 'f>>;

impl<T: Transport> DynTransport for T {
    fn exchange_boxed(&self, transmit: Transmit) -> BoxFuture<'_, Exchanged> {
        Box::pin(self.exchange(transmit))
    }

    fn sleep_boxed(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(self.sleep(time))
    }
}

/// A transport over [hyper](https://hyper.rs). Clones share connections. `C` opens connections.
///
/// A client's default transport runs on tokio, with time and I/O enabled; see [`new`](Self::new) for other executors. It has separate
/// connections for each runtime, and for the child after a `fork`. After an exchange times out or breaks off, or its future is dropped, it
/// closes idle connections: the network may have dropped them, too.
#[derive(Clone)]
pub struct Hyper<C = Connector> {
    pools: Arc<Pools<C>>,
    /// Chooses the proxy of a request, unless the connector does.
    network: Option<Arc<Network>>,
    timer: Arc<dyn Timer + Send + Sync>,
}

impl Hyper {
    pub(crate) fn without_tls_settings(network: Network) -> Result<AnyTransport, TlsError> {
        Ok(AnyTransport::new(Self::on_tokio(network, default_client_config()?)))
    }

    pub(crate) fn with_tls_settings(network: Network) -> Result<AnyTransport, TlsError> {
        let tls = client_config(&network.tls)?;
        Ok(AnyTransport::new(Self::on_tokio(network, tls)))
    }

    fn on_tokio(network: Network, tls: ClientConfig) -> Self {
        let (network, tls) = (Arc::new(network), Arc::new(tls));
        let connectors = [Route::ProxyAllowed, Route::Direct].map(|route| Connector::new(&network, route, &tls));
        let open = move || {
            let mut builder = legacy::Client::builder(TokioExecutor::new());
            builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE_TIMEOUT).pool_max_idle_per_host(MAX_IDLE);
            connectors.each_ref().map(|connector| builder.build(connector.clone()))
        };
        let pools = Arc::new(Pools::Each(Box::new(open), Mutex::default()));
        Self { pools, network: Some(network), timer: Arc::new(TokioTimer::new()) }
    }
}

impl<C: Connect + Clone + Send + Sync + 'static> Hyper<C> {
    /// A transport over your own hyper client, with its executor, connector, connect timeout, proxy and TLS settings. The timer, for the
    /// same executor, measures the calls' time limits and waits.
    pub fn new(client: legacy::Client<C, Full<Bytes>>, timer: impl Timer + Send + Sync + 'static) -> Self {
        let pool = Pool { clients: [client.clone(), client], last_end: AtomicU64::new(NEVER) };
        Self { pools: Arc::new(Pools::One(Arc::new(pool))), network: None, timer: Arc::new(timer) }
    }

    async fn send(
        &self,
        pool: &Pool<C>,
        request: http::Request<Body>,
        route: Route,
    ) -> Result<http::Response<Incoming>, Failure> {
        let request = request.map(|body| Full::new(Bytes::from_owner(body)));
        let [any, direct] = &pool.clients;
        let client = match route {
            Route::ProxyAllowed => any,
            Route::Direct => direct,
        };
        client.request(request).await.map_err(Failure::Http)
    }
}

/// The maximum idle time of a connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);
/// The maximum number of idle connections to a host.
const MAX_IDLE: usize = 64;

/// Connection pools.
enum Pools<C> {
    /// The caller's pool.
    One(Arc<Pool<C>>),
    /// A pool for each runtime and process, which the function creates.
    Each(Box<dyn Fn() -> Clients<C> + Send + Sync>, Mutex<Vec<(Home, Arc<Pool<C>>)>>),
}

/// A client for requests that may go through a proxy, and one for requests that must not.
type Clients<C> = [legacy::Client<C, Full<Bytes>>; 2];

/// Connections of one runtime.
struct Pool<C> {
    clients: Clients<C>,
    /// The end of the last exchange, in milliseconds of [`elapsed`].
    last_end: AtomicU64,
}

/// The owner of connections: another runtime does not drive them, and another process must not read from them.
type Home = (u32, Place);

impl<C> Pools<C> {
    /// The connections that this task can use.
    fn here(&self) -> Arc<Pool<C>> {
        /// More runtimes than a program is likely to have.
        const MAX_POOLS: usize = 256;
        let (open, pools) = match self {
            Self::One(pool) => return Arc::clone(pool),
            Self::Each(open, pools) => (open, pools),
        };
        let home = (process::id(), Place::current());
        let mut pools = pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pool)) = pools.iter().find(|(place, _)| *place == home) {
            return Arc::clone(pool);
        }
        if pools.len() >= MAX_POOLS {
            pools.remove(0);
        }
        let pool = Arc::new(Pool { clients: open(), last_end: AtomicU64::new(NEVER) });
        pools.push((home, Arc::clone(&pool)));
        pool
    }

    /// Closes the pool's idle connections.
    fn close_idle(&self, pool: &Arc<Pool<C>>) {
        if let Self::Each(_, pools) = self {
            let mut pools = pools.lock().unwrap_or_else(PoisonError::into_inner);
            pools.retain(|(_, other)| !Arc::ptr_eq(other, pool));
        }
    }
}

/// No exchange has ended yet.
const NEVER: u64 = u64::MAX;

impl<C> Pool<C> {
    /// Lets idle connections read what has arrived since the last exchange. The server may have closed them, or sent data that does not
    /// answer the next request. A runtime that was not driven in between has not read it yet.
    async fn catch_up(&self) {
        /// A server sends nothing more so soon after an answer.
        const PAUSE: u64 = 5;
        let last_end = self.last_end.load(Ordering::Relaxed);
        if last_end != NEVER && elapsed().saturating_sub(last_end) >= PAUSE {
            task::yield_now().await;
        }
    }
}

/// Milliseconds since the first call of this function.
fn elapsed() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A running exchange. If it is dropped before its end, idle connections are closed.
struct Exchange<'e, C> {
    pools: &'e Pools<C>,
    pool: Arc<Pool<C>>,
    is_over: bool,
}

impl<C> Drop for Exchange<'_, C> {
    fn drop(&mut self) {
        if !self.is_over {
            self.pools.close_idle(&self.pool);
        }
    }
}

async fn read(response: http::Response<Incoming>) -> Result<http::Response<Bytes>, Failure> {
    let (head, body) = response.into_parts();
    let (mut body, mut has_waited) = (pin!(Limited::new(body, xml::MAX_LENGTH).collect()), false);
    let body = poll_fn(|context| {
        let body = body.as_mut().poll(context);
        has_waited |= body.is_pending();
        body
    });
    let body = body.await.map_err(Failure::Body)?;
    if has_waited {
        // Otherwise the next request might find its connection not in the pool yet, and open another.
        task::yield_now().await;
    }
    Ok(http::Response::from_parts(head, body.to_bytes()))
}

impl<C> fmt::Debug for Hyper<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hyper").finish_non_exhaustive()
    }
}

impl<C: Connect + Clone + Send + Sync + 'static> Transport for Hyper<C> {
    async fn exchange(&self, transmit: Transmit) -> Result<http::Response<Bytes>, TransportError> {
        let Transmit { mut request, route, .. } = transmit;
        let proxy = match &self.network {
            Some(network) => network.proxy_for(request.uri(), route)?,
            None => None,
        };
        // In a tunnel, as for HTTPS and other kinds of proxies, only the server reads this.
        let reader = proxy.filter(|proxy| {
            matches!(proxy.scheme, ProxyScheme::Http | ProxyScheme::Https)
                && request.uri().scheme() == Some(&http::uri::Scheme::HTTP)
        });
        if let Some(authorization) = reader.and_then(Proxy::basic_authorization) {
            request.headers_mut().insert(header::PROXY_AUTHORIZATION, authorization);
        }
        let mut exchange = Exchange { pools: &self.pools, pool: self.pools.here(), is_over: false };
        exchange.pool.catch_up().await;
        let result = async {
            let response = self.send(&exchange.pool, request, route).await?;
            match (reader, response.status()) {
                // Tinyproxy answers 401 to a wrong password; STS never does. The body is not always readable: a proxy that closes the
                // connection before it has read the request resets it.
                (Some(proxy), status @ (StatusCode::PROXY_AUTHENTICATION_REQUIRED | StatusCode::UNAUTHORIZED)) => {
                    Ok(Err(ProxyFailure::status(proxy, status)))
                }
                _ => read(response).await.map(Ok),
            }
        };
        let result = result.await.unwrap_or_else(|failure| Err(transport_error(failure, proxy)));
        exchange.is_over = !matches!(&result, Err(error) if error.kind == TransportErrorKind::Interrupted);
        exchange.pool.last_end.store(elapsed(), Ordering::Relaxed);
        result
    }

    async fn sleep(&self, time: Duration) {
        self.timer.sleep(time).await;
    }
}

/// Why there is no response.
#[derive(Debug)]
enum Failure {
    /// No connection, or no response on it.
    Http(legacy::Error),
    /// The response's body broke off, or is longer than 1 MiB.
    Body(Box<dyn StdError + Send + Sync>),
}

fn transport_error(failure: Failure, proxy: Option<&Proxy>) -> TransportError {
    if let (Some(proxy), Failure::Http(error)) = (proxy, &failure)
        && let Some(Refused(status)) = causes(error).find_map(<dyn StdError>::downcast_ref)
    {
        return ProxyFailure::status(proxy, *status);
    }
    let kind = match &failure {
        Failure::Body(error) if error.is::<LengthLimitError>() => TransportErrorKind::TooLarge,
        // A certificate or a peer was rejected, by either side.
        Failure::Http(error) if causes(error).any(<dyn StdError>::is::<rustls::Error>) => TransportErrorKind::Permanent,
        // The innermost error decides: an error of TLS is wrapped in one of kind "other".
        Failure::Http(error) if error.is_connect() => match causes(error).filter_map(|e| e.downcast_ref()).last() {
            Some(error) => kind_of(io::Error::kind(error)),
            None => TransportErrorKind::Connect,
        },
        Failure::Http(_) | Failure::Body(_) => TransportErrorKind::Interrupted,
    };
    match proxy {
        Some(proxy) => ProxyFailure::of(proxy, kind, failure),
        None => TransportError::new(kind, failure),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http(_) => "no response",
            Self::Body(_) => "the response's body could not be read",
        })
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Http(error) => Some(error),
            Self::Body(error) => Some(&**error),
        }
    }
}
