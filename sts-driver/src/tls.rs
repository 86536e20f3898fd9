//! TLS settings: root certificates and client certificate.

use std::{borrow::Cow, error::Error as StdError, fmt, io, path::Path, sync::Arc};

pub use rustls_pki_types::CertificateDer;
use rustls_pki_types::{
    PrivateKeyDer,
    pem::{self, PemObject},
};
use zeroize::Zeroizing;

use crate::file;

/// Whom a client trusts, and who it says it is: Mozilla's authorities and nobody in particular, unless that is changed.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    roots: Roots,
    identity: Option<Arc<Identity>>,
}

impl Tls {
    /// Trusts Mozilla's root certificates, and has no client certificate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the operating system's root certificates. Needs the driver's feature `platform-roots`, or `native-tls` without `ring` and
    /// `aws-lc-rs`.
    #[must_use]
    pub fn platform_roots(mut self) -> Self {
        self.roots = Roots::Platform;
        self
    }

    /// Trusts only the root certificates in this PEM file, as with `AWS_CA_BUNDLE`.
    ///
    /// # Errors
    /// The file cannot be read, is not PEM, or contains no certificate.
    pub fn ca_bundle(self, file: impl AsRef<Path>) -> Result<Self, TlsError> {
        let (origin, pem) = read(file.as_ref())?;
        self.trust(&pem, origin)
    }

    /// Like [`ca_bundle`](Self::ca_bundle), with the PEM text.
    ///
    /// # Errors
    /// The text is not PEM, or contains no certificate.
    pub fn ca_bundle_pem(self, pem: &[u8]) -> Result<Self, TlsError> {
        self.trust(pem, "the given text".to_owned())
    }

    /// Sets the client certificate from two PEM files: the certificate followed by its chain, and the private key. Both may be the same
    /// file. The key is PKCS #8, PKCS #1 or SEC 1, and not encrypted; with `native-tls` it must be PKCS #8.
    ///
    /// # Errors
    /// A file cannot be read, is not PEM, or contains no certificate or no key.
    pub fn client_certificate(self, certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, TlsError> {
        self.identify(&read(certificate.as_ref())?, read(key.as_ref())?)
    }

    /// Like [`client_certificate`](Self::client_certificate), with the PEM texts.
    ///
    /// # Errors
    /// A text is not PEM, or contains no certificate or no key.
    pub fn client_certificate_pem(self, certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let given = |what: &str, pem: &[u8]| (format!("the given {what}"), Zeroizing::new(pem.to_vec()));
        self.identify(&given("certificate", certificate), given("key", key))
    }

    fn trust(mut self, pem: &[u8], origin: String) -> Result<Self, TlsError> {
        self.roots = Roots::Given(Arc::new(Bundle { certificates: certificates(pem, &origin)?, origin }));
        Ok(self)
    }

    fn identify(mut self, certificate: &Pem, key: Pem) -> Result<Self, TlsError> {
        let chain = certificates(&certificate.1, &certificate.0)?;
        private_key(&key)?;
        self.identity = Some(Arc::new(Identity { chain, key }));
        Ok(self)
    }
}

/// The origin of a text, and the text.
type Pem = (String, Zeroizing<Vec<u8>>);

fn read(path: &Path) -> Result<Pem, TlsError> {
    /// The system's bundles have a quarter of that.
    const MAX_LENGTH: usize = 1 << 20;
    let origin = path.display().to_string();
    match file::read_bytes(path, MAX_LENGTH) {
        Ok(pem) => Ok((origin, pem)),
        Err(error) => Err(TlsError::new(origin, Reason::Read(error))),
    }
}

fn certificates(pem: &[u8], origin: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(&plain(pem)).map(|der| der.map(without_settings)).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(TlsError::new(origin.to_owned(), Reason::NoCertificate)),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(TlsError::new(origin.to_owned(), Reason::Pem(error))),
    }
}

/// The text without a byte order mark, and with OpenSSL's trusted certificates by the name of ordinary ones.
fn plain(pem: &[u8]) -> Cow<'_, [u8]> {
    const TRUSTED: &[u8] = b" TRUSTED CERTIFICATE-----";
    let pem = pem.strip_prefix("\u{feff}".as_bytes()).unwrap_or(pem);
    let mut plain = Cow::Borrowed(pem);
    let mut done = 0;
    for (start, _) in pem.windows(TRUSTED.len()).enumerate().filter(|(_, window)| *window == TRUSTED) {
        if done == 0 {
            plain = Cow::Owned(Vec::with_capacity(pem.len()));
        }
        plain.to_mut().extend_from_slice(&pem[done..start]);
        done = start + " TRUSTED".len();
    }
    if done > 0 {
        plain.to_mut().extend_from_slice(&pem[done..]);
    }
    plain
}

