//! Both drivers against MiniStack. Its clock is 20 minutes ahead, and it rejects signatures that are more than 15 minutes off:
//! `MINISTACK_PREFIX='faketime -f +20m' .ci/ministack cargo test -p driver-tests --test skew`
#![allow(clippy::unwrap_used, reason = "these are tests through and through")]

use sts_core::{
    AssumeRole, Config, ConfigBuilder, Credentials, Error, ErrorCode, GetCallerIdentity, Metadata, Operation,
};
use tokio::runtime::Runtime;

#[test]
fn blocking() {
    let client = |config| sts_blocking::Client::builder().config(config).credentials(user()).build().unwrap();
    succeeds_at_the_second_attempt(&Blocking(client(config())));
    let stubborn = client(config().correct_clock_skew(false));
    refused(stubborn.send(&GetCallerIdentity::new()).unwrap_err());
}

#[test]
fn asynchronous() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = |config| sts_async::Client::builder().config(config).credentials(user()).build().unwrap();
    let stubborn = client(config().correct_clock_skew(false));
    refused(runtime.block_on(stubborn.send(&GetCallerIdentity::new())).unwrap_err());
    succeeds_at_the_second_attempt(&Async(client(config()), runtime));
}

fn succeeds_at_the_second_attempt(client: &impl Client) {
    let first = client.send(&GetCallerIdentity::new());
    assert_eq!((first.attempts, first.status.as_u16()), (2, 200));
    let role = AssumeRole::new(variable("ROLE_ARN"), "late").duration_seconds(900);
    for next in [client.send(&role), client.send(&GetCallerIdentity::new()), client.send(&role)] {
        assert_eq!((next.attempts, next.status.as_u16()), (1, 200), "what was learned is used");
    }
}

/// Only the clock matters here: without the correction, the same call fails.
fn refused(error: Error) {
    let Error::Service(refusal) = error else { panic!("no answer") };
    assert_eq!((&refusal.code, refusal.metadata.attempts), (&ErrorCode::SignatureDoesNotMatch, 1), "{refusal}");
}

trait Client {
    fn send<O: Operation>(&self, operation: &O) -> Metadata;
}

struct Blocking(sts_blocking::Client);
struct Async(sts_async::Client, Runtime);

impl Client for Blocking {
    fn send<O: Operation>(&self, operation: &O) -> Metadata {
        self.0.send(operation).unwrap().metadata
    }
}

impl Client for Async {
    fn send<O: Operation>(&self, operation: &O) -> Metadata {
        self.1.block_on(self.0.send(operation)).unwrap().metadata
    }
}

fn config() -> ConfigBuilder {
    Config::builder().region(variable("REGION")).endpoint_url(variable("ENDPOINT"))
}

fn user() -> Credentials {
    Credentials::new(variable("ACCESS_KEY_ID"), variable("SECRET_ACCESS_KEY"))
}

fn variable(name: &str) -> String {
    let name = format!("MINISTACK_{name}");
    std::env::var(&name).unwrap_or_else(|_| panic!("{name} is not set: run this through .ci/ministack"))
}
