//! How both drivers handle failures of network and servers, over plain sockets and TLS.
//!
//! `cargo test -p driver-tests --test drivers faults -- --nocapture` prints the table of outcomes, attempts and times.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crate::common::{
    Client, Failure, PATIENCE, RUNTIME, Settings, Tls, config,
    peer::{Peer, close, forward, hang},
    pki, until,
};
use http::StatusCode;
use rustls::{ALL_VERSIONS, ServerConfig};
use socket2::{Domain, Socket, Type};
use sts_core::{ConfigBuilder, ErrorCode, GetCallerIdentity, xml};
use sts_local::{
    Fault, LocalSts, Script,
    Wire::{self, Drip, Repeat, Reset, Send, Silence},
};
use time::SignedDuration;

/// From the service's documentation.
const BODY: &str = r#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/Alice</Arn><UserId>AIDACKCEVSQ6C2EXAMPLE</UserId><Account>123456789012</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>"#;

struct Case {
    name: &'static str,
    saboteur: Saboteur,
    outcome: &'static str,
    attempts: u32,
    change: fn(ConfigBuilder) -> ConfigBuilder,
}

enum Saboteur {
    Sts(Script),
    /// A peer in front of the service. It numbers the connections in the order of their arrival.
    Peer(fn(u64, &TcpStream, SocketAddr)),
}

#[test]
fn every_fault_has_its_outcome() {
    let authority = pki::authority("test");
    let identity = pki::issue(&authority, &pki::server()).serve(ALL_VERSIONS, None);
    let tls = Tls { roots: vec![authority.der().clone()], identity: None };
    let mut table = Vec::new();
    thread::scope(|scope| {
        let (identity, tls) = (&identity, &tls);
        let runs = cases().into_iter().map(|case| scope.spawn(move || run(&case, identity, tls)));
        for run in runs.collect::<Vec<_>>() {
            table.extend(run.join().unwrap());
        }
    });
    let wrong: Vec<_> = table.iter().filter(|line| line.contains("WRONG")).collect();
    println!("{}", table.join("\n"));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Runs the case over plain sockets and TLS with both drivers, and returns lines of the table.
fn run(case: &Case, identity: &Arc<ServerConfig>, tls: &Tls) -> Vec<String> {
    let mut lines = Vec::new();
    for scheme in ["http", "https"] {
        for driver in [0, 1] {
            let listener = match scheme {
                "https" => LocalSts::demo().serve_tls(0, Arc::clone(identity)),
                _ => LocalSts::demo().serve(0),
            };
            let listener = listener.unwrap();
            let upstream = listener.address();
            let peer = match &case.saboteur {
                Saboteur::Sts(script) => {
                    listener.sts().fail(script.clone());
                    None
                }
                &Saboteur::Peer(serve) => Some(Peer::start(move |index, stream| serve(index, &stream, upstream))),
            };
            let address = peer.as_ref().map_or(upstream, |peer| peer.address);
            let config = (case.change)(config(&format!("{scheme}://{address}")));
            let client = &Client::both(Settings::from(config).tls(tls))[driver];
            let start = Instant::now();
            let (outcome, attempts, text) = match whoami(client) {
                Ok(attempts) => ("200".into(), attempts, String::new()),
                Err(failure) => (failure.what, failure.attempts, failure.text),
            };
            let elapsed = start.elapsed();
            let seen = listener.requests().max(peer.as_ref().map_or(listener.connections(), Peer::connections));
            // The server may not have noticed a client that timed out.
            let seen = seen == u64::from(attempts) || outcome == "Timeout" && seen < u64::from(attempts);
            let right = outcome == case.outcome && attempts == case.attempts && seen;
            lines.push(format!(
                "{:<45} {scheme:<5} {:<8} {outcome:<24} {attempts} {:>5} ms {} {text}",
                case.name,
                client.name(),
                elapsed.as_millis(),
                if right && elapsed < PATIENCE { "" } else { "WRONG" },
            ));
        }
    }
    lines
}

/// A port that is taken, but not listening. No other test can get it.
#[test]
fn refused_connections_are_tried_again() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    let port = socket.local_addr().unwrap().as_socket().unwrap().port();
    for scheme in ["http", "https"] {
        lost(&format!("{scheme}://127.0.0.1:{port}"), "Connect", "Connection refused");
    }
}

/// A label of 64 octets does not fit in a query (RFC 1035, 2.3.4), so the name is rejected before anything is sent.
#[test]
fn names_that_cannot_be_resolved_are_tried_again() {
    lost(&format!("http://{}.invalid", "a".repeat(64)), "Connect", "failed to lookup address");
}

