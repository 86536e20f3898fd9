use std::process::Command;
use sts_local::LocalSts;

use crate::harness::{Home, KEY, ROLE, profiles, sts, web_identity_command};

/// A role over keys wants a region, as any call that is signed.
#[test]
fn role_without_region() {
    let home = Home::new("role-without-region", &profiles("http://127.0.0.1:1").replace("region = eu-west-1\n", ""));
    for command in ["get-caller-identity", "export", "whoami"] {
        let run = home.sts(&[command, "--profile", "role"], &[]);
        let expected = "\nYou must specify a region. Pass --region, set AWS_REGION, or write region in the profile.\n";
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (253, "", expected), "{command}");
    }
}

/// A role that cannot be assumed ends as any refusal.
#[test]
fn refused_role() {
    let service = LocalSts::demo().serve(0).unwrap();
    let config = profiles(&service.url()).replace("role/demo", "role/missing");
    let home = Home::new("refused-role", &config);
    let run = home.sts(&["get-caller-identity", "--profile", "role"], &[]);
    assert_eq!((run.code, run.stdout.as_str()), (254, ""));
    let expected = "\nUnable to locate credentials: no credentials from \"assume role arn:aws:iam::123456789012:role/missing of profile `role` (";
    assert!(run.stderr.starts_with(expected) && run.stderr.contains("AccessDenied"), "{}", run.stderr);
}

#[test]
fn unsigned() {
    let service = LocalSts::demo().serve(0).unwrap();
    let url = service.url();
    let options = ["--no-sign-request", "--endpoint-url", &url, "--region", "eu-west-1"];
    let run = sts(&[&["get-caller-identity"], &options[..]].concat(), &[]);
    assert_eq!(run.code, 254, "{}", run.stderr);
    assert!(
        run.stderr.starts_with("\nAn error occurred (MissingAuthenticationToken) when calling the GetCallerIdentity")
    );
}

/// Credentials that `--output env` prints sign the next call.
#[test]
fn role_chain() {
    let service = LocalSts::demo().serve(0).unwrap();
    let endpoint = [("AWS_ENDPOINT_URL", &*service.url()), ("AWS_DEFAULT_REGION", "eu-central-1")];
    let command = ["assume-role", "--role-arn", ROLE, "--role-session-name", "first", "--output", "env"];
    let first = sts(&command, &[&KEY[..], &endpoint].concat());
    assert_eq!((first.code, first.stderr.as_str()), (0, ""));
    let script = r#"eval "$1"; exec "$2" get-caller-identity --output text"#;
    let second = Command::new("sh")
        .args(["-c", script, "sh", &first.stdout, env!("CARGO_BIN_EXE_sts")])
        .env_clear()
        .envs(endpoint)
        .output();
    let stdout = String::from_utf8(second.unwrap().stdout).unwrap();
    assert!(stdout.starts_with("123456789012\tarn:aws:sts::123456789012:assumed-role/demo/first\tAROA"), "{stdout}");
}

/// Credentials are not even looked for when the token is the proof.
#[test]
fn web_identity_needs_neither_region_nor_credentials() {
    let service = LocalSts::demo().serve(0).unwrap();
    let url = service.url();
    let command = [&web_identity_command("text")[..], &["--endpoint-url", &url]].concat();
    let run = sts(&command, &[KEY[0]]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

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
