//! Why a TLS handshake failed, in words that say what to do.

use std::error::Error as StdError;

/// The words for an error of TLS, if the error is one that needs them.
#[cfg(not(feature = "rustls"))]
pub(crate) fn words(_: &(dyn StdError + 'static)) -> Option<String> {
    None
}

#[cfg(feature = "rustls")]
pub(crate) use rustls_words::words;

#[cfg(feature = "rustls")]
mod rustls_words {
    use super::StdError;
    use rustls::{AlertDescription, CertificateError, Error, OtherError, pki_types::UnixTime};
    use sts_core::timestamp;
    use time::UtcDateTime;

    /// The words for an error of rustls.
    pub(crate) fn words(error: &(dyn StdError + 'static)) -> Option<String> {
        match error.downcast_ref()? {
            Error::InvalidCertificate(error) => Some(certificate(error)),
            Error::InvalidMessage(_) => Some(
                "the server does not speak TLS; if it is to be called over plain HTTP, its URL begins with http://"
                    .into(),
            ),
            Error::AlertReceived(alert) => refusal(*alert).map(Into::into),
            _ => None,
        }
    }

    /// What is wrong with the server's certificate.
    fn certificate(error: &CertificateError) -> String {
        match error {
            CertificateError::UnknownIssuer => "the issuer of the server's certificate is not trusted; root certificates of your \
                organization, or the server's own certificate, can be named in AWS_CA_BUNDLE"
                .into(),
            CertificateError::ExpiredContext { not_after, .. } => {
                format!("the server's certificate expired at {}, or the clock of this machine is ahead", at(*not_after))
            }
            CertificateError::NotValidYetContext { not_before, .. } => format!(
                "the server's certificate is not valid before {}, or the clock of this machine is behind",
                at(*not_before)
            ),
            CertificateError::NotValidForNameContext { expected, presented } => {
                let names: Vec<_> = presented.iter().map(|name| plain(name)).collect();
                let names = if names.is_empty() { "no name".to_owned() } else { names.join(", ") };
                format!("the server's certificate is valid for {names}, and not for {}", expected.to_str())
            }
            CertificateError::BadSignature => "a signature in the server's certificates is wrong, or its RSA key is shorter than 2048 or \
                longer than 8192 bits"
                .into(),
            CertificateError::Other(OtherError(error)) if format!("{error:?}").contains("CaUsedAsEndEntity") => {
                "the server's certificate is a certificate authority's (CA:TRUE), which is refused even if it is trusted; issue one for \
                 the server with CA:FALSE"
                    .into()
            }
            CertificateError::Other(OtherError(error)) => format!("the server's certificate is not valid: {error:?}"),
            error => format!("the server's certificate is not valid: {error}"),
        }
    }

    /// What a server refuses.
    fn refusal(alert: AlertDescription) -> Option<&'static str> {
        Some(match alert {
            AlertDescription::CertificateRequired => "the server requires a client certificate",
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnsupportedCertificate => "the server does not accept the client certificate",
            AlertDescription::ProtocolVersion => "the server speaks neither TLS 1.2 nor TLS 1.3",
            AlertDescription::UnrecognisedName => "the server does not serve this host name",
            _ => return None,
        })
    }

    fn at(time: UnixTime) -> String {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        UtcDateTime::from_unix_timestamp(seconds).map_or_else(|_| format!("second {seconds}"), timestamp::format)
    }

    /// A name without the type that rustls adds: `DnsName("example.com")`, `IpAddress(127.0.0.1)`.
    fn plain(name: &str) -> &str {
        let inner = name.split_once('(').and_then(|(_, inner)| inner.strip_suffix(')')).unwrap_or(name);
        inner.trim_matches('"')
    }
}
