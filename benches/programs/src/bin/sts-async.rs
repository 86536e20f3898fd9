//! A minimal program that assumes a role with sts-async.
#![allow(clippy::print_stdout, reason = "what a program is for")]

use sts_async::{AssumeRole, Client, Config, Credentials};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("expected a URL")?;
    let client = Client::builder()
        .config(Config::builder().region("us-east-1").endpoint_url(url))
        .credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG"))
        .build()?;
    let role = AssumeRole::new("arn:aws:iam::123456789012:role/demo", "me");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let reply = runtime.block_on(client.send(&role))?;
    println!("{}", reply.output.credentials.access_key_id);
    Ok(())
}
