use std::{
    io::Write as _,
    process::{Command, Stdio},
};
use sts_local::LocalSts;

use crate::harness::{Home, ROLE, profiles};

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
