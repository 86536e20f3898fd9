//! What both drivers send to proxies, and how they handle the answers. `.ci/proxies` tests real proxies.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Mutex, OnceLock},
};

use crate::common::{
    Client, Failure, PATIENCE, RUNTIME, Settings, Tls, config,
    peer::{Peer, close, forward, hang},
    pki,
};
use rustls::{ALL_VERSIONS, ServerConfig, ServerConnection};
use sts_blocking::transport::Transport;
use sts_core::{Config, GetCallerIdentity, Operation, Route, Transmit, TransportErrorKind};
use sts_local::LocalSts;
use tokio_rustls::TlsAcceptor;

/// A host that only the proxies can resolve.
const HOST: &str = "sts.test";
/// For the system's resolver this is 127.0.0.1, `inet_aton(3)`. For the drivers it is an ordinary name, but no certificate can hold it.
const RESOLVABLE: &str = "0x7f000001";

/// `Aladdin` and `opensesame`, from RFC 7617, 2, with a colon in the password, which RFC 3986 requires to be encoded.
const USER: &str = "Aladdin:open%3Asesame";
/// `printf Aladdin:open:sesame | base64`
const BASIC: &str = "Basic QWxhZGRpbjpvcGVuOnNlc2FtZQ==";

/// A proxy, and what it received on each connection.
struct Proxy {
    peer: Peer,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Reads the head of the request, then forwards it to the server or gives this answer.
    fn http(answer: Option<&'static str>, server: SocketAddr) -> Self {
        Self::with(answer, "HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n", server)
    }

    /// Like [`http`](Self::http), with this answer to `CONNECT`.
    fn with(answer: Option<&'static str>, established: &'static str, server: SocketAddr) -> Self {
        Self::start(move |mut stream, hear| {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read_exact(&mut byte).is_err() {
                    return;
                }
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap();
            let is_tunnel = head.starts_with("CONNECT ");
            hear(head.clone());
            if let Some(answer) = answer {
                let _ = stream.write_all(answer.as_bytes());
                return close(&stream);
            }
            if is_tunnel {
                stream.write_all(established.as_bytes()).unwrap();
                return forward(&stream, server);
            }
            // A second connection forwards the head and everything else to the server.
            let peer = TcpStream::connect(server).unwrap();
            (&peer).write_all(head.as_bytes()).unwrap();
            pass(&stream, &peer);
        })
    }

    /// RFC 1928, with user name and password of RFC 1929, if given.
    fn socks(user: Option<(&'static str, &'static str)>, server: SocketAddr) -> Self {
        Self::start(move |mut stream, hear| {
            let read = |length: usize| {
                let mut bytes = vec![0; length];
                (&stream).read_exact(&mut bytes).map(|()| bytes)
            };
            let Ok(greeting) = read(2) else { return };
            let methods = read(greeting[1].into()).unwrap();
            let method = if user.is_some() { 2 } else { 0 };
            if !methods.contains(&method) {
                hear("no method".to_owned());
                let _ = (&stream).write_all(&[5, 255]);
                return;
            }
            (&stream).write_all(&[5, method]).unwrap();
            if let Some((name, password)) = user {
                let length = read(2).unwrap()[1];
                let said_name = read(length.into()).unwrap();
                let length = read(1).unwrap()[0];
                let said_password = read(length.into()).unwrap();
                let is_right = (&*said_name, &*said_password) == (name.as_bytes(), password.as_bytes());
                if !is_right {
                    hear("another password".to_owned());
                }
                (&stream).write_all(&[1, u8::from(!is_right)]).unwrap();
                if !is_right {
                    return;
                }
            }
            let kind = read(4).unwrap()[3];
            let length = if kind == 3 { read(1).unwrap()[0] } else { 4 };
            let address = read(length.into()).unwrap();
            let port = read(2).unwrap();
            let port = u16::from_be_bytes([port[0], port[1]]);
            let address = if kind == 3 { String::from_utf8(address).unwrap() } else { format!("{address:?}") };
            hear(format!("{address}:{port}"));
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
            forward(&stream, server);
        })
    }

