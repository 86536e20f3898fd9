//! Time limits, and the clock that requests are signed by.

use std::{
    io::{Read, Write},
    thread,
    time::{Duration, Instant},
};

use sts_core::GetCallerIdentity;
use sts_local::{Fault, LocalSts, Script};

use crate::common::{
    Client, Failure, Settings,
    agent::{Agent, Answer, IDENTITY},
    config,
    peer::{Peer, hang},
};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(20);
/// Longer than the short limit with all that a busy machine adds, and shorter than the long one.
const BETWEEN: Duration = Duration::from_secs(10);

fn whoami(client: Client) -> Result<u32, Failure> {
    let client = client.credentials(LocalSts::demo_credentials());
    client.send(&GetCallerIdentity::new()).map(|reply| reply.metadata.attempts)
}

fn times_out(settings: Settings) {
    for client in Client::both(settings) {
        let (start, name) = (Instant::now(), client.name());
        let failure = whoami(client).unwrap_err();
        assert_eq!(failure.what, "Timeout", "{name}: {failure:?}");
        let took = start.elapsed();
        assert!(took >= SHORT && took < BETWEEN, "{name}: {took:?}");
    }
}

#[test]
fn the_limit_for_connecting_is_that_and_no_other() {
    // TLS is a part of connecting.
    let silent = Peer::start(|_, stream| hang(&stream));
    let limits = |url: &str| {
        let config = config(url).attempt_timeout(LONG).call_timeout(LONG).max_attempts(1);
        Settings::from(config).connect_timeout(SHORT)
    };
    times_out(limits(&format!("https://{}", silent.address)));
    // An answer may take longer.
    let slow = LocalSts::demo().serve(0).unwrap();
    slow.sts().fail(Script::every(1, [Fault::Delay(2 * SHORT)]));
    for client in Client::both(limits(&slow.url())) {
        assert_eq!(whoami(client).unwrap(), 1);
    }
}

/// Nobody takes connections from this server's queue, which is full.
#[cfg(target_os = "linux")]
#[test]
fn the_limit_for_connecting_holds_for_tcp() {
    use socket2::{Domain, Socket, Type};
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let wait = Duration::from_millis(100);
    let _queue: Vec<_> = (0..8).map_while(|_| std::net::TcpStream::connect_timeout(&address, wait).ok()).collect();
    let config = config(&format!("http://{address}")).attempt_timeout(LONG).call_timeout(LONG).max_attempts(1);
    times_out(Settings::from(config).connect_timeout(SHORT));
}

#[test]
fn the_limit_for_an_attempt_is_that_and_no_other() {
    let silent = Peer::start(|_, stream| hang(&stream));
    let config =
        config(&format!("http://{}", silent.address)).attempt_timeout(SHORT).call_timeout(LONG).max_attempts(1);
    times_out(Settings::from(config).connect_timeout(LONG));
}

#[test]
fn the_longest_limits_are_as_good_as_none() {
    let listener = LocalSts::demo().serve(0).unwrap();
    let config = config(&listener.url()).attempt_timeout(Duration::MAX).call_timeout(Duration::MAX);
    for client in Client::both(Settings::from(config).connect_timeout(Duration::MAX)) {
        assert_eq!(whoami(client).unwrap(), 1);
    }
}

/// A service that is asked to be patient refuses what is signed with the time of the first attempt.
#[test]
fn each_attempt_is_signed_with_its_own_time() {
    for driver in [0, 1] {
        let peer = Peer::start(|index, mut stream| {
            let mut request = Vec::new();
            while !request.ends_with(b"Version=2011-06-15") {
                let mut bytes = [0; 4096];
                let length = stream.read(&mut bytes).unwrap();
                assert!(length > 0);
                request.extend_from_slice(&bytes[..length]);
            }
            let text = String::from_utf8(request).unwrap();
            let date = text.lines().find_map(|line| line.strip_prefix("x-amz-date: ")).unwrap();
            // The answer names the time, as an account.
            let body = IDENTITY.replace("<Account>a<", &format!("<Account>{date}<"));
            let head = if index == 0 { "503 Busy\r\nx-amz-retry-after: 2100" } else { "200 OK" };
            write!(stream, "HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
                .unwrap();
        });
        let client = &Client::both(config(&format!("http://{}", peer.address)))[driver];
        let client = client.clone().credentials(LocalSts::demo_credentials());
        // Of whole seconds.
        let start = time::UtcDateTime::now().unix_timestamp();
        let reply = client.send(&GetCallerIdentity::new()).unwrap();
        assert_eq!(reply.metadata.attempts, 2);
        let signed = sts_core::timestamp::parse_basic(&reply.output.account).unwrap().unix_timestamp();
        assert!((start + 2..start + 30).contains(&signed), "{start}, {signed}");
    }
}

#[test]
fn a_search_has_no_limit_of_a_call() {
    let agent = Agent::start(vec![Answer::Send(200, IDENTITY.to_owned()); 2]);
    for driver in [0, 1] {
        let config = config(&agent.url).call_timeout(SHORT);
        let client = Client::provided(config, driver, || {
            thread::sleep(2 * SHORT);
            Ok(LocalSts::demo_credentials())
        });
        assert_eq!(client.send(&GetCallerIdentity::new()).unwrap().metadata.attempts, 1);
    }
}
