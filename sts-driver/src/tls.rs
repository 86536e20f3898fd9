//! Whom a client trusts, and who it says it is.

use std::{error::Error as StdError, fmt, fs, io, path::Path, sync::Arc};

pub use rustls_pki_types::CertificateDer;
use rustls_pki_types::{
    PrivateKeyDer,
    pem::{self, PemObject},
};
use zeroize::Zeroizing;

/// Whom a client trusts, and who it says it is: Mozilla's authorities and nobody in particular, unless that is changed.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    roots: Roots,
    identity: Option<Arc<Identity>>,
}

impl Tls {
    /// Trusts Mozilla's authorities, and has no certificate of its own.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts whom the operating system trusts. Needs the driver's feature `platform-roots`, or its `native-tls` without `ring` and
    /// `aws-lc-rs`.
    #[must_use]
    pub fn platform_roots(mut self) -> Self {
        self.roots = Roots::Platform;
        self
    }

    /// Trusts the authorities in this PEM file and no others, as `AWS_CA_BUNDLE` means it.
    ///
    /// # Errors
    /// The file cannot be read, is not PEM, or there is no certificate in it.
    pub fn ca_bundle(self, file: impl AsRef<Path>) -> Result<Self, TlsError> {
        let (origin, pem) = read(file.as_ref())?;
        self.trust(&pem, origin)
    }

    /// As [`ca_bundle`](Self::ca_bundle), with the text of such a file.
    ///
    /// # Errors
    /// It is not PEM, or there is no certificate in it.
    pub fn ca_bundle_pem(self, pem: &[u8]) -> Result<Self, TlsError> {
        self.trust(pem, "the given text".to_owned())
    }

    /// Shows servers that ask for it the certificate in the one PEM file, with its chain behind it, and proves with the private key in
    /// the other that it is the client's. Both may be the same file. The key is PKCS #8, PKCS #1 or SEC 1, and not encrypted; with
    /// `native-tls` it must be PKCS #8.
    ///
    /// # Errors
    /// A file cannot be read, is not PEM, or there is no certificate or no key in it.
    pub fn client_certificate(self, certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, TlsError> {
        self.identify(&read(certificate.as_ref())?, read(key.as_ref())?)
    }

    /// As [`client_certificate`](Self::client_certificate), with the texts of such files.
    ///
    /// # Errors
    /// A text is not PEM, or there is no certificate or no key in it.
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

/// Where a text comes from, and the text.
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

/// Whom a client trusts, and who it is, for a TLS library that is told so in its own way.
pub fn parts(tls: &Tls) -> (&Roots, Option<&Identity>) {
    (&tls.roots, tls.identity.as_deref())
}

/// Whom a client trusts.
#[derive(Clone, Debug, Default)]
pub enum Roots {
    /// Mozilla's authorities.
    #[default]
    Mozilla,
    /// The operating system's.
    Platform,
    /// Those.
    Given(Arc<Bundle>),
}

/// Authorities' certificates, at least one.
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

/// Who a client is.
pub struct Identity {
    /// Its certificate, and those between that and an authority.
    pub chain: Vec<CertificateDer<'static>>,
    key: Pem,
}

impl Identity {
    /// Its private key, as PEM.
    pub fn key_pem(&self) -> &[u8] {
        &self.key.1
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.key.0)
    }
}

/// What rustls makes of [`Tls::new`]. On its own, so that a program that says nothing of TLS need not hold what reads certificates and keys.
///
/// # Errors
/// The process's default cryptography has no TLS 1.2 and 1.3 that could be used.
#[cfg(feature = "rustls")]
pub fn default_client_config() -> Result<rustls::ClientConfig, TlsError> {
    Ok(builder(crypto_provider())?.with_root_certificates(mozilla()).with_no_client_auth())
}

/// Whether [`default_client_config`] works.
///
/// # Errors
/// As there.
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

/// What rustls makes of it.
///
/// # Errors
/// Certificates or the key cannot be used, or do not belong together; the operating system has no authorities, or this build does not
/// ask it for them.
#[cfg(feature = "rustls")]
pub fn client_config(tls: &Tls) -> Result<rustls::ClientConfig, TlsError> {
    use rustls::{RootCertStore, sign::CertifiedKey, sign::SingleCertAndKey};

    let provider = crypto_provider();
    let builder = builder(Arc::clone(&provider))?;
    let builder = match &tls.roots {
        Roots::Mozilla => builder.with_root_certificates(mozilla()),
        Roots::Given(bundle) => {
            let mut roots = RootCertStore::empty();
            // Of a system's hundred certificates, one may be too old to be understood.
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
            // The method has this name for verifiers that verify less.
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

/// Why there is no TLS.
pub struct TlsError {
    /// A file, or what else is to blame.
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
