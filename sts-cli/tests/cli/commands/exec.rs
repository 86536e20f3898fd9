use std::process::Command;

use crate::harness::{Environment, Home, KEY, SECRET, finish, profiles};

#[cfg(unix)]
#[test]
fn exec() {
    let home = Home::new("exec", &profiles("http://127.0.0.1:1"));
    let exec = |command: &[&str], environment: Environment<'_>| {
        home.sts(&[&["exec", "--profile", "base", "--"], command].concat(), environment)
    };
    let left = [
        ("AWS_PROFILE", "role"),
        ("AWS_DEFAULT_PROFILE", "role"),
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
