//! TLS settings of both drivers from files: root certificates and client certificates.

use std::{
    env, fs,
    path::PathBuf,
    process,
    time::{Duration, Instant},
};

use crate::common::{
    Client, Settings, config,
    peer::{Peer, hang},
    pki::{self, Authority},
};
use rcgen::{ExtendedKeyUsagePurpose, KeyPair};
use rustls::ALL_VERSIONS;
use sts_async::{BuildError, transport::Tls};
use sts_core::{Config, ConfigBuilder, GetCallerIdentity};
use sts_driver::chain::Chain;
use sts_local::LocalSts;

/// Both drivers with these settings, and the credentials of a user.
fn both(config: ConfigBuilder, tls: &Tls) -> Result<[Client; 2], BuildError> {
    let clients = Client::try_both(Settings::from(config).tls(tls.clone()))?;
    Ok(clients.map(|client| client.credentials(LocalSts::demo_credentials())))
}

/// The files of one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("sts-{name}-{}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn visitor(authority: &Authority) -> (String, String) {
    let mut params = pki::server();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, authority).unwrap().pem(), key.serialize_pem())
}

#[test]
fn a_bundle_and_a_certificate_open_the_door() {
    let folder = Folder::new("door");
    let authority = pki::authority("test");
    let (certificate, key) = visitor(&authority);
    // Like real files: with text between the sections, and more than one authority.
    let bundle = format!("# Ours\n{}\n# Theirs\n{}", authority.pem(), pki::authority("other").pem());
    let tls = Tls::new().ca_bundle(folder.file("ca.pem", &bundle)).unwrap();
    let known = tls.clone();
    let known =
        known.client_certificate(folder.file("client.pem", &certificate), folder.file("client.key", &key)).unwrap();
    let one_file = format!("{key}{certificate}");
    let texts = Tls::new().ca_bundle_pem(bundle.as_bytes()).unwrap();
    let texts = texts.client_certificate_pem(one_file.as_bytes(), one_file.as_bytes()).unwrap();

    let identity = pki::issue(&authority, &pki::server());
    let open = LocalSts::demo().serve_tls(0, identity.serve(ALL_VERSIONS, None)).unwrap();
    let closed = LocalSts::demo().serve_tls(0, identity.serve(ALL_VERSIONS, Some(&authority))).unwrap();
    for (server, tls, opens) in
        [(&open, &tls, true), (&closed, &tls, false), (&closed, &known, true), (&closed, &texts, true)]
    {
        for client in both(config(&server.url()), tls).unwrap() {
            let result = client.send(&GetCallerIdentity::new());
            assert_eq!(result.is_ok(), opens, "{}: {result:?}", client.name());
        }
    }
    let stranger = Tls::new().ca_bundle_pem(pki::authority("other").pem().as_bytes()).unwrap();
    for client in both(config(&open.url()), &stranger).unwrap() {
        let failure = client.send(&GetCallerIdentity::new()).unwrap_err();
        assert_eq!((&*failure.what, failure.attempts), ("Permanent", 1), "{failure:?}");
    }
}

