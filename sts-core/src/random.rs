//! Random numbers for retry delays and invocation ids. Not for secrets.

use core::sync::atomic::{AtomicU64, Ordering};

/// A random number generator: Sebastiano Vigna's `SplitMix64`, which accepts any seed. Not cryptographically secure.
#[derive(Debug)]
pub struct SplitMix(AtomicU64);

impl SplitMix {
    /// A generator with this seed. The same seed gives the same numbers.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.0.fetch_add(GAMMA, Ordering::Relaxed).wrapping_add(GAMMA);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number, scaled to 0..=1.
    pub fn fraction(&self) -> f64 {
        let number = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(number) / f64::from(u32::MAX)
    }
}