    fn start(serve: impl Fn(TcpStream, &dyn Fn(String)) + Send + Sync + 'static) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hearing = Arc::clone(&heard);
        let peer = Peer::start(move |_, stream| serve(stream, &|what| hearing.lock().unwrap().push(what)));
        Self { peer, heard }
    }

    fn url(&self, scheme: &str, user: &str) -> String {
        let at = if user.is_empty() { "" } else { "@" };
        format!("{scheme}://{user}{at}{}", self.peer.address)
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn pass(client: &TcpStream, server: &TcpStream) {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _ = std::io::copy(&mut &*client, &mut &*server);
            let _ = server.shutdown(std::net::Shutdown::Write);
        });
        let _ = std::io::copy(&mut &*server, &mut &*client);
        let _ = client.shutdown(std::net::Shutdown::Write);
    });
}

/// Settings for an endpoint that the drivers do not take for this machine.
fn endpoint(scheme: &str, address: SocketAddr) -> Settings {
    at(scheme, HOST, address)
}

fn at(scheme: &str, host: &str, address: SocketAddr) -> Settings {
    config(&format!("{scheme}://{host}:{}", address.port())).allow_http(true).into()
}

fn both(settings: Settings, tls: &Tls) -> [Client; 2] {
    Client::both(settings.tls(tls)).map(|client| client.credentials(LocalSts::demo_credentials()))
}

fn whoami(client: &Client) -> Result<(), Failure> {
    client.send(&GetCallerIdentity::new()).map(drop)
}

fn service() -> (sts_local::Listener, sts_local::Listener, Tls) {
    let authority = pki::authority("test");
    let mut params = pki::server();
    params.subject_alt_names.push(rcgen::SanType::DnsName(HOST.try_into().unwrap()));
    let identity = pki::issue(&authority, &params).serve(ALL_VERSIONS, None);
    let tls = Tls { roots: vec![authority.der().clone()], identity: None };
    (LocalSts::demo().serve(0).unwrap(), LocalSts::demo().serve_tls(0, identity).unwrap(), tls)
}

#[test]
fn https_goes_through_a_tunnel() {
    let (_, server, tls) = service();
    let port = server.address().port();
    for driver in [0, 1] {
        let proxy = Proxy::http(None, server.address());
        let client = &both(endpoint("https", server.address()).proxy(&proxy.url("http", USER)), &tls)[driver];
        whoami(client).unwrap();
        let [head] = &proxy.heard()[..] else { panic!("one connection") };
        assert!(head.starts_with(&format!("CONNECT {HOST}:{port} HTTP/1.1\r\nHost: {HOST}:{port}\r\n")), "{head}");
        assert!(head.contains(&format!("Proxy-Authorization: {BASIC}\r\n")), "{head}");
        // The signature is only for the service.
        assert!(!head.contains("AWS4"), "{head}");
    }
}