#[test]
fn the_environment_names_the_bundle() {
    let folder = Folder::new("environment");
    let authority = pki::authority("test");
    let identity = pki::issue(&authority, &pki::server()).serve(ALL_VERSIONS, None);
    let listener = LocalSts::demo().serve_tls(0, identity).unwrap();
    let good = folder.file("ca.pem", &authority.pem());
    let bad = folder.file("empty.pem", "");
    let chain = |bundle: &PathBuf| {
        let (url, bundle) = (listener.url(), bundle.display().to_string());
        let variable = |name: &str| match name {
            "AWS_REGION" => Some("us-east-1".to_owned()),
            "AWS_ENDPOINT_URL_STS" => Some(url.clone()),
            "AWS_CA_BUNDLE" => Some(bundle.clone()),
            _ => None,
        };
        Chain::load(Config::builder(), &variable, None).unwrap()
    };
    for driver in [0, 1] {
        let client = Client::of(chain(&good), driver).unwrap().credentials(LocalSts::demo_credentials());
        client.send(&GetCallerIdentity::new()).unwrap();
    }
    let wanted = format!("{}: there is no certificate in it, as PEM", bad.display());
    for driver in [0, 1] {
        assert_eq!(Client::of(chain(&bad), driver).err().unwrap().to_string(), wanted);
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let folder = Folder::new("wrong");
    let authority = pki::authority("test");
    let (certificate, key) = visitor(&authority);
    let (_, foreign) = visitor(&authority);
    let [certificate, key] =
        [("client.pem", &certificate), ("client.key", &key)].map(|(name, text)| folder.file(name, text));
    let section = |label: &str, text: &str| format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n");
    let file = |text: &str| folder.file("it", text);

    // Errors of reading the file.
    let missing = folder.0.join("it");
    let error = Tls::new().ca_bundle(&missing).unwrap_err();
    assert_eq!(error.to_string(), format!("{} cannot be read", missing.display()));
    assert!(std::error::Error::source(&error).is_some());
    let bundle = |text: &str| Tls::new().ca_bundle(file(text));
    let keyed = |text: &str| Tls::new().client_certificate(&certificate, file(text));
    let old = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA";
    for (result, reason) in [
        (bundle(""), "there is no certificate in it, as PEM"),
        (bundle("words"), "there is no certificate in it, as PEM"),
        (bundle(&fs::read_to_string(&key).unwrap()), "there is no certificate in it, as PEM"),
        (bundle(&section("CERTIFICATE", "?")), "it is not PEM"),
        (bundle("-----BEGIN CERTIFICATE-----\nAAAA\n"), "it is not PEM"),
        (keyed(""), "there is no private key in it, as PEM"),
        (keyed(&fs::read_to_string(&certificate).unwrap()), "there is no private key in it, as PEM"),
        (keyed(&section("PRIVATE KEY", "?")), "it is not PEM"),
        (
            keyed(&section("ENCRYPTED PRIVATE KEY", "AAAA")),
            "the private key in it is encrypted, which is not supported",
        ),
        (keyed(&section("RSA PRIVATE KEY", old)), "the private key in it is encrypted, which is not supported"),
        (Tls::new().client_certificate(file("words"), &key), "there is no certificate in it, as PEM"),
    ] {
        assert_eq!(result.unwrap_err().to_string(), format!("{}: {reason}", missing.display()));
    }

    // Errors of using it.
    let config = config("https://localhost");
    let path = missing.display();
    for (tls, error) in [
        (keyed(&foreign), format!("{path}: the private key in it is not the certificate's")),
        (
            keyed(&section("PRIVATE KEY", "AAAA")),
            format!("{path}: the private key in it, or its certificate, cannot be used"),
        ),
        (
            bundle(&section("CERTIFICATE", "AAAA")),
            format!("{path}: none of the certificates in it is one of an authority"),
        ),
    ] {
        assert_eq!(both(config.clone(), &tls.unwrap()).err().unwrap().to_string(), error);
    }
}

#[cfg(not(feature = "platform-roots"))]
#[test]
fn the_systems_authorities_are_asked_for_by_a_feature() {
    let error = both(config("https://localhost"), &Tls::new().platform_roots()).err().unwrap();
    assert_eq!(error.to_string(), "the operating system's authorities need the feature `platform-roots`");
}

#[test]
fn a_key_is_never_shown() {
    let (certificate, key) = visitor(&pki::authority("test"));
    let tls = Tls::new().client_certificate_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    assert_eq!(format!("{tls:?}"), "Tls { roots: Mozilla, identity: Some(Identity(the given key)) }");
    let foreign = visitor(&pki::authority("test")).1;
    let tls = tls.client_certificate_pem(certificate.as_bytes(), foreign.as_bytes()).unwrap();
    let error = both(config("https://localhost"), &tls).err().unwrap();
    for secret in foreign.lines().filter(|line| !line.starts_with('-')) {
        assert!(!format!("{error:?}").contains(secret));
    }
}

/// TCP and TLS share one connect timeout.
#[test]
fn a_handshake_that_hangs_is_given_up() {
    let server = Peer::start(|_, stream| hang(&stream));
    let config = config(&format!("https://{}", server.address)).max_attempts(1);
    for client in Client::both(Settings::from(config).connect_timeout(Duration::from_millis(200))) {
        let start = Instant::now();
        let failure = client.credentials(LocalSts::demo_credentials()).send(&GetCallerIdentity::new()).unwrap_err();
        assert_eq!(failure.what, "Timeout", "{failure:?}");
        // And not after the 10 s of an attempt.
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}
