//! A minimal program that assumes a role with aws-sdk-sts, without aws-config.
#![allow(clippy::print_stdout, reason = "what a program is for")]

use aws_sdk_sts::{
    Client, Config,
    config::{Credentials, Region},
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("expected a URL")?;
    let config = Config::builder()
        .region(Region::from_static("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", None, None, "program"))
        .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
        .build();
    let call = Client::from_conf(config).assume_role().role_arn("arn:aws:iam::123456789012:role/demo");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let output = runtime.block_on(call.role_session_name("me").send())?;
    println!("{}", output.credentials().ok_or("no credentials")?.access_key_id());
    Ok(())
}
