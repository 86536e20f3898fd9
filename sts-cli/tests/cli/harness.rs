//! Runs the program, and what it calls.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{mpsc, mpsc::Receiver},
    thread,
};

pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/demo";

pub(crate) const USER_ARN: &str = "arn:aws:iam::123456789012:user/demo";

pub(crate) const ROLE_SESSION: &str = "arn:aws:sts::123456789012:assumed-role/demo/work";

pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

pub(crate) const KEY: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", SECRET)];

/// `{"iss":"https://idp.example.com","sub":"alice","aud":"demo","exp":4102444800}`
pub(crate) const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbSIsInN1YiI6ImFsaWNlIiwiYXVkIjoiZGVtbyIsImV4cCI6NDEwMjQ0NDgwMH0.c2ln";

pub(crate) fn web_identity_command(format: &str) -> [&str; 9] {
    let command = "assume-role-with-web-identity";
    [command, "--role-arn", ROLE, "--role-session-name", "TestAR", "--web-identity-token", JWT, "--output", format]
}

/// What the program did.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) type Environment<'a> = &'a [(&'a str, &'a str)];

pub(crate) fn sts(arguments: &[&str], environment: Environment<'_>) -> Run {
    finish(&mut program(arguments, environment))
}

pub(crate) fn finish(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code().expect("not killed by a signal"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The program, with this environment alone.
pub(crate) fn program(arguments: &[&str], environment: Environment<'_>) -> Command {
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

/// What the program shows on a terminal, and its exit code. util-linux's `script` makes the terminal.
#[cfg(target_os = "linux")]
pub(crate) fn on_terminal(program: &Command, typed: &str) -> (i32, String) {
    let words = std::iter::once(program.get_program()).chain(program.get_args());
    let line: Vec<_> = words.map(|word| format!("'{}'", word.to_str().unwrap().replace('\'', r"'\''"))).collect();
    let mut script = Command::new("/usr/bin/script");
    script.args(["--quiet", "--return", "/dev/null", "--command", &line.join(" ")]).env_clear();
    script.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n"))
}

/// The argument that stands for a file of this content.
pub(crate) fn file(name: &str, content: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    format!("file://{}", path.display())
}

/// A service that gives every request the same answer. Yields its URL and the bodies that it gets.
pub(crate) fn respond(status: u16, body: &str) -> (String, Receiver<String>) {
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

pub(crate) fn expect_usage_error(cases: Vec<(Vec<&str>, String)>) {
    let environment = [&KEY[..], &[("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")]].concat();
    for (command, expected) in cases {
        let run = sts(&command, &environment);
        assert_eq!((run.code, run.stdout.as_str()), (252, ""), "{command:?}: {}", run.stderr);
        assert!(run.stderr.starts_with(&expected), "{command:?}:\n{}\nbut expected:\n{expected}", run.stderr);
    }
}

/// What is printed when the service returns this result.
pub(crate) fn output_of(operation: &str, result: &str, command: &[&str]) -> String {
    let body = format!("<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>");
    let (url, _) = respond(200, &body);
    let run = sts(&[command, &["--endpoint-url", &url, "--region", "us-east-1"]].concat(), &KEY);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
    run.stdout
}

/// A home with the files of the AWS CLI, for one test.
pub(crate) struct Home(pub(crate) PathBuf);

impl Home {
    pub(crate) fn new(name: &str, config: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // A run before this one may have been cut short.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join(".aws")).unwrap();
        fs::write(folder.join(".aws/config"), config).unwrap();
        Self(folder)
    }

    pub(crate) fn command(&self, arguments: &[&str], environment: Environment<'_>) -> Command {
        let mut command = program(arguments, environment);
        command.env("HOME", &self.0);
        command
    }

    pub(crate) fn sts(&self, arguments: &[&str], environment: Environment<'_>) -> Run {
        finish(&mut self.command(arguments, environment))
    }

    pub(crate) fn config(&self) -> String {
        self.0.join(".aws/config").display().to_string()
    }
}

/// Keys in the profile `base`, a role over them in `role`, both with this endpoint.
pub(crate) fn profiles(url: &str) -> String {
    let settings = format!("region = eu-west-1\nendpoint_url = {url}\n");
    format!(
        "[profile base]\naws_access_key_id = {}\naws_secret_access_key = {SECRET}\n{settings}\
         [profile role]\nrole_arn = {ROLE}\nsource_profile = base\nrole_session_name = work\n{settings}",
        KEY[0].1
    )
}

pub(crate) const CALLER: &str = "<Arn>arn:aws:iam::123456789012:user/Alice</Arn><UserId>AIDACKCEVSQ6C2EXAMPLE</UserId>\
    <Account>123456789012</Account>";

pub(crate) const CREDENTIALS: &str = "<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>\
    <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey>\
    <SessionToken>AQoDYXdz\"\\é&lt;' $(x)+/==</SessionToken><Expiration>2026-11-23T03:00:00Z</Expiration></Credentials>";

pub(crate) const ROLE_USER: &str = "<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/demo/TestAR</Arn>\
    <AssumedRoleId>ARO123EXAMPLE123:TestAR</AssumedRoleId></AssumedRoleUser>";

pub(crate) const SIZES: &str =
    "<SessionTokenSize>816</SessionTokenSize><SessionTokenUtilization>20</SessionTokenUtilization>";

pub(crate) fn role_result() -> String {
    format!(
        "{ROLE_USER}{CREDENTIALS}{SIZES}<SourceIdentity>Alice</SourceIdentity><PackedPolicySize>6</PackedPolicySize>"
    )
}

pub(crate) fn assume_role_command() -> [&'static str; 5] {
    ["assume-role", "--role-arn", ROLE, "--role-session-name", "TestAR"]
}

pub(crate) fn web_identity_result() -> String {
    format!(
        "{ROLE_USER}{CREDENTIALS}{SIZES}<SubjectFromWebIdentityToken>sub</SubjectFromWebIdentityToken><Provider>prov\
         </Provider><Audience>aud</Audience><SourceIdentity>sid</SourceIdentity><PackedPolicySize>7</PackedPolicySize>"
    )
}

/// What is printed of `AssumeRole`'s output, as the query and the format say.
pub(crate) fn queried(query: &str, format: &str) -> String {
    let command = [&assume_role_command()[..], &["--query", query, "--output", format]].concat();
    output_of("AssumeRole", &role_result(), &command)
}

/// The form that a command sends, decoded.
pub(crate) fn form_of(command: &[&str]) -> String {
    let (url, request) = respond(400, "");
    let run = sts(&[command, &["--endpoint-url", &url, "--region", "us-east-1"]].concat(), &KEY);
    decode(&request.try_recv().unwrap_or_else(|_| panic!("{command:?} sent nothing: {}", run.stderr)))
}

fn decode(form: &str) -> String {
    let mut parts = form.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).unwrap()
}
