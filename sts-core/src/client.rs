//! The client: the configuration and the state that calls share.

use alloc::sync::Arc;
use time::SignedDuration;

use crate::{config::Config, random::SplitMix, retry::Limits, sigv4::KeyCache, skew::Skew};

/// A client: a [configuration](Config) and the state that calls share. That state is the clock correction, the retry quota, the rate limit
/// for throttled clients and the day's signing key.
///
/// The client does no I/O: [`call`](Self::call) starts a call, and each [`Step`](crate::Step) says what to do next. Threads can share one
/// client without blocking each other.
#[derive(Debug)]
pub struct Client {
    pub(crate) config: Config,
    pub(crate) skew: Skew,
    pub(crate) limits: Arc<Limits>,
    pub(crate) keys: KeyCache,
    pub(crate) random: SplitMix,
}

impl Client {
    /// Creates a client. `seed` is a random number; retry delays and invocation ids are derived from it.
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

    /// The service's clock minus the local clock; zero while it is unknown or when
    /// [correction is disabled](crate::ConfigBuilder::correct_clock_skew).
    pub fn clock_correction(&self) -> SignedDuration {
        if self.config.0.correct_clock_skew { self.skew.correction() } else { SignedDuration::ZERO }
    }
}
