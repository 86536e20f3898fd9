//! Opens connections, and looks names up no sooner than one is opened.

use std::time::{Duration, Instant};

use ureq::{
    Agent, Error, Proxy,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{ConnectionDetails, Connector, DefaultConnector, NextTimeout},
    },
};

/// An agent for requests with a time limit, and with no TLS settings but the agent's.
///
/// ureq's own looks the server's name up for each request, before it looks for a connection that is open, and does so in a thread of its
/// own.
pub(crate) fn agent(config: Config) -> Agent {
    let look_up = LookUp { resolver: DefaultResolver::default(), connector: DefaultConnector::default() };
    Agent::with_parts(config, look_up, Later)
}

/// Leaves it to the connector.
#[derive(Debug)]
struct Later;

impl Resolver for Later {
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
    type Out = <DefaultConnector as Connector>::Out;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<()>) -> Result<Option<Self::Out>, Error> {
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
        self.connector.connect(&details, chained)
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
            Arc,
            atomic::{AtomicU64, Ordering},
        },
        thread,
    };
    use sts_local::LocalSts;
    use ureq::Timeout;

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
            Agent::with_parts(config, look_up, Later)
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
}
