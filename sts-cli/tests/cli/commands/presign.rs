use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};
use sts_blocking::core::timestamp;
use sts_local::LocalSts;
use time::UtcDateTime;

use crate::harness::{Environment, KEY, sts};

/// The URL alone tells a service who signed it, also for temporary credentials.
#[test]
fn presign() {
    let service = LocalSts::demo().serve(0).unwrap();
    let url = service.url();
    let endpoint = [("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", &*url)];
    let session = ["get-session-token", "--output", "text", "--query"];
    let session = [&session[..], &["Credentials.[AccessKeyId, SecretAccessKey, SessionToken]"]].concat();
    let session = sts(&session, &[&KEY[..], &endpoint].concat()).stdout;
    let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    let session: Vec<_> = names.into_iter().zip(session.trim().split('\t')).collect();
    assert_eq!(session.len(), 3);
    let cases: [(&[&str], Environment<'_>, &str); 3] = [
        (&["presign"], &KEY, "&X-Amz-Expires=900&"),
        (&["presign", "--expires-in", "60"], &KEY, "&X-Amz-Expires=60&"),
        (&["presign", "--expires-in", "604800"], &session, "&X-Amz-Expires=604800&"),
    ];
    for (command, credentials, expires) in cases {
        let start = seconds(UtcDateTime::now());
        let run = sts(command, &[credentials, &endpoint].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
        assert!(run.stdout.contains(expires), "{}", run.stdout);
        // The service takes it for 15 minutes either way; it is signed for now.
        let (_, signed) = run.stdout.split_once("&X-Amz-Date=").unwrap();
        let signed = timestamp::parse_basic(&signed[..16]).map(seconds).unwrap();
        assert!((start..=seconds(UtcDateTime::now())).contains(&signed), "{}", run.stdout);
        let presigned = run.stdout.strip_suffix('\n').unwrap();
        let answer = fetch(&url, presigned.strip_prefix(&url).unwrap());
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("<Arn>arn:aws:iam::123456789012:user/demo</Arn>"), "{answer}");
        let tampered = presigned.strip_prefix(&url).unwrap().replace(expires, "&X-Amz-Expires=61&");
        assert!(fetch(&url, &tampered).starts_with("HTTP/1.1 403 "));
    }
    let run = sts(&["presign", "--region", "eu-west-1"], &KEY);
    assert!(run.stdout.starts_with("https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&"), "{}", run.stdout);
}

fn seconds(time: UtcDateTime) -> i64 {
    time.unix_timestamp()
}

/// What a service answers to a GET.
fn fetch(service: &str, target: &str) -> String {
    let host = service.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
