//! Opens connections: resolves a name only when it opens one, and tries the name's addresses in parallel.

use std::{
    fmt,
    io::{self, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use sts_driver::dial::{ATTEMPT_DELAY, Addresses};
#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
use ureq::unversioned::transport::NativeTlsConnector as TlsConnector;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
use ureq::unversioned::transport::RustlsConnector as TlsConnector;
use ureq::{
    Agent, Error, Proxy, Timeout,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{
            Buffers, ConnectProxyConnector, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout,
            SocksConnector, Transport,
        },
    },
};
use zeroize::Zeroize;

/// An agent for requests with a time limit and without TLS settings of their own.
///
/// ureq's own connector resolves the server's name for each request, in a separate thread, before it looks for an open connection. It tries
/// a name's addresses one after the other.
pub(crate) fn agent(config: Config) -> Agent {
    agent_with(config, DefaultResolver::default())
}

fn agent_with(config: Config, resolver: impl Resolver) -> Agent {
    let connector =
        ().chain(SocksConnector::default())
            .chain(ConnectProxyConnector::default())
            .chain(TcpConnector::default())
            .chain(TlsConnector::default());
    Agent::with_parts(config, LookUp { resolver, connector }, Deferred)
}

/// Leaves name resolution to the connector.
#[derive(Debug)]
struct Deferred;

impl Resolver for Deferred {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// Resolves the server's name, then connects.
struct LookUp<R, C> {
    resolver: R,
    connector: C,
}

impl<R: Resolver, C: Connector> Connector for LookUp<R, C> {
    type Out = C::Out;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<()>) -> Result<Option<C::Out>, Error> {
        let (mut addrs, mut now, mut timeout) = (details.addrs.clone(), details.now, details.timeout);
        // For the connection to a proxy, the addresses are known. Most proxies resolve the server's name themselves.
        if addrs.is_empty() && details.config.proxy().is_none_or(Proxy::resolve_target) {
            let start = Instant::now();
            addrs = self.resolver.resolve(details.uri, details.config, timeout)?;
            timeout = shortened(timeout, start.elapsed())?;
            now = (details.current_time)();
        }
        let details = ConnectionDetails {
            addrs,
            now,
            timeout,
            resolver: &self.resolver,
            // For a request's own settings, ureq would make new rustls settings per connection, without session resumption.
            request_level: false,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
            ..*details
        };
        self.connector.connect(&details, chained)
    }
}

impl<R, C> fmt::Debug for LookUp<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookUp")
    }
}

/// Opens TCP connections, with [Happy Eyeballs](https://www.rfc-editor.org/rfc/rfc8305).
#[derive(Debug, Default)]
struct TcpConnector {
    addresses: Addresses,
}

impl<In: Transport> Connector<In> for TcpConnector {
    type Out = Either<In, Tcp>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        // A connection through a proxy.
        if let Some(transport) = chained {
            return Ok(Some(Either::A(transport)));
        }
        let order = self.addresses.order(details.addrs.iter().copied());
        let (stream, address) = connect(&order, details.timeout)?;
        self.addresses.note(&order, address);
        stream.set_nodelay(true)?;
        // TLS has larger buffers of its own.
        let buffers = if details.needs_tls() {
            LazyBuffers::new(4096, 4096)
        } else {
            LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size())
        };
        Ok(Some(Either::B(Tcp { stream, buffers, timeouts: [None; 2] })))
    }
}

