//! Where credentials come from.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};
use sts_local::LocalSts;
use time::UtcDateTime;

use crate::{
    Environment, KEY, ROLE, Run, SECRET, expect_usage_error, finish, program, respond, sts, web_identity_command,
};

/// A home with the files of the AWS CLI, for one test.
struct Home(PathBuf);

impl Home {
    fn new(name: &str, config: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // A run before this one may have been cut short.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join(".aws")).unwrap();
        fs::write(folder.join(".aws/config"), config).unwrap();
        Self(folder)
    }

    fn command(&self, arguments: &[&str], environment: Environment<'_>) -> Command {
        let mut command = program(arguments, environment);
        command.env("HOME", &self.0);
        command
    }

    fn sts(&self, arguments: &[&str], environment: Environment<'_>) -> Run {
        finish(&mut self.command(arguments, environment))
    }

    fn config(&self) -> String {
        self.0.join(".aws/config").display().to_string()
    }
}

/// Keys in the profile `base`, a role over them in `role`, both with this endpoint.
fn profiles(url: &str) -> String {
    let settings = format!("region = eu-west-1\nendpoint_url = {url}\n");
    format!(
        "[profile base]\naws_access_key_id = {}\naws_secret_access_key = {SECRET}\n{settings}\
         [profile role]\nrole_arn = {ROLE}\nsource_profile = base\nrole_session_name = work\n{settings}",
        KEY[0].1
    )
}

const USER_ARN: &str = "arn:aws:iam::123456789012:user/demo";
const ROLE_SESSION: &str = "arn:aws:sts::123456789012:assumed-role/demo/work";

#[test]
fn profile() {
    let service = LocalSts::demo().serve(0).unwrap();
    let home = Home::new("profile", &profiles(&service.url()));
    let arn = |options: &[&str], environment: Environment<'_>| {
        let command = [&["get-caller-identity", "--query", "Arn", "--output", "text"], options].concat();
        let run = home.sts(&command, environment);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{options:?}");
        run.stdout.trim().to_owned()
    };
    assert_eq!(arn(&["--profile", "role"], &[]), ROLE_SESSION);
    assert_eq!(arn(&[], &[("AWS_PROFILE", "role")]), ROLE_SESSION);
    assert_eq!(arn(&[], &[("AWS_DEFAULT_PROFILE", "role")]), ROLE_SESSION);
    assert_eq!(arn(&["--profile", "base"], &[("AWS_PROFILE", "role")]), USER_ARN);
    // A profile that is asked for goes before keys of the environment; one that is merely set does not.
    let wrong = [("AWS_ACCESS_KEY_ID", "AKIAWRONG"), ("AWS_SECRET_ACCESS_KEY", "wrong")];
    assert_eq!(arn(&["--profile", "role"], &wrong), ROLE_SESSION);
    assert_eq!(arn(&[], &[&KEY[..], &[("AWS_PROFILE", "role")]].concat()), USER_ARN);
    // The local STS needs none of it.
    assert_eq!(arn(&["--local"], &[("AWS_PROFILE", "nobody"), ("AWS_CONFIG_FILE", "/proc/self")]), USER_ARN);

    let endpoint = ["get-caller-identity", "--profile", "role", "--endpoint-url", "http://127.0.0.1:1"];
    let run = home.sts(&endpoint, &[("AWS_MAX_ATTEMPTS", "1")]);
    assert_eq!(run.code, 255);
    assert!(run.stderr.contains("could not connect to http://127.0.0.1:1"), "{}", run.stderr);
}

/// As with `AWS_CONFIG_FILE=<(…)`: what has been read from a pipe cannot be read again.
#[test]
fn shared_files_may_be_pipes() {
    let service = LocalSts::demo().serve(0).unwrap();
    let home = Home::new("pipes", "");
    let (reader, mut writer) = io::pipe().unwrap();
    writer.write_all(profiles(&service.url()).as_bytes()).unwrap();
    drop(writer);
    let options = ["whoami", "--profile", "role", "--output", "text", "--query", "Arn"];
    let run = finish(home.command(&options, &[("AWS_CONFIG_FILE", "/dev/stdin")]).stdin(reader));
    assert_eq!((run.code, run.stdout.trim(), run.stderr.as_str()), (0, ROLE_SESSION, ""));
}

