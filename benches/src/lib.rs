//! What a call costs, beside others and beside what no program can do without.
//!
//! `compare` prints one table of everything and draws `plot.svg`; `budget` holds what needs no clock (instructions, allocations,
//! crates, bytes) against `budget.toml`.
//!
//! - [`fixture`]: the call that is measured everywhere
//! - [`work`]: pieces of it that are measured; `peers`: the same done by others; [`floor`]: the least
//! - [`callgrind`]: instructions and allocations; [`clock`]: time; [`plot`]: bars
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
