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
use sts_core::{
    Body, Config, TransportErrorKind,
    proxy::{Proxy, ProxyScheme},
    xml,
};
use sts_driver::transport::{ProxyFailure, proxy_for};

pub use crate::connector::Connector;
pub use sts_driver::{
    tls::{Tls, TlsError},
    transport::{Attempt, TransportError},
};

use crate::connector::Refused;

/// Carries one request and brings back its response, whatever its status: no retries, no redirects. Clients do the rest, with any
/// transport: retries, clock skew, time limits, metadata.
///
/// Closures that return a future are transports, too; they sleep with tokio.
pub trait Transport: Send + Sync {
    /// Sends the request and reads the response with its whole body, of which a transport should read no more than
    /// [`xml::MAX_LENGTH`] bytes. The future is dropped when [`Attempt::timeout`] is over, or when the caller loses interest.
    ///
    /// # Errors
    /// There is no response, or not all of it. The error's kind decides whether the request is sent again.
    fn exchange(
        &self,
        request: http::Request<Body>,
        attempt: Attempt,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send;

    /// Lets the time pass, on the executor that the client runs on.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

impl<F, R> Transport for F
where
    F: Fn(http::Request<Body>, Attempt) -> R + Send + Sync,
    R: Future<Output = Result<http::Response<Bytes>, TransportError>> + Send,
{
    fn exchange(&self, request: http::Request<Body>, attempt: Attempt) -> impl Future<Output = R::Output> + Send {
        self(request, attempt)
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(time)
    }
}

/// A client's transport, whatever its type and those of its futures.
pub(crate) struct AnyTransport(pub(crate) Arc<dyn DynTransport>);

impl Transport for AnyTransport {
    fn exchange(&self, request: http::Request<Body>, attempt: Attempt) -> impl Future<Output = Exchanged> + Send {
        self.0.exchange_boxed(request, attempt)
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        self.0.sleep_boxed(time)
    }
}

/// [`Transport`], as an object.
pub(crate) trait DynTransport: Send + Sync {
    fn exchange_boxed(&self, request: http::Request<Body>, attempt: Attempt) -> BoxFuture<'_, Exchanged>;

    fn sleep_boxed(&self, time: Duration) -> BoxFuture<'_, ()>;
}

type Exchanged = Result<http::Response<Bytes>, TransportError>;
type BoxFuture<'f, R> = Pin<Box<dyn Future<Output = R> + Send + 'f>>;

impl<T: Transport> DynTransport for T {
    fn exchange_boxed(&self, request: http::Request<Body>, attempt: Attempt) -> BoxFuture<'_, Exchanged> {
        Box::pin(self.exchange(request, attempt))
    }

    fn sleep_boxed(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(self.sleep(time))
    }
}

/// Sends with [hyper](https://hyper.rs). Clones share connections. `C` opens them.
///
/// The one that clients have by default runs on tokio, with time and I/O enabled, and goes through the
/// [proxies](sts_core::ConfigBuilder::proxy) that their [`Config`] names; see [`new`](Self::new) for others.
#[derive(Clone)]
pub struct Hyper<C = Connector> {
    client: legacy::Client<C, Full<Bytes>>,
    /// For what no proxy may see.
    direct: legacy::Client<C, Full<Bytes>>,
    /// Which proxy a request goes through, where that is not the connector's own matter.
    proxies: Option<Config>,
    timer: Arc<dyn Timer + Send + Sync>,
}

impl Hyper {
    pub(crate) fn on_tokio(config: &Config, tls: ClientConfig) -> Self {
        let tls = Arc::new(tls);
        let client = |proxies| {
            let connector = Connector::new(config.connect_timeout(), &tls, proxies);
            legacy::Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector)
        };
        let (proxies, timer) = (Some(config.clone()), Arc::new(TokioTimer::new()));
        Self { client: client(proxies.clone()), direct: client(None), proxies, timer }
    }
}

impl<C: Connect + Clone + Send + Sync + 'static> Hyper<C> {
    /// A hyper client with an executor and a connector of the caller's, with its own connect timeout, proxy and TLS settings; and a timer
    /// of the same executor, by which the calls' time limits and waits are measured.
    pub fn new(client: legacy::Client<C, Full<Bytes>>, timer: impl Timer + Send + Sync + 'static) -> Self {
        Self { direct: client.clone(), client, proxies: None, timer: Arc::new(timer) }
    }

    async fn send(&self, request: http::Request<Body>, attempt: Attempt) -> Result<http::Response<Incoming>, Failure> {
        let request = request.map(|body| Full::new(Bytes::from_owner(body)));
        let client = if attempt.is_local { &self.direct } else { &self.client };
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
    async fn exchange(
        &self,
        mut request: http::Request<Body>,
        attempt: Attempt,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let proxy = match &self.proxies {
            Some(config) => proxy_for(config, request.uri(), attempt)?,
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
        let response = self.send(request, attempt).await.map_err(|failure| transport_error(failure, proxy))?;
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
            Some(error) => connecting(io::Error::kind(error)),
            None => TransportErrorKind::Connect,
        },
        Failure::Http(_) | Failure::Body(_) => TransportErrorKind::Interrupted,
    };
    match proxy {
        Some(proxy) => ProxyFailure::of(proxy, kind, failure),
        None => TransportError::new(kind, failure),
    }
}

fn connecting(kind: io::ErrorKind) -> TransportErrorKind {
    match kind {
        io::ErrorKind::TimedOut => TransportErrorKind::Timeout,
        // There was a connection, which broke within the TLS handshake.
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => TransportErrorKind::Interrupted,
        _ => TransportErrorKind::Connect,
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "these are tests")]
    use super::*;
    use sts_core::{GetCallerIdentity, Operation, Route};
    use sts_driver::tls::default_client_config;
    use sts_local::LocalSts;

    /// Nobody listens at port 1. To the drivers, the host is a name as any other, and to the resolver 127.0.0.1.
    #[tokio::test]
    async fn what_is_for_this_machine_goes_through_no_proxy() {
        let listener = LocalSts::demo().serve(0).unwrap();
        let config = Config::builder().region("us-east-1").proxy("http://127.0.0.1:1").build().unwrap();
        let transport = Hyper::on_tokio(&config, default_client_config().unwrap());
        let attempt = |route| Attempt::new(Duration::from_secs(9), Duration::from_secs(9), route);
        let request = || {
            let body = GetCallerIdentity::new().to_body().unwrap();
            let url = format!("http://0x7f000001:{}/", listener.address().port());
            http::Request::post(url).body(body).unwrap()
        };
        let error = transport.exchange(request(), attempt(Route::ProxyAllowed)).await.unwrap_err();
        assert_eq!(
            (error.kind, &*error.to_string()),
            (TransportErrorKind::Connect, "through the proxy http://127.0.0.1:1")
        );
        transport.exchange(request(), attempt(Route::Direct)).await.unwrap();
    }
}
