//! A server on the loopback interface that does what a script says, right or wrong.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

use super::PATIENCE;

/// A step on a connection. After the last one the connection is closed in an orderly way.
#[derive(Clone, Debug)]
pub(crate) enum Do {
    /// Reads a request.
    Read,
    Send(Vec<u8>),
    /// Sends this again and again, up to 64 MiB.
    Flood(Vec<u8>),
    /// Sends a byte each 20 ms until the client goes.
    Drip,
    /// Waits until the client goes.
    Hang,
    /// Closes the connection with a TCP reset.
    Reset,
}

/// The steps on each connection in the order of their arrival; the last ones are done on all that follow.
pub(crate) type Script = Vec<Vec<Do>>;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    scheme: &'static str,
    counts: Arc<Counts>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Counts {
    connections: AtomicU32,
    requests: AtomicU32,
    gone: AtomicU32,
    closed: AtomicU32,
}

impl Server {
    /// Follows the script, inside TLS where there is a configuration for it.
    pub(crate) fn start(script: Script, tls: Option<Arc<ServerConfig>>) -> Self {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let counts = Arc::new(Counts::default());
        let counting = Arc::clone(&counts);
        let (address, stop, thread) = listen(move |index, stream| {
            let steps = script.get(index).or(script.last()).expect("a script has steps");
            counting.connections.fetch_add(1, Ordering::SeqCst);
            // A client that goes away is no error of the server's.
            let _ = match &tls {
                None => perform(Peer::Plain(stream), steps, &counting),
                Some(config) => handshake(stream, config).and_then(|peer| perform(peer, steps, &counting)),
            };
            counting.closed.fetch_add(1, Ordering::SeqCst);
        });
        Self { address, scheme, counts, stop, thread: Some(thread) }
    }

    /// A proxy that passes everything on to `upstream` and counts the connections.
    pub(crate) fn forward(upstream: SocketAddr) -> Self {
        let counts = Arc::new(Counts::default());
        let counting = Arc::clone(&counts);
        let (address, stop, thread) = listen(move |_, client| {
            counting.connections.fetch_add(1, Ordering::SeqCst);
            let server = TcpStream::connect(upstream).unwrap();
            server.set_nodelay(true).unwrap();
            let pass = |mut from: &TcpStream, mut to: &TcpStream| {
                let _ = io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            };
            thread::scope(|scope| {
                scope.spawn(|| pass(&client, &server));
                pass(&server, &client);
            });
        });
        Self { address, scheme: "", counts, stop, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    pub(crate) fn connections(&self) -> u32 {
        self.counts.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> u32 {
        self.counts.requests.load(Ordering::SeqCst)
    }

    /// How many connections are closed on the server's side.
    pub(crate) fn closed(&self) -> u32 {
        self.counts.closed.load(Ordering::SeqCst)
    }

    /// How many clients closed the connection while the server was to [hang](Do::Hang).
    pub(crate) fn gone(&self) -> u32 {
        self.counts.gone.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread from waiting for a connection.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Runs `serve` in a thread of its own for each connection.
fn listen(serve: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> (SocketAddr, Arc<AtomicBool>, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let thread = thread::spawn(move || {
        thread::scope(|scope| {
            for (index, stream) in listener.incoming().enumerate() {
                let stream = stream.unwrap();
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                for timeout in [TcpStream::set_read_timeout, TcpStream::set_write_timeout] {
                    timeout(&stream, Some(PATIENCE)).unwrap();
                }
                stream.set_nodelay(true).unwrap();
                let serve = &serve;
                scope.spawn(move || serve(index, stream));
            }
        });
    });
    (address, stop, thread)
}

enum Peer {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

fn handshake(mut stream: TcpStream, config: &Arc<ServerConfig>) -> io::Result<Peer> {
    let mut connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(&mut stream) {
            // The alert gets lost if the connection is closed while something is still unread.
            io::copy(&mut stream, &mut io::sink())?;
            return Err(error);
        }
    }
    Ok(Peer::Tls(Box::new(StreamOwned::new(connection, stream))))
}

fn perform(mut peer: Peer, steps: &[Do], counts: &Counts) -> io::Result<()> {
    for step in steps {
        match step {
            Do::Read => {
                read_request(peer.stream())?;
                counts.requests.fetch_add(1, Ordering::SeqCst);
            }
            Do::Send(bytes) => peer.send(bytes)?,
            Do::Flood(bytes) => (0..(64 << 20) / bytes.len()).try_for_each(|_| peer.send(bytes))?,
            Do::Drip => loop {
                thread::sleep(Duration::from_millis(20));
                peer.send(b" ")?;
            },
            Do::Hang => {
                if io::copy(&mut peer.stream(), &mut io::sink()).is_ok() {
                    counts.gone.fetch_add(1, Ordering::SeqCst);
                }
            }
            Do::Reset => return SockRef::from(peer.socket()).set_linger(Some(Duration::ZERO)),
        }
    }
    peer.finish()
}

impl Peer {
    fn stream(&mut self) -> &mut dyn Stream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &mut **stream,
        }
    }

    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &stream.sock,
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream().write_all(bytes)?;
        self.stream().flush()
    }

    fn finish(mut self) -> io::Result<()> {
        if let Self::Tls(stream) = &mut self {
            stream.conn.send_close_notify();
            stream.flush()?;
        }
        // A socket that is closed with something unread is reset: the rest of a request, the goodbye inside TLS.
        self.socket().shutdown(Shutdown::Write)?;
        self.socket().set_read_timeout(Some(Duration::from_millis(200)))?;
        io::copy(&mut { self.socket() }, &mut io::sink()).map(|_| ())
    }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// Reads a head and as many bytes as its `content-length` says.
fn read_request(stream: &mut dyn Stream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.and_then(|length| length.parse().ok()).unwrap_or_default()];
    stream.read_exact(&mut body)
}
