use std::{
    io::{BufRead as _, BufReader, Lines},
    process::{Child, ChildStdout, Stdio},
};

use crate::harness::{expect_usage_error, program, sts};

/// A program that serves until the test ends.
struct Server {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Server {
    fn start(options: &[&str]) -> Self {
        let mut child = program(&[&["local"], options].concat(), &[]).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }

    /// The variables of the lines that a shell sources, of which there are five.
    fn environment(&mut self) -> Vec<(String, String)> {
        let mut variables = Vec::new();
        while variables.len() < 4 {
            let line = self.line();
            if let Some((name, value)) = line.strip_prefix("export ").and_then(|line| line.split_once('=')) {
                variables.push((name.to_owned(), value.to_owned()));
            }
        }
        for name in ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION"] {
            assert_eq!(self.line(), format!("unset {name}"));
        }
        variables
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn borrowed(environment: &[(String, String)]) -> Vec<(&str, &str)> {
    environment.iter().map(|(name, value)| (&**name, &**value)).collect()
}

#[test]
fn local() {
    let mut server = Server::start(&["--port", "0"]);
    let environment = server.environment();
    let environment = borrowed(&environment);
    let names: Vec<_> = environment.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["AWS_ENDPOINT_URL_STS", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    let example = server.line();
    let command: Vec<_> = example.strip_prefix("sts ").unwrap().split(' ').collect();
    let run = sts(&command, &environment);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("arn:aws:sts::123456789012:assumed-role/demo/demo"), "{}", run.stdout);

    let port = environment[0].1.rsplit(':').next().unwrap();
    let taken = sts(&["local", "--port", port], &[]);
    assert_eq!(taken.code, 255);
    let expected = format!("\nCould not listen on port {port} of 127.0.0.1\n  caused by: ");
    assert!(taken.stderr.starts_with(&expected), "{}", taken.stderr);
}

#[test]
fn local_that_fails() {
    let options =
        ["--role", "one", "service/two", "--fail", "Throttling", "RegionDisabledException", "--clock-offset", "-7200"];
    let mut server = Server::start(&[&options[..], &["--print-env"]].concat());
    let environment = server.environment();
    let environment = borrowed(&environment);
    let role = |name: &str| {
        let arn = format!("arn:aws:iam::123456789012:role/{name}");
        sts(&["assume-role", "--role-arn", &arn, "--role-session-name", "me", "--debug"], &environment)
    };
    // The first request is throttled and sent again. The second is refused for good.
    let run = role("one");
    assert_eq!(run.code, 254, "{}", run.stderr);
    assert!(run.stderr.contains("\nAn error occurred (RegionDisabledException) when calling"), "{}", run.stderr);
    assert!(run.stderr.contains("debug: HTTP 400 after ") && run.stderr.contains("(attempt 2 of 3)"), "{}", run.stderr);
    for name in ["one", "service/two", "demo"] {
        let run = role(name);
        assert_eq!(run.code, 0, "{name}: {}", run.stderr);
        // The clock that is two hours behind costs an attempt.
        assert!(run.stderr.contains("(attempt 2 of 3)"), "{name}: {}", run.stderr);
    }
    assert_eq!(role("three").code, 254);

    let role = "error: --role <NAME>...: expected the name of a role, with its path if it has one, and not an ARN\n";
    let code = "error: --fail <CODE>...: expected an error code of AWS, such as Throttling\n";
    expect_usage_error(vec![
        (vec!["local", "--role", "arn:aws:iam::123456789012:role/demo"], role.into()),
        (vec!["local", "--role", "a//b"], role.into()),
        (vec!["local", "--role", "a b"], role.into()),
        (vec!["local", "--fail", ""], code.into()),
        (vec!["local", "--fail", "a b"], code.into()),
        (vec!["local", "--clock-offset", "1h"], "error: --clock-offset <SECONDS>: expected a whole number\n".into()),
    ]);
}
