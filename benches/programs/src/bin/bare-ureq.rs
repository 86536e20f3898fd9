//! A minimal program for a call over ureq, without STS: posts a form, prints the length of the response.
#![allow(clippy::print_stdout, reason = "what a program is for")]

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("expected a URL")?;
    let request = ureq::post(url).header("content-type", "application/x-www-form-urlencoded");
    let mut response = request.send("Action=AssumeRole&Version=2011-06-15")?;
    println!("{}", response.body_mut().read_to_vec()?.len());
    Ok(())
}
