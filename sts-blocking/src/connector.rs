//! Opens connections: looks names up no sooner than one is opened, and sends a request in one piece.

use std::{
    fmt, mem,
    time::{Duration, Instant},
};

use ureq::{
    Agent, Error, Proxy,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport},
    },
};
use zeroize::{Zeroize, Zeroizing};

/// An agent for requests with a time limit, and with no TLS settings but the agent's.
///
/// ureq's own looks the server's name up for each request, before it looks for a connection that is open, and does so in a thread of its
/// own. It sends a request's head and body one after the other, which are two packets and wake the server twice.
pub(crate) fn agent(config: Config) -> Agent {
    let look_up = LookUp { resolver: DefaultResolver::default(), connector: DefaultConnector::default() };
    Agent::with_parts(config, look_up, Deferred)
}

/// Leaves it to the connector.
#[derive(Debug)]
struct Deferred;

impl Resolver for Deferred {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// Looks the server's name up, then connects as ureq does.
#[derive(Debug)]
struct LookUp<R> {
    resolver: R,
    connector: DefaultConnector,
}

impl<R: Resolver> Connector for LookUp<R> {
    type Out = Corked;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<()>) -> Result<Option<Corked>, Error> {
        let (mut addrs, mut now, mut timeout) = (details.addrs.clone(), details.now, details.timeout);
        // For the connection to a proxy, they are there. And most proxies look the server's name up themselves.
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
            // They are the agent's; ureq would make rustls's settings anew for each connection, with nothing to resume a session from.
            request_level: false,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
            ..*details
        };
        let transport = self.connector.connect(&details, chained)?;
        // A tunnel is opened through a connection of this connector, without a proxy.
        let is_innermost = details.config.proxy().is_none();
        Ok(transport.map(|transport| Corked::new(transport, is_innermost)))
    }
}

/// Holds back what is written until there is something to be waited for. It may hold a token, and an idle connection lives on: what was sent
/// is wiped.
struct Corked {
    transport: Box<dyn Transport>,
    written: Zeroizing<Vec<u8>>,
    /// Whether there is no other of its kind below, as there is in a proxy's tunnel.
    is_innermost: bool,
    /// Whether ureq asks soon again if it is open.
    is_asked_again: bool,
}

impl Corked {
    fn new(transport: Box<dyn Transport>, is_innermost: bool) -> Self {
        Self { transport, written: Zeroizing::default(), is_innermost, is_asked_again: false }
    }
}

impl Transport for Corked {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        let length = self.written.len() + amount;
        if self.written.capacity() < length {
            // A `Vec` that grows by itself leaves a copy behind that is not wiped.
            let mut larger = Vec::with_capacity(2 * length);
            larger.extend_from_slice(&self.written);
            self.written = larger.into();
        }
        self.written.extend_from_slice(&self.transport.buffers().output()[..amount]);
        Ok(())
    }

    fn await_input(&mut self, mut timeout: NextTimeout) -> Result<bool, Error> {
        self.is_asked_again = self.is_innermost;
        let mut rest = &self.written[..];
        while !rest.is_empty() {
            let start = Instant::now();
            let output = self.transport.buffers().output();
            let (piece, later) = rest.split_at(rest.len().min(output.len()));
            output[..piece.len()].copy_from_slice(piece);
            let sent = self.transport.transmit_output(piece.len(), in_ticks(timeout));
            self.transport.buffers().output()[..piece.len()].zeroize();
            sent?;
            timeout = shortened(timeout, start.elapsed())?;
            rest = later;
        }
        // As a slice, since a `Vec` wipes all its room, byte by byte. An idle connection keeps no room for a large request.
        self.written.as_mut_slice().zeroize();
        self.written.clear();
        self.written.shrink_to(16 * 1024);
        self.transport.await_input(in_ticks(timeout))
    }

    fn is_open(&mut self) -> bool {
        // ureq asks when a response has been read, and again before the next request, which is soon enough to find out: it takes three system
        // calls. What was not sent is no part of the next request.
        self.written.is_empty() && (mem::take(&mut self.is_asked_again) || self.transport.is_open())
    }

    fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }
}

/// Says nothing of what was written, which may be secret.
impl fmt::Debug for Corked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.transport.fmt(f)
    }
}

