//! Clients as credential providers for the AWS SDK for Rust.

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, error::CredentialsError, future},
};

use crate::{
    Client,
    provider::{ChainError, ProvideError},
};

/// For clients of the AWS SDK for Rust: `Config::builder().credentials_provider(client)`. They get the credentials for the client's next
/// signed call, from [`Client::find_credentials`].
impl ProvideCredentials for Client {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let found = self.find_credentials().await.map_err(refusal)?;
            let found = found.ok_or_else(|| CredentialsError::not_loaded("the client has no source of credentials"))?;
            Ok(Credentials::new(
                &found.access_key_id,
                found.secret_access_key.expose(),
                found.session_token.as_ref().map(|token| token.expose().to_owned()),
                found.expiration.map(Into::into),
                "sts-async",
            ))
        })
    }
}

fn refusal(error: ProvideError) -> CredentialsError {
    match error.get_ref().downcast_ref() {
        Some(ChainError::Plan(_)) => CredentialsError::invalid_configuration(error),
        _ => CredentialsError::provider_error(error),
    }
}
