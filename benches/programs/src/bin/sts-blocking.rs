//! A minimal program that assumes a role with sts-blocking.
#![allow(clippy::print_stdout, reason = "what a program is for")]

use sts_blocking::{AssumeRole, Client, Config, Credentials};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("expected a URL")?;
    let client = Client::builder()
        .config(Config::builder().region("us-east-1").endpoint_url(url))
        .credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG"))
        .build()?;
    let reply = client.send(&AssumeRole::new("arn:aws:iam::123456789012:role/demo", "me"))?;
    println!("{}", reply.output.credentials.access_key_id);
    Ok(())
}
