//! Sends through the application's `reqwest::Client`: the whole program has one pool, one TLS and one proxy configuration.
//!
//! `cargo run -p sts-async --example reqwest` calls a local STS. To call AWS, enable one of reqwest's TLS features.

use std::error::Error;

use http_body_util::{BodyExt, Limited};
use sts_async::{
    Client, Config, GetCallerIdentity,
    bytes::Bytes,
    core::xml,
    http::Response,
    transport::{Transmit, TransportError, TransportErrorKind},
};
use sts_local::LocalSts;

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "it is an example")]
async fn main() -> Result<(), Box<dyn Error>> {
    let sts = LocalSts::demo().serve(0)?;

    // A signed request must not follow redirects. The STS client does all else, such as retries and timeouts.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
    let client = Client::builder()
        .config(Config::builder().region("eu-west-1").endpoint_url(sts.url()))
        .credentials(LocalSts::demo_credentials())
        .transport(move |transmit| exchange(http.clone(), transmit))
        .build()?;

    println!("{}", client.send(&GetCallerIdentity::new()).await?.output.arn);
    Ok(())
}

async fn exchange(http: reqwest::Client, transmit: Transmit) -> Result<Response<Bytes>, TransportError> {
    let request = transmit.request.map(|body| reqwest::Body::from(Bytes::from_owner(body)));
    let request = request.try_into().map_err(|error| TransportError::new(TransportErrorKind::Permanent, error))?;
    let response = http.execute(request).await.map_err(|error| {
        let kind = if error.is_connect() { TransportErrorKind::Connect } else { TransportErrorKind::Interrupted };
        TransportError::new(kind, error)
    })?;
    let (head, body) = Response::<reqwest::Body>::from(response).into_parts();
    // An endless body must not fill the memory.
    let body = Limited::new(body, xml::MAX_LENGTH)
        .collect()
        .await
        .map_err(|error| TransportError::new(TransportErrorKind::Interrupted, error))?;
    Ok(Response::from_parts(head, body.to_bytes()))
}
