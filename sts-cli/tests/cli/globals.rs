use std::net::TcpListener;
use sts_local::LocalSts;

use crate::harness::{KEY, file, sts};

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
}
