//! Command lines that cannot be understood.

use crate::{ROLE, expect_usage_error, sts};

#[test]
fn wrong_query() {
    let usage = "\n\nUsage: sts get-caller-identity [OPTIONS]\n";
    expect_usage_error(vec![
        (
            vec!["get-caller-identity", "--query", "Acc["],
            "error: --query <EXPRESSION>: Parse error: Expected number, ':', or '*' -- found Eof at \
             character 5\nAcc[\n    ^\n"
                .into(),
        ),
        (vec!["get-caller-identity", "--query", ""], "error: --query <EXPRESSION>: Parse error: ".into()),
    ]);
    for (query, expected) in [
        ("nope(@)", "Runtime error: Call to undefined function nope at character 5\nnope(@)\n    ^"),
        (
            "length(`1`)",
            "Runtime error: Argument 0 expects type array|object|string, given number at character 7\nlength(`1`)\n      ^",
        ),
        ("keys(Arn)", "Runtime error: Argument 0 expects type object, given string at character 5\nkeys(Arn)\n    ^"),
    ] {
        let run = sts(&["get-caller-identity", "--local", "--query", query], &[]);
        let expected = format!("error: Bad value for --query {query}: {expected}{usage}");
        assert_eq!((run.code, run.stdout.as_str()), (252, ""), "{query}");
        assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    }
    // However deep, the program ends in good order.
    for (opening, closing) in
        [("[", "]"), ("(", ")"), ("!", ""), ("&", ""), ("{a:", "}"), ("", "[*]"), ("a.", ""), ("", ".a")]
    {
        for depth in [60, 100_000 / 4] {
            let query = format!("{}a{}", opening.repeat(depth), closing.repeat(depth));
            let run = sts(&["get-caller-identity", "--local", "--query", &query], &[]);
            assert!([0, 252].contains(&run.code), "{depth} times {opening}{closing}: {}", run.stderr);
        }
    }
}

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
fn wrong_values() {
    let tags = "--tags <Key=KEY,Value=VALUE>...";
    expect_usage_error(vec![
        (with(&["--cli-input-json", "{"]), "error: --cli-input-json: EOF while parsing an object at line 1".into()),
        (with(&["--cli-input-json", "[1]"]), "error: --cli-input-json: ".into()),
        (
            with(&["--cli-input-json", r#"{"Policy":{}}"#]),
            "error: --cli-input-json: Policy: expected a string\n\nUsage: sts assume-role [OPTIONS] --role-arn <ARN> --role-session-name <NAME>\n".into(),
        ),
        (
            with(&["--cli-input-json", "file:///nonexistent/input.json"]),
            "error: --cli-input-json: cannot read /nonexistent/input.json: No such file or directory".into(),
        ),
        (with(&["--policy", "file://"]), "error: --policy <JSON>: there is no path behind file://\n".into()),
        (
            with(&["--policy", "fileb://p"]),
            "error: --policy <JSON>: fileb:// is for binary members, and there are none; use file://\n".into(),
        ),
        (with(&["--policy", "file:///nonexistent/p"]), "error: --policy <JSON>: cannot read /nonexistent/p: ".into()),
        (with(&["--cli-input-json", r#"{"Tags":3}"#]), "error: --cli-input-json: Tags: expected a list\n".into()),
        (with(&["--cli-input-json", r#"{"Tags":[3]}"#]), "error: --cli-input-json: Tags: expected an object\n".into()),
        (with(&["--tags", "Key"]), format!("error: {tags}: expected key=value at character 1\n")),
        (with(&["--tags", "Key=a,b,Value=c"]), format!("error: {tags}: expected key=value at character 7\n")),
        (with(&["--tags", "Key=a,Value='b"]), format!("error: {tags}: expected a closing quote at character 7\n")),
        (with(&["--tags", "Key='a'b,Value=c"]), format!("error: {tags}: expected a comma at character 8\n")),
        (
            with(&["--tags", "Key=a,Value=b,Key=c"]),
            format!(
                "error: {tags}: Key is given twice; elements are separated by a \
                 space, not by a comma\n"
            ),
        ),
        (with(&["--tags", "Key=a"]), format!("error: {tags}: missing field `Value`\n")),
        (
            with(&["--tags", "Key=a,Value=b,X=c"]),
            format!("error: {tags}: unknown field `X`, expected `Key` or `Value`\n"),
        ),
        (with(&["--tags"]), "error: a value is required for '--tags <Key=KEY,Value=VALUE>...' but none was".into()),
        (
            with(&["--cli-input-json", r#"{"Policy":"a","Policy":"b"}"#]),
            "error: --cli-input-json: duplicate field `Policy` at line 1 column 22\n".into(),
        ),
        (
            with(&["--cli-input-json", r#"{"Tags":[{"Key":"a","Key":"b","Value":""}]}"#]),
            "error: --cli-input-json: duplicate field `Key` at line 1 column 25\n".into(),
        ),
        (with(&["--\u{9b}31m"]), "error: unexpected argument '--\u{fffd}31m' found\n".into()),
        (with(&["--tags", "[{"]), format!("error: {tags}: EOF while parsing an object at line 1 column 2\n")),
        // A token that somebody takes for the element itself is not shown.
        (with(&["--tags", r#"["hush"]"#]), format!("error: {tags}: expected an object at line 1 column 7\n")),
        (with(&["--tags", "[5]"]), format!("error: {tags}: expected an object at line 1 column 2\n")),
        (
            with(&["--tags", r#"[{"Key":"a","Value":"b"}, "hush, expected u32 at line 1 column 1"]"#]),
            format!("error: {tags}: expected an object at line 1 column "),
        ),
        (
            with(&["--tags", r#"{"Key":"a","Value":123456}"#]),
            format!("error: {tags}: expected a string at line 1 column "),
        ),
        (
            with(&["--provided-contexts", r#"["eyJhbGciOiJub25lIn0.secret.sig"]"#]),
            "error: --provided-contexts <ProviderArn=ARN,ContextAssertion=TEXT>...: expected an object at line 1 column "
                .into(),
        ),
        (
            with(&["--cli-input-json", r#"{"Tags":["hush at line 1 column 1"]}"#]),
            "error: --cli-input-json: Tags: expected an object\n".into(),
        ),
        (
            with(&["--provided-contexts", "ProviderArn@=file:///nonexistent/a,ContextAssertion=b"]),
            "error: --provided-contexts \
             <ProviderArn=ARN,ContextAssertion=TEXT>...: cannot read /nonexistent/a: "
                .into(),
        ),
        (
            vec!["assume-role", "--role-arn", "x", "--role-session-name", "a b", "--duration-seconds", "5"],
            "\nParameter validation failed:\n\
             Value 'x' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20\n\
             Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression \
             pattern: [\\w+=,.@-]*\n\
             Value '5' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal \
             to 900\n"
                .into(),
        ),
        (
            with(&["--token-code", "123456"]),
            "\nParameter validation failed:\n\
             Value null at 'serialNumber' failed to satisfy constraint: Member must not be null when 'tokenCode' is \
             given\n"
                .into(),
        ),
    ]);
}

/// Options of a command that has what it needs.
fn with(options: &[&'static str]) -> Vec<&'static str> {
    [&["assume-role", "--role-arn", ROLE, "--role-session-name", "me"], options].concat()
}

#[test]
fn wrong_numbers() {
    expect_usage_error(vec![
        (with(&["--duration-seconds", "1h"]), "error: --duration-seconds <SECONDS>: expected a whole number\n".into()),
        (
            with(&["--duration-seconds", "99999999999999999999"]),
            "error: --duration-seconds <SECONDS>: out of range\n".into(),
        ),
        (
            with(&["--duration-seconds", "-1"]),
            "error: --duration-seconds <SECONDS>: -1 is not in 0..=4294967295\n".into(),
        ),
        (
            with(&["--cli-read-timeout", "-1"]),
            "error: --cli-read-timeout <SECONDS>: -1 is not in 0..=4294967295\n".into(),
        ),
        (
            vec!["--cli-connect-timeout", "-1", "whoami"],
            "error: --cli-connect-timeout <SECONDS>: -1 is not in 0..=4294967295\n".into(),
        ),
        (vec!["presign", "--expires-in", "-5"], "error: --expires-in <SECONDS>: -5 is not in 1..=604800\n".into()),
        (vec!["local", "--port", "-1"], "error: --port <PORT>: -1 is not in 0..=65535\n".into()),
        (with(&["-1"]), "error: unexpected argument '-1' found\n".into()),
        (
            with(&["--cli-input-json", r#"{"DurationSeconds":"900"}"#]),
            "error: --cli-input-json: DurationSeconds: expected a whole number\n".into(),
        ),
        (
            with(&["--cli-input-json", r#"{"DurationSeconds":-1}"#]),
            "error: --cli-input-json: DurationSeconds: not in 0..=4294967295\n".into(),
        ),
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
