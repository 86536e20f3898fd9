use sts_local::LocalSts;

use crate::harness::{Home, ROLE, ROLE_SESSION, expect_usage_error, profiles};

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
            "error: unexpected argument, which is not shown because it may be a secret: put -- before the program to run\n\n\
             Usage: sts exec [OPTIONS] -- <COMMAND>...\n"
                .into(),
        ),
        (vec!["export", "--format", "xml"], "error: invalid value 'xml' for '--format <FORMAT>'\n".into()),
        (vec!["export", "--output", "json"], "error: --output cannot be used with export\n\nUsage: sts export ".into()),
        (vec!["credential-process", "--local"], "error: --local cannot be used with credential-process\n".into()),
        (vec!["explain", "--no-sign-request"], "error: --no-sign-request cannot be used with explain\n".into()),
    ]);
}
