//! Valid and invalid certificates for 127.0.0.1 and `localhost`.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    RootCertStore, ServerConfig, SupportedProtocolVersion,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};

pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

/// A certificate chain, the holder's certificate first, and its key as PEM.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: String,
}

pub(crate) fn authority(name: &str) -> Authority {
    Authority::self_signed(authority_of(name), KeyPair::generate().unwrap()).unwrap()
}

pub(crate) fn authority_of(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

/// The certificate parameters of a valid server.
pub(crate) fn server() -> CertificateParams {
    let mut params = CertificateParams::new(["127.0.0.1".into(), "localhost".into()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// A certificate from this authority.
pub(crate) fn issue(issuer: &Issuer<'_, KeyPair>, params: &CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    let chain = vec![params.signed_by(&key, issuer).unwrap().der().clone()];
    Identity { chain, key: key.serialize_pem() }
}

/// A server's certificate from an RSA authority, and that authority. rcgen's backend makes no RSA keys, so OpenSSL made these: `openssl
/// req -x509 -newkey rsa:1024`, and `openssl x509 -req` for a server with a P-256 key. They expire in 2119.
pub(crate) fn below_rsa(pem: &str) -> (Identity, CertificateDer<'static>) {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).map(Result::unwrap).collect();
    let [own, authority] = <[_; 2]>::try_from(chain).unwrap();
    (Identity { chain: vec![own], key: pem.to_owned() }, authority)
}

impl Identity {
    pub(crate) fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap()
    }

    /// A server with these TLS versions. It accepts clients with a certificate from `clients`, or all clients.
    pub(crate) fn serve(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        clients: Option<&Authority>,
    ) -> Arc<ServerConfig> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_protocol_versions(versions).unwrap();
        let builder = match clients {
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.der().clone()).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
            None => builder.with_no_client_auth(),
        };
        builder.with_single_cert(self.chain.clone(), self.private_key()).unwrap().into()
    }
}