/// What was read from a pipe is not read again for a profile's program.
#[test]
fn programs_of_profiles_in_pipes() {
    let service = LocalSts::demo().serve(0).unwrap();
    let this = env!("CARGO_BIN_EXE_sts");
    let itself = format!("[profile p]\ncredential_process = {this} credential-process\n");
    let home = Home::new("pipes-of-programs", "");
    let through_pipe = |variable: &str, text: &str, command: &[&str]| {
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        drop(writer);
        let environment = [(variable, "/dev/stdin"), ("AWS_PROFILE", "p"), ("AWS_ENDPOINT_URL", &*service.url())];
        finish(home.command(command, &environment).stdin(reader))
    };
    let whoami = ["whoami", "--region", "eu-west-1", "--query", "Arn"];
    let printed = home.0.join("printed");
    let document = format!(r#"{{"Version":1,"AccessKeyId":"{}","SecretAccessKey":"{SECRET}"}}"#, KEY[0].1);
    fs::write(&printed, document).unwrap();
    let config = format!("[profile p]\ncredential_process = cat {}\n", printed.display());
    let run = through_pipe("AWS_CONFIG_FILE", &config, &whoami);
    assert_eq!((run.code, run.stdout, run.stderr.as_str()), (0, format!("\"{USER_ARN}\"\n"), ""));
    // Where it comes back, there is nothing left in the pipe.
    let run = through_pipe("AWS_CONFIG_FILE", &itself, &whoami);
    assert_eq!((run.code, run.stdout.as_str()), (255, ""));
    assert!(run.stderr.contains("no profiles were defined, and profile `p` is asked for"), "{}", run.stderr);

    // Or in the other file.
    fs::write(home.config(), config).unwrap();
    let run = through_pipe("AWS_SHARED_CREDENTIALS_FILE", "[q]\naws_access_key_id = a\n", &whoami);
    assert_eq!((run.code, run.stdout, run.stderr.as_str()), (0, format!("\"{USER_ARN}\"\n"), ""));
    // And so may members.
    let policy = [
        "assume-role",
        "--role-arn",
        ROLE,
        "--role-session-name",
        "me",
        "--policy",
        "file:///dev/stdin",
        "--query",
        "Nope",
    ];
    let run = through_pipe(
        "UNUSED",
        r#"{"Version":"2012-10-17","Statement":[]}"#,
        &[&policy[..], &["--region", "eu-west-1"]].concat(),
    );
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "null\n", ""));
}

