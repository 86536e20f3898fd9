//! Options about how the service is called.

use sha2::{Digest, Sha256};
use std::net::TcpListener;
use sts_local::LocalSts;

use crate::{KEY, SECRET, file, respond, sts};

/// Accepts connections and says nothing on them.
#[test]
fn timeouts() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let environment = [KEY[0], KEY[1], ("AWS_REGION", "us-east-1"), ("AWS_MAX_ATTEMPTS", "1")];
    let run = sts(&["get-caller-identity", "--endpoint-url", &url, "--cli-read-timeout", "1"], &environment);
    assert_eq!(run.code, 255);
    assert!(run.stderr.contains("timed out") || run.stderr.contains("timeout"), "{}", run.stderr);
    for limit in ["0", "60"] {
        let limits = ["get-caller-identity", "--local", "--cli-read-timeout", limit, "--cli-connect-timeout", limit];
        assert_eq!(sts(&limits, &[]).code, 0, "{limit}");
    }
    for wrong in ["-1", "x", "4294967296"] {
        let option = format!("--cli-read-timeout={wrong}");
        let run = sts(&["get-caller-identity", "--local", &option], &[]);
        assert_eq!(run.code, 252, "{wrong}");
        assert!(run.stderr.starts_with("error: --cli-read-timeout <SECONDS>: "), "{}", run.stderr);
    }
}

#[test]
fn ca_bundle() {
    let service = LocalSts::demo().serve(0).unwrap();
    let url = service.url();
    let environment =
        [KEY[0], KEY[1], ("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", &url), ("AWS_CA_BUNDLE", "/nowhere")];
    let run = sts(&["get-caller-identity"], &environment);
    assert_eq!((run.code, run.stderr.starts_with("\n/nowhere cannot be read\n  caused by: ")), (253, true));
    let (empty, option) = (file("empty.pem", ""), "--ca-bundle");
    let empty = empty.strip_prefix("file://").unwrap();
    let run = sts(&["get-caller-identity", option, empty], &environment);
    assert_eq!(run.code, 253);
    let expected = format!("\n{empty}: there is no certificate in it, as PEM\n");
    assert_eq!(run.stderr, expected);
}

#[test]
fn plain_http_to_another_machine() {
    let run = sts(&["get-caller-identity", "--region", "us-east-1", "--endpoint-url", "http://sts.test"], &KEY);
    let expected = "\nThe endpoint \"http://sts.test/\" is plain HTTP to another machine: credentials would travel in the clear. \
                    Use https://, a tunnel that begins on this machine, or --allow-http.\n";
    assert_eq!((run.code, run.stderr.as_str()), (253, expected));

    // On its way, though nobody is there.
    let arguments =
        ["get-caller-identity", "--region", "us-east-1", "--endpoint-url", "http://sts.test", "--allow-http"];
    let run = sts(&arguments, &[&KEY[..], &[("HTTP_PROXY", "http://127.0.0.1:1"), ("AWS_MAX_ATTEMPTS", "1")]].concat());
    assert_eq!(run.code, 255);
    assert!(run.stderr.contains("through the proxy http://127.0.0.1:1"), "{}", run.stderr);
}

/// What the AWS CLI takes and what is no use here.
#[test]
fn options_without_effect() {
    let plain = sts(&["get-caller-identity", "--local", "--query", "Arn"], &[]);
    for options in [
        &["--no-cli-pager"][..],
        &["--color", "on"],
        &["--color", "off", "--no-cli-pager"],
        &["--no-cli-auto-prompt", "--no-paginate"],
        &["--cli-binary-format", "raw-in-base64-out"],
        &["--cli-binary-format", "base64"],
    ] {
        let run = sts(&[&["get-caller-identity", "--local", "--query", "Arn"], options].concat(), &[]);
        assert_eq!((run.code, &run.stdout, &run.stderr), (0, &plain.stdout, &plain.stderr), "{options:?}");
    }
    assert_eq!(sts(&["get-caller-identity", "--local", "--no-verify-ssl"], &[]).code, 252);
}

#[test]
fn debug() {
    let token = "FwoGZXIvYXdzEXAMPLETOKEN";
    let environment = [KEY[0], KEY[1], ("AWS_SESSION_TOKEN", token), ("AWS_REGION", "us-east-1")];
    let (url, _) = respond(503, "");
    let run = sts(&["get-caller-identity", "--endpoint-url", &url, "--debug"], &environment);
    assert_eq!((run.code, run.stdout.as_str()), (255, ""));
    let host = url.strip_prefix("http://").unwrap();
    let lines: Vec<_> = run.stderr.lines().collect();
    assert_eq!(lines[0], format!("debug: POST {url}/ (attempt=1; max=3)"));
    assert_eq!(lines[1], "debug: canonical request:");
    assert_eq!(
        lines[2..7],
        ["  POST", "  /", "  ", "  content-type:application/x-www-form-urlencoded", &format!("  host:{host}")]
    );
    assert!(lines[7].starts_with("  x-amz-date:20"), "{}", run.stderr);
    assert_eq!(
        lines[8..11],
        ["  x-amz-security-token:[redacted]", "  ", "  content-type;host;x-amz-date;x-amz-security-token"]
    );
    // printf Action=GetCallerIdentity&Version=2011-06-15 | sha256sum
    assert_eq!(lines[11], "  ab821ae955788b0e33ebd34c208442ccfc2d406e2edc5e7a39bd6458fbb4f843");
    assert_eq!(lines[12..14], ["debug: string to sign:", "  AWS4-HMAC-SHA256"]);
    assert!(lines[14].starts_with("  20") && lines[15].ends_with("/us-east-1/sts/aws4_request"), "{}", run.stderr);
    assert!(lines[17].starts_with("debug: HTTP 503 after "), "{}", run.stderr);
    assert!(lines[18].starts_with("debug: waited "), "{}", run.stderr);
    assert_eq!(lines[19], format!("debug: POST {url}/ (attempt=2; max=3)"));
    assert!(run.stderr.contains(&format!("\ndebug: could not connect to {url} after ")), "{}", run.stderr);
    for secret in [token, SECRET, "Signature=", "Authorization"] {
        assert!(!run.stderr.contains(secret), "{secret} in {}", run.stderr);
    }
    // With nothing to redact, the canonical request is the one whose hash was signed.
    let run = sts(&["get-caller-identity", "--local", "--debug"], &[]);
    let shown: Vec<_> = run.stderr.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    let (canonical_request, string_to_sign) = shown.split_at(shown.len() - 4);
    let hash = hex::encode(Sha256::digest(canonical_request.join("\n")));
    assert_eq!(hash, string_to_sign[3], "{}", run.stderr);

    let proxy = ("HTTPS_PROXY", "http://Aladdin:sesame@127.0.0.1:1");
    let run = sts(&["get-caller-identity", "--debug"], &[&environment[..], &[proxy]].concat());
    let cause = " ms: through the proxy http://127.0.0.1:1: io: Connection refused";
    assert!(run.stderr.contains(cause) && !run.stderr.contains("sesame"), "{}", run.stderr);
    let run = sts(&["whoami", "--local", "--debug"], &[]);
    assert!(
        run.stderr.contains("\ndebug: HTTP 200 after ") && run.stderr.contains(" ms, request id "),
        "{}",
        run.stderr
    );
}
