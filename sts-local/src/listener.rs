//! A listener on the loopback interface around a [`LocalSts`].
//!
//! hyper reads and writes HTTP: `sts-async` needs it anyway, it is well kept, and it has the time limits that keep a stuck
//! client from doing harm. One thread with a runtime of its own serves all connections.

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
    Fault, LocalSts, Wire,
    answer::{Refusal, TOO_LARGE, TOO_SLOW},
};

/// For a TLS handshake, a request's head (from the end of the last response on), and a request's body.
const PATIENCE: Duration = Duration::from_secs(30);
/// Far more than the largest legal request.
const LONGEST_BODY: usize = 1 << 20;
/// For a client to go after the last word.
const FAREWELL: Duration = Duration::from_millis(200);

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
        Listener::start(self, port, "https", move |stream| {
            let handshake = acceptor.accept(stream).into_fallible();
            async move {
                match handshake.await {
                    Ok(stream) => Ok(stream),
                    Err((error, stream)) => {
                        // The alert that says why must not get lost.
                        part(stream).await?;
                        Err(error)
                    }
                }
            }
        })
    }
}

/// A [`LocalSts`] that is being served. Dropping it closes all connections and waits for the thread's end, which is at hand.
#[derive(Debug)]
#[must_use = "dropping it ends the service"]
pub struct Listener {
    address: SocketAddr,
    scheme: &'static str,
    sts: Arc<LocalSts>,
    counts: Arc<Counts>,
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

    /// How many requests have arrived; retries show here.
    pub fn requests(&self) -> u64 {
        self.counts.requests.load(Ordering::SeqCst)
    }

    /// How many connections were made, whatever came of them; whether a client uses them again shows here.
    pub fn connections(&self) -> u64 {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// How many connections are open on this side.
    pub fn open_connections(&self) -> u64 {
        // In this order, so that it never counts the end of a connection without its beginning.
        let closed = self.counts.closed.load(Ordering::SeqCst);
        self.connections() - closed
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
        S: Socket,
        F: Future<Output = io::Result<S>> + Send + 'static,
    {
        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        // Without waiting, which a caller that is a task itself must not do.
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
            // A panic there has been reported already, and a second one here would abort.
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

/// Counts a connection when it is made, and when it is dropped.
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
            // Out of file descriptors, as a rule: some will be closed.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        // A small response shall not wait for the acknowledgement of the last one.
        let _ = stream.set_nodelay(true);
        let (counted, handshake, sts) = (Counted::new(&counts), handshake(stream), Arc::clone(&sts));
        tokio::spawn(async move {
            if let Ok(Ok(stream)) = timeout(PATIENCE, handshake).await {
                // A client that goes away is no error of ours.
                let _ = serve(stream, &sts, &counted.0).await;
            }
        });
    }
}

async fn serve(stream: impl Socket, sts: &LocalSts, counts: &Counts) -> io::Result<()> {
    let service = service_fn(|request| exchange(sts, counts, request));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    let mut connection = http.serve_connection(TokioIo::new(stream), service);
    let Err(error) = (&mut connection).await else { return Ok(()) };
    match error.source().and_then(|source| source.downcast_ref()) {
        // hyper has written nothing of this response, and lets go of the connection.
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
    let refusal = match timeout(PATIENCE, Limited::new(body, LONGEST_BODY).collect()).await {
        Ok(Ok(body)) => {
            counts.requests.fetch_add(1, Ordering::SeqCst);
            return respond(sts, Request::from_parts(head, body.to_bytes())).await;
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Refusal::new(ErrorCode::Other(TOO_LARGE.into()), format!("The body has more than {LONGEST_BODY} bytes"))
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

/// What is to be done in place of a response. It is an error, so that hyper gives up the connection.
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
                // In large pieces, since each takes a packet. Nothing, repeated, would keep the thread busy for ever.
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
    part(stream).await
}

async fn send(stream: &mut impl Socket, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// Closes a connection, but not while the client still sends: then it would be reset, and what was sent last could get lost.
async fn part(mut stream: impl Socket) -> io::Result<()> {
    stream.shutdown().await?;
    let _ = timeout(FAREWELL, copy(&mut stream, &mut sink())).await;
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