/// RFC 9112, 4: the reason phrase may be missing.
#[test]
fn an_answer_of_a_proxy_needs_no_reason() {
    let (_, server, tls) = service();
    for driver in [0, 1] {
        for established in
            ["HTTP/1.1 200 \r\n\r\n", "HTTP/1.1 200\r\n\r\n", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"]
        {
            let proxy = Proxy::with(None, established, server.address());
            let client = &both(endpoint("https", server.address()).proxy(&proxy.url("http", "")), &tls)[driver];
            assert!(whoami(client).is_ok(), "{} {established:?}", client.name());
        }
    }
}

/// Only the proxy gets the password.
#[test]
fn what_is_in_a_tunnel_holds_no_password_of_the_proxy() {
    let authority = pki::authority("test");
    let mut params = pki::server();
    params.subject_alt_names.push(rcgen::SanType::DnsName(HOST.try_into().unwrap()));
    let identity = pki::issue(&authority, &params).serve(ALL_VERSIONS, None);
    let tls = Tls { roots: vec![authority.der().clone()], identity: None };
    for (scheme, driver) in [("https", 0), ("https", 1), ("http", 0)] {
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let (log, identity) = (heads.clone(), Arc::clone(&identity));
        let server = Peer::start(move |_, mut stream| {
            let mut connection = ServerConnection::new(Arc::clone(&identity)).unwrap();
            let mut stream: Box<dyn Read> = match scheme {
                "https" => Box::new(rustls::Stream::new(&mut connection, &mut stream)),
                _ => Box::new(stream),
            };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            log.lock().unwrap().push(String::from_utf8(head).unwrap().to_lowercase());
        });
        let proxy = Proxy::http(None, server.address);
        let config = at(scheme, HOST, server.address).proxy(&proxy.url("http", USER));
        whoami(&both(config, &tls)[driver]).unwrap_err();
        let heads = heads.lock().unwrap();
        assert!(heads[0].starts_with("post / http/1.1\r\n") && heads[0].contains("\r\nauthorization: aws4-"));
        assert!(heads.iter().all(|head| !head.contains("proxy-authorization")), "{heads:?}");
        assert!(proxy.heard()[0].contains(BASIC));
    }
}

#[test]
fn plain_http_goes_through_a_proxy_as_the_driver_can() {
    let (server, _, tls) = service();
    let port = server.address().port();
    for (driver, line) in
        [(0, format!("CONNECT {HOST}:{port} HTTP/1.1")), (1, format!("POST http://{HOST}:{port}/ HTTP/1.1"))]
    {
        let proxy = Proxy::http(None, server.address());
        let client = &both(endpoint("http", server.address()).proxy(&proxy.url("http", USER)), &tls)[driver];
        whoami(client).unwrap();
        let [head] = &proxy.heard()[..] else { panic!("one connection") };
        assert_eq!(head.lines().next(), Some(&*line));
        let head = head.to_lowercase();
        assert!(head.contains(&format!("proxy-authorization: {}\r\n", BASIC.to_lowercase())), "{head}");
    }
}

#[test]
fn what_needs_no_proxy_sees_none() {
    let (server, _, tls) = service();
    let proxy = Proxy::http(Some("HTTP/1.1 500 Never\r\n\r\n"), server.address());
    let url = proxy.url("http", "");
    for client in [
        both(at("http", RESOLVABLE, server.address()).proxy(&url).no_proxy("sts.test, 0X7F000001"), &tls),
        both(at("http", RESOLVABLE, server.address()).proxy(&url).no_proxy("*"), &tls),
        both(Settings::from(config(&server.url())).proxy(&url), &tls),
    ]
    .as_flattened()
    {
        whoami(client).unwrap();
    }
    assert_eq!(proxy.heard(), [""; 0]);
}

/// For the drivers the host is an ordinary name, and for the resolver it is 127.0.0.1.
#[test]
fn what_is_for_this_machine_alone_goes_through_no_proxy() {
    let (server, _, _) = service();
    let url = format!("http://{RESOLVABLE}:{}/", server.address().port());
    let transmit = |route| {
        let body = GetCallerIdentity::new().to_body().unwrap();
        Transmit { request: http::Request::post(&url).body(body).unwrap(), timeout: PATIENCE, route }
    };
    // No server listens on port 1.
    let (proxy, region) = ("http://127.0.0.1:1", || Config::builder().region("us-east-1"));
    let slot = Arc::<OnceLock<sts_blocking::transport::AnyTransport>>::default();
    let taken = slot.clone();
    let builder = sts_blocking::Client::builder().config(region()).proxy(proxy);
    let builder = builder.wrap_transport(move |transport| taken.get_or_init(|| transport).clone());
    builder.build().unwrap();
    let blocking = |route| slot.get().unwrap().exchange(transmit(route)).map(|response| response.status());

    let slot = Arc::<OnceLock<sts_async::transport::AnyTransport>>::default();
    let taken = slot.clone();
    let builder = sts_async::Client::builder().config(region()).proxy(proxy);
    let builder = builder.wrap_transport(move |transport| taken.get_or_init(|| transport).clone());
    builder.build().unwrap();
    let exchange = |route| sts_async::transport::Transport::exchange(slot.get().unwrap(), transmit(route));
    let asynchronous = |route| RUNTIME.block_on(exchange(route)).map(|response| response.status());

    for (direct, proxied) in [
        (blocking(Route::Direct), blocking(Route::ProxyAllowed)),
        (asynchronous(Route::Direct), asynchronous(Route::ProxyAllowed)),
    ] {
        // STS answers this to a request without a content type.
        assert_eq!(direct.unwrap(), http::StatusCode::FOUND);
        let error = proxied.unwrap_err();
        assert_eq!(error.kind, TransportErrorKind::Connect);
        assert_eq!(error.to_string(), "through the proxy http://127.0.0.1:1");
    }
}

/// Both name the proxy, report its answer, and retry transient errors.
#[test]
fn refusals_are_the_proxys() {
    let (plain, secure, tls) = service();
    let authentication =
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\ncontent-length: 0\r\n\r\n";
    for (scheme, server) in [("http", plain.address()), ("https", secure.address())] {
        for driver in [0, 1] {
            // For plain HTTP, a proxy's own answer looks like the service's.
            let by_tunnel = scheme == "https" || driver == 0;
            for (answer, what, attempts, words) in [
                (
                    authentication,
                    "Permanent",
                    1,
                    "the proxy answered 407 Proxy Authentication Required: it asks for a user name",
                ),
                (
                    "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
                    "Permanent",
                    1,
                    "the proxy answered 403 Forbidden",
                ),
                (
                    "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
                    "Connect",
                    3,
                    "the proxy answered 503",
                ),
                ("HTTP/1.1 ", "Interrupted", 3, ""),
                ("JUNK 200 OK\r\n\r\n", "Interrupted", 3, ""),
                ("HTTP/1.1 2000 OK\r\n\r\n", "Interrupted", 3, ""),
                ("", "Interrupted", 3, ""),
            ] {
                if !by_tunnel && (words.contains("403") || words.contains("503")) {
                    continue;
                }
                let proxy = Proxy::http(Some(answer), server);
                let client = &both(endpoint(scheme, server).proxy(&proxy.url("http", USER)), &tls)[driver];
                let failure = whoami(client).unwrap_err();
                assert_eq!((&*failure.what, failure.attempts), (what, attempts), "{scheme} {answer:?} {failure:?}");
                assert_eq!(proxy.heard().len(), usize::try_from(attempts).unwrap());
                let named = format!("through the proxy http://{}: ", proxy.peer.address);
                assert!(failure.text.contains(&named) && failure.text.contains(words), "{failure:?}");
                assert!(!failure.text.contains("sesame") && !failure.text.contains(BASIC), "{failure:?}");
            }
        }
    }
}

#[test]
fn a_proxy_that_is_not_there_or_hangs_is_named() {
    let (_, secure, tls) = service();
    let hanging = Peer::start(|_, stream| hang(&stream));
    // No server listens on port 1, tcpmux (RFC 1078).
    for (proxy, what) in [("127.0.0.1:1".to_owned(), "Connect"), (hanging.address.to_string(), "Timeout")] {
        let settings = endpoint("https", secure.address()).proxy(&proxy);
        for client in both(settings.connect_timeout(std::time::Duration::from_millis(300)), &tls) {
            let failure = whoami(&client).unwrap_err();
            assert_eq!(failure.what, what, "{}: {failure:?}", client.name());
            assert!(failure.text.contains(&format!("through the proxy http://{proxy}: ")), "{failure:?}");
        }
    }
}

#[test]
fn certificates_are_checked_behind_a_proxy_too() {
    let (_, server, _) = service();
    let stranger = Tls { roots: vec![pki::authority("test").der().clone()], identity: None };
    for driver in [0, 1] {
        let proxy = Proxy::http(None, server.address());
        let client = &both(endpoint("https", server.address()).proxy(&proxy.url("http", "")), &stranger)[driver];
        let failure = whoami(client).unwrap_err();
        assert_eq!((&*failure.what, failure.attempts), ("Permanent", 1), "{failure:?}");
        assert!(failure.text.contains(": a signature in the server's certificates is wrong"), "{failure:?}");
    }
}

/// With `socks5` the client resolves the name, with `socks5h` the proxy.
#[test]
fn socks_proxies_let_both_schemes_through() {
    let (plain, secure, tls) = service();
    let (plain, secure) = (plain.address(), secure.address());
    for (kind, scheme, host, asked, server) in [
        ("socks5h", "http", HOST, HOST, plain),
        ("socks5h", "https", HOST, HOST, secure),
        ("socks5", "http", RESOLVABLE, "[127, 0, 0, 1]", plain),
    ] {
        for driver in [0, 1] {
            for (user, known) in [("", None), (USER, Some(("Aladdin", "open:sesame")))] {
                let proxy = Proxy::socks(known, server);
                let client = &both(at(scheme, host, server).proxy(&proxy.url(kind, user)), &tls)[driver];
                whoami(client).unwrap();
                assert_eq!(proxy.heard(), [format!("{asked}:{}", server.port())]);
            }
        }
    }
}

#[test]
fn socks_proxies_can_refuse() {
    let (_, server, tls) = service();
    for driver in [0, 1] {
        for (user, heard) in [("", "no method"), ("Aladdin:open", "another password")] {
            let proxy = Proxy::socks(Some(("Aladdin", "open:sesame")), server.address());
            let settings = endpoint("https", server.address()).proxy(&proxy.url("socks5h", user));
            let failure = whoami(&both(settings, &tls)[driver]).unwrap_err();
            assert_eq!((&*failure.what, &*proxy.heard()[0]), ("Connect", heard), "{failure:?}");
            assert!(
                failure.text.contains(&format!("through the proxy socks5h://{}: ", proxy.peer.address)),
                "{failure:?}"
            );
        }
    }
}

#[test]
fn proxies_of_other_kinds_are_refused() {
    let (_, server, tls) = service();
    for kind in ["socks4", "socks4a"] {
        for client in both(endpoint("https", server.address()).proxy(&format!("{kind}://{USER}@127.0.0.1:1")), &tls) {
            let failure = whoami(&client).unwrap_err();
            assert_eq!((&*failure.what, failure.attempts), ("Permanent", 1));
            let words = format!("through the proxy {kind}://127.0.0.1:1: proxies of this kind are not supported");
            assert!(failure.text.ends_with(&words), "{failure:?}");
        }
    }
}

/// The proxy's certificate is checked like the server's.
#[test]
fn the_way_to_a_proxy_may_be_tls() {
    let (plain, secure, tls) = service();
    let authority = pki::authority("proxy");
    let identity = pki::issue(&authority, &pki::server()).serve(ALL_VERSIONS, None);
    let both_roots = Tls { roots: vec![tls.roots[0].clone(), authority.der().clone()], identity: None };
    for (scheme, server) in [("http", plain.address()), ("https", secure.address())] {
        for (tls, right) in [(&both_roots, true), (&tls, false)] {
            for driver in [0, 1] {
                let inner = Proxy::http(None, server);
                let (upstream, identity) = (inner.peer.address, Arc::clone(&identity));
                let outer = Peer::start(move |_, stream| RUNTIME.block_on(unwrap(stream, &identity, upstream)));
                let proxy = format!("https://{USER}@{}", outer.address);
                let result = whoami(&both(endpoint(scheme, server).proxy(&proxy), tls)[driver]);
                assert_eq!(result.is_ok(), right, "{result:?}");
                assert_eq!(inner.heard().len(), usize::from(right));
            }
        }
    }
}

/// Removes TLS, and forwards what it contains.
async fn unwrap(stream: TcpStream, identity: &Arc<ServerConfig>, to: SocketAddr) {
    stream.set_nonblocking(true).unwrap();
    let stream = tokio::net::TcpStream::from_std(stream).unwrap();
    let Ok(mut stream) = TlsAcceptor::from(Arc::clone(identity)).accept(stream).await else { return };
    let mut to = tokio::net::TcpStream::connect(to).await.unwrap();
    let _ = tokio::io::copy_bidirectional(&mut stream, &mut to).await;
}
