// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! A transport of one's own, over nothing but the standard library's sockets, completes a call.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, SystemTime},
};

use http::Response;
use sts_core::*;
use time::UtcDateTime;

/// The whole transport.
fn exchange(Transmit { request, timeout, .. }: &Transmit) -> io::Result<Response<Vec<u8>>> {
    let mut socket = TcpStream::connect(request.uri().authority().unwrap().as_str())?;
    socket.set_read_timeout(Some(*timeout))?;
    let mut head = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", request.method(), request.uri().path());
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().map_err(io::Error::other)?);
    }
    socket.write_all(&[head.as_bytes(), b"\r\n", request.body().expose()].concat())?;
    let mut answer = String::new();
    socket.take(1 << 20).read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    Response::builder().status(&head[9..12]).body(body.into()).map_err(io::Error::other)
}

/// The whole driver.
fn send<O: Operation>(operation: &O, config: &Config, credentials: &Credentials) -> Result<Reply<O::Output>, Error> {
    let client = Client::new(config.clone(), 1);
    let mut step = client.call(operation, Some(credentials), now());
    loop {
        step = match step {
            Step::Transmit(transmit, call) => {
                let result = exchange(&transmit);
                call.receive(result.map_err(|error| TransportError::new(TransportErrorKind::Interrupted, error)), now())
            }
            Step::Wait(delay, call) => {
                thread::sleep(delay);
                call.resume(now())
            }
            Step::Done(result) => return result,
        };
    }
}

/// The clock that the core does without.
#[expect(clippy::disallowed_methods, reason = "a driver is where clocks are read")]
fn now() -> UtcDateTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    UtcDateTime::UNIX_EPOCH + since
}

#[test]
fn a_driver_over_plain_sockets_completes_a_call() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let xml = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/Alice</Arn>\
        <UserId>AIDACKCEVSQ6C2EXAMPLE</UserId><Account>123456789012</Account></GetCallerIdentityResult>\
        </GetCallerIdentityResponse>";
    // The first connection breaks, the second is told to come again, the third gets its answer.
    let server = thread::spawn(move || {
        let answers = ["", "HTTP/1.1 503 Busy\r\n\r\n", &format!("HTTP/1.1 200 OK\r\n\r\n{xml}")];
        answers.map(|answer| {
            let (mut socket, _) = listener.accept().unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let request = read_request(&mut socket);
            socket.write_all(answer.as_bytes()).unwrap();
            request
        })
    });

    let config = Config::builder().region("us-east-1").endpoint_url(format!("http://{address}")).build().unwrap();
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let reply = send(&GetCallerIdentity::new(), &config, &credentials).unwrap();
    assert_eq!(reply.output.arn, "arn:aws:iam::123456789012:user/Alice");
    assert_eq!(reply.metadata.attempts, 3);
    for request in server.join().unwrap() {
        assert!(request.starts_with("POST / HTTP/1.1\r\n"), "{request}");
        assert!(request.contains(&format!("\r\nhost: {address}\r\n")), "{request}");
        assert!(request.ends_with("\r\n\r\nAction=GetCallerIdentity&Version=2011-06-15"), "{request}");
    }
}

/// Until the body is as long as `content-length` says.
fn read_request(socket: &mut TcpStream) -> String {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let length = socket.read(&mut buffer).unwrap();
        assert!(length > 0, "the request ends early: {text}");
        text += std::str::from_utf8(&buffer[..length]).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() >= length.parse().unwrap() {
            return text;
        }
    }
}
