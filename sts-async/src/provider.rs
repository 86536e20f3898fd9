//! Sources of a client's credentials: the chain, or your own provider.

use std::future::Future;

use sts_core::Credentials;

#[cfg(feature = "aws-credential-types")]
mod aws_credential_types;

pub use sts_driver::{
    chain::{Chain, PLATFORM, profiles},
    error::{ChainError, ProvideError},
};

/// A source of credentials. A client asks it for new credentials and caches them as [`cache`](sts_credentials::cache) describes.
///
/// ```no_run
/// use sts_async::{Client, Config, Credentials, provider::{ProvideError, Provider}};
///
/// /// A file with the access key's id in the first line and the secret in the second.
/// struct KeyFile(std::path::PathBuf);
///
/// impl Provider for KeyFile {
///     async fn provide(&self) -> Result<Credentials, ProvideError> {
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
/// Closures that return a future are providers, too. They can call another client: this one assumes a role with that client's credentials.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use sts_async::{AssumeRole, Client, provider::ProvideError};
///
/// let me = Client::from_env()?;
/// let audit = me.clone().with_provider(move || {
///     let me = me.clone();
///     async move {
///         let reply = me.send(&AssumeRole::new("arn:aws:iam::123456789012:role/audit", "nightly")).await?;
///         Ok::<_, ProvideError>(reply.output.credentials.into())
///     }
/// });
/// # Ok(())
/// # }
/// ```
pub trait Provider: Send + Sync {
    /// Finds credentials.
    ///
    /// # Errors
    /// No credentials were found.
    fn provide(&self) -> impl Future<Output = Result<Credentials, ProvideError>> + Send;
}

impl<F, R> Provider for F
where
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<Credentials, ProvideError>> + Send,
{
    fn provide(&self) -> impl Future<Output = Result<Credentials, ProvideError>> + Send {
        self()
    }
}
