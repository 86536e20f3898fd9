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
    sync::Arc,
    time::{Duration, Instant},
};

use time::UtcDateTime;
use ureq::{Agent, http, tls::TlsConfig};

pub mod provider;
mod transport;

pub use sts_core::*;

use transport::{agent, lost};

/// Why a call failed.
pub type Error = sts_core::Error<ureq::Error>;

/// A client. Clones share connections and what was learned; threads can share one client as well.
#[derive(Clone, Debug)]
pub struct Client {
    config: Config,
    credentials: Option<Arc<Credentials>>,
    provider: Option<Arc<provider::Provider>>,
    learned: Arc<Learned>,
    agent: Agent,
}

impl Client {
    /// A client without credentials, which is enough for operations that are not signed.
    pub fn new(config: Config) -> Self {
        let seed = RandomState::new().build_hasher().finish();
        Self {
            config,
            credentials: None,
            provider: None,
            learned: Arc::new(Learned::new(seed)),
            agent: agent(TlsConfig::default()),
        }
    }

    /// A client with the region, endpoint and credentials that the environment and the profiles name: see
    /// [`Settings`](sts_core::provider::settings::Settings) and the default chain in [`plan`](sts_core::provider::plan).
    /// Credentials are looked for when the first signed call is made.
    ///
    /// # Errors
    /// A file cannot be read, there is no region, or settings have no meaning or contradict each other.
    pub fn from_env() -> Result<Self, provider::LoadError> {
        Self::load(&variable, None)
    }

    /// As [`from_env`](Self::from_env), with that profile, which goes before keys and web identity of the environment.
    ///
    /// # Errors
    /// As there.
    pub fn from_profile(name: &str) -> Result<Self, provider::LoadError> {
        Self::load(&variable, Some(name))
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
        let credentials = match O::AUTH {
            Auth::SigV4 => self
                .find_credentials()
                .map_err(|error| Error::Credentials { operation: O::NAME, error: error.into() })?,
            Auth::None => None,
        };
        let mut step = Call::new(operation, &self.config, &self.learned, credentials.as_deref()).start(now());
        loop {
            step = match step {
                Step::Transmit(request, call) => {
                    let result = self.exchange(request, call.timeout(), false);
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

    /// `is_local`: the request stays on this machine, and no proxy may see it.
    fn exchange(
        &self,
        request: http::Request<Body>,
        timeout: Duration,
        is_local: bool,
    ) -> Result<http::Response<Vec<u8>>, ureq::Error> {
        let (head, body) = request.into_parts();
        let builder = self
            .agent
            .configure_request(http::Request::from_parts(head, body.expose()))
            .timeout_connect(Some(self.config.connect_timeout()))
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false);
        let request = if is_local { builder.proxy(None) } else { builder }.build();
        let (head, mut body) = self.agent.run(request)?.into_parts();
        let body = body.with_config().limit(xml::MAX_LENGTH as u64).read_to_vec()?;
        Ok(http::Response::from_parts(head, body))
    }
}

/// A variable of the environment. What is not Unicode is not taken for unset: it is an error where it is used.
fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}
