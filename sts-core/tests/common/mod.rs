//! What several of the tests do.

use http::Response;
use sts_core::{Client, Config, Credentials, Error, Operation, Reply, Step};
use time::UtcDateTime;

/// The result of a call that is answered so, without validation and without another attempt.
pub(crate) fn receive<O: Operation>(operation: &O, status: u16, body: &str) -> Result<Reply<O::Output>, Error> {
    let config = Config::builder().region("us-east-1").validate(false).max_attempts(1).build().unwrap();
    let (client, credentials) = (Client::new(config, 1), Credentials::new("AKIDEXAMPLE", "secret"));
    let now = UtcDateTime::UNIX_EPOCH;
    let Step::Transmit(_, call) = client.call(operation, Some(&credentials), now) else { panic!("nothing to send") };
    match call.receive(Ok(Response::builder().status(status).body(body).unwrap()), now) {
        Step::Done(result) => result,
        Step::Transmit(..) | Step::Wait(..) => panic!("there is one attempt"),
    }
}
