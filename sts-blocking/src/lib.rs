//! A blocking client for AWS STS: [`sts_core`] driven by [`ureq`].
//!
//! ```no_run
//! use sts_blocking::{AssumeRole, Client};
//!
//! let client = Client::from_env()?;
//! let reply = client.send(&AssumeRole::new("arn:aws:iam::123456789012:role/demo", "demo"))?;
//! println!("{} until {}", reply.output.credentials.access_key_id, reply.output.credentials.expiration);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! HTTPS checks certificates against Mozilla's roots. Redirects are not followed, bodies over 1 MiB are refused, connections are
//! reused. Everything of `sts_core` that a user needs is exported here, too.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    io::ErrorKind,
    sync::Arc,
    time::{Duration, Instant},
};

use time::UtcDateTime;
use ureq::{Agent, http};

pub use sts_core::*;

/// Why a call failed.
pub type Error = sts_core::Error<ureq::Error>;

/// A client. Clones share connections and what was learned; threads can share one client as well.
#[derive(Clone, Debug)]
pub struct Client {
    config: Config,
    credentials: Option<Arc<Credentials>>,
    learned: Arc<Learned>,
    agent: Agent,
}

impl Client {
    /// A client without credentials, which is enough for operations that are not signed.
    pub fn new(config: Config) -> Self {
        let seed = RandomState::new().build_hasher().finish();
        // One idle connection for each of the threads that may share the client.
        let agent = Agent::config_builder().max_idle_connections(64).max_idle_connections_per_host(64).build().into();
        Self { config, credentials: None, learned: Arc::new(Learned::new(seed)), agent }
    }

    /// A client with the region, endpoint and credentials that the environment names; see
    /// [`ConfigBuilder::env`] and [`Credentials::from_env`].
    ///
    /// # Errors
    /// There is no region or half an access key, or the settings contradict each other.
    pub fn from_env() -> Result<Self, ConfigError> {
        let variable = |name: &str| std::env::var(name).ok();
        let client = Self::new(Config::from_env(variable)?);
        Ok(match Credentials::from_env(variable)? {
            Some(credentials) => client.credentials(credentials),
            None => client,
        })
    }

    /// Signs with these credentials.
    #[must_use]
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.credentials = Some(Arc::new(credentials.into()));
        self
    }

    /// Sends through this agent: its connections, proxy and TLS settings. Time limits, redirects and the handling of statuses
    /// are set for each request.
    #[must_use]
    pub fn agent(mut self, agent: Agent) -> Self {
        self.agent = agent;
        self
    }

    /// Makes a call, retries included.
    ///
    /// # Errors
    /// Nothing was sent, the service refused, the response cannot be read, or there was none: see [`sts_core::Error`].
    pub fn send<O: Operation>(&self, operation: &O) -> Result<Reply<O::Output>, Error> {
        // Two clocks, so that a wall clock that jumps does not shorten or stretch the call.
        let (start, clock) = (UtcDateTime::now(), Instant::now());
        let now = || start + clock.elapsed();
        let mut step = Call::new(operation, &self.config, &self.learned, self.credentials.as_deref()).start(now());
        loop {
            step = match step {
                Step::Transmit(request, call) => {
                    let result = self.exchange(request, call.timeout());
                    call.receive(now(), result.map_err(lost))
                }
                Step::Wait(delay, call) => {
                    std::thread::sleep(delay);
                    call.resume(now())
                }
                Step::Done(result) => return result,
            };
        }
    }

    fn exchange(
        &self,
        request: http::Request<Body>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, ureq::Error> {
        let (head, body) = request.into_parts();
        let request = self
            .agent
            .configure_request(http::Request::from_parts(head, body.expose()))
            .timeout_connect(Some(self.config.connect_timeout()))
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        let (head, mut body) = self.agent.run(request)?.into_parts();
        let body = body.with_config().limit(xml::MAX_LENGTH as u64).read_to_vec()?;
        Ok(http::Response::from_parts(head, body))
    }
}

fn lost(error: ureq::Error) -> Lost<ureq::Error> {
    let kind = match &error {
        ureq::Error::Timeout(_) => LostKind::Timeout,
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => LostKind::Connect,
        ureq::Error::BodyExceedsLimit(_) => LostKind::TooLarge,
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => LostKind::Interrupted,
        ureq::Error::Io(error) => match error.kind() {
            // How rustls reports a certificate or a peer that it refuses.
            ErrorKind::InvalidData => LostKind::Permanent,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => LostKind::Timeout,
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => LostKind::Interrupted,
            // Refused, unreachable, no such name (which has no kind of its own).
            _ => LostKind::Connect,
        },
        _ => LostKind::Permanent,
    };
    Lost { error, kind }
}