/// A connection to the first of these addresses that answers.
fn connect(order: &[SocketAddr], timeout: NextTimeout) -> Result<(TcpStream, SocketAddr), Error> {
    let deadline = Deadline::new(timeout);
    if let [address] = *order {
        let stream = TcpStream::connect_timeout(&address, deadline.left()?).map_err(|error| failed(error, timeout))?;
        return Ok((stream, address));
    }
    let answers = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
    let (mut waiting, mut running, mut failure) = (order.iter().copied(), 0, None);
    loop {
        let left = deadline.left()?;
        if let Some(address) = waiting.next() {
            let answers = Arc::clone(&answers);
            // One that comes too late closes its connection.
            let attempt = move || {
                let result = TcpStream::connect_timeout(&address, left);
                lock(&answers.0).push((address, result));
                answers.1.notify_one();
            };
            match thread::Builder::new().spawn(attempt) {
                Ok(_) => running += 1,
                Err(error) => failure = Some(error),
            }
        } else if running == 0 {
            let refused = || ErrorKind::ConnectionRefused.into();
            return Err(failed(failure.unwrap_or_else(refused), timeout));
        }
        let patience = if waiting.len() > 0 { left.min(ATTEMPT_DELAY) } else { left };
        let wait = answers.1.wait_timeout_while(lock(&answers.0), patience, |answers| answers.is_empty());
        match wait.unwrap_or_else(PoisonError::into_inner).0.pop() {
            Some((address, Ok(stream))) => return Ok((stream, address)),
            Some((_, Err(error))) => {
                running -= 1;
                failure = Some(error);
            }
            // It is the next one's turn, or time is over.
            None => {}
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A TCP connection.
struct Tcp {
    stream: TcpStream,
    buffers: LazyBuffers,
    /// The current timeouts for reading and writing.
    timeouts: [Option<Duration>; 2],
}

impl Transport for Tcp {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let timeout = timeout.for_write();
        let left = Deadline::new(timeout).left()?;
        if self.timeouts[1] != Some(left) {
            self.stream.set_write_timeout(Some(left))?;
            self.timeouts[1] = Some(left);
        }
        let output = &mut self.buffers.output()[..amount];
        let sent = self.stream.write_all(output);
        // The buffer may hold a token, and an idle connection lives on.
        output.zeroize();
        sent.map_err(|error| failed(error, timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = timeout.for_read();
        let deadline = Deadline::new(timeout);
        loop {
            let left = deadline.left()?;
            if self.timeouts[0] != Some(left) {
                self.stream.set_read_timeout(Some(left))?;
                self.timeouts[0] = Some(left);
            }
            match self.stream.read(self.buffers.input_append_buf()) {
                Ok(amount) => {
                    self.buffers.input_appended(amount);
                    return Ok(amount > 0);
                }
                // With a timeout set, Linux does not resume after a signal.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error, timeout)),
            }
        }
    }

    /// False if the server has closed the connection, or has sent unrequested data.
    fn is_open(&mut self) -> bool {
        let is_silent = || {
            self.stream.set_nonblocking(true)?;
            let silent = matches!(self.stream.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock);
            self.stream.set_nonblocking(false)?;
            Ok::<_, io::Error>(silent)
        };
        is_silent().unwrap_or(false)
    }
}

impl fmt::Debug for Tcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tcp").field(&self.stream.peer_addr().ok()).finish()
    }
}

fn failed(error: io::Error, timeout: NextTimeout) -> Error {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Error::Timeout(timeout.reason),
        _ => error.into(),
    }
}

/// The end of a time limit that starts when the value is created.
struct Deadline {
    start: Instant,
    after: Duration,
    reason: Timeout,
}

impl Deadline {
    fn new(timeout: NextTimeout) -> Self {
        Self { start: Instant::now(), after: *timeout.after, reason: timeout.reason }
    }

    /// The remaining time; never zero, which sockets reject.
    fn left(&self) -> Result<Duration, Error> {
        let left = self.after.saturating_sub(self.start.elapsed());
        if left.is_zero() { Err(Error::Timeout(self.reason)) } else { Ok(left) }
    }
}

/// The timeout, reduced by the elapsed time.
fn shortened(mut timeout: NextTimeout, elapsed: Duration) -> Result<NextTimeout, Error> {
    timeout.after = timeout.after.saturating_sub(elapsed).into();
    // ureq treats zero as one second.
    if timeout.after.is_zero() { Err(Error::Timeout(timeout.reason)) } else { Ok(timeout) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "these are tests")]
    use super::*;
    use std::{
        io::{Read, Write},
        net::{SocketAddr, TcpListener, TcpStream},
        sync::{
            atomic::{AtomicU64, Ordering},
            mpsc,
        },
        thread,
    };

    /// Resolves every name to one server, and answers slowly.
    #[derive(Clone, Debug)]
    struct Directory {
        server: SocketAddr,
        pause: Duration,
        questions: Arc<AtomicU64>,
    }

    impl Directory {
        fn of(server: SocketAddr, pause: Duration) -> Self {
            Self { server, pause, questions: Arc::default() }
        }

        fn agent(&self, timeout: Duration, proxy: Option<&str>) -> Agent {
            let config = Agent::config_builder()
                .proxy(proxy.map(|url| Proxy::new(url).unwrap()))
                .http_status_as_error(false)
                .max_redirects(0)
                .timeout_connect(Some(timeout))
                .timeout_global(Some(timeout))
                .build();
            agent_with(config, self.clone())
        }
    }

    impl Resolver for Directory {
        fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
            assert_eq!(uri.host(), Some("sts.test"));
            self.questions.fetch_add(1, Ordering::SeqCst);
            thread::sleep(self.pause);
            let mut addresses = self.empty();
            addresses.push(self.server);
            Ok(addresses)
        }
    }

    const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    fn read_head(stream: &mut TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
    }

    #[test]
    fn a_name_is_looked_up_for_a_new_connection_and_no_other() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let directory = Directory::of(listener.local_addr().unwrap(), Duration::ZERO);
        let agent = directory.agent(Duration::from_secs(30), None);
        // Three requests on the first connection, one on the second.
        let server = thread::spawn(move || {
            for requests in [3, 1] {
                let (mut stream, _) = listener.accept().unwrap();
                for _ in 0..requests {
                    read_head(&mut stream);
                    stream.write_all(OK).unwrap();
                }
            }
        });
        let questions = |connection: &str| {
            let response = agent.get("http://sts.test/").header("connection", connection).call();
            assert_eq!(response.unwrap().body_mut().read_to_string().unwrap(), "ok");
            directory.questions.load(Ordering::SeqCst)
        };
        assert_eq!(["keep-alive", "keep-alive", "close", "keep-alive"].map(questions), [1, 1, 1, 2]);
        server.join().unwrap();
    }

    /// The server or proxy closes each connection silently after its first answer.
    #[test]
    fn a_connection_that_was_closed_is_not_used_again() {
        const CONNECTED: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
        for proxy in [None, Some("http://sts.test")] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let agent =
                Directory::of(listener.local_addr().unwrap(), Duration::ZERO).agent(Duration::from_secs(30), proxy);
            let (tell, closed) = mpsc::channel();
            let server = thread::spawn(move || {
                for _ in 0..2 {
                    let (mut stream, _) = listener.accept().unwrap();
                    for answer in proxy.map(|_| CONNECTED).into_iter().chain([OK]) {
                        read_head(&mut stream);
                        stream.write_all(answer).unwrap();
                    }
                    drop(stream);
                    tell.send(()).unwrap();
                }
            });
            for _ in 0..2 {
                let text = agent.get("http://sts.test/").call().unwrap().body_mut().read_to_string().unwrap();
                assert_eq!(text, "ok", "{proxy:?}");
                closed.recv().unwrap();
            }
            server.join().unwrap();
        }
    }

    /// A server whose accept queue is full, so Linux drops further connection attempts.
    #[cfg(target_os = "linux")]
    struct Dead {
        address: SocketAddr,
        _queue: (socket2::Socket, Vec<TcpStream>),
    }

    #[cfg(target_os = "linux")]
    impl Dead {
        fn bind(address: &str) -> Self {
            let address: SocketAddr = address.parse().unwrap();
            let listener =
                socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::STREAM, None).unwrap();
            listener.bind(&address.into()).unwrap();
            listener.listen(0).unwrap();
            let address = listener.local_addr().unwrap().as_socket().unwrap();
            let wait = Duration::from_millis(100);
            let queue = (0..8).map_while(|_| TcpStream::connect_timeout(&address, wait).ok()).collect();
            Self { address, _queue: (listener, queue) }
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_dead_address_delays_a_connection_once_and_little() {
        let dead = [Dead::bind("127.0.0.1:0"), Dead::bind("127.0.0.2:0")];
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let alive = listener.local_addr().unwrap();
        // No server listens on this port.
        let closed: SocketAddr = "127.0.0.1:1".parse().unwrap();
        let limit = || NextTimeout { after: Duration::from_secs(30).into(), ..NextTimeout::default() };
        for (order, delays) in [
            (vec![alive], 0),
            (vec![closed, alive], 0),
            (vec![dead[0].address, alive], 1),
            (vec![dead[0].address, closed, alive], 1),
            (vec![dead[0].address, dead[1].address, alive], 2),
        ] {
            let start = Instant::now();
            let (_, address) = connect(&order, limit()).unwrap();
            assert_eq!(address, alive);
            let (waited, least) = (start.elapsed(), ATTEMPT_DELAY * delays);
            // Each address alone would have taken seconds.
            assert!(waited >= least && waited < least + Duration::from_secs(1), "{order:?}: {waited:?}");
        }
        let error = connect(&[closed, closed], limit()).unwrap_err();
        assert!(matches!(&error, Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused), "{error}");
        let short = NextTimeout { after: Duration::from_millis(300).into(), reason: Timeout::Connect, ..limit() };
        for order in [&[dead[0].address][..], &[dead[0].address, dead[1].address]] {
            let start = Instant::now();
            assert!(matches!(connect(order, short), Err(Error::Timeout(Timeout::Connect))));
            assert!(start.elapsed() < Duration::from_secs(3));
        }
    }

    #[test]
    fn looking_up_is_part_of_connecting() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let directory = Directory::of(listener.local_addr().unwrap(), Duration::from_millis(60));
        let error = directory.agent(Duration::from_millis(50), None).get("http://sts.test/").call().unwrap_err();
        assert!(matches!(error, Error::Timeout(_)), "{error}");
        assert_eq!(directory.questions.load(Ordering::SeqCst), 1);
        assert!(listener.accept().is_err(), "no connection was opened");

        assert_eq!(shortened(timeout(10), Duration::from_nanos(4)).unwrap(), timeout(6));
        assert!(matches!(shortened(timeout(4), Duration::from_nanos(4)), Err(Error::Timeout(Timeout::Connect))));
    }

    fn timeout(nanoseconds: u64) -> NextTimeout {
        let after = Duration::from_nanos(nanoseconds).into();
        NextTimeout { after, reason: Timeout::Connect, ..NextTimeout::default() }
    }
}
