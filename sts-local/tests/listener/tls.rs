use std::sync::Arc;

use sts_local::{
    LocalSts,
    rustls::{
        ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use super::{connect, exchange, signed};

#[test]
fn a_listener_with_tls() {
    let rcgen::CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["127.0.0.1".into()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(ring::default_provider());
    let server =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let server = server.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
    let listener = LocalSts::demo().serve_tls(0, Arc::new(server)).unwrap();
    assert_eq!(listener.url(), format!("https://127.0.0.1:{}", listener.address().port()));

    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = Arc::new(client.with_root_certificates(roots).with_no_client_auth());
    let session = ClientConnection::new(client, "127.0.0.1".try_into().unwrap()).unwrap();
    let mut stream = StreamOwned::new(session, connect(&listener));
    for _ in 0..2 {
        exchange(&mut stream, &signed(&listener));
    }
}
