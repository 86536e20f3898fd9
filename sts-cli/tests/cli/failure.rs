use std::net::TcpListener;
use sts_local::LocalSts;

use crate::harness::{KEY, ROLE, SECRET, respond, sts};

#[test]
fn refused() {
    let service = LocalSts::demo().serve(0).unwrap();
    let url = service.url();
    let role = "arn:aws:iam::123456789012:role/missing";
    let assume_role = ["assume-role", "--role-arn", role, "--role-session-name", "me"];
    let encoded = ["decode-authorization-message", "--encoded-message", "abcd"];
    let wrong_secret = "wrongwrongwrongwrongwrongwrongwrongwrong";
    let cases: [(&[&str], &str, &str); 4] = [
        (
            &encoded,
            SECRET,
            "\nAn error occurred (InvalidAuthorizationMessageException) when calling the DecodeAuthorizationMessage \
             operation: ",
        ),
        (
            &["get-caller-identity"],
            wrong_secret,
            "\nAn error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request \
             signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
             signing method. Consult the service documentation for details.\n(HTTP 403, request id ",
        ),
        (
            &assume_role,
            SECRET,
            "\nAn error occurred (AccessDenied) when calling the AssumeRole operation: User: \
             arn:aws:iam::123456789012:user/demo is not authorized to perform: sts:AssumeRole on resource: \
             arn:aws:iam::123456789012:role/missing\n(HTTP 403, request id ",
        ),
        (
            &["get-session-token", "--serial-number", "GAHT12345678", "--token-code", "000000"],
            SECRET,
            "\nAn error occurred (AccessDenied) when calling the GetSessionToken operation: ",
        ),
    ];
    for (command, secret, expected) in cases {
        let environment =
            [KEY[0], ("AWS_SECRET_ACCESS_KEY", secret), ("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", &url)];
        let run = sts(command, &environment);
        assert_eq!((run.code, run.stdout.as_str()), (254, ""), "{command:?}");
        assert!(run.stderr.starts_with(expected), "{command:?}: {}", run.stderr);
        assert!(run.stderr.ends_with(", region us-east-1)\n"), "{command:?}: {}", run.stderr);
    }
}

/// A service's text must not control the terminal.
#[test]
fn control_characters() {
    let error =
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>a&#9;b&#155;31m</Message></Error></ErrorResponse>";
    let (url, _) = respond(403, error);
    let run = sts(&["get-caller-identity", "--endpoint-url", &url, "--region", "us-east-1"], &KEY);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (
            254,
            "\nAn error occurred (AccessDenied) when calling the GetCallerIdentity operation: a\tb\u{fffd}31m\n\
             (HTTP 403, region us-east-1)\n"
        )
    );
}

#[test]
fn nothing_or_nonsense_answers() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}");
    let call = |url: &str| sts(&["get-caller-identity", "--region", "us-east-1", "--endpoint-url", url], &KEY);
    let run = call(&url);
    assert_eq!((run.code, run.stdout.as_str()), (255, ""));
    let expected = format!("\nCould not connect to the endpoint URL: \"{url}\"\n  caused by: ");
    assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    assert!(run.stderr.contains("Connection refused"), "{}", run.stderr);

    for (status, body) in [(404, "not here"), (200, "<html><body>Log in</body></html>")] {
        let (url, _) = respond(status, body);
        let run = call(&url);
        assert_eq!((run.code, run.stdout.as_str()), (255, ""));
        let expected = format!("\nGetCallerIdentity: {url} answered HTTP {status}, not an STS response: ");
        assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    }
}

#[test]
fn secrets_stay_out_of_errors() {
    let closed = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let service = LocalSts::demo().serve(0).unwrap();
    let open = service.url();
    let secrets = ["S3CRETKEY", "S3CRETTOKEN", "123498", "s3cret.web.identity"];
    let environment = |url| {
        let region = ("AWS_REGION", "us-east-1");
        [
            KEY[0],
            ("AWS_SECRET_ACCESS_KEY", secrets[0]),
            ("AWS_SESSION_TOKEN", secrets[1]),
            region,
            ("AWS_ENDPOINT_URL", url),
        ]
    };
    let mfa = ["get-session-token", "--serial-number", "GAHT12345678", "--token-code"];
    let web =
        ["assume-role-with-web-identity", "--role-arn", ROLE, "--role-session-name", "me", "--web-identity-token"];
    let commands: [(Vec<&str>, i32); 7] = [
        (vec!["get-caller-identity"], 254),
        ([&mfa[..], &[secrets[2]]].concat(), 254),
        ([&mfa[..], &["12349812349"]].concat(), 252),
        (vec!["get-session-token", "--token-code", secrets[2]], 252),
        (vec!["get-session-token", "--cli-input-json", r#"{"TokenCode":123498}"#], 252),
        (vec!["get-session-token", "--cli-input-json", r#"{"TokenCode":["123498"]}"#], 252),
        ([&web[..], &[secrets[3]]].concat(), 254),
    ];
    for (command, code) in commands {
        for (url, code) in [(&open, code), (&closed, if code == 254 { 255 } else { code })] {
            let run = sts(&command, &environment(url));
            assert_eq!(run.code, code, "{command:?}: {}", run.stderr);
            assert!(!run.stderr.is_empty());
            assert!(!secrets.iter().any(|secret| run.stderr.contains(secret)), "{command:?}: {}", run.stderr);
        }
    }
}
