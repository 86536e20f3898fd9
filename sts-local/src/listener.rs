//! A listener on the loopback interface around a [`LocalSts`].
//!
//! hyper reads and writes HTTP: `sts-async` needs it anyway, and its time limits protect against a stuck client. One thread with its own
//! runtime serves all connections.

use std::{
    convert::Infallible,
    error::Error as StdError,
    fmt,
    future::{Future, ready},
    io,
    net::{self, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use sts_core::ErrorCode;
use time::UtcDateTime;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy, sink},
    net::{TcpListener, TcpStream},
    runtime,
    sync::oneshot,
    time::{sleep, timeout},
};

use crate::{
    answer::{Refusal, TOO_LARGE, TOO_SLOW},
    fault::{Fault, Wire},
    service::LocalSts,
};

/// The time limit of the TLS handshake, of the wait for a request's head (after the previous response), and of the wait for its body.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The maximum size of a body, in bytes: far above the largest legal request.
const MAX_BODY: usize = 1 << 20;
/// How long a client may take to close the connection after the last response.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(200);

impl LocalSts {
    /// Serves HTTP/1.1 on 127.0.0.1 in its own thread until the [`Listener`] is dropped. Uses the system's clock (see
    /// [`clock_offset`](Self::clock_offset)). Port 0 selects a free port.
    ///
    /// # Errors
    /// If the port is in use, or the system has no socket or thread left.
    pub fn serve(self, port: u16) -> io::Result<Listener> {
        Listener::start(self, port, "http", |stream| ready(Ok(stream)))
    }

    /// Serves like [`serve`](Self::serve), but over TLS with the configured certificate.
    ///
    /// # Errors
    /// As for `serve`.
    #[cfg(feature = "tls")]
    pub fn serve_tls(self, port: u16, config: Arc<crate::rustls::ServerConfig>) -> io::Result<Listener> {
        let acceptor = tokio_rustls::TlsAcceptor::from(config);
        Listener::start(self, port, "https", move |stream| {
            let handshake = acceptor.accept(stream).into_fallible();
            async move {
                match handshake.await {
                    Ok(stream) => Ok(stream),
                    Err((error, stream)) => {
                        // Otherwise, the alert with the reason could get lost.
                        close(stream).await?;
                        Err(error)
                    }
                }
            }
        })
    }
}

/// A running [`LocalSts`]. Dropping it closes all connections and ends the thread.
#[derive(Debug)]
#[must_use = "dropping the listener ends the service"]
pub struct Listener {
    address: SocketAddr,
    scheme: &'static str,
    sts: Arc<LocalSts>,
    counts: Arc<Counts>,
    /// Dropping it tells the thread to stop.
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// The address of the listener.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as an endpoint URL: `http://127.0.0.1:49152`.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The number of requests received, including retries and preflights of browsers.
    pub fn requests(&self) -> u64 {
        self.counts.requests.load(Ordering::SeqCst)
    }