/// The time in hundredths of a second, rounded up. Setting a socket's limit takes a system call, unless it is the one of the request
/// before, as it then is mostly.
fn in_ticks(mut timeout: NextTimeout) -> NextTimeout {
    const TICK: u32 = 10_000_000;
    if !timeout.after.is_not_happening() {
        let later = timeout.after.saturating_add(Duration::from_nanos(u64::from(TICK - 1)));
        timeout.after = Duration::new(later.as_secs(), later.subsec_nanos() / TICK * TICK).into();
    }
    timeout
}

/// What is left of the time.
fn shortened(mut timeout: NextTimeout, elapsed: Duration) -> Result<NextTimeout, Error> {
    timeout.after = timeout.after.saturating_sub(elapsed).into();
    // ureq takes no time at all for a second.
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
            Arc, Mutex,
            atomic::{AtomicU64, Ordering},
            mpsc,
        },
        thread,
    };
    use ureq::{Timeout, unversioned::transport::LazyBuffers};

    /// Knows one server, whatever its name, and takes its time.
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
            let look_up = LookUp { resolver: self.clone(), connector: DefaultConnector::default() };
            Agent::with_parts(config, look_up, Deferred)
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

    /// This server, or proxy, closes each connection after its first answer, without a word.
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

    #[test]
    fn limits_that_differ_little_are_one() {
        for (exact, in_hundredths) in [
            (0, 0),
            (1, 10_000_000),
            (10_000_000, 10_000_000),
            (10_000_001, 20_000_000),
            (9_990_000_001, 10_000_000_000),
            (9_999_999_999, 10_000_000_000),
            (10_000_000_000, 10_000_000_000),
        ] {
            assert_eq!(in_ticks(timeout(exact)), timeout(in_hundredths), "{exact}");
        }
        let unlimited = NextTimeout::default();
        assert_eq!(in_ticks(unlimited), unlimited);
        let longest = NextTimeout { after: Duration::MAX.into(), ..unlimited };
        assert_eq!(in_ticks(longest).after.as_secs(), u64::MAX);
    }

    /// Has room for 16 bytes, and tells what is sent and when it waits.
    struct Tape {
        buffers: LazyBuffers,
        events: Arc<Mutex<Vec<String>>>,
    }

    impl Tape {
        fn tell(&self, event: impl Into<String>) {
            self.events.lock().unwrap().push(event.into());
        }
    }

    impl fmt::Debug for Tape {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Tape")
        }
    }

    impl Transport for Tape {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
            assert_eq!(timeout, in_ticks(timeout));
            let sent = String::from_utf8_lossy(&self.buffers.output()[..amount]).into_owned();
            self.tell(sent);
            Ok(())
        }

        fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
            assert_eq!(timeout, in_ticks(timeout));
            self.tell("waits");
            Ok(true)
        }

        fn is_open(&mut self) -> bool {
            self.tell("looks");
            true
        }
    }

    #[test]
    fn what_is_written_is_sent_in_one_piece_as_far_as_there_is_room() {
        let events = Arc::default();
        let tape = Tape { buffers: LazyBuffers::new(16, 16), events: Arc::clone(&events) };
        let mut transport = Corked::new(Box::new(tape), true);
        let mut exchange = |pieces: &[&str]| {
            for piece in pieces {
                transport.buffers().output()[..piece.len()].copy_from_slice(piece.as_bytes());
                transport.transmit_output(piece.len(), NextTimeout::default()).unwrap();
            }
            assert_eq!(format!("{transport:?}"), "Tape");
            assert_eq!(transport.is_open(), pieces.is_empty());
            assert!(transport.await_input(timeout(9_999_999_999)).unwrap());
            assert!(transport.is_open());
            events.lock().unwrap().drain(..).collect::<Vec<_>>()
        };
        assert_eq!(exchange(&["head ", "and body"]), ["head and body", "waits"]);
        // When a response has been read, and before the next request.
        assert_eq!(exchange(&[]), ["looks", "waits"]);
        assert_eq!(
            exchange(&["a head, and ", "a body that is", " too long"]),
            ["a head, and a bo", "dy that is too l", "ong", "waits"]
        );
        assert_eq!(transport.buffers().output(), [0; 16]);
        assert!(transport.is_open());
        assert_eq!(*events.lock().unwrap(), ["looks"]);
    }
}
