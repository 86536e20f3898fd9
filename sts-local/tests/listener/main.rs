//! The listener over real sockets, plain and TLS.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[cfg(feature = "tls")]
mod tls;

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use http::{Request, StatusCode};
use sts_core::{ErrorCode, sigv4::Signer};
use sts_local::{Fault, Listener, LocalSts, Script, Wire};
use time::{SignedDuration, UtcDateTime};

const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

fn connect(listener: &Listener) -> TcpStream {
    let stream = TcpStream::connect(listener.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn signed(listener: &Listener) -> String {
    let form = "application/x-www-form-urlencoded";
    let mut request = Request::post(listener.url()).header("content-type", form).body(()).unwrap();
    let credentials = LocalSts::demo_credentials();
    Signer::new(&credentials, "us-east-1", "sts").sign(&mut request, BODY.as_bytes(), UtcDateTime::now()).unwrap();
    let headers = request.headers().iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
    format!("POST / HTTP/1.1\r\n{}content-length: {}\r\n\r\n{BODY}", headers.collect::<String>(), BODY.len())
}

/// The head and the body of one response.
fn read(stream: &mut impl Read) -> (String, String) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

fn exchange(stream: &mut (impl Read + Write), request: &str) {
    stream.write_all(request.as_bytes()).unwrap();
    let (head, body) = read(stream);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}{body}");
    assert_eq!(head.matches("date: ").count(), 1, "{head}");
    assert!(body.contains("<Arn>arn:aws:iam::123456789012:user/demo</Arn>"), "{body}");
}

#[test]
fn one_connection_takes_several_requests() {
    let listener = LocalSts::demo().serve(0).unwrap();
    assert_eq!(listener.url(), format!("http://127.0.0.1:{}", listener.address().port()));
    let mut stream = connect(&listener);
    for _ in 0..3 {
        exchange(&mut stream, &signed(&listener));
    }
}

#[test]
fn a_stuck_client_hinders_nobody() {
    let listener = LocalSts::demo().serve(0).unwrap();
    let mut stuck = connect(&listener);
    stuck.write_all(b"POST / HTTP/1.1\r\ncontent-length: 10\r\nhost: x\r\n\r\nA").unwrap();
    let silent = connect(&listener);
    exchange(&mut connect(&listener), &signed(&listener));
    let address = listener.address();
    drop(listener);
    for mut stream in [stuck, silent] {
        // End of stream or a reset: closed in any case.
        assert_eq!(stream.read(&mut [0]).unwrap_or_default(), 0);
    }
    TcpStream::connect(address).expect_err("nobody listens any more");
}

#[test]
fn a_body_has_its_limit() {
    let listener = LocalSts::demo().serve(0).unwrap();
    let mut stream = connect(&listener);
    stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1048577\r\n\r\n").unwrap();
    stream.write_all(&vec![b'a'; (1 << 20) + 1]).unwrap();
    let (head, body) = read(&mut stream);
    assert!(head.starts_with("HTTP/1.1 413 ") && head.contains("x-amzn-requestid: "), "{head}");
    assert!(body.contains("<Code>RequestEntityTooLarge</Code>"), "{body}");
}

#[test]
fn its_clock_and_failures() {
    let listener = LocalSts::demo().clock_offset(SignedDuration::hours(-1)).serve(0).unwrap();
    let mut stream = connect(&listener);
    let date = || UtcDateTime::now().saturating_sub(SignedDuration::hours(1));
    let before = date();
    stream.write_all(signed(&listener).as_bytes()).unwrap();
    let (head, body) = read(&mut stream);
    assert!(head.starts_with("HTTP/1.1 403 ") && body.contains("Signature not yet current"), "{head}{body}");
    let shown = [before, date()].map(|time| format!(" {:02}:{:02}:", time.hour(), time.minute()));
    assert!(shown.iter().any(|time| head.contains(time)), "{head}");

    listener.sts().fail(ErrorCode::ServiceUnavailable);
    stream.write_all(signed(&listener).as_bytes()).unwrap();
    let (head, body) = read(&mut stream);
    assert!(head.starts_with("HTTP/1.1 503 ") && body.contains("<Type>Receiver</Type>"), "{head}{body}");
}

/// The whole of what comes on a connection of its own, until it ends; `Err` if that is a reset.
fn answer(listener: &Listener) -> std::io::Result<String> {
    let mut stream = connect(listener);
    stream.write_all(signed(listener).as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).map(|_| String::from_utf8_lossy(&bytes).into_owned())
}

#[test]
fn every_fault_on_the_wire() {
    let listener = LocalSts::demo().serve(0).unwrap();
    let fail = |fault| {
        listener.sts().fail(fault);
        answer(&listener)
    };
    let halves = |answer: String| {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\nconnection: close\r\n"), "{head}");
        (length.parse::<usize>().unwrap(), body.to_owned())
    };
    assert_eq!(fail(Fault::Close).unwrap(), "");
    assert_eq!(fail(Fault::Reset).unwrap_err().kind(), ErrorKind::ConnectionReset);
    let (length, body) = halves(fail(Fault::Truncated).unwrap());
    assert!(body.len() == length / 2 && body.starts_with("<GetCallerIdentityResponse"), "{length}, {body}");
    let (length, body) = halves(fail(Fault::Drip(Duration::from_micros(1))).unwrap());
    assert!(body.len() == length && body.ends_with("</GetCallerIdentityResponse>\n"), "{length}, {body}");
    for off in [-100, 1] {
        let (length, body) = halves(fail(Fault::WrongLength(off)).unwrap());
        assert_eq!(i64::try_from(length).unwrap() - i64::try_from(body.len()).unwrap(), off);
    }
    assert_eq!(halves(fail(Fault::WrongLength(i64::MIN)).unwrap()).0, 0);
    assert!(!fail(Fault::Garbage).unwrap().contains("HTTP/"));
    let steps = [Wire::Send(b"one, ".into()), Wire::Drip(b"two".into(), Duration::ZERO), Wire::Repeat(Vec::new())];
    assert_eq!(fail(Fault::Wire(steps.into())).unwrap(), "one, two");
    assert_eq!(fail(Fault::Wire(vec![Wire::Reset])).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!((listener.requests(), listener.connections()), (10, 10));
}

#[test]
fn what_never_ends_ends_with_the_client() {
    let listener = LocalSts::demo().serve(0).unwrap();
    for (requests, fault, length) in [(1, Fault::Endless, 8 << 20), (2, Fault::Silence, 0)] {
        listener.sts().fail(fault);
        let mut stream = connect(&listener);
        stream.write_all(signed(&listener).as_bytes()).unwrap();
        stream.read_exact(&mut vec![0; length]).unwrap();
        // A connection is open before its request has been read.
        until(&listener, requests, 1);
        drop(stream);
        until(&listener, requests, 0);
    }
    assert_eq!((listener.requests(), listener.connections()), (2, 2));
}

/// Waits until so many requests have come and so many connections are open.
fn until(listener: &Listener, requests: u64, open: u64) {
    let (start, found) = (Instant::now(), || (listener.requests(), listener.open_connections()));
    while found() != (requests, open) {
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}, not {:?}", found(), (requests, open));
        std::thread::yield_now();
    }
}

/// Those that HTTP can tell leave the connection as it is.
#[test]
fn a_delay_and_a_status_do_not_close_the_connection() {
    let listener = LocalSts::demo().serve(0).unwrap();
    listener.sts().fail(Script::every(2, [Fault::Status(StatusCode::BAD_GATEWAY)]));
    listener.sts().fail(Fault::Delay(Duration::from_millis(50)));
    let mut stream = connect(&listener);
    let start = Instant::now();
    exchange(&mut stream, &signed(&listener));
    assert!(start.elapsed() >= Duration::from_millis(50));
    stream.write_all(signed(&listener).as_bytes()).unwrap();
    let (head, body) = read(&mut stream);
    assert!(head.starts_with("HTTP/1.1 502 Bad Gateway\r\n") && body.is_empty(), "{head}{body}");
    exchange(&mut stream, &signed(&listener));
    assert_eq!((listener.requests(), listener.connections(), listener.open_connections()), (3, 1, 1));
}

#[test]
fn a_port_is_taken_once() {
    let listener = LocalSts::demo().serve(0).unwrap();
    LocalSts::demo().serve(listener.address().port()).expect_err("the port is taken");
}
