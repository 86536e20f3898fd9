#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};
use sts_local::LocalSts;

use crate::harness::{Environment, Home, KEY, ROLE, finish, on_terminal, profiles, program, respond};

/// The code is asked for on the terminal, wherever standard input and output lead; without a terminal, the message says so.
#[test]
fn mfa() {
    let service = LocalSts::demo().serve(0).unwrap();
    let serial = "arn:aws:iam::123456789012:mfa/demo";
    let config = profiles(&service.url()) + &format!("mfa_serial = {serial}\n");
    let home = Home::new("mfa", &config);
    let (url, sts) = (service.url(), env!("CARGO_BIN_EXE_sts"));
    let environment = [("AWS_ENDPOINT_URL", &*url), ("AWS_REGION", "eu-west-1"), ("STS", sts)];
    let by_option = format!("export --profile base --role-arn {ROLE} --serial-number {serial}");
    for command in ["export --profile role", &by_option, "credential-process --profile role"] {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("\"$STS\" {command} >/dev/null")]).envs(environment).env("HOME", &home.0);
        let (code, shown) = on_terminal(&shell, "123456\n");
        assert_eq!(code, 0, "{command}: {shown}");
        assert!(shown.contains(&format!("Enter MFA code for {serial}: ")), "{command}: {shown}");
        let (code, shown) = on_terminal(&shell, "000000\n");
        assert_eq!(code, 254, "{command}: {shown}");
        assert!(shown.contains("invalid MFA one time pass code"), "{command}: {shown}");

        let mut session = Command::new("setsid");
        session.args(["sh", "-c", &format!("\"$STS\" {command}")]).envs(environment).env("HOME", &home.0);
        let run = finish(session.stdin(Stdio::null()));
        assert_eq!((run.code, run.stdout.as_str()), (255, ""), "{command}: {}", run.stderr);
        let expected = format!("o code of MFA device {serial}: there is no terminal to ask on: ");
        assert!(run.stderr.contains(&expected), "{command}: {}", run.stderr);
    }
}

/// The service's text must not control the terminal. A program that reads the output gets it as it is.
#[test]
fn control_characters() {
    let me = "<Arn>a&#27;[2J&#155;31m&#9;b</Arn><UserId>u</UserId><Account>1</Account>";
    let body = format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult>{me}</GetCallerIdentityResult></GetCallerIdentityResponse>"
    );
    let run = |command: &[&str], is_terminal| {
        let (url, _) = respond(200, &body);
        let command = [command, &["--endpoint-url", &url, "--region", "r"]].concat();
        let mut program = program(&command, &KEY);
        if is_terminal { on_terminal(&program, "").1 } else { finish(&mut program).stdout }
    };
    let is_clean = |text: &str| !text.contains(|c: char| c.is_control() && c != '\n' && c != '\t');
    for format in ["text", "table", "json", "yaml"] {
        let command = ["get-caller-identity", "--output", format];
        let shown = run(&command, true);
        assert!(is_clean(&shown) && shown.contains("[2J"), "{format}: {shown:?}");
    }
    assert_eq!(run(&["get-caller-identity", "--output", "text"], false), "1\ta\u{1b}[2J\u{9b}31m\tb\tu\n");
    // The output of `whoami` is for people alone, a line for each value.
    for is_terminal in [false, true] {
        let shown = run(&["whoami"], is_terminal);
        assert!(shown.starts_with("Account  1\nArn      a\u{fffd}[2J\u{fffd}31m\u{fffd}b\nUserId   u\n"), "{shown:?}");
    }
    let explain: Environment<'_> =
        &[KEY[0], KEY[1], ("AWS_REGION", "r"), ("AWS_ENDPOINT_URL", "http://127.0.0.1/\u{9b}x")];
    let run = finish(&mut self::program(&["explain"], explain));
    assert!(is_clean(&run.stdout) && is_clean(&run.stderr), "{} {}", run.stdout, run.stderr);
}
