//! A client whose requests never leave the process: a `LocalSts` verifies signatures and answers, without a socket, and now and then
//! the way to it is lost. Retries come with the client, whatever its transport.
//!
//! `cargo run -p sts-local --example in_process`

use std::{
    error::Error,
    sync::atomic::{AtomicU32, Ordering},
};

use sts_blocking::{
    AssumeRole, Client, Config, GetCallerIdentity,
    transport::{Transmit, TransportError, TransportErrorKind},
};
use sts_local::{DEMO_ROLE_ARN, LocalSts};
use time::UtcDateTime;

#[expect(clippy::print_stdout, reason = "it is an example")]
fn main() -> Result<(), Box<dyn Error>> {
    let (sts, count) = (LocalSts::demo(), AtomicU32::new(0));
    let exchange = move |transmit: Transmit| {
        if count.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            return Err(TransportError::new(TransportErrorKind::Interrupted, "the example loses it"));
        }
        Ok(sts.handle(transmit.request, UtcDateTime::now()))
    };
    let client = Client::builder()
        .config(Config::builder().region("eu-west-1"))
        .credentials(LocalSts::demo_credentials())
        .transport(exchange)
        .build()?;

    let reply = client.send(&AssumeRole::new(DEMO_ROLE_ARN, "example"))?;
    let user = reply.output.assumed_role_user.map(|user| user.arn).unwrap_or_default();
    println!("{user} after {} attempts", reply.metadata.attempts);
    let me = client.with_credentials(reply.output.credentials).send(&GetCallerIdentity::new())?;
    println!("{} after {} attempts", me.output.arn, me.metadata.attempts);
    Ok(())
}
