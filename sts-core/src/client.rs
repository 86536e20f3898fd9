//! The client: the configuration, and what its calls learn from each other.

use alloc::sync::Arc;
use time::SignedDuration;

use crate::{config::Config, random::SplitMix, retry::Limits, sigv4::KeyCache, skew::Skew};

/// A client: its [configuration](Config), and what its calls learn from each other: the service's clock, how many retries are left, how
/// fast a throttled client may send, the day's signing key.
///
/// It does no I/O; [`call`](Self::call) begins a call, and its steps say what to do. Threads share one client without waiting for each
/// other.
#[derive(Debug)]
pub struct Client {
    pub(crate) config: Config,
    pub(crate) skew: Skew,
    pub(crate) limits: Arc<Limits>,
    pub(crate) keys: KeyCache,
    pub(crate) random: SplitMix,
}

impl Client {
    /// A new client. `seed` is a random number: the delays before retries and the ids of calls are drawn from it.
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            config,
            skew: Skew::default(),
            limits: Arc::default(),
            keys: KeyCache::new(),
            random: SplitMix::new(seed),
        }
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What to add to the local clock for the service's, as far as it is known and [wanted](crate::ConfigBuilder::correct_clock_skew).
    pub fn clock_correction(&self) -> SignedDuration {
        if self.config.0.correct_clock_skew { self.skew.correction() } else { SignedDuration::ZERO }
    }
}
