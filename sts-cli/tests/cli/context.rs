use std::{
    fs,
    io::{self, Write as _},
};
use sts_local::LocalSts;

use crate::harness::{Environment, Home, KEY, ROLE, ROLE_SESSION, SECRET, USER_ARN, file, finish, profiles, sts};

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
    let config = "[profile p]\nregion = eu-west-1\n[profile q]\nregion = eu-west-1\nmax_attempts = x\n\
                  aws_access_key_id = AKID\naws_secret_access_key = s\n";
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
    let expected = format!("\nexpected an '=' sign defining a property (profile `default`, {file} line 2)\n");
    assert_eq!((run.code, run.stderr), (253, expected));
    fs::remove_file(&file).unwrap();
    fs::create_dir_all(&file).unwrap();
    let run = home.sts(&["explain"], &[]);
    assert_eq!(run.code, 253);
    assert!(run.stderr.starts_with(&format!("\n{file} cannot be read\n  caused by: ")), "{}", run.stderr);
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

/// The option, else the environment, else the profile.
#[test]
fn default_output() {
    let service = LocalSts::demo().serve(0).unwrap();
    let file = file(
        "output.config",
        "[default]\noutput = text\n[profile y]\noutput = yaml-stream\n[profile e]\noutput = env\n",
    );
    let config = file.strip_prefix("file://").unwrap();
    let run_command = |command: &[&str], format: &str, profile: &str| {
        let url = service.url();
        let environment = [
            ("AWS_DEFAULT_OUTPUT", format),
            ("AWS_ENDPOINT_URL", &url),
            ("AWS_REGION", "us-east-1"),
            ("AWS_CONFIG_FILE", config),
            ("AWS_PROFILE", profile),
        ];
        sts(command, &[&KEY[..], &environment].concat())
    };
    let run = |format: &str, profile: &str, options: &[&str]| {
        run_command(&[&["get-caller-identity"], options].concat(), format, profile)
    };
    assert!(run("text", "y", &[]).stdout.starts_with("123456789012\t"));
    assert!(run("text", "e", &["--output", "yaml"]).stdout.starts_with("UserId: "));
    assert!(run("", "", &[]).stdout.starts_with("123456789012\t"));
    assert!(run("", "y", &[]).stdout.starts_with("- UserId: "));
    let older_name = [("AWS_DEFAULT_PROFILE", "y"), ("AWS_CONFIG_FILE", config)];
    assert!(sts(&["get-caller-identity", "--generate-cli-skeleton", "output"], &older_name).stdout.starts_with("- U"));
    assert!(run("", "", &["--local"]).stdout.starts_with("{\n"));
    assert!(run("json", "e", &["--local"]).stdout.starts_with("{\n"));
    let requests = service.requests();
    for (format, profile, expected) in [
        ("nope", "", "AWS_DEFAULT_OUTPUT: unknown output format \"nope\"".to_owned()),
        ("env", "", "AWS_DEFAULT_OUTPUT: unknown output format \"env\"".to_owned()),
        ("", "e", format!("output (profile `e`, {config} line 6): unknown output format \"env\"")),
    ] {
        let expected = format!("\n{expected}, expected json, text, table, yaml or yaml-stream\n");
        let token = &["eks-token", "--cluster-name", "c", "--role-arn", ROLE];
        for command in [&["get-caller-identity"][..], &["whoami", "--query", "Arn"], token] {
            let wrong = run_command(command, format, profile);
            assert_eq!((wrong.code, wrong.stdout.as_str(), &wrong.stderr), (253, "", &expected), "{command:?}");
        }
    }
    // What would have come back is not lost.
    assert_eq!(service.requests(), requests);
    // It says nothing about what has one form only.
    let skeleton = sts(&["get-session-token", "--generate-cli-skeleton"], &[("AWS_DEFAULT_OUTPUT", "nope")]);
    assert_eq!(skeleton.code, 0);
}
