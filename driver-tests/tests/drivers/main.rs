//! Both drivers over real sockets. Each case is written once and runs with `sts-blocking` and `sts-async`.
#![allow(clippy::unwrap_used, reason = "these are tests through and through")]
#![allow(clippy::print_stdout, reason = "the tables are for people, who ask for them with --nocapture")]

mod builder;
mod common;
mod connections;
mod faults;
mod limits;
mod provider;
mod provider_requests;
mod provider_shared;
mod proxy;
mod service;
mod tls;
mod trust;
