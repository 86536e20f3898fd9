//! Connections that were used before: closed, silent, or of another runtime.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use sts_core::{Config, GetCallerIdentity};
use sts_local::LocalSts;
use tokio::runtime::{self, Runtime};

use crate::common::{
    Client, Failure, PATIENCE,
    agent::{IDENTITY, LATER, is_complete, issued},
    config,
    folder::Folder,
    peer::{Peer, hang},
};

/// Reads one request; `None` if the connection ends earlier.
fn read(mut stream: &TcpStream) -> Option<String> {
    let mut request = String::new();
    while !is_complete(&request) {
        let mut bytes = [0; 4096];
        match stream.read(&mut bytes) {
            Ok(length @ 1..) => request += std::str::from_utf8(&bytes[..length]).unwrap(),
            _ => return None,
        }
    }
    Some(request)
}

fn answer(mut stream: &TcpStream) {
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{IDENTITY}", IDENTITY.len()).unwrap();
}

fn whoami(client: &Client) -> Result<u32, Failure> {
    client.send(&GetCallerIdentity::new()).map(|reply| reply.metadata.attempts)
}

fn both(url: &str) -> [Client; 2] {
    let config = config(url).attempt_timeout(Duration::from_millis(500));
    Client::both(config).map(|client| client.credentials(LocalSts::demo_credentials()))
}

fn current_thread() -> Runtime {
    runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Some servers announce that they close an idle connection. A runtime that is not driven in between has not read this yet.
#[test]
fn what_was_sent_before_the_request_is_no_answer_to_it() {
    const EARLY: [&str; 2] = [
        "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
    ];
    for (early, driver) in EARLY.iter().flat_map(|early| [(early, 0), (early, 1)]) {
        let (said, sent) = mpsc::channel();
        let peer = Peer::start(move |index, mut stream| {
            while read(&stream).is_some() {
                answer(&stream);
                if index == 0 {
                    // The client has read its answer by then.
                    thread::sleep(Duration::from_millis(50));
                    stream.write_all(early.as_bytes()).unwrap();
                    let _ = said.send(());
                    hang(&stream);
                }
            }
        });
        let client = &both(&format!("http://{}", peer.address))[driver];
        let runtime = current_thread();
        let whoami = || match client {
            Client::Blocking(_) => whoami(client),
            Client::Async(client) => {
                let reply = runtime.block_on(client.send(&GetCallerIdentity::new()));
                reply.map(|reply| reply.metadata.attempts).map_err(|error| Failure::new(&error))
            }
        };
        assert_eq!(whoami().unwrap(), 1, "{}", client.name());
        sent.recv_timeout(PATIENCE).unwrap();
        assert_eq!((whoami().unwrap(), peer.connections()), (1, 2), "{} {early:?}", client.name());
    }
}

/// Like behind a firewall that forgets connections, or after a laptop has slept.
#[test]
fn of_connections_that_went_silent_one_costs_an_attempt() {
    const CONNECTIONS: usize = 4;
    for driver in [0, 1] {
        let (barrier, is_silent) = (Barrier::new(CONNECTIONS), Arc::<AtomicBool>::default());
        let silence = is_silent.clone();
        let peer = Peer::start(move |index, stream| {
            let is_old = index < u64::try_from(CONNECTIONS).unwrap();
            if is_old && read(&stream).is_some() {
                // All connections are open before one is answered.
                barrier.wait();
                answer(&stream);
            }
            while read(&stream).is_some() && !(is_old && silence.load(Ordering::SeqCst)) {
                answer(&stream);
            }
            hang(&stream);
        });
        let client = &both(&format!("http://{}", peer.address))[driver];
        thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| assert_eq!(whoami(client).unwrap(), 1));
            }
        });
        assert_eq!(peer.connections(), 4);
        is_silent.store(true, Ordering::SeqCst);
        let start = Instant::now();
        assert_eq!((whoami(client).unwrap(), peer.connections()), (2, 5), "{}", client.name());
        assert!(start.elapsed() < Duration::from_secs(5));
        assert_eq!((whoami(client).unwrap(), peer.connections()), (1, 5), "{}", client.name());
    }
}

#[test]
fn a_client_can_be_used_on_several_runtimes() {
    let listener = LocalSts::demo().serve(0).unwrap();
    let [_, client] = both(&listener.url());
    let Client::Async(client) = client else { unreachable!() };
    let whoami = |runtime: &Runtime| {
        let reply = runtime.block_on(client.send(&GetCallerIdentity::new()));
        (reply.unwrap().metadata.attempts, listener.connections())
    };
    let (first, second) = (current_thread(), current_thread());
    assert_eq!(whoami(&first), (1, 1));
    // The first runtime and its connection are not driven.
    assert_eq!(whoami(&second), (1, 2));
    assert_eq!(whoami(&second), (1, 2));
    assert_eq!(whoami(&first), (1, 2));
    drop(second);
    let third = current_thread();
    assert_eq!(whoami(&third), (1, 3));
    // All at the same time.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let runtime = current_thread();
                for _ in 0..8 {
                    assert_eq!(whoami(&runtime).0, 1);
                }
            });
        }
    });
    assert_eq!(listener.connections(), 7);
}

/// A chain's connection is ready for the next request as soon as the answer is read, even if its head and body arrived separately.
#[test]
fn a_chain_needs_one_connection() {
    const CONFIG: &str = "[profile p]\nendpoint_url = {url}\nrole_arn = arn:aws:iam::123456789012:role/p\nsource_profile = q\n\
        [profile q]\nrole_arn = arn:aws:iam::123456789012:role/q\nsource_profile = r\n\
        [profile r]\naws_access_key_id = AKIDR\naws_secret_access_key = s\n";
    let role = issued("AssumeRole", "ASIA1", LATER);
    let peer = Peer::start(move |_, mut stream| {
        while let Some(request) = read(&stream) {
            let body = if request.contains("Action=AssumeRole") { &role } else { IDENTITY };
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
            thread::sleep(Duration::from_millis(10));
            stream.write_all(body.as_bytes()).unwrap();
        }
    });
    let folder = Folder::new();
    folder.write("config", &CONFIG.replace("{url}", &format!("http://{}", peer.address)));
    for round in 0..10 {
        for driver in [0, 1] {
            let before = peer.connections();
            let chain = folder.load(Config::builder(), &[], Some("p")).unwrap();
            let me = GetCallerIdentity::new();
            if driver == 0 {
                sts_blocking::Client::builder().chain(chain).build().unwrap().send(&me).unwrap();
            } else {
                // With several threads, another one may return the connection to the pool late.
                let client = sts_async::Client::builder().chain(chain).build().unwrap();
                current_thread().block_on(async { client.send(&me).await.unwrap() });
            }
            assert_eq!(peer.connections() - before, 1, "driver {driver}, round {round}");
        }
    }
}
