//! Tests that every driver must pass. They are in `tests/`. Each case is written once and runs with `sts-blocking` and `sts-async`.
//!
//! | test | what | needs |
//! |---|---|---|
//! | `drivers` | calls, faults, TLS, proxies, credentials, over real sockets | |
//! | `tracing` | spans and events | the feature `tracing` |
//! | `native_tls` | the operating system's TLS | `--no-default-features --features native-tls` |
//! | `load` | 64 callers, 100,000 calls, every tenth request failing | minutes |
//! | `proxies` | tinyproxy and squid | `.ci/proxies` |
//! | `skew` | MiniStack, whose clock is wrong | `.ci/ministack` |

/// The examples of the repository's README, compiled.
#[cfg(all(doctest, feature = "ring"))]
#[doc = include_str!("../../README.md")]
struct Readme;
