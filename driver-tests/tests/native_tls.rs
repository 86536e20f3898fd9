//! TLS by the operating system: `cargo test -p driver-tests --no-default-features --features native-tls`.
#![cfg(not(feature = "ring"))]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[allow(dead_code, reason = "what the other drivers' tests need")]
#[path = "drivers/common/pki.rs"]
mod pki;

use std::{io::Read, net::TcpListener, thread};

use rustls::ALL_VERSIONS;
use sts_blocking::{
    Client, Config, Error, GetCallerIdentity, GetCallerIdentityOutput, Reply,
    transport::{Tls, TransportErrorKind},
};
use sts_local::LocalSts;

/// A call to a server with a certificate from `test`. It accepts only clients with one from `clients`, if given.
fn call(
    authority: &pki::Authority,
    clients: Option<&pki::Authority>,
    tls: &Tls,
) -> (u64, Result<Reply<GetCallerIdentityOutput>, Error>) {
    let server = pki::issue(authority, &pki::server()).serve(ALL_VERSIONS, clients);
    let listener = LocalSts::demo().serve_tls(0, server).unwrap();
    let config = Config::builder().region("us-east-1").endpoint_url(listener.url());
    let client = Client::builder().config(config).credentials(LocalSts::demo_credentials()).tls(tls.clone());
    let result = client.build().unwrap().send(&GetCallerIdentity::new());
    (listener.connections(), result)
}

fn trusting(authority: &pki::Authority) -> Tls {
    Tls::new().ca_bundle_pem(authority.pem().as_bytes()).unwrap()
}

#[test]
fn a_trusted_server_is_called() {
    let authority = pki::authority("test");
    let (_, result) = call(&authority, None, &trusting(&authority));
    assert_eq!(result.unwrap().output.arn, "arn:aws:iam::123456789012:user/demo");
}

#[test]
fn another_server_is_refused_for_good() {
    let authority = pki::authority("test");
    for tls in [Tls::new(), trusting(&pki::authority("other"))] {
        let (connections, result) = call(&authority, None, &tls);
        let Err(Error::NoResponse(error)) = result else { panic!("{result:?}") };
        assert_eq!((error.error.kind, error.attempts, connections), (TransportErrorKind::Permanent, 1, 1), "{error:?}");
        let text = error.error.to_string();
        assert!(text.contains("certificate verify failed"), "{text}");
    }
}

/// Like a server during a restart.
#[test]
fn a_connection_that_ends_within_the_handshake_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            // Read all of the client's hello: closing with unread data would be a reset.
            let mut head = [0; 5];
            stream.read_exact(&mut head).unwrap();
            stream.read_exact(&mut vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))]).unwrap();
        }
    });
    let config = Config::builder().region("us-east-1").endpoint_url(url).max_attempts(2);
    let client = Client::builder().config(config).credentials(LocalSts::demo_credentials());
    let result = client.build().unwrap().send(&GetCallerIdentity::new());
    let Err(Error::NoResponse(error)) = result else { panic!("{result:?}") };
    assert_eq!((error.error.kind, error.attempts), (TransportErrorKind::Interrupted, 2), "{error:?}");
    server.join().unwrap();
}

#[test]
fn a_client_shows_its_certificate() {
    let (authority, clients) = (pki::authority("test"), pki::authority("clients"));
    let mut visitor = pki::server();
    visitor.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    let key = rcgen::KeyPair::generate().unwrap();
    let (certificate, key) = (visitor.signed_by(&key, &clients).unwrap().pem(), key.serialize_pem());
    let tls = trusting(&authority).client_certificate_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    let (_, result) = call(&authority, Some(&clients), &tls);
    result.unwrap();
    let (_, result) = call(&authority, Some(&clients), &trusting(&authority));
    assert!(matches!(result, Err(Error::NoResponse(_))), "{result:?}");
}
