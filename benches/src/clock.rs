//! Time measurement on a machine that also does other work.

use std::time::{Duration, Instant};

use crate::work::Work;

/// The shortest time of one run of each work, in nanoseconds. The works take turns, so that a temporary slowdown affects all of them, and
/// the best of many batches is unaffected.
pub fn fastest(works: &mut [Work]) -> Vec<f64> {
    const ROUNDS: usize = 500;
    // Short enough to fit between other work of the processor.
    const BATCH: Duration = Duration::from_micros(500);
    let sizes: Vec<u32> = works.iter_mut().map(|work| runs_within(BATCH, &mut *work.run)).collect();
    let mut best = vec![f64::INFINITY; works.len()];
    for _ in 0..ROUNDS {
        for ((work, size), best) in works.iter_mut().zip(&sizes).zip(&mut best) {
            let start = Instant::now();
            for _ in 0..*size {
                (work.run)();
            }
            let each = start.elapsed().as_secs_f64() * 1e9 / f64::from(*size);
            *best = best.min(each);
        }
    }
    best
}

fn runs_within(limit: Duration, run: &mut dyn FnMut()) -> u32 {
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < limit {
        run();
        count += 1;
    }
    count
}
