use sha2::{Digest as _, Sha256};

use crate::harness::{KEY, SECRET, respond, sts};

#[test]
fn debug() {
    let token = "FwoGZXIvYXdzEXAMPLETOKEN";
    let environment = [KEY[0], KEY[1], ("AWS_SESSION_TOKEN", token), ("AWS_REGION", "us-east-1")];
    let (url, _) = respond(503, "");
    let run = sts(&["get-caller-identity", "--endpoint-url", &url, "--debug"], &environment);
    assert_eq!((run.code, run.stdout.as_str()), (255, ""));
    let host = url.strip_prefix("http://").unwrap();
    let lines: Vec<_> = run.stderr.lines().collect();
    let origins = [
        format!("debug: 1. access key {} of the environment", KEY[0].1),
        "debug: region: us-east-1, from AWS_REGION".to_owned(),
        format!("debug: endpoint: {url}/, from --endpoint-url"),
    ];
    let (first, lines) = lines.split_at(3);
    assert_eq!(first, origins);
    assert_eq!(lines[0], format!("debug: GetCallerIdentity: POST {url}/ (attempt 1 of 3)"));
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
    assert_eq!(lines[19], format!("debug: GetCallerIdentity: POST {url}/ (attempt 2 of 3)"));
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
    let cause = " ms: through the proxy http://127.0.0.1:1: Connection refused";
    assert!(run.stderr.contains(cause) && !run.stderr.contains("sesame"), "{}", run.stderr);
    let run = sts(&["whoami", "--local", "--debug"], &[]);
    assert!(
        run.stderr.contains("\ndebug: HTTP 200 after ") && run.stderr.contains(" ms, request id "),
        "{}",
        run.stderr
    );
}