/// The certificate alone. In a trusted one, what it is trusted for stands behind it
/// ([x509(1)](https://docs.openssl.org/3.0/man1/openssl-x509/#trust-settings)).
fn without_settings(certificate: CertificateDer<'static>) -> CertificateDer<'static> {
    match element_length(&certificate) {
        Some(length) if length < certificate.len() => CertificateDer::from(certificate[..length].to_vec()),
        _ => certificate,
    }
}

/// The length of the element that a text in DER begins with, its head included.
fn element_length(der: &[u8]) -> Option<usize> {
    match *der.get(1)? {
        short @ ..0x80 => Some(2 + usize::from(short)),
        long => {
            let digits = der.get(2..2 + usize::from(long & 0x7f)).filter(|digits| (1..=4).contains(&digits.len()))?;
            let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
            Some(2 + digits.len() + length)
        }
    }
}

fn private_key((origin, pem): &Pem) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(&plain(pem)).map_err(|error| {
        // Of the older kind of encryption only the headers within the section tell, which are not base64.
        let is_encrypted = pem.windows(9).any(|word| word == b"ENCRYPTED");
        let reason = match error {
            _ if is_encrypted => Reason::EncryptedKey,
            pem::Error::NoItemsFound => Reason::NoKey,
            error => Reason::Pem(error),
        };
        TlsError::new(origin.clone(), reason)
    })
}

/// The root certificates and the client certificate, for a TLS library with settings of its own.
pub fn parts(tls: &Tls) -> (&Roots, Option<&Identity>) {
    (&tls.roots, tls.identity.as_deref())
}

/// The root certificates that a client trusts.
#[derive(Clone, Debug, Default)]
pub enum Roots {
    /// Mozilla's root certificates.
    #[default]
    Mozilla,
    /// The operating system's root certificates.
    Platform,
    /// The given root certificates.
    Given(Arc<Bundle>),
}

/// Root certificates, at least one.
pub struct Bundle {
    /// The certificates.
    pub certificates: Vec<CertificateDer<'static>>,
    origin: String,
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bundle({})", self.origin)
    }
}

/// A client certificate and its private key.
pub struct Identity {
    /// The client's certificate, followed by intermediate certificates.
    pub chain: Vec<CertificateDer<'static>>,
    key: Pem,
}

impl Identity {
    /// The private key, as PEM.
    pub fn key_pem(&self) -> &[u8] {
        &self.key.1
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.key.0)
    }
}

/// The rustls settings for [`Tls::new`]. Separate: programs without TLS settings need not contain the code that reads certificates.
///
/// # Errors
/// The process's default crypto provider does not support TLS 1.2 or 1.3.
#[cfg(feature = "rustls")]
pub fn default_client_config() -> Result<rustls::ClientConfig, TlsError> {
    Ok(builder(crypto_provider())?.with_root_certificates(mozilla()).with_no_client_auth())
}

/// Checks that [`default_client_config`] works.
///
/// # Errors
/// The same errors as [`default_client_config`].
#[cfg(feature = "rustls")]
pub fn check_crypto_provider() -> Result<(), TlsError> {
    builder(crypto_provider()).map(drop)
}

#[cfg(feature = "rustls")]
fn builder(
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> Result<rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier>, TlsError> {
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::new("the process's default cryptography".to_owned(), Reason::Rustls(error)))
}

#[cfg(feature = "rustls")]
fn mozilla() -> rustls::RootCertStore {
    rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

/// The rustls settings for `tls`.
///
/// # Errors
/// Certificates or the key are unusable or do not match; the operating system has no root certificates; or this build lacks the feature
/// `platform-roots`.
#[cfg(feature = "rustls")]
pub fn client_config(tls: &Tls) -> Result<rustls::ClientConfig, TlsError> {
    use rustls::sign::{CertifiedKey, SingleCertAndKey};

    let provider = crypto_provider();
    let builder = builder(Arc::clone(&provider))?;
    let builder = match &tls.roots {
        Roots::Mozilla => builder.with_root_certificates(mozilla()),
        Roots::Given(bundle) => builder.with_root_certificates(root_store(bundle)?),
        #[cfg(feature = "platform-roots")]
        Roots::Platform => {
            let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(&provider))
                .map_err(|error| TlsError::new(PLATFORM.to_owned(), Reason::Rustls(error)))?;
            // The method has this name because most custom verifiers check less.
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
        #[cfg(not(feature = "platform-roots"))]
        Roots::Platform => return Err(TlsError::new(PLATFORM.to_owned(), Reason::NoPlatformRoots)),
    };
    let Some(identity) = &tls.identity else { return Ok(builder.with_no_client_auth()) };
    let key = CertifiedKey::from_der(identity.chain.clone(), private_key(&identity.key)?, &provider)
        .map_err(|error| TlsError::new(identity.key.0.clone(), Reason::BadKey(error)))?;
    Ok(builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(key))))
}

/// Those authorities and no others.
#[cfg(feature = "rustls")]
fn root_store(bundle: &Bundle) -> Result<rustls::RootCertStore, TlsError> {
    let mut roots = rustls::RootCertStore::empty();
    // Of a system's hundred certificates, one may be too old to be understood.
    let (added, _) = roots.add_parsable_certificates(bundle.certificates.iter().cloned());
    if added == 0 { Err(TlsError::new(bundle.origin.clone(), Reason::BadCertificates)) } else { Ok(roots) }
}

