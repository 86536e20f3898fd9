//! A module that makes one call: what a Rust app for a page or worker pays for STS.
#![allow(missing_docs, reason = "an example")]

use sts_web::{Client, Config, Credentials, GetCallerIdentity};
use wasm_bindgen::{JsError, prelude::wasm_bindgen};

/// The ARN of the caller.
#[wasm_bindgen]
pub async fn whoami(endpoint: String, access_key_id: String, secret_access_key: String) -> Result<String, JsError> {
    let config = Config::builder().region("eu-central-1").endpoint_url(endpoint);
    let client = Client::builder().config(config).credentials(Credentials::new(access_key_id, secret_access_key));
    Ok(client.build()?.send(&GetCallerIdentity::new()).await?.output.arn)
}
