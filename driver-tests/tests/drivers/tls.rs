//! Which servers both drivers accept: certificates, TLS versions, and the texts of errors.

use std::{
    io::{Read, Write},
    sync::{Arc, mpsc},
    time::Instant,
};

use crate::common::{
    Client, Failure, PATIENCE, Settings, Tls,
    agent::IDENTITY,
    config,
    peer::{Peer, close},
    pki::{self, Authority, Identity},
};
use rcgen::{
    BasicConstraints, CidrSubnet, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, NameConstraints, SanType,
    date_time_ymd,
};
use rustls::{
    ALL_VERSIONS, HandshakeKind, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
    version::{TLS12, TLS13},
};
use sts_core::{GetCallerIdentity, Reply, operations::GetCallerIdentityOutput};
use sts_local::LocalSts;

struct Case {
    name: &'static str,
    server: Arc<ServerConfig>,
    /// What the texts of the error contain, in lower case; `None` if the server is accepted.
    refusal: Option<&'static str>,
    client: Tls,
    /// Whether the server rejects the client's certificate with TLS 1.3.
    late: bool,
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn cases() -> Vec<Case> {
    let authority = pki::authority("test");
    let trusting = Tls { roots: vec![authority.der().clone()], identity: None };
    let issue = |change: fn(&mut rcgen::CertificateParams)| {
        let mut params = pki::server();
        change(&mut params);
        pki::issue(&authority, &params)
    };
    let good = issue(|_| {});
    let case = |name, server: &Identity, refusal| Case {
        name,
        server: server.serve(ALL_VERSIONS, None),
        refusal,
        client: trusting.clone(),
        late: false,
    };
    let of_versions = |name,
                       versions: &[&'static SupportedProtocolVersion],
                       clients,
                       refusal: Option<_>,
                       identity: Option<&Identity>| Case {
        name,
        server: good.serve(versions, clients),
        refusal,
        client: Tls { identity: identity.cloned(), ..trusting.clone() },
        late: refusal.is_some() && versions[0].version == rustls::ProtocolVersion::TLSv1_3,
    };

    let intermediate = {
        let key = KeyPair::generate().unwrap();
        Authority::signed_by(pki::authority_of("between"), key, &authority).unwrap()
    };
    let incomplete = pki::issue(&intermediate, &pki::server());
    let mut chain = incomplete.clone();
    chain.chain.push(intermediate.der().clone());

    let mut narrow = pki::authority_of("narrow");
    let elsewhere = GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([10, 0, 0, 0], 8));
    narrow.name_constraints = Some(NameConstraints { permitted_subtrees: vec![elsewhere], excluded_subtrees: vec![] });
    let narrow = Authority::signed_by(narrow, KeyPair::generate().unwrap(), &authority).unwrap();
    let mut outside = pki::issue(&narrow, &pki::server());
    outside.chain.push(narrow.der().clone());

    let mut end_entity = pki::server();
    end_entity.distinguished_name.push(rcgen::DnType::CommonName, "issuer");
    let issuer = Authority::signed_by(end_entity, KeyPair::generate().unwrap(), &authority).unwrap();
    let mut below = pki::issue(&issuer, &pki::server());
    below.chain.push(issuer.der().clone());

    let self_signed = KeyPair::generate().unwrap();
    let self_signed = Identity {
        chain: vec![pki::server().self_signed(&self_signed).unwrap().der().clone()],
        key: self_signed.serialize_pem(),
    };
    let own_authority = KeyPair::generate().unwrap();
    let mut params = pki::server();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own_authority = Identity {
        chain: vec![params.self_signed(&own_authority).unwrap().der().clone()],
        key: own_authority.serialize_pem(),
    };
    let mut damaged = good.clone();
    let mut der = damaged.chain[0].to_vec();
    *der.last_mut().unwrap() ^= 1;
    damaged.chain[0] = der.into();

    let rsa = |name, pem, refusal| {
        let (identity, authority) = pki::below_rsa(pem);
        Case { client: Tls { roots: vec![authority], identity: None }, ..case(name, &identity, refusal) }
    };

    let mut visitor = pki::server();
    visitor.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let stranger = pki::issue(&pki::authority("strange"), &visitor);
    let visitor = pki::issue(&authority, &visitor);

    vec![
        case("good", &good, None),
        case("a chain", &chain, None),
        of_versions("TLS 1.2 only", &[&TLS12], None, None, None),
        of_versions("TLS 1.3 only", &[&TLS13], None, None, None),
        of_versions("a client certificate, TLS 1.2", &[&TLS12], Some(&authority), None, Some(&visitor)),
        of_versions("a client certificate, TLS 1.3", &[&TLS13], Some(&authority), None, Some(&visitor)),
        rsa("an RSA-2048 authority", include_str!("common/rsa-2048.pem"), None),
        // The signature is right; what is refused is a key that short.
        rsa("an RSA-1024 authority", include_str!("common/rsa-1024.pem"), Some("rsa key is shorter than 2048")),
        case(
            "expired",
            &issue(|params| params.not_after = date_time_ymd(2020, 1, 1)),
            Some("server's certificate expired at 2020-01-01t00:00:00z, or"),
        ),
        case(
            "not yet valid",
            &issue(|params| params.not_before = date_time_ymd(2090, 1, 1)),
            Some("not valid before 2090-01-01t00:00:00z, or"),
        ),
        case(
            "another host",
            &issue(|params| params.subject_alt_names = vec![SanType::DnsName("example.com".try_into().unwrap())]),
            Some("is valid for example.com, and not for 127.0.0.1"),
        ),
        case(
            "a host in the common name only",
            &issue(|params| params.subject_alt_names.clear()),
            Some("is valid for no name, and not for 127.0.0.1"),
        ),
        case(
            "another authority",
            &pki::issue(&pki::authority("other"), &pki::server()),
            Some("the issuer of the server's certificate is not trusted"),
        ),
        case(
            "an authority of the same name",
            &pki::issue(&pki::authority("test"), &pki::server()),
            Some("a signature in the server's certificates is wrong"),
        ),
        case("self-signed", &self_signed, Some("is not trusted")),
        case("an incomplete chain", &incomplete, Some("is not trusted")),
        case("issued by no authority", &below, Some("endentityusedasca")),
        case(
            "an authority as the server",
            &issue(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
            Some("the server's certificate is a certificate authority's (ca:true)"),
        ),
        Case {
            client: Tls { roots: own_authority.chain.clone(), identity: None },
            ..case(
                "an authority as the server, trusted",
                &own_authority,
                Some("the server's certificate is a certificate authority's (ca:true)"),
            )
        },
        case("outside the authority's names", &outside, Some("nameconstraintviolation")),
        case("a damaged signature", &damaged, Some("a signature in the server's certificates is wrong")),
        case(
            "for clients only",
            &issue(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
            Some("extended key usage"),
        ),
        of_versions(
            "no client certificate, TLS 1.2",
            &[&TLS12],
            Some(&authority),
            Some("the server requires a client certificate"),
            None,
        ),
        of_versions(
            "no client certificate, TLS 1.3",
            &[&TLS13],
            Some(&authority),
            Some("the server requires a client certificate"),
            None,
        ),
        of_versions(
            "a stranger's certificate, TLS 1.2",
            &[&TLS12],
            Some(&authority),
            Some("the server does not accept the client certificate"),
            Some(&stranger),
        ),
        of_versions(
            "a stranger's certificate, TLS 1.3",
            &[&TLS13],
            Some(&authority),
            Some("the server does not accept the client certificate"),
            Some(&stranger),
        ),
    ]
}

#[test]
fn every_server_is_accepted_or_refused_for_good() {
    let mut wrong = Vec::new();
    for case in cases() {
        for driver in [0, 1] {
            let listener = LocalSts::demo().serve_tls(0, Arc::clone(&case.server)).unwrap();
            let config = config(&listener.url());
            let client = Client::both(Settings::from(config).tls(&case.client))[driver].clone();
            let client = client.credentials(LocalSts::demo_credentials());
            let start = Instant::now();
            let (outcome, attempts, text) = match client.send(&GetCallerIdentity::new()) {
                Ok(reply) => ("200".into(), reply.metadata.attempts, String::new()),
                Err(failure) => (failure.what, failure.attempts, failure.text),
            };
            let elapsed = start.elapsed();
            let told = text.to_lowercase();
            let right = match case.refusal {
                None => outcome == "200",
                Some(cause) => {
                    outcome == "Permanent" && told.contains(cause) && listener.connections() == u64::from(attempts)
                }
            };
            let line = format!(
                "{:<36} {:<8} {outcome:<10} {attempts} {:>5} ms {text}",
                case.name,
                client.name(),
                elapsed.as_millis()
            );
            println!("{line}");
            // With TLS 1.3, the server rejects the client after it has a connection. If the connection ends before the request is written,
            // hyper does not report the reason, and the next attempt does.
            let most = if case.late && client.name() == "async" { 3 } else { 1 };
            if !right || attempts > most || elapsed > PATIENCE {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The default roots are Mozilla's, which do not include the test's authority.
#[test]
fn an_authority_of_ones_own_must_be_named() {
    let server = pki::issue(&pki::authority("test"), &pki::server()).serve(ALL_VERSIONS, None);
    let listener = LocalSts::demo().serve_tls(0, server).unwrap();
    for client in Client::both(config(&listener.url())) {
        let failure = whoami(client).unwrap_err();
        assert_eq!((&*failure.what, failure.attempts), ("Permanent", 1), "{failure:?}");
        assert!(failure.text.contains("can be named in AWS_CA_BUNDLE"), "{failure:?}");
    }
}

/// Plain text where TLS is expected, and the other way round.
#[test]
fn tls_and_plain_are_not_mixed() {
    let authority = pki::authority("test");
    let tls = Tls { roots: vec![authority.der().clone()], identity: None };
    for driver in [0, 1] {
        let listener = LocalSts::demo().serve(0).unwrap();
        let config = config(&listener.url().replace("http:", "https:"));
        let failure = whoami(Client::both(Settings::from(config).tls(&tls))[driver].clone()).unwrap_err();
        assert_eq!((&*failure.what, failure.attempts, listener.connections()), ("Permanent", 1, 1), "{failure:?}");
        assert!(failure.text.contains("the server does not speak TLS"), "{failure:?}");
    }
    let identity = pki::issue(&authority, &pki::server()).serve(ALL_VERSIONS, None);
    for driver in [0, 1] {
        let listener = LocalSts::demo().serve_tls(0, Arc::clone(&identity)).unwrap();
        let config = config(&listener.url().replace("https:", "http:"));
        let failure = whoami(Client::both(config)[driver].clone()).unwrap_err();
        // A TLS alert is not HTTP. A failing proxy can look the same, hence the attempts.
        assert_eq!((&*failure.what, failure.attempts, listener.requests()), ("Interrupted", 3, 0), "{failure:?}");
    }
}

/// The server supports nothing newer than TLS 1.0 and sends the alert "protocol version", RFC 2246, 7.2.
#[test]
fn tls_1_0_is_not_spoken() {
    let tls = Tls { roots: vec![pki::authority("test").der().clone()], identity: None };
    for driver in [0, 1] {
        let peer = Peer::start(|_, mut stream| {
            stream.write_all(&[21, 3, 1, 0, 2, 2, 70]).unwrap();
            close(&stream);
        });
        let config = config(&format!("https://{}", peer.address));
        let failure = whoami(Client::both(Settings::from(config).tls(&tls))[driver].clone()).unwrap_err();
        assert_eq!((&*failure.what, failure.attempts, peer.connections()), ("Permanent", 1, 1), "{failure:?}");
        assert!(failure.text.contains("the server speaks neither TLS 1.2 nor TLS 1.3"), "{failure:?}");
    }
}

/// For the second connection, no certificate is sent and checked again.
#[test]
fn sessions_are_resumed() {
    let authority = pki::authority("test");
    let mut visitor = pki::server();
    visitor.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let identities = [None, Some(pki::issue(&authority, &visitor))];
    let cases = identities.iter().flat_map(|identity| [&TLS12, &TLS13].map(|version| (identity, version)));
    for ((identity, version), driver) in cases.flat_map(|case| [(case, 0), (case, 1)]) {
        let tls = Tls { roots: vec![authority.der().clone()], identity: identity.clone() };
        let server = pki::issue(&authority, &pki::server()).serve(&[version], identity.as_ref().map(|_| &authority));
        let (kinds, handshakes) = mpsc::channel();
        let peer = Peer::start(move |_, stream| {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&server)).unwrap(), stream);
            let mut request = Vec::new();
            // The end of the form.
            while !request.ends_with(b"Version=2011-06-15") {
                let mut bytes = [0; 4096];
                let length = stream.read(&mut bytes).unwrap();
                request.extend_from_slice(&bytes[..length]);
            }
            kinds.send(stream.conn.handshake_kind().unwrap()).unwrap();
            let length = IDENTITY.len();
            write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{IDENTITY}")
                .unwrap();
            stream.conn.send_close_notify();
            stream.flush().unwrap();
            close(&stream.sock);
        });
        let config = config(&format!("https://{}", peer.address));
        let client = Client::both(Settings::from(config).tls(&tls))[driver].clone();
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            whoami(client.clone()).unwrap();
            assert_eq!(handshakes.recv().unwrap(), kind, "{} {:?}", client.name(), version.version);
        }
    }
}

fn whoami(client: Client) -> Result<Reply<GetCallerIdentityOutput>, Failure> {
    client.credentials(LocalSts::demo_credentials()).send(&GetCallerIdentity::new())
}
