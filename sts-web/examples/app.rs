//! A module that uses the client as an app would. The tests in `js/test` call it from pages, workers and Node.
#![allow(missing_docs, reason = "an example")]

use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    task::Poll,
    time::Duration,
};

use js_sys::Promise;
use sts_web::{Client, Config, ConfigBuilder, Credentials, Error, GetCallerIdentity, WebIdentity};
use wasm_bindgen::{JsError, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

const ROLE: &str = "arn:aws:iam::123456789012:role/demo";

fn config(endpoint: String) -> ConfigBuilder {
    Config::builder().region("eu-central-1").endpoint_url(endpoint)
}

fn demo() -> Credentials {
    Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
}

/// A signed call, as `attempts arn`, or as the kind of its error.
#[wasm_bindgen]
pub async fn call(endpoint: String, timeout: u32) -> Result<String, JsError> {
    let config = config(endpoint).attempt_timeout(Duration::from_millis(timeout.into()));
    let client = Client::builder().config(config).credentials(demo()).build()?;
    match client.send(&GetCallerIdentity::new()).await {
        Ok(reply) => Ok(format!("{} {}", reply.metadata.attempts, reply.output.arn)),
        Err(Error::NoResponse(lost)) => Ok(format!("{} {:?}", lost.attempts, lost.error.kind)),
        Err(error) => Err(error.into()),
    }
}

/// Two calls at once, with credentials for a token of the page. Also says how often the token was asked for.
#[wasm_bindgen]
pub async fn web_identity(endpoint: String, token: String) -> Result<String, JsError> {
    let asked = Rc::new(Cell::new(0));
    let counted = Rc::clone(&asked);
    let unsigned = Client::builder().config(config(endpoint.clone())).build()?;
    let role = WebIdentity::new(unsigned, ROLE, "page", move || {
        counted.set(counted.get() + 1);
        let token = token.clone();
        async { Ok(token) }
    });
    let client = Client::builder().config(config(endpoint)).provider(role).build()?;
    let operation = GetCallerIdentity::new();
    let (mut first, mut second) = (pin!(client.send(&operation)), pin!(client.send(&operation)));
    let mut replies = (None, None);
    poll_fn(|context| {
        let ready = |poll| if let Poll::Ready(reply) = poll { Some(reply) } else { None };
        if replies.0.is_none() {
            replies.0 = ready(first.as_mut().poll(context));
        }
        if replies.1.is_none() {
            replies.1 = ready(second.as_mut().poll(context));
        }
        if replies.0.is_some() && replies.1.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let (Some(first), Some(second)) = replies else { return Err(JsError::new("a call has not ended")) };
    let [first, second] = [first?.output.arn, second?.output.arn];
    Ok(format!("{} {first} {second}", asked.get()))
}

/// Begins a call, and drops it when a promise is settled.
#[wasm_bindgen]
pub async fn drop_call(endpoint: String, settled: Promise) -> Result<(), JsError> {
    let client = Client::builder().config(config(endpoint)).credentials(demo()).build()?;
    let operation = GetCallerIdentity::new();
    let (mut call, mut settled) = (pin!(client.send(&operation)), pin!(JsFuture::from(settled)));
    poll_fn(|context| {
        let _ = call.as_mut().poll(context);
        settled.as_mut().poll(context).map(|_| Ok(()))
    })
    .await
}
