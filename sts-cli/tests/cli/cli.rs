use crate::harness::{ROLE, expect_usage_error, sts};

#[test]
fn wrong_command_line() {
    expect_usage_error(vec![
        (vec!["nope"], "error: unrecognized subcommand 'nope'\n".into()),
        (vec!["get-caller-identity", "--nope"], "error: unexpected argument '--nope' found\n".into()),
        (
            vec!["get-caller-identity", "extra"],
            "error: unexpected value, which is not shown as it may be a secret; the option before it takes one value, or none\n\n\
             Usage: sts get-caller-identity [OPTIONS]\n"
                .into(),
        ),
        (
            vec!["whoami", "help"],
            "error: unexpected value, which is not shown as it may be a secret; the option before it takes one value, or none\n\n\
             Usage: sts whoami [OPTIONS]\n"
                .into(),
        ),
        (
            vec!["get-access-key-info", "--access-key-id", "x", "eyJhbGciOiJub25lIn0.secret.sig"],
            "error: unexpected value, which is not shown as it may be a secret; ".into(),
        ),
        (
            vec!["get-caller-identity", "--cli-input-json", "\"secret\""],
            "error: --cli-input-json: expected an object".into(),
        ),
        (vec!["get-caller-identity", "--region"], "error: a value is required for '--region <REGION>'".into()),
        (
            vec!["get-caller-identity", "--output", "xml"],
            "error: invalid value 'xml' for '--output <FORMAT>'\n  [possible values: json, text, table, yaml, yaml-stream, env, powershell, fish]\n"
                .into(),
        ),
        (
            vec!["get-caller-identity", "--output", "env", "--local"],
            "error: --output env prints credentials, and GetCallerIdentity issues none\n".into(),
        ),
        (
            vec!["--local", "get-caller-identity", "--endpoint-url", "http://127.0.0.1:1"],
            "error: --local and --endpoint-url exclude each other\n".into(),
        ),
        // It has credentials and an address of its own. What the environment says is not for it; an option is.
        (
            vec!["--local", "whoami", "--profile", "p"],
            "error: --local and --profile exclude each other\n\nUsage: sts whoami [OPTIONS]\n".into(),
        ),
        (vec!["whoami", "--local", "--cache"], "error: --local and --cache exclude each other\n".into()),
        (
            vec!["get-caller-identity", "--ca-bundle", "/nowhere", "--local"],
            "error: --local and --ca-bundle exclude each other\n".into(),
        ),
        (vec!["assume-role"], "error: the following arguments are required: --role-arn, --role-session-name\n".into()),
        (
            vec!["assume-role", "--role-arn", ROLE],
            "error: the following arguments are required: --role-session-name\n".into(),
        ),
        (
            vec!["assume-role", "--cli-input-json", r#"{"RoleSessionName":"me"}"#],
            "error: the following arguments are required: --role-arn\n".into(),
        ),
        (
            vec!["assume-role-with-web-identity", "--role-session-name", "me"],
            "error: the following arguments are required: --role-arn, --web-identity-token\n".into(),
        ),
        (
            vec!["assume-role", "--cli-input-json", r#"{"RoleAn":"x"}"#],
            "error: --cli-input-json: RoleAn: unknown field `RoleAn`, expected one of `RoleArn`, `RoleSessionName`, "
                .into(),
        ),
        (
            vec!["get-caller-identity", "--cli-input-json", r#"{"X":1}"#],
            "error: --cli-input-json: X: unknown field `X`, there are no fields\n".into(),
        ),
        (
            vec!["assume-root", "--task-policy-arn", "arn:aws:iam::aws:policy/x"],
            "error: --task-policy-arn <arn=ARN>: expected key=value at".into(),
        ),
        (
            vec!["get-web-identity-token", "--audience", "a"],
            "error: the following arguments are required: --signing-algorithm\n\nUsage: sts get-web-identity-token [OPTIONS] --audience <NAME>... --signing-algorithm <ALGORITHM>\n"
                .into(),
        ),
        (
            vec!["get-session-token", "--output", "env", "--query", "x"],
            "error: --output env and --query exclude each other\n\nUsage: sts get-session-token [OPTIONS]\n".into(),
        ),
        (vec!["local", "--region", "x"], "error: --region cannot be used with local\n\nUsage: sts local ".into()),
        (vec!["--output", "json", "local"], "error: --output cannot be used with local\n".into()),
        (vec!["local", "--endpoint-url", "http://127.0.0.1:1"], "error: --endpoint-url cannot be used with local\n".into()),
        (vec!["local", "--query", "a"], "error: --query cannot be used with local\n".into()),
        (vec!["local", "--local"], "error: --local cannot be used with local\n".into()),
        (vec!["local", "--port", "65536"], "error: --port <PORT>: 65536 is not in".into()),
        (vec![], "AWS Security Token Service on the command line.\n".into()),
    ]);
}

#[test]
fn help_and_version() {
    let version = sts(&["--version"], &[]);
    assert_eq!(
        (version.code, version.stdout, version.stderr),
        (0, format!("sts {}\n", env!("CARGO_PKG_VERSION")), String::new())
    );
    for command in [&["--help"][..], &["help"], &["assume-role", "--help"], &["local", "-h"]] {
        let run = sts(command, &[]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
        assert!(run.stdout.contains("Usage: sts"), "{command:?}: {}", run.stdout);
    }
    // What a command needs is in its usage, and what it refuses is not among its options.
    let help = |command: &str| sts(&[command, "--help"], &[]).stdout;
    let usage = "Usage: sts get-web-identity-token [OPTIONS] --audience <NAME>... --signing-algorithm <ALGORITHM>\n";
    assert!(help("get-web-identity-token").contains(usage));
    assert!(help("eks-token").contains("--region <REGION>") && !help("eks-token").contains("--local"));
    assert!(!help("local").contains("--region"));
}