fn lost(url: &str, kind: &str, cause: &str) {
    for client in Client::both(config(url).allow_http(true)) {
        let failure = whoami(&client).unwrap_err();
        assert_eq!((&*failure.what, failure.attempts), (kind, 3), "{}: {failure:?}", client.name());
        assert!(failure.text.contains(cause), "{failure:?}");
    }
}

#[test]
fn redirects_are_not_followed() {
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let (listener, target) = (LocalSts::demo().serve(0).unwrap(), LocalSts::demo().serve(0).unwrap());
        let redirect = format!("HTTP/1.1 {status}\r\nlocation: {}/\r\ncontent-length: 0\r\n\r\n", target.url());
        let clients = Client::both(config(&listener.url()));
        for (client, requests) in clients.iter().zip(1..) {
            listener.sts().fail(wire([Send(raw(&[&redirect]))]));
            let failure = whoami(client).unwrap_err();
            assert_eq!(failure.what, format!("{} unreadable", &status[..3]));
            assert!(failure.text.contains("which is not followed"), "{failure:?}");
            assert_eq!((listener.requests(), target.connections()), (requests, 0), "{}", client.name());
        }
    }
}

/// Between two calls, the server closes the connection that both would use, or closes it only when the second request arrives.
#[test]
fn connections_that_died_in_the_pool_do_no_harm() {
    let ok = || Send(keep_alive("200 OK", BODY));
    for (script, at_once) in [
        (Script::from(wire([ok()])), true),
        (wire([ok(), Reset]).into(), true),
        (Script::every(2, [Fault::Close]), false),
        (Script::every(2, [Fault::Reset]), false),
    ] {
        for driver in [0, 1] {
            let listener = LocalSts::demo().serve(0).unwrap();
            listener.sts().fail(script.clone());
            let client = Client::both(config(&listener.url()))[driver].clone();
            assert_eq!(whoami(&client).unwrap(), 1);
            assert!(!at_once || until(|| listener.open_connections() == 0));
            let attempts = whoami(&client).unwrap_or_else(|failure| panic!("{script:?}: {failure:?}"));
            assert!(attempts <= 2, "{script:?}, {}: {attempts} attempts", client.name());
            assert_eq!(listener.connections(), 2);
        }
    }
}

/// Data after an answer must not count as the answer to the next request.
#[test]
fn an_answer_that_nobody_asked_for_is_not_taken() {
    let forged = BODY.replace("123456789012", "999999999999");
    let twice = [keep_alive("200 OK", BODY), keep_alive("200 OK", &forged)].concat();
    for driver in [0, 1] {
        let listener = LocalSts::demo().serve(0).unwrap();
        listener.sts().fail(wire([Send(twice.clone()), Silence]));
        let client = Client::both(config(&listener.url()))[driver].clone();
        for _ in 0..2 {
            whoami(&client).unwrap();
        }
    }
}

#[test]
fn a_dropped_future_closes_its_connection() {
    let listener = LocalSts::demo().serve(0).unwrap();
    listener.sts().fail(Fault::Silence);
    let [_, client] = Client::both(config(&listener.url()));
    let client = client.credentials(LocalSts::demo_credentials());
    let Client::Async(inner) = &client else { panic!("the second is the asynchronous one") };
    let inner = inner.clone();
    let call = RUNTIME.spawn(async move { inner.send(&GetCallerIdentity::new()).await.map(|_| ()) });
    assert!(until(|| listener.requests() == 1));
    call.abort();
    assert!(until(|| listener.open_connections() == 0));
    assert_eq!(whoami(&client).unwrap(), 1);
    assert_eq!(listener.connections(), 2);
}

