use std::{fs, process::Command};
use sts_local::LocalSts;

use crate::harness::{Home, JWT, KEY, ROLE, expect_usage_error, finish, profiles, sts};

#[test]
fn wrong_command_line() {
    expect_usage_error(vec![
        (vec!["get-caller-identity", "--nope"], "error: unexpected argument '--nope' found\n".into()),
        (
            vec!["get-caller-identity", "extra"],
            "error: unexpected argument, which is not shown because it may be a secret: this command takes options \
             only\n\nUsage: sts get-caller-identity [OPTIONS]\n"
                .into(),
        ),
        (vec!["whoami", "--debug", "x"], "error: unexpected argument, which is not shown because it may be a secret: --debug takes no value\n".into()),
        (
            vec!["whoami", "--region=x", "y"],
            "error: unexpected argument, which is not shown because it may be a secret: --region takes one value; quote a value that has spaces\n".into(),
        ),
        (
            vec!["get-access-key-info", "--access-key-id", "x", "eyJhbGciOiJub25lIn0.secret.sig"],
            "error: unexpected argument, which is not shown because it may be a secret: --access-key-id takes one value; ".into(),
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
        (vec![], "AWS Security Token Service (AWS STS) on the command line\n".into()),
    ]);
}

#[test]
fn near_names() {
    expect_usage_error(vec![
        (vec!["nope"], "error: unrecognized subcommand 'nope'\n\nUsage: ".into()),
        (
            vec!["get-caler-identity"],
            "error: unrecognized subcommand 'get-caler-identity'\n\n  tip: a similar subcommand exists: 'get-caller-identity'\n"
                .into(),
        ),
        (
            vec!["sts", "get-caller-identity"],
            "error: unrecognized subcommand 'sts'\n\n  tip: leave out the second 'sts', for example: sts get-caller-identity\n"
                .into(),
        ),
        (
            vec!["login"],
            "error: unrecognized subcommand 'login'\n\n  tip: sign in with 'aws login' or 'aws sso login'; sts uses their \
             sessions\n"
                .into(),
        ),
        (
            vec!["whoami", "--profil", "x"],
            "error: unexpected argument '--profil' found\n\n  tip: a similar argument exists: '--profile'\n".into(),
        ),
        (
            vec!["whoami", "--no-verify-ssl"],
            "error: --no-verify-ssl is not supported: whoever answers in place of AWS would get your requests. Trust the \
             server's certificate instead, with --ca-bundle FILE, AWS_CA_BUNDLE, or ca_bundle in the profile\n"
                .into(),
        ),
    ]);
}

#[test]
fn version() {
    let version = sts(&["--version"], &[]);
    assert_eq!(
        (version.code, version.stdout, version.stderr),
        (0, format!("sts {}\n", env!("CARGO_PKG_VERSION")), String::new())
    );
}

#[test]
fn help() {
    let help = |arguments: &[&str]| {
        let run = sts(arguments, &[]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(run.stdout.contains("Usage: sts"), "{arguments:?}: {}", run.stdout);
        run.stdout
    };
    let commands = commands();
    assert!(commands.len() > 20, "{commands:?}");
    for command in &commands {
        let text = help(&[command, "--help"]);
        // As with the AWS CLI.
        for form in [&[command, "help"][..], &["--color", "off", command, "help"], &["help", command], &[command, "-h"]]
        {
            assert_eq!(help(form), text, "{form:?}");
        }
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(100), "{command}: {widest:?}");
        for hidden in ["pager", "paginate", "binary-format", "auto-prompt", "color", "verify-ssl"] {
            assert!(!text.contains(hidden), "{command}: {hidden}");
        }
    }
    assert_eq!(help(&["help"]), help(&["--help"]));
    // What a command needs is in its usage, and what it refuses is not among its options.
    let usage = "Usage: sts get-web-identity-token [OPTIONS] --audience <NAME>... --signing-algorithm <ALGORITHM>\n";
    assert!(help(&["get-web-identity-token", "help"]).contains(usage));
    let eks_token = help(&["eks-token", "-h"]);
    assert!(eks_token.contains("--region <REGION>") && !eks_token.contains("--local"));
    assert!(!help(&["local", "-h"]).contains("--region"));
}

/// No terminal breaks them, and the program understands them.
#[test]
fn examples() {
    let service = LocalSts::demo().serve(0).unwrap();
    let home = Home::new("examples", &profiles(&service.url()).replace("profile base", "profile demo"));
    for (name, content) in [("token", JWT), ("policy.json", "{}"), ("assertion.b64", "PHNhbWw+"), ("message", "abcd")] {
        fs::write(home.0.join(name), content).unwrap();
    }
    for command in commands() {
        let help = sts(&[&command, "--help"], &[]).stdout;
        let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{command} has no examples"));
        let longest = examples.lines().map(str::len).max();
        assert!(longest <= Some(78), "{command}: {longest:?}");
        assert!(examples.matches(":\n    ").count() >= 2, "{command}");
        let lines = examples.replace("\\\n", "");
        let lines = lines.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| line.contains("sts "));
        for line in lines {
            let start = line.find("sts ").unwrap();
            let end = line
                .find(" | ")
                .or(line.find(" > "))
                .or(line.rfind([')', '"']).filter(|_| start > 0).map(|end| line[..end].trim_end_matches(')').len()))
                .unwrap_or(line.len());
            let line = line[start..end]
                .replace(" terraform plan", " true")
                .replace("ARN", ROLE)
                .replace("--profile p ", "--profile demo ");
            assert!(line.contains(&format!(" {command}")), "{command}: {line}");
            if command == "local" {
                // It would not end. Its options are read before this one is refused.
                let words: Vec<_> = line.split(' ').skip(1).chain(["--port", "99999"]).collect();
                expect_usage_error(vec![(words, "error: --port <PORT>: 99999 is not in".into())]);
                continue;
            }
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", &format!("\"$STS\" {}", &line[4..])]).current_dir(&home.0).env_clear();
            shell.env("STS", env!("CARGO_BIN_EXE_sts")).env("HOME", &home.0).envs(KEY).env("PATH", "/usr/bin:/bin");
            shell.envs([("AWS_ENDPOINT_URL", &*service.url()), ("AWS_REGION", "eu-west-1")]);
            let run = finish(&mut shell);
            assert!([0, 254, 255].contains(&run.code), "{line}: {} {}", run.code, run.stderr);
        }
    }
}

/// The commands that the program's help lists.
fn commands() -> Vec<String> {
    let help = sts(&["--help"], &[]).stdout;
    let (_, list) = help.split_once("\nCommands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !["", "help"].contains(name)).map(Into::into).collect()
}