#[test]
fn wrong_profile() {
    let config = "[profile p]\nregion = eu-west-1\n[profile q]\nregion = eu-west-1\nmax_attempts = x\n";
    let home = Home::new("wrong-profile", config);
    let file = home.config();
    let cases: [(&str, String); 4] = [
        ("nobody", "Unable to locate credentials: profile `nobody` is not defined".into()),
        (
            "p",
            "Unable to locate credentials: no source of credentials is configured: the environment's keys and".into(),
        ),
        ("q", format!("max_attempts is \"x\", expected a whole number from 1 (profile `q`, {file} line 5)")),
        ("nobody", "Unable to locate credentials: profile `nobody` is not defined".into()),
    ];
    for (index, (name, expected)) in cases.into_iter().enumerate() {
        let region = [("AWS_REGION", "us-east-1")];
        let run = home.sts(&["whoami", "--profile", name], if index == 3 { &region } else { &[] });
        assert_eq!((run.code, run.stdout.as_str()), (253, ""), "{name}");
        assert!(run.stderr.starts_with(&format!("\n{expected}")), "{name}: {}", run.stderr);
    }
    let cases: [(&[&str], Environment<'_>); 3] = [
        (&["--profile", "nobody"], &[]),
        (&[], &[("AWS_PROFILE", "nobody")]),
        (&[], &[("AWS_DEFAULT_PROFILE", "nobody")]),
    ];
    for (options, environment) in cases {
        let run = home.sts(&[&["get-caller-identity"], options].concat(), environment);
        let expected = "\nUnable to locate credentials: profile `nobody` is not defined\n".to_owned();
        assert_eq!((run.code, run.stderr), (253, expected));
    }
    fs::write(&file, "[default]\nregion\n").unwrap();
    let run = home.sts(&["get-caller-identity"], &[]);
    let expected = format!("\n{file} line 2: expected an '=' sign defining a property\n");
    assert_eq!((run.code, run.stderr), (253, expected));
    fs::remove_file(&file).unwrap();
    fs::create_dir_all(&file).unwrap();
    let run = home.sts(&["explain"], &[]);
    assert_eq!(run.code, 253);
    assert!(run.stderr.starts_with(&format!("\n{file} cannot be read\n  caused by: ")), "{}", run.stderr);
}

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
fn export() {
    let service = LocalSts::demo().serve(0).unwrap();
    let home = Home::new("export", &profiles(&service.url()));
    let export = |options: &[&str], environment: Environment<'_>| {
        let run = home.sts(&[&["export"], options].concat(), environment);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{options:?}");
        run.stdout
    };
    let id = KEY[0].1;
    assert_eq!(
        export(&["--profile", "base"], &[]),
        format!(
            "export AWS_ACCESS_KEY_ID={id}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\nunset AWS_SESSION_TOKEN\nunset AWS_SECURITY_TOKEN\nunset AWS_CREDENTIAL_EXPIRATION\n"
        )
    );
    assert_eq!(
        export(&["--profile", "base", "--format", "fish"], &[]),
        format!(
            "set -gx AWS_ACCESS_KEY_ID {id}\nset -gx AWS_SECRET_ACCESS_KEY {SECRET}\nset -e AWS_SESSION_TOKEN\nset -e AWS_SECURITY_TOKEN\nset -e AWS_CREDENTIAL_EXPIRATION\n"
        )
    );
    assert_eq!(
        export(&["--profile", "base", "--format", "powershell"], &[]),
        format!(
            "$Env:AWS_ACCESS_KEY_ID = '{id}'\n$Env:AWS_SECRET_ACCESS_KEY = '{SECRET}'\n$Env:AWS_SESSION_TOKEN = $null\n\
             $Env:AWS_SECURITY_TOKEN = $null\n\
             $Env:AWS_CREDENTIAL_EXPIRATION = $null\n"
        )
    );
    let json =
        format!("{{\n    \"Version\": 1,\n    \"AccessKeyId\": \"{id}\",\n    \"SecretAccessKey\": \"{SECRET}\"\n}}\n");
    assert_eq!(export(&["--profile", "base", "--format", "json"], &[]), json);
    let temporary = export(&["--profile", "role", "--format", "json"], &[]);
    assert!(
        temporary.contains("\n    \"SessionToken\": \"") && temporary.contains("\n    \"Expiration\": \"2"),
        "{temporary}"
    );

    // Keys need no region.
    assert!(export(&[], &[KEY[0], KEY[1], ("AWS_REGION", "")]).starts_with("export AWS_ACCESS_KEY_ID"));

    // With a token that no shell may understand.
    let with = |token: &str, format: &str| {
        let run = home.sts(&["export", "--format", format], &[&KEY[..], &[("AWS_SESSION_TOKEN", token)]].concat());
        (run.code, run.stdout.lines().nth(2).unwrap_or_default().to_owned())
    };
    assert_eq!(with("a'b\\$c `\"", "env"), (0, r#"export AWS_SESSION_TOKEN='a'\''b\$c `"'"#.into()));
    assert_eq!(with("a'b\\$c `\"", "fish"), (0, r#"set -gx AWS_SESSION_TOKEN 'a\'b\\$c `"'"#.into()));
    assert_eq!(
        with("a'b\u{2019}\\$c `\"", "powershell"),
        (0, "$Env:AWS_SESSION_TOKEN = 'a''b\u{2019}\u{2019}\\$c `\"'".into())
    );
    for format in ["env", "fish", "powershell"] {
        assert_eq!(with("a\rb", format), (255, String::new()));
    }
}

/// What each command hands on is the role's, when one is asked for.
#[test]
fn role_over_what_is_found() {
    let service = LocalSts::demo().serve(0).unwrap();
    let home = Home::new("role-over", &profiles(&service.url()));
    let role = ["--profile", "base", "--role-arn", ROLE, "--role-session-name", "work"];
    let nested = ["--", env!("CARGO_BIN_EXE_sts"), "get-caller-identity", "--output", "text", "--query", "Arn"];
    let endpoint = [("AWS_ENDPOINT_URL", &*service.url())];
    let run = home.sts(&[&["exec"][..], &role, &nested].concat(), &endpoint);
    assert_eq!((run.code, run.stdout, run.stderr), (0, format!("{ROLE_SESSION}\n"), String::new()));
    expect_usage_error(vec![
        (
            vec!["exec", "--external-id", "x", "--", "true"],
            "error: the following required arguments were not provided:\n  --role-arn <ARN>\n".into(),
        ),
        (vec!["exec"], "error: the following required arguments were not provided:\n  <COMMAND>...\n".into()),
        (
            vec!["exec", "--profile", "base", "terraform", "plan", "--out", "x"],
            "error: unexpected value, which is not shown as it may be a secret; put -- before the program\n\n\
             Usage: sts exec [OPTIONS] -- <COMMAND>...\n"
                .into(),
        ),
        (vec!["export", "--format", "xml"], "error: invalid value 'xml' for '--format <FORMAT>'\n".into()),
        (vec!["export", "--output", "json"], "error: --output cannot be used with export\n\nUsage: sts export ".into()),
        (vec!["credential-process", "--local"], "error: --local cannot be used with credential-process\n".into()),
        (vec!["explain", "--no-sign-request"], "error: --no-sign-request cannot be used with explain\n".into()),
    ]);
}

#[cfg(unix)]
#[test]
fn exec() {
    let home = Home::new("exec", &profiles("http://127.0.0.1:1"));
    let exec = |command: &[&str], environment: Environment<'_>| {
        home.sts(&[&["exec", "--profile", "base", "--"], command].concat(), environment)
    };
    let left = [
        ("AWS_PROFILE", "role"),
        ("AWS_SESSION_TOKEN", "old"),
        ("AWS_CREDENTIAL_EXPIRATION", "old"),
        ("AWS_SECURITY_TOKEN", "old"),
        ("AWS_ACCOUNT_ID", "999999999999"),
        ("AWS_REGION", "eu-west-3"),
        ("KEPT", "kept"),
    ];
    let run = exec(&["env"], &left);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let mut found: Vec<_> =
        run.stdout.lines().filter(|line| line.starts_with("AWS_") || line.starts_with("KEPT")).collect();
    found.sort_unstable();
    let (id, secret) = (format!("AWS_ACCESS_KEY_ID={}", KEY[0].1), format!("AWS_SECRET_ACCESS_KEY={SECRET}"));
    assert_eq!(
        found,
        [
            &*id,
            "AWS_DEFAULT_REGION=eu-west-3",
            "AWS_EC2_METADATA_DISABLED=true",
            "AWS_REGION=eu-west-3",
            &secret,
            "KEPT=kept"
        ]
    );
    for environment in [&[][..], &[("AWS_REGION", "")], &[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "")]] {
        let run = exec(&["env"], environment);
        assert!(run.stdout.contains("AWS_REGION=eu-west-1\n"), "{environment:?}: {}", run.stdout);
    }
    assert_eq!(exec(&["sh", "-c", "exit 42"], &[]).code, 42);
    assert_eq!(exec(&["sh", "-c", "printf '%s|' \"$@\"", "sh", "a b", "--c", "--"], &[]).stdout, "a b|--c|--|");
    // The program takes this one's place, so that its shell sees the signal: 128 and 15.
    let run = finish(
        Command::new("sh")
            .args(["-c", "\"$0\" exec --profile base -- sh -c 'kill -15 $$'; exit $?"])
            .arg(env!("CARGO_BIN_EXE_sts"))
            .env("HOME", &home.0),
    );
    assert_eq!(run.code, 143, "{}", run.stderr);

    let run = exec(&["/nowhere/x"], &[]);
    assert_eq!(
        (run.code, &*run.stderr),
        (127, "\nCould not start /nowhere/x\n  caused by: No such file or directory (os error 2)\n")
    );
    let config = home.config();
    let run = exec(&[&config], &[]);
    assert_eq!(
        (run.code, run.stderr),
        (126, format!("\nCould not start {config}\n  caused by: Permission denied (os error 13)\n"))
    );
}

/// A profile may name this program, but not for its own credentials.
#[test]
fn credential_process() {
    let service = LocalSts::demo().serve(0).unwrap();
    let this = env!("CARGO_BIN_EXE_sts");
    let process = |profile: &str, options: &str| {
        format!("[profile {profile}]\ncredential_process = {this} credential-process {options}\nregion = eu-west-1\n")
    };
    let config = [
        profiles(&service.url()),
        process("good", "--profile role"),
        process("better", "--profile good"),
        process("own", "--profile own"),
        process("unnamed", ""),
        process("there", "--profile back"),
        process("back", "--profile there"),
    ]
    .concat();
    let home = Home::new("credential-process", &config);
    let endpoint = ("AWS_ENDPOINT_URL", &*service.url());
    for profile in ["good", "better"] {
        let run = home.sts(&["get-caller-identity", "--query", "Arn", "--profile", profile], &[endpoint]);
        assert_eq!((run.code, run.stdout, run.stderr), (0, format!("\"{ROLE_SESSION}\"\n"), String::new()));
    }
    let document = home.sts(&["credential-process", "--profile", "better"], &[]).stdout;
    assert!(document.starts_with("{\n    \"Version\": 1,\n    \"AccessKeyId\": \"ASIA"), "{document}");

    let file = home.config();
    for (profile, expected) in [
        ("own", format!("comes back to profile `own` ({file} line ")),
        ("unnamed", format!("comes back to profile `unnamed` ({file} line ")),
        // Only the beginning of what a program says is told, and how much that is of the rest hangs on the length of paths.
        ("there", "the program ended with exit code 255: ".into()),
    ] {
        for command in ["credential-process", "export", "whoami"] {
            let run = home.sts(&[command], &[("AWS_PROFILE", profile)]);
            assert_eq!((run.code, run.stdout.as_str()), (255, ""), "{profile}");
            assert!(run.stderr.contains(&expected), "{profile}: {}", run.stderr);
        }
    }

    // A program that is run with credentials may start the profile's program again, but not one that waits for it.
    let script = "echo \"$STS_CREDENTIAL_PROCESS\"; \"$0\" whoami --profile better";
    let exec = ["exec", "--profile", "better", "--", "sh", "-c", script, this];
    let run = home.sts(&exec, &[endpoint]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.starts_with("\nAccount  123456789012\n"), "{}", run.stdout);
    let run = home.sts(&exec, &[endpoint, ("STS_CREDENTIAL_PROCESS", "another\nand another\n")]);
    assert!(run.stdout.starts_with("another\nand another\n\nAccount"), "{}", run.stdout);
}

#[test]
fn explain() {
    let home = Home::new("explain", &profiles("http://127.0.0.1:1"));
    let file = home.config();
    let explain = |options: &[&str], environment: Environment<'_>| {
        let run = home.sts(&[&["explain"], options].concat(), environment);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{options:?}");
        assert!(!run.stdout.contains(SECRET));
        run.stdout
    };
    assert_eq!(
        explain(&["--profile", "role"], &[]),
        format!(
            "1. access key {} of profile `base` ({file} line 2)\n\
             2. assume role {ROLE} of profile `role` ({file} line 7), as session work\n\
             passed over: the environment's keys and web identity, since a profile is asked for\n\
             region: eu-west-1, from profile `role`\n\
             endpoint: http://127.0.0.1:1/, from profile `role`\n",
            KEY[0].1
        )
    );
    let region = [KEY[0], KEY[1], ("AWS_DEFAULT_REGION", "eu-west-3")];
    assert_eq!(
        explain(&[], &region),
        format!(
            "1. access key {} of the environment\nregion: eu-west-3, from AWS_DEFAULT_REGION\n\
             endpoint: https://sts.eu-west-3.amazonaws.com/, from the region\n",
            KEY[0].1
        )
    );
    let ending = |options: &[&str], environment: Environment<'_>| {
        explain(options, environment).split_once("region: ").unwrap().1.to_owned()
    };
    // What is empty counts for nothing.
    let empty = [("AWS_REGION", ""), ("AWS_ENDPOINT_URL_STS", ""), ("AWS_ENDPOINT_URL", "http://127.0.0.1:2")];
    assert_eq!(
        ending(&["--profile", "base"], &empty),
        "eu-west-1, from profile `base`\nendpoint: http://127.0.0.1:2/, from AWS_ENDPOINT_URL\n"
    );
    let options = ["--profile", "base", "--region", "eu-west-2"];
    assert_eq!(
        ending(&[], &[("AWS_DEFAULT_PROFILE", "base")]),
        "eu-west-1, from profile `base`\nendpoint: http://127.0.0.1:1/, from profile `base`\n"
    );
    let ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!(
        ending(&options, &[ignored]),
        "eu-west-2, from --region\nendpoint: https://sts.eu-west-2.amazonaws.com/, from the region\n"
    );
    let endpoint = ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:2");
    assert_eq!(
        ending(&options, &[endpoint]),
        "eu-west-2, from --region\nendpoint: http://127.0.0.1:2/, from AWS_ENDPOINT_URL_STS\n"
    );
    let options = [&options[..], &["--endpoint-url", "http://127.0.0.1:3"]].concat();
    assert_eq!(
        ending(&options, &[endpoint, ignored]),
        "eu-west-2, from --region\nendpoint: http://127.0.0.1:3/, from --endpoint-url\n"
    );
    // What is known is printed, and then what is missing.
    let run = home.sts(&["explain"], &KEY);
    assert_eq!(run.code, 253);
    let none = "region: none; pass --region, set AWS_REGION, or write region in the profile\n";
    assert_eq!(run.stdout, format!("1. access key {} of the environment\n{none}", KEY[0].1));
    assert!(run.stderr.starts_with("\nYou must specify a region. "), "{}", run.stderr);
    assert_eq!(
        explain(&["--endpoint-url", "http://127.0.0.1:3"], &KEY),
        format!(
            "1. access key {} of the environment\n{none}endpoint: http://127.0.0.1:3/, from --endpoint-url\n",
            KEY[0].1
        )
    );
    let run = home.sts(&["explain"], &[("AWS_REGION", "eu-west-3")]);
    assert_eq!(run.code, 253);
    assert_eq!(
        run.stdout,
        "passed over: keys in the environment: AWS_ACCESS_KEY_ID is not set\n\
         passed over: profile `default`: it is not defined\n\
         passed over: web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set\n\
         passed over: container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set\n\
         passed over: instance metadata: AWS_EC2_METADATA_DISABLED is true\n\
         region: eu-west-3, from AWS_REGION\nendpoint: https://sts.eu-west-3.amazonaws.com/, from the region\n"
    );
    assert!(run.stderr.starts_with("\nUnable to locate credentials: no source of "), "{}", run.stderr);
    let run = home.sts(&["explain", "--profile", "nobody"], &[]);
    assert_eq!((run.code, run.stdout.as_str()), (253, none));
    assert_eq!(run.stderr, "\nUnable to locate credentials: profile `nobody` is not defined\n");
}