/// The process's default if it has one, which is where an application chooses for all its libraries; else aws-lc-rs or ring.
#[cfg(feature = "rustls")]
pub fn crypto_provider() -> Arc<rustls::crypto::CryptoProvider> {
    rustls::crypto::CryptoProvider::get_default().cloned().unwrap_or_else(|| {
        #[cfg(feature = "aws-lc-rs")]
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        #[cfg(not(feature = "aws-lc-rs"))]
        let provider = rustls::crypto::ring::default_provider();
        Arc::new(provider)
    })
}

#[cfg(feature = "rustls")]
const PLATFORM: &str = "the operating system's authorities";

/// An error in TLS settings.
pub struct TlsError {
    /// The file or setting at fault.
    origin: String,
    reason: Reason,
}

enum Reason {
    Read(io::Error),
    Pem(pem::Error),
    NoCertificate,
    NoKey,
    EncryptedKey,
    #[cfg(feature = "rustls")]
    BadCertificates,
    #[cfg(feature = "rustls")]
    BadKey(rustls::Error),
    #[cfg(feature = "rustls")]
    Rustls(rustls::Error),
    #[cfg(all(feature = "rustls", not(feature = "platform-roots")))]
    NoPlatformRoots,
}

impl TlsError {
    fn new(origin: String, reason: Reason) -> Self {
        Self { origin, reason }
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)?;
        f.write_str(match &self.reason {
            Reason::Read(_) => " cannot be read",
            Reason::Pem(_) => ": it is not PEM",
            Reason::NoCertificate => ": there is no certificate in it, as PEM",
            Reason::NoKey => ": there is no private key in it, as PEM",
            Reason::EncryptedKey => ": the private key in it is encrypted, which is not supported",
            #[cfg(feature = "rustls")]
            Reason::BadCertificates => ": none of the certificates in it is one of an authority",
            #[cfg(feature = "rustls")]
            Reason::BadKey(rustls::Error::InconsistentKeys(_)) => ": the private key in it is not the certificate's",
            #[cfg(feature = "rustls")]
            Reason::BadKey(_) => ": the private key in it, or its certificate, cannot be used",
            #[cfg(feature = "rustls")]
            Reason::Rustls(_) => " cannot be used",
            #[cfg(all(feature = "rustls", not(feature = "platform-roots")))]
            Reason::NoPlatformRoots => " need the feature `platform-roots`",
        })
    }
}

debug_in_words!(TlsError);

impl StdError for TlsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.reason {
            Reason::Read(error) => Some(error),
            Reason::Pem(error) => Some(error),
            #[cfg(feature = "rustls")]
            Reason::BadKey(error) | Reason::Rustls(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: &str = "\u{feff}";

    /// Of one byte of DER's NULL, and what OpenSSL has behind it.
    fn section(label: &str, base64: &str) -> String {
        format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
    }

    #[test]
    fn what_a_bundle_may_look_like() {
        // 05 00, and 30 03 01 01 FF
        let (null, sequence, trusted) = ("BQA=", "MAMBAf8=", "MAMBAf8wADAA");
        for (text, expected) in [
            (section("CERTIFICATE", sequence), &[&b"\x30\x03\x01\x01\xff"[..]][..]),
            (MARK.to_owned() + &section("CERTIFICATE", sequence), &[b"\x30\x03\x01\x01\xff"]),
            // Two empty sequences are behind it.
            (section("TRUSTED CERTIFICATE", trusted), &[b"\x30\x03\x01\x01\xff"]),
            (
                format!("# {MARK}\n{}é\n{}", section("TRUSTED CERTIFICATE", trusted), section("CERTIFICATE", null)),
                &[b"\x30\x03\x01\x01\xff", b"\x05\x00"],
            ),
            (
                section("CERTIFICATE", null) + &section("TRUSTED CERTIFICATE", null).repeat(2),
                &[b"\x05\x00", b"\x05\x00", b"\x05\x00"],
            ),
        ] {
            let found = certificates(text.as_bytes(), "it").expect("certificates");
            assert_eq!(found.iter().map(|der| &**der).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn lengths_in_der() {
        // X.690, 8.1.3
        for (der, length) in [
            (&b"\x30\x00"[..], Some(2)),
            (b"\x30\x7f", Some(129)),
            (b"\x30\x81\x80", Some(131)),
            (b"\x30\x82\x01\x00", Some(260)),
            (b"\x30\x84\x00\x00\x00\x01", Some(7)),
            (b"\x30\x80\x00\x00", None),
            (b"\x30\x85\x00\x00\x00\x00\x01", None),
            (b"\x30\x82\x01", None),
            (b"\x30", None),
            (b"", None),
        ] {
            assert_eq!(element_length(der), length, "{der:x?}");
        }
    }

    #[test]
    fn a_bundle_takes_the_place_of_mozillas() {
        let tls = Tls::new().ca_bundle_pem(section("CERTIFICATE", "BQA=").as_bytes()).expect("a section");
        assert!(matches!(parts(&tls).0, Roots::Given(bundle) if bundle.certificates.len() == 1));
    }
}
