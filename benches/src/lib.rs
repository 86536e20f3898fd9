//! The cost of a call, compared with other implementations and with the minimum possible.
//!
//! `compare` prints one table of all figures and draws `plot.svg`. `budget` compares the figures that need no clock (instructions,
//! allocations, crates, bytes) with `budget.toml`.
//!
//! - [`fixture`]: the measured call
//! - [`work`]: the measured parts of it; `peers`: other implementations; [`floor`]: the minimum
//! - [`callgrind`]: instructions and allocations; [`clock`]: time; [`plot`]: bar charts
//! - [`program`]: whole programs, their crates and sizes; `loopback`: calls over sockets

pub mod callgrind;
pub mod clock;
pub mod fixture;
pub mod floor;
#[cfg(feature = "peers")]
pub mod loopback;
#[cfg(feature = "peers")]
pub mod peers;
pub mod plot;
pub mod program;
pub mod work;
