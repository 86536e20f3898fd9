//! How a request gets to the service, and the response back.

use std::{error::Error as StdError, fmt, future::Future, io, iter, pin::Pin, sync::Arc, time::Duration};

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
    transport::{ProxyFailure, kind_of},
};

pub use crate::connector::Connector;
pub use sts_core::{Body, Route, Transmit, TransportError, TransportErrorKind};
pub use sts_driver::tls::{Tls, TlsError};

use crate::connector::Refused;

/// Carries one request and brings back its response, whatever its status: no retries, no redirects. Clients do the rest, with any
/// transport: retries, clock skew, time limits, metadata.
///
/// Closures that return a future are transports, too. This one has the same answer to every request, as a test may want it. A service that
/// verifies signatures and answers for real, without sockets, is `sts_local::LocalSts`.
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
    /// Sends the request and reads the response with its whole body, of which a transport should read no more than
    /// [`xml::MAX_LENGTH`] bytes. The future is dropped when [`Transmit::timeout`] is over, or when the caller loses interest. A request
    /// whose [`Transmit::route`] is direct must not go through a proxy.
    ///
    /// # Errors
    /// There is no response, or not all of it. The error's kind decides whether the request is sent again.
    fn exchange(
        &self,
        transmit: Transmit,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send;

    /// Lets the time pass, on the executor that the client runs on: tokio, unless this is written anew.
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

/// A client's transport, whatever its type. Clones share it.
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

/// [`Transport`], as an object.
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

/// Sends with [hyper](https://hyper.rs). Clones share connections. `C` opens them.
///
/// The one that clients have by default runs on tokio, with time and I/O enabled; see [`new`](Self::new) for others.
#[derive(Clone)]
pub struct Hyper<C = Connector> {
    client: legacy::Client<C, Full<Bytes>>,
    /// For what no proxy may see.
    direct: legacy::Client<C, Full<Bytes>>,
    /// Which proxy a request goes through, where that is not the connector's own matter.
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
        let client = |route| {
            let connector = Connector::new(&network, route, &tls);
            legacy::Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector)
        };
        Self {
            client: client(Route::ProxyAllowed),
            direct: client(Route::Direct),
            network: Some(Arc::clone(&network)),
            timer: Arc::new(TokioTimer::new()),
        }
    }
}

impl<C: Connect + Clone + Send + Sync + 'static> Hyper<C> {
    /// A hyper client with an executor and a connector of the caller's, with its own connect timeout, proxy and TLS settings; and a timer
    /// of the same executor, by which the calls' time limits and waits are measured.
    pub fn new(client: legacy::Client<C, Full<Bytes>>, timer: impl Timer + Send + Sync + 'static) -> Self {
        Self { direct: client.clone(), client, network: None, timer: Arc::new(timer) }
    }

    async fn send(&self, request: http::Request<Body>, route: Route) -> Result<http::Response<Incoming>, Failure> {
        let request = request.map(|body| Full::new(Bytes::from_owner(body)));
        let client = match route {
            Route::ProxyAllowed => &self.client,
            Route::Direct => &self.direct,
        };
        client.request(request).await.map_err(Failure::Http)
    }
}

async fn read(response: http::Response<Incoming>) -> Result<http::Response<Bytes>, Failure> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, xml::MAX_LENGTH).collect().await.map_err(Failure::Body)?;
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
        // In a tunnel, which proxies of other kinds and HTTPS have, there is nobody but the server who reads this.
        let reader = proxy.filter(|proxy| {
            matches!(proxy.scheme, ProxyScheme::Http | ProxyScheme::Https)
                && request.uri().scheme() == Some(&http::uri::Scheme::HTTP)
        });
        if let Some(authorization) = reader.and_then(Proxy::basic_authorization) {
            request.headers_mut().insert(header::PROXY_AUTHORIZATION, authorization);
        }
        let response = self.send(request, route).await.map_err(|failure| transport_error(failure, proxy))?;
        match (reader, response.status()) {
            // The second is tinyproxy's answer to a wrong password, and never that of STS. The body cannot always be read: a proxy that
            // closes the connection before it has read the request resets it.
            (Some(proxy), status @ (StatusCode::PROXY_AUTHENTICATION_REQUIRED | StatusCode::UNAUTHORIZED)) => {
                Err(ProxyFailure::status(proxy, status))
            }
            _ => read(response).await.map_err(|failure| transport_error(failure, proxy)),
        }
    }

    async fn sleep(&self, time: Duration) {
        self.timer.sleep(time).await;
    }
}

/// Why there was no response.
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
        // A certificate or a peer that is refused, or that refuses.
        Failure::Http(error) if causes(error).any(<dyn StdError>::is::<rustls::Error>) => TransportErrorKind::Permanent,
        // The innermost tells: an error of TLS comes in one of the kind "other".
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

/// An error and what is behind it. The source of an I/O error is not what it holds, but the source of that.
fn causes<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    })
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
