//! TLS settings: root certificates and client certificate.

use std::{error::Error as StdError, fmt, fs, io, path::Path, sync::Arc};

pub use rustls_pki_types::CertificateDer;
use rustls_pki_types::{
    PrivateKeyDer,
    pem::{self, PemObject},
};
use zeroize::Zeroizing;

/// TLS settings. By default, a client trusts Mozilla's root certificates and has no client certificate.
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
    let origin = path.display().to_string();
    match fs::read(path) {
        Ok(pem) => Ok((origin, Zeroizing::new(pem))),
        Err(error) => Err(TlsError::new(origin, Reason::Read(error))),
    }
}

fn certificates(pem: &[u8], origin: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(TlsError::new(origin.to_owned(), Reason::NoCertificate)),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(TlsError::new(origin.to_owned(), Reason::Pem(error))),
    }
}

fn private_key((origin, pem): &Pem) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| {
        // The older kind of encryption shows only in headers within the section, which are not base64.
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
    use rustls::{RootCertStore, sign::CertifiedKey, sign::SingleCertAndKey};

    let provider = crypto_provider();
    let builder = builder(Arc::clone(&provider))?;
    let builder = match &tls.roots {
        Roots::Mozilla => builder.with_root_certificates(mozilla()),
        Roots::Given(bundle) => {
            let mut roots = RootCertStore::empty();
            // Among a system's hundred certificates, one may be too old to parse.
            let (added, _) = roots.add_parsable_certificates(bundle.certificates.iter().cloned());
            if added == 0 {
                return Err(TlsError::new(bundle.origin.clone(), Reason::BadCertificates));
            }
            builder.with_root_certificates(roots)
        }
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

/// The process's default crypto provider, which an application sets for all its libraries; otherwise aws-lc-rs or ring.
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
