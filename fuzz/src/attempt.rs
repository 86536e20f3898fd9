//! A call that makes one attempt.

use std::sync::LazyLock;

use http::Response;
use sts_core::*;
use time::macros::utc_datetime;

/// It learns nothing from responses without headers, but caches the signing key.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    Client::new(Config::builder().region("us-east-1").max_attempts(1).validate(false).build().unwrap(), 0)
});

/// The result of a call that gets this response.
pub fn attempt<O: Operation>(operation: &O, response: Response<impl AsRef<[u8]>>) -> Result<Reply<O::Output>, Error> {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    let now = utc_datetime!(2026-11-23 03:00);
    let step = CLIENT.call(operation, Some(&credentials), now);
    let Step::Transmit(_, call) = step else { unreachable!("nothing is validated") };
    let Step::Done(result) = call.receive(Ok(response), now) else { unreachable!("the only attempt is over") };
    result
}
