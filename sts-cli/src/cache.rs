//! `--cache`: the credentials of a profile's role, in files that the AWS CLI and this program share.
//!
//! The content follows botocore (`CachedCredentialFetcher` in `credentials.py`, `JSONFileCache` in `utils.py`).

use serde_json::Value as Json;
use std::time::Duration;
use sts_blocking::{
    Credentials,
    core::timestamp,
    credentials::{
        location::Variable,
        source::Source,
        sources::{role::Role, web_identity::WebIdentity},
    },
    provider::PLATFORM,
};
use sts_driver::file;
use time::UtcDateTime;

use crate::{
    failure::warn,
    output, timestamp as time_format,
    value::{Value, structure},
};

/// A file of the cache.
pub(crate) struct Cache {
    path: String,
    account_id: String,
}

impl Cache {
    /// The cache file for the credentials of this source; `None` if it is not a role, or the home folder is unknown.
    pub(crate) fn of(source: &Source, variable: Variable<'_>) -> Option<Self> {
        let path = source.cache_file(PLATFORM, variable)?;
        let (Source::AssumeRole(Role { role_arn, .. }) | Source::WebIdentity(WebIdentity { role_arn, .. })) = source
        else {
            return None;
        };
        Some(Self { path, account_id: role_arn.split(':').nth(4).unwrap_or_default().into() })
    }

    /// The cached credentials, if they are valid for at least 15 minutes. An unreadable file counts as absent.
    pub(crate) fn read(&self, now: UtcDateTime) -> Option<Credentials> {
        let document: Json = serde_json::from_str(&file::read(&self.path, MAX_LENGTH).ok()?).ok()?;
        let member = |name| document.get("Credentials")?.get(name)?.as_str();
        // Python's name of the time zone.
        let expiration = member("Expiration")?.replace("UTC", "Z");
        let expiration = timestamp::parse(&expiration).filter(|end| *end >= now + LEAST)?;
        let credentials = Credentials::new(member("AccessKeyId")?, member("SecretAccessKey")?);
        Some(credentials.session_token(member("SessionToken")?).expiration(expiration))
    }

    /// Caches credentials. A failure is only a warning, since the command can continue without the cache.
    pub(crate) fn write(&self, credentials: &Credentials) {
        let (Some(token), Some(expiration)) = (&credentials.session_token, credentials.expiration) else { return };
        let members = structure([
            ("AccessKeyId", credentials.access_key_id.as_str().into()),
            ("SecretAccessKey", credentials.secret_access_key.expose().into()),
            ("SessionToken", token.expose().into()),
            ("Expiration", Value::Text(time_format::seconds(expiration) + "UTC")),
            ("AccountId", self.account_id.as_str().into()),
        ]);
        if let Err(error) = file::replace(&self.path, &output::json(&structure([("Credentials", members)]))) {
            warn(&format!("Could not write {}: {error}\n", self.path));
        }
    }
}

/// In bytes: a session token has up to 4096 characters.
const MAX_LENGTH: usize = 1 << 16;

/// The same limit as in botocore.
const LEAST: Duration = Duration::from_secs(15 * 60);
