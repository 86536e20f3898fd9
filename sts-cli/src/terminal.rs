//! The terminal, apart from standard input and output, which may belong to a program that waits for credentials.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Write as _},
};
use sts_blocking::Secret;

/// A text without control characters, which could control the terminal. Line breaks and tabs stay.
pub(crate) fn printable(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', REPLACEMENT)
}

/// A text for one line: [`printable`], and without line breaks and tabs.
pub(crate) fn one_line(text: &str) -> String {
    text.replace(char::is_control, REPLACEMENT)
}

const REPLACEMENT: &str = "\u{fffd}";

/// Prompts for an MFA code, like the AWS CLI. The code is visible while it is typed: it works only once.
pub(crate) fn ask(serial: &str) -> Result<Secret, String> {
    let answer = open_and_ask(serial).map_err(|error| format!("there is no terminal to ask on: {error}"))?;
    if answer.trim().is_empty() { Err("nothing was typed".into()) } else { Ok(answer.trim().into()) }
}

fn open_and_ask(serial: &str) -> io::Result<String> {
    let (input, output) = if cfg!(windows) { ("CONIN$", "CONOUT$") } else { ("/dev/tty", "/dev/tty") };
    let serial = one_line(serial);
    write!(File::options().write(true).open(output)?, "Enter MFA code for {serial}: ")?;
    let mut answer = String::new();
    BufReader::new(File::open(input)?).read_line(&mut answer)?;
    Ok(answer)
}