    /// The number of connections accepted, even without a request. It shows whether a client reuses connections.
    pub fn connections(&self) -> u64 {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// The number of connections that the server has not closed yet.
    pub fn open_connections(&self) -> u64 {
        // In this order: a closed connection is then always counted as accepted, too.
        let closed = self.counts.closed.load(Ordering::SeqCst);
        self.connections() - closed
    }

    /// The service behind the listener.
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
        S: Socket,
        F: Future<Output = io::Result<S>> + Send + 'static,
    {
        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        // The standard library's `bind`, since the caller may be an async task, which must not block on another runtime.
        let listener = net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = {
            let _runtime = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (sts, counts, (stop, stopped)) = (Arc::new(sts), Arc::new(Counts::default()), oneshot::channel());
        runtime.spawn(accept(listener, Arc::clone(&sts), Arc::clone(&counts), handshake));
        // All connections are tasks of the runtime and end with it.
        let thread = thread::Builder::new().name("sts-local".into()).spawn(move || drop(runtime.block_on(stopped)))?;
        Ok(Self { address, scheme, sts, counts, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has already been reported, and a second one here would abort.
            let _ = thread.join();
        }
    }
}

#[derive(Debug, Default)]
struct Counts {
    connections: AtomicU64,
    closed: AtomicU64,
    requests: AtomicU64,
}

/// Counts a connection as accepted, and as closed when dropped.
struct Counted(Arc<Counts>);

impl Counted {
    fn new(counts: &Arc<Counts>) -> Self {
        counts.connections.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(counts))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.closed.fetch_add(1, Ordering::SeqCst);
    }
}

async fn accept<S, F>(
    listener: TcpListener,
    sts: Arc<LocalSts>,
    counts: Arc<Counts>,
    handshake: impl Fn(TcpStream) -> F,
) where
    S: Socket,
    F: Future<Output = io::Result<S>> + Send + 'static,
{
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Usually, no file descriptor is free. Some connections will close.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        // A small response must not wait for the acknowledgement of the previous one.
        let _ = stream.set_nodelay(true);
        let (counted, handshake, sts) = (Counted::new(&counts), handshake(stream), Arc::clone(&sts));
        tokio::spawn(async move {
            if let Ok(Ok(stream)) = timeout(TIMEOUT, handshake).await {
                // A client may disconnect at any time.
                let _ = serve(stream, &sts, &counted.0).await;
            }
        });
    }
}

async fn serve(stream: impl Socket, sts: &LocalSts, counts: &Counts) -> io::Result<()> {
    let service = service_fn(|request| exchange(sts, counts, request));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(TIMEOUT);
    let mut connection = http.serve_connection(TokioIo::new(stream), service);
    let Err(error) = (&mut connection).await else { return Ok(()) };
    match error.source().and_then(|source| source.downcast_ref()) {
        // hyper has not written any of the response yet, and returns the connection.
        Some(Sabotage(steps)) => perform(connection.into_parts().io.into_inner(), steps).await,
        None => Ok(()),
    }
}

async fn exchange(
    sts: &LocalSts,
    counts: &Counts,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Sabotage> {
    let (head, body) = request.into_parts();
    let refusal = match timeout(TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => {
            counts.requests.fetch_add(1, Ordering::SeqCst);
            return respond(sts, Request::from_parts(head, body.to_bytes())).await;
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Refusal::new(ErrorCode::Other(TOO_LARGE.into()), format!("The body has more than {MAX_BODY} bytes"))
        }
        Ok(Err(_)) => Refusal::new(ErrorCode::MalformedInput, "The body broke off"),
        Err(_) => Refusal::new(ErrorCode::Other(TOO_SLOW.into()), "The body did not come in time"),
    };
    Ok(sts.refuse(&refusal, UtcDateTime::now()).map(|body| Full::new(body.into())))
}

async fn respond(sts: &LocalSts, request: Request<Bytes>) -> Result<Response<Full<Bytes>>, Sabotage> {
    let fault = sts.next_fault(&request);
    if let Some(Fault::Delay(delay)) = fault {
        sleep(delay).await;
    }
    let response = sts.respond(&request, UtcDateTime::now(), fault.as_ref());
    match fault.and_then(|fault| fault.wire(&response)) {
        Some(steps) => Err(Sabotage(steps)),
        None => Ok(response.map(|body| Full::new(body.into()))),
    }
}

/// The steps to perform instead of a response. It is an error, so that hyper returns the connection.
#[derive(Debug)]
struct Sabotage(Vec<Wire>);

impl fmt::Display for Sabotage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("told to fail here")
    }
}

impl StdError for Sabotage {}

async fn perform(mut stream: impl Socket, steps: &[Wire]) -> io::Result<()> {
    for step in steps {
        match step {
            Wire::Send(bytes) => send(&mut stream, bytes).await?,
            Wire::Repeat(bytes) => {
                // In large pieces, since each write sends a packet. An empty piece would loop forever.
                let piece = bytes.repeat((1 << 16) / bytes.len().max(1) + 1);
                while !piece.is_empty() {
                    send(&mut stream, &piece).await?;
                }
            }
            Wire::Drip(bytes, pause) => {
                for byte in bytes {
                    sleep(*pause).await;
                    send(&mut stream, &[*byte]).await?;
                }
            }
            Wire::Silence => drop(copy(&mut stream, &mut sink()).await?),
            Wire::Reset => return stream.tcp().set_zero_linger(),
        }
    }
    close(stream).await
}

async fn send(stream: &mut impl Socket, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// Closes a connection once the client has stopped sending. Closing earlier would reset it, and the last response could get lost.
async fn close(mut stream: impl Socket) -> io::Result<()> {
    stream.shutdown().await?;
    let _ = timeout(CLOSE_TIMEOUT, copy(&mut stream, &mut sink())).await;
    Ok(())
}

/// A connection, plain or with TLS.
trait Socket: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

#[cfg(feature = "tls")]
impl Socket for tokio_rustls::server::TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}