#[test]
fn whoami() {
    let service = LocalSts::demo().serve(0).unwrap();
    let home = Home::new("whoami", &profiles(&service.url()));
    let run = home.sts(&["whoami", "--profile", "base"], &[("AWS_DEFAULT_OUTPUT", "json")]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let source = format!("access key {} of profile `base` ({} line 2)", KEY[0].1, home.config());
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[..2], ["Account  123456789012", &format!("Arn      {USER_ARN}")]);
    assert!(lines[2].starts_with("UserId   AIDA"), "{}", lines[2]);
    assert_eq!(lines[3..], [format!("Source   {source}")]);
    let run = home.sts(&["whoami", "--profile", "base", "--query", "[Arn, Source]", "--output", "text"], &[]);
    assert_eq!(run.stdout, format!("{USER_ARN}\t{source}\n"));
    let run = home.sts(&["whoami", "--profile", "base", "--output", "fish"], &[]);
    assert_eq!(run.code, 252);
    assert!(
        run.stderr.starts_with("error: --output fish prints credentials, and whoami issues none\n"),
        "{}",
        run.stderr
    );
    let run = home.sts(&["whoami", "--local", "--output", "json"], &[]);
    assert!(run.stdout.ends_with("    \"Source\": \"the local STS\"\n}\n"), "{}", run.stdout);

    // Whoever asks without a signature needs no credentials, and is not told of any.
    let me = "<GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId><Account>1</Account></GetCallerIdentityResult>";
    for environment in [&[][..], &KEY] {
        let (url, _) = respond(200, &format!("<GetCallerIdentityResponse>{me}</GetCallerIdentityResponse>"));
        let run = sts(&["whoami", "--no-sign-request", "--endpoint-url", &url, "--region", "r"], environment);
        let expected = "Account  1\nArn      a\nUserId   u\nSource   none, since nothing is signed\n";
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, expected, ""));
    }
}

