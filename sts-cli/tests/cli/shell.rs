use std::process::Command;

use crate::harness::{CREDENTIALS, KEY, output_of, respond, sts};

#[test]
fn env() {
    assert_eq!(
        output_of("GetSessionToken", CREDENTIALS, &["get-session-token", "--output", "env"]),
        r#"export AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE
export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY
export AWS_SESSION_TOKEN='AQoDYXdz"\é<'\'' $(x)+/=='
unset AWS_SECURITY_TOKEN
export AWS_CREDENTIAL_EXPIRATION=2026-11-23T03:00:00+00:00
"#
    );
}

/// Whatever the service sends, a real shell takes it for a value.
#[test]
fn env_is_safe_to_evaluate() {
    for value in
        ["'", "a'b", "''", "$HOME", "$(echo x)", "`echo x`", "a b", "a\\", "*", "~", "x;y", "\"", "#", "!", "é"]
    {
        let result = CREDENTIALS.replace("ASIAIOSFODNN7EXAMPLE", value);
        let commands = output_of("GetSessionToken", &result, &["get-session-token", "--output", "env"]);
        let script = r#"eval "$1"; printf %s "$AWS_ACCESS_KEY_ID""#;
        let shell = Command::new("sh").args(["-c", script, "sh", &commands]).output().unwrap();
        assert_eq!(String::from_utf8(shell.stdout).unwrap(), value, "{commands}");
    }
    let (url, _) = respond(
        200,
        &format!(
            "<GetSessionTokenResponse><GetSessionTokenResult>{}</GetSessionTokenResult></GetSessionTokenResponse>",
            CREDENTIALS.replace("ASIAIOSFODNN7EXAMPLE", "a\nb")
        ),
    );
    let run = sts(&["get-session-token", "--output", "env", "--endpoint-url", &url, "--region", "us-east-1"], &KEY);
    let expected = "\nAWS_ACCESS_KEY_ID has a control character in it, and is not printed.\n";
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (255, "", expected));
}
