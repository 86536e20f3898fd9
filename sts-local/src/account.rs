//! Who there is: users, roles, identity providers; and who calls.

use sts_core::Credentials;

use crate::LocalSts;

/// A role of the account. Unless told otherwise, everybody in the account may assume it for up to twelve hours, and so may
/// whoever holds a token of an accepted web identity provider.
#[derive(Clone, Debug)]
#[must_use]
pub struct Role {
    name: String,
    /// `None`: everybody.
    trusted: Option<Vec<String>>,
    external_id: Option<String>,
    max_session_duration: u32,
}

impl Role {
    /// A role by its name, with its path if it has one: `demo`, `service/deploy`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), trusted: None, external_id: None, max_session_duration: 43_200 }
    }

    /// Adds a principal that may assume the role, and so shuts out all who were not added: the ARN of a user, of a role, of a
    /// session, of the account (`arn:aws:iam::123456789012:root`) or of a web identity provider
    /// (`arn:aws:iam::123456789012:oidc-provider/idp.example.com`).
    pub fn trust(mut self, principal: impl Into<String>) -> Self {
        self.trusted.get_or_insert_default().push(principal.into());
        self
    }

    /// Demands this `ExternalId` from callers of `AssumeRole`.
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// The longest session, in seconds: 3600 to 43200.
    pub fn max_session_duration(mut self, seconds: u32) -> Self {
        self.max_session_duration = seconds;
        self
    }

    pub(crate) fn arn(&self, account: &str) -> String {
        format!("arn:aws:iam::{account}:role/{}", self.name)
    }

    /// The longest session in seconds.
    pub(crate) fn longest(&self) -> u32 {
        self.max_session_duration
    }

    pub(crate) fn admits(&self, principals: &[&str], external_id: Option<&str>) -> bool {
        let trusts = |trusted: &Vec<String>| principals.iter().any(|who| trusted.iter().any(|other| other == who));
        self.trusted.as_ref().is_none_or(trusts)
            && (self.external_id.is_none() || self.external_id.as_deref() == external_id)
    }

    /// Whoever acts in a session of the role.
    pub(crate) fn session(&self, sts: &LocalSts, session_name: &str) -> Caller {
        let arn = self.arn(&sts.account);
        let name = self.name.rsplit('/').next().unwrap_or_default();
        Caller {
            user_id: format!("{}:{session_name}", sts.mint.unique_id("AROA", &arn)),
            arn: format!("arn:aws:sts::{}:assumed-role/{name}/{session_name}", sts.account),
            principal: arn,
            kind: Kind::Role,
            source_identity: None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) credentials: Credentials,
}

#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) audiences: Vec<String>,
}

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) user_id: String,
    pub(crate) arn: String,
    /// The user or role that trust is given to.
    pub(crate) principal: String,
    pub(crate) kind: Kind,
    pub(crate) source_identity: Option<String>,
}

/// What the caller's credentials are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A user's access key.
    User,
    /// Of `GetSessionToken`.
    UserSession,
    /// Of the `AssumeRole` family.
    Role,
}

impl Caller {
    pub(crate) fn user(sts: &LocalSts, name: &str) -> Self {
        let arn = format!("arn:aws:iam::{}:user/{name}", sts.account);
        Self {
            user_id: sts.mint.unique_id("AIDA", &arn),
            principal: arn.clone(),
            arn,
            kind: Kind::User,
            source_identity: None,
        }
    }
}
