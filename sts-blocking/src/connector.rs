//! Opens connections: looks names up no sooner than one is opened, and sends a request in one piece.

use std::{
    fmt,
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
        Ok(transport.map(|transport| Corked { transport, written: Zeroizing::default() }))
    }
}

/// Holds back what is written until there is something to be waited for. It may hold a token, and an idle connection lives on: what was sent
/// is wiped.
struct Corked {
    transport: Box<dyn Transport>,
    written: Zeroizing<Vec<u8>>,
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
        let mut rest = &self.written[..];
        while !rest.is_empty() {
            let start = Instant::now();
            let output = self.transport.buffers().output();
            let (piece, later) = rest.split_at(rest.len().min(output.len()));
            output[..piece.len()].copy_from_slice(piece);
            let sent = self.transport.transmit_output(piece.len(), timeout);
            self.transport.buffers().output()[..piece.len()].zeroize();
            sent?;
            timeout = shortened(timeout, start.elapsed())?;
            rest = later;
        }
        // As a slice, since a `Vec` wipes all its room, byte by byte. An idle connection keeps no room for a large request.
        self.written.as_mut_slice().zeroize();
        self.written.clear();
        self.written.shrink_to(16 * 1024);
        self.transport.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        // What was not sent is no part of the next request.
        self.written.is_empty() && self.transport.is_open()
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
        net::SocketAddr,
        sync::{
            Arc, Mutex,
            atomic::{AtomicU64, Ordering},
        },
        thread,
    };
    use sts_local::LocalSts;
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

        fn agent(&self, timeout: Duration) -> Agent {
            let config = Agent::config_builder()
                .proxy(None)
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

    #[test]
    fn a_name_is_looked_up_for_a_new_connection_and_no_other() {
        let listener = LocalSts::demo().serve(0).unwrap();
        let directory = Directory::of(listener.address(), Duration::ZERO);
        let agent = directory.agent(Duration::from_secs(30));
        let counts = |header: Option<&str>| {
            let request = agent.post("http://sts.test/").header("connection", header.unwrap_or("keep-alive"));
            request.send("Action=GetCallerIdentity").unwrap().body_mut().read_to_vec().unwrap();
            (listener.requests(), listener.connections(), directory.questions.load(Ordering::SeqCst))
        };
        assert_eq!(counts(None), (1, 1, 1));
        assert_eq!(counts(None), (2, 1, 1));
        assert_eq!(counts(Some("close")), (3, 1, 1));
        assert_eq!(counts(None), (4, 2, 2));
    }

    #[test]
    fn looking_up_is_part_of_connecting() {
        let listener = LocalSts::demo().serve(0).unwrap();
        let directory = Directory::of(listener.address(), Duration::from_millis(60));
        let error = directory.agent(Duration::from_millis(50)).get("http://sts.test/").call().unwrap_err();
        assert!(matches!(error, Error::Timeout(_)), "{error}");
        assert_eq!((directory.questions.load(Ordering::SeqCst), listener.connections()), (1, 0));

        let timeout = |seconds| NextTimeout {
            after: Duration::from_secs(seconds).into(),
            reason: Timeout::Connect,
            ..NextTimeout::default()
        };
        assert_eq!(shortened(timeout(10), Duration::from_secs(4)).unwrap(), timeout(6));
        assert!(matches!(shortened(timeout(4), Duration::from_secs(4)), Err(Error::Timeout(Timeout::Connect))));
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

        fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
            let sent = String::from_utf8_lossy(&self.buffers.output()[..amount]).into_owned();
            self.tell(sent);
            Ok(())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
            self.tell("waits");
            Ok(true)
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    #[test]
    fn what_is_written_is_sent_in_one_piece_as_far_as_there_is_room() {
        let events = Arc::default();
        let tape = Tape { buffers: LazyBuffers::new(16, 16), events: Arc::clone(&events) };
        let mut transport = Corked { transport: Box::new(tape), written: Zeroizing::default() };
        let mut exchange = |pieces: &[&str]| {
            for piece in pieces {
                transport.buffers().output()[..piece.len()].copy_from_slice(piece.as_bytes());
                transport.transmit_output(piece.len(), NextTimeout::default()).unwrap();
            }
            assert_eq!(format!("{transport:?}"), "Tape");
            assert_eq!(transport.is_open(), pieces.is_empty());
            assert!(transport.await_input(NextTimeout::default()).unwrap());
            assert!(transport.is_open());
            events.lock().unwrap().drain(..).collect::<Vec<_>>()
        };
        assert_eq!(exchange(&["head ", "and body"]), ["head and body", "waits"]);
        assert_eq!(exchange(&[]), ["waits"]);
        assert_eq!(
            exchange(&["a head, and ", "a body that is", " too long"]),
            ["a head, and a bo", "dy that is too l", "ong", "waits"]
        );
        assert_eq!(transport.buffers().output(), [0; 16]);
    }
}
