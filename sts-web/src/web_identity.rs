//! Credentials of a role in exchange for a token.

use std::{fmt, future::Future};

use sts_core::{AssumeRoleWithWebIdentity, Credentials};

use crate::{
    client::Client,
    provider::{ProvideError, Provider},
};

/// Exchanges the token of an OpenID Connect provider for the credentials of a role: on a page, the token that the user signed in with.
///
/// ```no_run
/// use sts_web::{Client, Config, ProvideError, WebIdentity};
///
/// # fn example(token: impl Fn() -> String + 'static) -> Result<Client, sts_web::ConfigError> {
/// let config = || Config::builder().region("eu-central-1");
/// let unsigned = Client::builder().config(config()).build()?;
/// let role = WebIdentity::new(unsigned, "arn:aws:iam::123456789012:role/page", "page", move || {
///     let token = token();
///     async { Ok(token) }
/// });
/// Client::builder().config(config()).provider(role).build()
/// # }
/// ```
pub struct WebIdentity<T> {
    client: Client,
    role_arn: String,
    session_name: String,
    token: T,
}

impl<T, R> WebIdentity<T>
where
    T: Fn() -> R,
    R: Future<Output = Result<String, ProvideError>>,
{
    /// Assumes this role, with sessions of this name. `token` is called each time, since tokens expire, too. The client needs no
    /// credentials: the calls are not signed.
    pub fn new(client: Client, role_arn: impl Into<String>, session_name: impl Into<String>, token: T) -> Self {
        Self { client, role_arn: role_arn.into(), session_name: session_name.into(), token }
    }
}

impl<T, R> Provider for WebIdentity<T>
where
    T: Fn() -> R,
    R: Future<Output = Result<String, ProvideError>>,
{
    async fn provide(&self) -> Result<Credentials, ProvideError> {
        let token = (self.token)().await?;
        let operation = AssumeRoleWithWebIdentity::new(&*self.role_arn, &*self.session_name, token);
        Ok(self.client.send(&operation).await?.output.credentials.into())
    }
}

impl<T> fmt::Debug for WebIdentity<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebIdentity").field("role_arn", &self.role_arn).finish_non_exhaustive()
    }
}