/// Credentials of a profile's role are kept from call to call, for their owner alone.
#[cfg(unix)]
#[test]
fn cache() {
    use std::os::unix::fs::PermissionsExt as _;

    let service = LocalSts::demo().serve(0).unwrap();
    let home = Home::new("cache", &profiles(&service.url()));
    let export = |options: &[&str], endpoint: &str| {
        home.sts(
            &[&["export", "--profile", "role", "--format", "json"], options].concat(),
            &[("AWS_ENDPOINT_URL", endpoint)],
        )
    };
    let (open, closed) = (&*service.url(), "http://127.0.0.1:1");
    let folder = home.0.join(".aws/cli/cache");
    assert_eq!(export(&[], open).code, 0);
    assert!(!folder.exists());
    let first = export(&["--cache"], open);
    assert_eq!((first.code, first.stderr.as_str()), (0, ""));
    // hashlib.sha1(json.dumps({"RoleArn": ROLE, "RoleSessionName": "work"}, sort_keys=True).encode()).hexdigest()
    let file = folder.join("18f268e404be0b44e36f143e314ef648afbdea08.json");
    let kept: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(kept, std::slice::from_ref(&file));
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    let again = export(&["--cache"], closed);
    assert_eq!((again.code, again.stdout.as_str()), (0, first.stdout.as_str()), "{}", again.stderr);
    assert_ne!(export(&[], closed).code, 0);
    assert_eq!(home.sts(&["whoami", "--profile", "role", "--cache"], &[]).code, 0);

    // What ends soon, and what is damaged, is replaced.
    let text = fs::read_to_string(&file).unwrap();
    let end = text.split("\"Expiration\": \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(end.ends_with("UTC"), "{end}");
    let soon = (UtcDateTime::now() + Duration::from_secs(14 * 60)).to_string();
    let soon = format!("{}T{}UTC", &soon[..10], &soon[11..19]);
    for text in [text.replace(&end, &soon), "{".into(), text.replace("SessionToken", "Session")] {
        fs::write(&file, text).unwrap();
        assert_ne!(export(&["--cache"], closed).code, 0);
        let next = export(&["--cache"], open);
        assert_eq!((next.code, next.stderr.as_str()), (0, ""));
        assert_eq!(export(&["--cache"], closed).stdout, next.stdout);
    }
    // That nothing can be kept is a warning.
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "").unwrap();
    let run = export(&["--cache"], open);
    assert_eq!(run.code, 0);
    assert!(run.stderr.starts_with(&format!("Could not write {}: ", file.display())), "{}", run.stderr);
}