/// The number of attempts. The account is the one of the service and of the scripts' answer.
fn whoami(client: &Client) -> Result<u32, Failure> {
    let client = client.clone().credentials(LocalSts::demo_credentials());
    let reply = client.send(&GetCallerIdentity::new())?;
    assert_eq!(reply.output.account, "123456789012", "{}", client.name());
    Ok(reply.metadata.attempts)
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn cases() -> Vec<Case> {
    // A transient failure: this one, then a valid answer.
    let then_ok = |fault: Fault| Saboteur::Sts(fault.into());
    let always = |fault: Fault| Saboteur::Sts(Script::every(1, [fault]));
    let bytes = |bytes: Vec<u8>| always(wire([Send(bytes)]));
    let ok = || answer("200 OK", BODY);
    let head = "HTTP/1.1 200 OK\r\n";
    let long = |length: usize| format!("{BODY}{}", " ".repeat(length - BODY.len()));
    let length = BODY.len();

    // Errors that are final after the first attempt, and transient errors.
    let mut cases = vec![
        case("a good answer", Saboteur::Sts(Script::next([Fault::Close; 0])), "200", 1),
        case("a chunked body", bytes(raw(&[head, CHUNKED, "\r\n", &chunks(BODY, 100), "0\r\n\r\n"])), "200", 1),
        case(
            "chunks with a trailer",
            bytes(raw(&[head, CHUNKED, "\r\n", &chunks(BODY, 7), "0\r\na: b\r\n\r\n"])),
            "200",
            1,
        ),
        case("HTTP/1.0, ended by the connection's end", bytes(raw(&["HTTP/1.0 200 OK\r\n\r\n", BODY])), "200", 1),
        case("HTTP/1.1, ended by the connection's end", bytes(raw(&[head, "\r\n", BODY])), "200", 1),
        case("100 Continue first", bytes([raw(&["HTTP/1.1 100 Continue\r\n\r\n"]), ok()].concat()), "200", 1),
        case(
            "103 Early Hints first",
            bytes([raw(&["HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"]), ok()].concat()),
            "200",
            1,
        ),
        case("a body of 1 MiB", bytes(answer("200 OK", &long(xml::MAX_LENGTH))), "200", 1),
        case("a body of 1 MiB and a byte", bytes(answer("200 OK", &long(xml::MAX_LENGTH + 1))), "TooLarge", 1),
        case("an endless body", always(Fault::Endless), "TooLarge", 1),
        case(
            "endless chunks",
            always(wire([
                Send(raw(&[head, CHUNKED, "\r\n"])),
                Repeat(raw(&["1000\r\n", &" ".repeat(0x1000), "\r\n"])),
            ])),
            "TooLarge",
            1,
        ),
        case(
            "a Content-Length of 4 GiB",
            always(wire([Send(raw(&[head, "content-length: 4294967296\r\n\r\n"])), Repeat(vec![b' '])])),
            "TooLarge",
            1,
        ),
        case("a Content-Length that is too small", always(Fault::WrongLength(-100)), "200 unreadable", 1),
        case("an empty 200", bytes(answer("200 OK", "")), "200 unreadable", 1),
        case("a 204", bytes(raw(&["HTTP/1.1 204 No Content\r\n\r\n"])), "204 unreadable", 1),
        case("a 200 of something else", bytes(answer("200 OK", "<html>welcome</html>")), "200 unreadable", 1),
        case(
            "a 200 of another operation",
            bytes(answer("200 OK", &BODY.replace("GetCallerIdentity", "AssumeRole"))),
            "200 unreadable",
            1,
        ),
        case("a 400 in JSON", bytes(answer("400 Bad Request", r#"{"message":"no"}"#)), "400 unreadable", 1),
        case("a 403 in HTML", bytes(answer("403 Forbidden", "<html><body>blocked</body></html>")), "403 unreadable", 1),
        case("a 407 of a proxy", bytes(answer("407 Proxy Authentication Required", "")), "407 unreadable", 1),
        case("a 403 that is an error", always(ErrorCode::AccessDenied.into()), "403 AccessDenied", 1),
        case("a 200 that is an error", bytes(answer("200 OK", DENIED)), "200 AccessDenied", 1),
        case("a redirect without a place", bytes(answer("302 Found", "")), "302 unreadable", 1),
        case("throttling, then not", then_ok(ErrorCode::Throttling.into()), "200", 2),
        case("throttling", always(ErrorCode::Throttling.into()), "400 Throttling", 3),
        case("a 500 that is an error", always(ErrorCode::InternalFailure.into()), "500 InternalFailure", 3),
        case("a clock that is wrong", always(Fault::Clock(SignedDuration::minutes(20))), "200", 2),
        case("a clock that is wrong once", then_ok(Fault::Clock(SignedDuration::minutes(-20))), "200", 3),
        case("a 503 in HTML", bytes(answer("503 Service Unavailable", "<html>busy</html>")), "503 unreadable", 3),
    ];
    for (name, status) in [
        ("a 429, then not", "429 Too Many Requests"),
        ("a 500, then not", "500 Internal Server Error"),
        ("a 502, then not", "502 Bad Gateway"),
        ("a 503, then not", "503 Service Unavailable"),
        ("a 504, then not", "504 Gateway Timeout"),
    ] {
        cases.push(case(name, then_ok(wire([Send(answer(status, ""))])), "200", 2));
        // On the same connection.
        cases.push(case(name, then_ok(Fault::Status(status[..3].parse::<StatusCode>().unwrap())), "200", 2));
    }

    // Transport errors are retried: in one case with success, in one without.
    for (name, fault) in [
        ("closed before the answer", Fault::Close),
        ("reset before the answer", Fault::Reset),
        ("reset within the head", wire([Send(raw(&[head, "content-"])), Reset])),
        ("closed within the head", wire([Send(raw(&[head, "content-"]))])),
        (
            "reset within the body",
            wire([Send(raw(&[head, &format!("content-length: {length}\r\n\r\n"), &BODY[..99]])), Reset]),
        ),
        ("closed within the body", Fault::Truncated),
        ("a Content-Length that is too large", Fault::WrongLength(1)),
        ("closed between chunks", wire([Send(raw(&[head, CHUNKED, "\r\n", &chunks(BODY, 100)]))])),
        ("closed within a chunk", wire([Send(raw(&[head, CHUNKED, "\r\nfff\r\n", BODY]))])),
        ("a chunk's length that is none", wire([Send(raw(&[head, CHUNKED, "\r\nxyz\r\n", BODY, "\r\n0\r\n\r\n"]))])),
        ("a Content-Length that is no number", wire([Send(raw(&[head, "content-length: many\r\n\r\n", BODY]))])),
        ("a Content-Length below zero", wire([Send(raw(&[head, "content-length: -1\r\n\r\n", BODY]))])),
        (
            "two Content-Lengths",
            wire([Send(raw(&[head, &format!("content-length: 5\r\ncontent-length: {length}\r\n\r\n"), BODY]))]),
        ),
        ("another protocol", wire([Send(raw(&["SSH-2.0-OpenSSH_9.6\r\n"]))])),
        ("bytes without a meaning", Fault::Garbage),
        ("a status that is no number", wire([Send(raw(&["HTTP/1.1 OK 200\r\n\r\n", BODY]))])),
        ("HTTP/2 unasked", wire([Send(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64".to_vec())])),
        ("a header whose name is none", wire([Send(raw(&[head, "a\0b: c\r\n\r\n", BODY]))])),
        ("a flood of headers", wire([Send(raw(&[head])), Repeat(raw(&["x-header: value\r\n"]))])),
        ("an endless header", wire([Send(raw(&[head, "x-header: "])), Repeat(vec![b'a'])])),
    ] {
        cases.push(case(name, then_ok(fault.clone()), "200", 2));
        cases.push(case(name, always(fault), "Interrupted", 3));
    }
    cases.push(case("closed at once", Saboteur::Peer(closes_once), "200", 2));
    cases.push(case("closed at once", Saboteur::Peer(|_, stream, _| close(stream)), "Interrupted", 3));

    // A hanging attempt ends with its timeout, and all attempts end with the call's timeout.
    let pause = Duration::from_millis(20);
    for (name, fault) in [
        ("a silent server", Fault::Silence),
        ("an answer that comes too late", Fault::Delay(PATIENCE)),
        ("a head without an end", wire([Send(raw(&[head, "content-"])), Silence])),
        ("a body without an end", wire([Send(raw(&[head, "content-length: 999\r\n\r\n<"])), Silence])),
        ("a slow drip", wire([Send(raw(&[head, "\r\n"])), Drip(vec![b' '; 999], pause)])),
        ("a slow drip of the head", Fault::Drip(pause)),
        ("100 Continue, then nothing", wire([Send(raw(&["HTTP/1.1 100 Continue\r\n\r\n"])), Silence])),
    ] {
        cases.push(Case { change: short_attempts, ..case(name, always(fault), "Timeout", 2) });
    }
    cases.extend([
        Case {
            change: short_attempts,
            ..case("a peer that says nothing", Saboteur::Peer(|_, stream, _| hang(stream)), "Timeout", 2)
        },
        Case {
            change: short_call,
            ..case("a silent server, within the call's time", always(Fault::Silence), "Timeout", 1)
        },
    ]);
    cases
}

fn closes_once(index: u64, stream: &TcpStream, upstream: SocketAddr) {
    if index == 0 { close(stream) } else { forward(stream, upstream) }
}

const DENIED: &str = "<ErrorResponse><Error><Code>AccessDenied</Code></Error><RequestId>1</RequestId></ErrorResponse>";
const CHUNKED: &str = "transfer-encoding: chunked\r\n";

fn case(name: &'static str, saboteur: Saboteur, outcome: &'static str, attempts: u32) -> Case {
    Case { name, saboteur, outcome, attempts, change: |config| config }
}

fn short_attempts(config: ConfigBuilder) -> ConfigBuilder {
    config.attempt_timeout(Duration::from_secs(1)).max_attempts(2)
}

fn short_call(config: ConfigBuilder) -> ConfigBuilder {
    config.call_timeout(Duration::from_secs(1))
}

fn wire(steps: impl Into<Vec<Wire>>) -> Fault {
    Fault::Wire(steps.into())
}

fn raw(parts: &[&str]) -> Vec<u8> {
    parts.concat().into_bytes()
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn keep_alive(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// The body in chunks of this size, without the last, empty chunk.
fn chunks(body: &str, size: usize) -> String {
    body.as_bytes()
        .chunks(size)
        .map(|piece| std::str::from_utf8(piece).unwrap())
        .fold(String::new(), |chunks, piece| chunks + &format!("{:x}\r\n{piece}\r\n", piece.len()))
}
