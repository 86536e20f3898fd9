//! The STS inside the program.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Stdio},
};

use crate::{ROLE, program, sts, web_identity_command};

/// The STS inside the program needs no region, endpoint, or credentials, and takes none from the environment.
#[test]
fn embedded_service() {
    let misleading = [
        ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_REGION", "not a region"),
        ("AWS_PROFILE", "nobody"),
        ("AWS_CA_BUNDLE", "/nowhere"),
    ];
    let assume_role = ["assume-role", "--role-arn", ROLE, "--role-session-name", "me", "--local"];
    let web_identity = [&web_identity_command("json")[..], &["--local", "--region", "eu-west-1"]].concat();
    let root = [
        "--target-principal",
        "123456789012",
        "--task-policy-arn",
        "arn=arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy",
    ];
    let commands: [(&[&str], &[&str]); 9] = [
        (&["get-caller-identity", "--local"], &["\"Arn\": \"arn:aws:iam::123456789012:user/demo\""]),
        (&["--local", "get-caller-identity"], &["\"Account\": \"123456789012\""]),
        (&["get-session-token", "--local"], &["    \"Credentials\": {\n        \"AccessKeyId\": \"ASIA"]),
        (&assume_role, &["\"Arn\": \"arn:aws:sts::123456789012:assumed-role/demo/me\""]),
        (
            &[&["assume-root", "--local"], &root[..]].concat(),
            &["    \"Credentials\": {\n        \"AccessKeyId\": \"ASIA"],
        ),
        (
            &["get-access-key-info", "--access-key-id", "AKIAIOSFODNN7EXAMPLE", "--local", "--query", "Account"],
            &["\"123456789012\"\n"],
        ),
        (
            &["get-federation-token", "--name", "Bob", "--local"],
            &["\"Arn\": \"arn:aws:sts::123456789012:federated-user/Bob\""],
        ),
        (
            &[
                "get-web-identity-token",
                "--audience",
                "a",
                "--signing-algorithm",
                "ES384",
                "--local",
                "--output",
                "yaml",
            ],
            &["WebIdentityToken: ey", "\nExpiration: '2"],
        ),
        (&web_identity, &["\"SubjectFromWebIdentityToken\": \"alice\"", "\"Audience\": \"demo\""]),
    ];
    for environment in [&[][..], &misleading] {
        for (command, expected) in commands {
            let run = sts(command, environment);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
            for part in expected {
                assert!(run.stdout.contains(part), "{command:?}: {part} not in {}", run.stdout);
            }
        }
    }
}

#[test]
fn local() {
    struct Server(Child);
    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
    let mut server = Server(program(&["local", "--port", "0"], &[]).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut exports = Vec::new();
    let example = loop {
        match lines.next().unwrap() {
            line if line.starts_with("sts ") => break line,
            line => exports.push(line),
        }
    };
    let exports: Vec<_> = exports.iter().filter_map(|line| line.strip_prefix("export ")?.split_once('=')).collect();
    let names: Vec<_> = exports.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["AWS_ENDPOINT_URL_STS", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    let command: Vec<_> = example.strip_prefix("sts ").unwrap().split(' ').collect();
    let run = sts(&command, &exports);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("arn:aws:sts::123456789012:assumed-role/demo/demo"), "{}", run.stdout);

    let port = exports[0].1.rsplit(':').next().unwrap();
    let taken = sts(&["local", "--port", port], &[]);
    assert_eq!(taken.code, 255);
    let expected = format!("\nCould not listen on port {port} of 127.0.0.1\n  caused by: ");
    assert!(taken.stderr.starts_with(&expected), "{}", taken.stderr);
}