/// The code is asked for on the terminal, wherever the streams lead; without one, that is said.
#[cfg(target_os = "linux")]
#[test]
fn mfa() {
    let service = LocalSts::demo().serve(0).unwrap();
    let serial = "arn:aws:iam::123456789012:mfa/demo";
    let config = profiles(&service.url()) + &format!("mfa_serial = {serial}\n");
    let home = Home::new("mfa", &config);
    let in_session = |wrapper: &[&str], command: &str, typed: &str| {
        let mut shell = Command::new(wrapper[0]);
        shell.args(&wrapper[1..]).arg(command).env("HOME", &home.0).env("STS", env!("CARGO_BIN_EXE_sts"));
        shell.env("AWS_ENDPOINT_URL", service.url()).env("AWS_REGION", "eu-west-1");
        let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    // util-linux's program runs a shell on a terminal of its own.
    let on_terminal = ["script", "--quiet", "--return", "/dev/null", "--command"];
    let by_option = format!("export --profile base --role-arn {ROLE} --serial-number {serial}");
    for command in ["export --profile role", &by_option, "credential-process --profile role"] {
        let (code, shown, stderr) = in_session(&on_terminal, &format!("\"$STS\" {command} >/dev/null"), "123456\n");
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{command}: {shown}");
        assert!(shown.contains(&format!("Enter MFA code for {serial}: ")), "{command}: {shown}");
        let (code, shown, _) = in_session(&on_terminal, &format!("\"$STS\" {command} >/dev/null"), "000000\n");
        assert_eq!(code, Some(254), "{command}: {shown}");
        assert!(shown.contains("invalid MFA one time pass code"), "{command}: {shown}");
        let (code, stdout, stderr) = in_session(&["setsid", "sh", "-c"], &format!("\"$STS\" {command}"), "123456\n");
        assert_eq!((code, stdout.as_str()), (Some(255), ""), "{command}: {stderr}");
        let expected = format!("o code of MFA device {serial}: there is no terminal to ask on: ");
        assert!(stderr.contains(&expected), "{command}: {stderr}");
    }
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

#[test]
fn wrong_configuration() {
    let region = ("AWS_REGION", "us-east-1");
    let no_credentials = "\nUnable to locate credentials: no source of credentials is configured: keys in the environment: \
        AWS_ACCESS_KEY_ID is not set; profile `default`: it is not defined; web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set; \
        container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set; instance metadata: \
        AWS_EC2_METADATA_DISABLED is true\n";
    let cases: [(&[&str], Environment<'_>, &str); 6] = [
        (&[], &KEY, "\nYou must specify a region. Pass --region, set AWS_REGION, or write region in the profile.\n"),
        (
            &["--endpoint-url", "http://127.0.0.1:1"],
            &KEY,
            "\nYou must specify a region. Pass --region, set AWS_REGION, or write region in the profile.\n",
        ),
        (&[], &[region], no_credentials),
        (
            &[],
            &[region, KEY[0]],
            "\nUnable to locate credentials: AWS_ACCESS_KEY_ID is set in the environment but AWS_SECRET_ACCESS_KEY is not\n",
        ),
        (&["--region", "a b"], &KEY, "\nInvalid Configuration: region \"a b\" is not a valid host label\n"),
        (
            &["--endpoint-url", "ftp://127.0.0.1"],
            &[KEY[0], KEY[1], region],
            "\nInvalid Configuration: endpoint \"ftp://127.0.0.1\" cannot be used: its scheme is neither https nor http\n",
        ),
    ];
    for (options, environment, expected) in cases {
        let run = sts(&[&["get-caller-identity"], options].concat(), environment);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (253, "", expected), "{options:?}");
    }
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
