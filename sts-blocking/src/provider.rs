//! Sources of a client's credentials: the chain, or your own provider.

use sts_core::Credentials;

pub use sts_driver::{
    chain::{Chain, PLATFORM, profiles},
    error::{ChainError, ProvideError},
};

/// A source of credentials. A client asks it for new credentials and caches them as [`cache`](sts_credentials::cache) describes.
///
/// ```no_run
/// use sts_blocking::{Client, Config, Credentials, provider::{ProvideError, Provider}};
///
/// /// A file with the access key's id in the first line and the secret in the second.
/// struct KeyFile(std::path::PathBuf);
///
/// impl Provider for KeyFile {
///     fn provide(&self) -> Result<Credentials, ProvideError> {
///         let text = std::fs::read_to_string(&self.0).map_err(ProvideError::new)?;
///         let (id, secret) = text.trim().split_once('\n').ok_or_else(|| ProvideError::new("there is no second line"))?;
///         Ok(Credentials::new(id, secret))
///     }
/// }
///
/// let config = Config::builder().region("eu-central-1");
/// let client = Client::builder().config(config).provider(KeyFile("/run/secrets/aws".into())).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Closures are providers, too. They can call another client: this one assumes a role with that client's credentials.
///
/// ```no_run
/// use sts_blocking::{AssumeRole, Client, provider::ProvideError};
///
/// let me = Client::from_env()?;
/// let audit = me.clone().with_provider(move || {
///     let reply = me.send(&AssumeRole::new("arn:aws:iam::123456789012:role/audit", "nightly"))?;
///     Ok::<_, ProvideError>(reply.output.credentials.into())
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Provider: Send + Sync {
    /// Finds credentials.
    ///
    /// # Errors
    /// No credentials were found.
    fn provide(&self) -> Result<Credentials, ProvideError>;
}

impl<F: Fn() -> Result<Credentials, ProvideError> + Send + Sync> Provider for F {
    fn provide(&self) -> Result<Credentials, ProvideError> {
        self()
    }
}
