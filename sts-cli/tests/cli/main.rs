//! The program itself, run as users run it, against a local STS and against canned responses.
//!
//! Expected outputs and forms were typed after what the AWS CLI prints (`awscli` 1.46, `cli_timestamp_format = iso8601`), given the same
//! options and responses; exit codes from the AWS CLI's documentation of version 2.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod connection;
mod credentials;
mod failures;
mod local;
mod options;
mod output;
mod proofs;
mod wrong_input;

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
};

const ROLE: &str = "arn:aws:iam::123456789012:role/demo";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const KEY: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", SECRET)];
/// `{"iss":"https://idp.example.com","sub":"alice","aud":"demo","exp":4102444800}`
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbSIsInN1YiI6ImFsaWNlIiwiYXVkIjoiZGVtbyIsImV4cCI6NDEwMjQ0NDgwMH0.c2ln";

fn web_identity_command(format: &str) -> [&str; 9] {
    let command = "assume-role-with-web-identity";
    [command, "--role-arn", ROLE, "--role-session-name", "TestAR", "--web-identity-token", JWT, "--output", format]
}

fn expect_usage_error(cases: Vec<(Vec<&str>, String)>) {
    let environment = [&KEY[..], &[("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")]].concat();
    for (command, expected) in cases {
        let run = sts(&command, &environment);
        assert_eq!((run.code, run.stdout.as_str()), (252, ""), "{command:?}: {}", run.stderr);
        assert!(run.stderr.starts_with(&expected), "{command:?}:\n{}\nbut expected:\n{expected}", run.stderr);
    }
}

/// What the program did.
struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

type Environment<'a> = &'a [(&'a str, &'a str)];

fn sts(arguments: &[&str], environment: Environment<'_>) -> Run {
    finish(&mut program(arguments, environment))
}

fn finish(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code().expect("not killed by a signal"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The program, with this environment alone.
fn program(arguments: &[&str], environment: Environment<'_>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sts"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", "/")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment.iter().copied())
        .stdin(Stdio::null());
    command
}

/// The argument that stands for a file of this content.
fn file(name: &str, content: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    format!("file://{}", path.display())
}

/// A service that gives every request the same answer. Yields its URL and the bodies that it gets.
fn respond(status: u16, body: &str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let response = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(&stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut form = vec![0; length];
        reader.read_exact(&mut form).unwrap();
        // The test may not be interested.
        let _ = sender.send(String::from_utf8(form).unwrap());
        (&stream).write_all(response.as_bytes()).unwrap();
    });
    (url, receiver)
}
