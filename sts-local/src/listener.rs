//! A listener on the loopback interface around a [`LocalSts`].
//!
//! hyper reads and writes HTTP: `sts-async` needs it anyway, it is well kept, and it has the time limits that keep a stuck
//! client from doing harm. One thread with a runtime of its own serves all connections.

use std::{
    convert::Infallible,
    future::{Future, ready},
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use time::UtcDateTime;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    runtime,
    sync::oneshot,
    time::{sleep, timeout},
};

use crate::LocalSts;

/// For a TLS handshake, a request's head (from the end of the last response on), and a request's body.
const PATIENCE: Duration = Duration::from_secs(30);
/// Far more than the largest legal request.
const LONGEST_BODY: usize = 1 << 20;

impl LocalSts {
    /// Serves HTTP/1.1 on 127.0.0.1 in a thread of its own, by the system's clock (see [`clock_offset`](Self::clock_offset)), until the [`Listener`] is dropped.
    /// Port 0 takes any free one.
    ///
    /// # Errors
    /// The port is taken, or the system gives no socket or thread.
    pub fn serve(self, port: u16) -> io::Result<Listener> {
        Listener::start(self, port, "http", |stream| ready(Ok(stream)))
    }

    /// Like [`serve`](Self::serve), over TLS. The configuration says with which certificate.
    ///
    /// # Errors
    /// As for `serve`.
    #[cfg(feature = "tls")]
    pub fn serve_tls(self, port: u16, config: Arc<crate::rustls::ServerConfig>) -> io::Result<Listener> {
        let acceptor = tokio_rustls::TlsAcceptor::from(config);
        Listener::start(self, port, "https", move |stream| acceptor.accept(stream))
    }
}

/// A [`LocalSts`] that is being served. Dropping it closes all connections and waits for the thread's end, which is at hand.
#[derive(Debug)]
#[must_use = "dropping it ends the service"]
pub struct Listener {
    address: SocketAddr,
    scheme: &'static str,
    sts: Arc<LocalSts>,
    /// Its end is the signal to stop.
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as an endpoint URL: `http://127.0.0.1:49152`.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The service behind it.
    pub fn sts(&self) -> &LocalSts {
        &self.sts
    }

    fn start<S, F>(
        sts: LocalSts,
        port: u16,
        scheme: &'static str,
        handshake: impl Fn(TcpStream) -> F + Send + 'static,
    ) -> io::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Future<Output = io::Result<S>> + Send + 'static,
    {
        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))?;
        let address = listener.local_addr()?;
        let (sts, (stop, stopped)) = (Arc::new(sts), oneshot::channel());
        runtime.spawn(accept(listener, Arc::clone(&sts), handshake));
        // All connections are tasks of the runtime and end with it.
        let thread = thread::Builder::new().name("sts-local".into()).spawn(move || drop(runtime.block_on(stopped)))?;
        Ok(Self { address, scheme, sts, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported already, and a second one here would abort.
            let _ = thread.join();
        }
    }
}

async fn accept<S, F>(listener: TcpListener, sts: Arc<LocalSts>, handshake: impl Fn(TcpStream) -> F)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Future<Output = io::Result<S>> + Send + 'static,
{
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, as a rule: some will be closed.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        // A small response shall not wait for the acknowledgement of the last one.
        let _ = stream.set_nodelay(true);
        let (handshake, sts) = (handshake(stream), Arc::clone(&sts));
        tokio::spawn(async move {
            let Ok(Ok(stream)) = timeout(PATIENCE, handshake).await else { return };
            let service = service_fn(|request| exchange(&sts, request));
            let mut http = http1::Builder::new();
            let http = http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
            // A client that goes away is no error of ours.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn exchange(sts: &LocalSts, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let response = match timeout(PATIENCE, Limited::new(body, LONGEST_BODY).collect()).await {
        Ok(Ok(body)) => sts.handle(Request::from_parts(head, body.to_bytes()), UtcDateTime::now()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => status(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_)) => status(StatusCode::BAD_REQUEST),
        Err(_) => status(StatusCode::REQUEST_TIMEOUT),
    };
    Ok(response.map(|body| Full::new(body.into())))
}

fn status(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}
