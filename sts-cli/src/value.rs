//! A printable value: an operation's output, or the result of `--query`.

use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::Number;
use std::{borrow::Cow, collections::BTreeMap};
use sts_blocking::{
    Secret, TemporaryCredentials, Timestamp,
    core::shapes::{
        AssumedRoleUser, FederatedUser, OriginIdentity, ScopedSession, TransactionContext,
        TrustedIdentityPropagationContext,
    },
};
use time::UtcDateTime;

use crate::timestamp;

/// A value as the AWS CLI prints it.
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Value>),
    /// Members in printing order.
    Structure(Vec<(String, Value)>),
}

pub(crate) type Members<'a> = Vec<(&'a str, &'a Value)>;

/// A structure of the members in the response.
pub(crate) fn structure<const N: usize>(members: [(&str, Value); N]) -> Value {
    let sent = members.into_iter().filter(|(_, value)| !matches!(value, Value::Null));
    Value::Structure(sent.map(|(key, value)| (key.into(), value)).collect())
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// `2026-11-23T03:00:00+00:00`, as in version 2 of the AWS CLI; microseconds follow the seconds unless they are zero.
impl From<UtcDateTime> for Value {
    fn from(time: UtcDateTime) -> Self {
        Self::Text(timestamp::iso8601(time))
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        UtcDateTime::from(time).into()
    }
}

impl From<&TemporaryCredentials> for Value {
    fn from(credentials: &TemporaryCredentials) -> Self {
        structure([
            ("AccessKeyId", credentials.access_key_id.as_str().into()),
            ("SecretAccessKey", credentials.secret_access_key.expose().into()),
            ("SessionToken", credentials.session_token.expose().into()),
            ("Expiration", credentials.expiration.into()),
        ])
    }
}

impl From<&AssumedRoleUser> for Value {
    fn from(user: &AssumedRoleUser) -> Self {
        structure([("AssumedRoleId", user.assumed_role_id.as_str().into()), ("Arn", user.arn.as_str().into())])
    }
}

impl From<&FederatedUser> for Value {
    fn from(user: &FederatedUser) -> Self {
        structure([("FederatedUserId", user.federated_user_id.as_str().into()), ("Arn", user.arn.as_str().into())])
    }
}

impl From<&ScopedSession> for Value {
    fn from(session: &ScopedSession) -> Self {
        structure([
            ("ScopedSessionId", session.scoped_session_id.as_str().into()),
            ("Arn", session.arn.as_str().into()),
        ])
    }
}

impl From<&TrustedIdentityPropagationContext> for Value {
    fn from(context: &TrustedIdentityPropagationContext) -> Self {
        structure([
            ("OriginIdentity", context.origin_identity.as_ref().into()),
            ("TransactionContext", context.transaction_context.as_ref().into()),
        ])
    }
}

impl From<&OriginIdentity> for Value {
    fn from(origin: &OriginIdentity) -> Self {
        structure([
            ("Subject", origin.subject.as_ref().map(Secret::expose).into()),
            ("SubjectType", origin.subject_type.as_ref().map(Secret::expose).into()),
            ("Issuer", origin.issuer.as_ref().map(Secret::expose).into()),
            ("FederatedProviderArn", origin.federated_provider_arn.as_deref().into()),
        ])
    }
}

impl From<&TransactionContext> for Value {
    fn from(context: &TransactionContext) -> Self {
        let map = |map: &BTreeMap<String, Secret>| {
            Self::Structure(map.iter().map(|(key, value)| (key.clone(), value.expose().into())).collect())
        };
        structure([("IdentityProvider", context.identity_provider.as_ref().map(map).into())])
    }
}

impl Value {
    /// A value without parts, as text and table show it: in Python's format, like the AWS CLI.
    pub(crate) fn scalar(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Null => Some("None".into()),
            Self::Bool(true) => Some("True".into()),
            Self::Bool(false) => Some("False".into()),
            Self::Number(number) => Some(number.to_string().into()),
            Self::Text(text) => Some(text.into()),
            Self::List(_) | Self::Structure(_) => None,
        }
    }

    /// The members sorted by key for text and table, those without parts first; none unless the value is a structure.
    pub(crate) fn sorted(&self) -> (Members<'_>, Members<'_>) {
        let Self::Structure(members) = self else { return Default::default() };
        let mut members: Members<'_> = members.iter().map(|(key, value)| (key.as_str(), value)).collect();
        members.sort_unstable_by_key(|(key, _)| *key);
        members.into_iter().partition(|(_, value)| value.scalar().is_some())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(elements) => elements.serialize(serializer),
            Self::Structure(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}
