//! Who there is: users, roles, identity providers; and who calls.

use sts_core::{Credentials, identity::Arn};
use time::UtcDateTime;

use crate::LocalSts;

/// A role of the account. Unless told otherwise, everybody in the account may assume it for up to twelve hours, and so may
/// whoever holds a token of an accepted web identity provider or an assertion of a SAML provider.
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
    /// A role by its name, with its path if it has one: `demo`, `service/deploy`. The account is the service's, so an ARN is not taken.
    ///
    /// # Panics
    /// The name is an ARN, or it or a part of its path is empty or has another character than visible ones of ASCII.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic());
        let is_name = !name.starts_with("arn:") && name.split('/').all(is_part);
        assert!(is_name, "the role is {name:?}, expected a name, perhaps behind a path, such as \"service/deploy\"");
        Self { name, trusted: None, external_id: None, max_session_duration: 43_200 }
    }

    /// Adds a principal that may assume the role, and so shuts out all who were not added: the ARN of a user, of a role, of a
    /// session, of the account (`arn:aws:iam::123456789012:root`), of a web identity provider
    /// (`arn:aws:iam::123456789012:oidc-provider/idp.example.com`) or of a SAML provider
    /// (`arn:aws:iam::123456789012:saml-provider/idp`).
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
    ///
    /// # Panics
    /// It is shorter or longer.
    pub fn max_session_duration(mut self, seconds: u32) -> Self {
        assert!((3600..=43_200).contains(&seconds), "the longest session is {seconds} s, expected 3600 to 43200");
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
        let user_id = format!("{}:{session_name}", sts.mint.unique_id("AROA", &arn));
        let session = format!("arn:aws:sts::{}:assumed-role/{name}/{session_name}", sts.account);
        Caller { principal: arn, ..Caller::new(Kind::Role, user_id, session) }
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
    /// When the credentials end; `None` for a user's.
    pub(crate) expiration: Option<UtcDateTime>,
    /// How many policies `GetScopedCredentials` has limited the session with.
    pub(crate) scoped_policies: u32,
}

/// What the caller's credentials are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A user's access key.
    User,
    /// Of `GetSessionToken`.
    UserSession,
    /// Of `GetFederationToken`.
    FederatedUser,
    /// Of `AssumeRole` and the like.
    Role,
    /// Of `AssumeRoot`.
    Root,
}

impl Kind {
    /// [Compare AWS STS credentials](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html), and what the
    /// API reference says of `GetSessionToken` and `GetFederationToken`.
    pub(crate) fn may_call(self, action: &str) -> bool {
        match self {
            Self::User => true,
            Self::UserSession => matches!(
                action,
                "AssumeRole"
                    | "GetCallerIdentity"
                    | "GetDelegatedAccessToken"
                    | "GetScopedCredentials"
                    | "GetWebIdentityToken"
            ),
            Self::FederatedUser => {
                matches!(action, "GetCallerIdentity" | "GetDelegatedAccessToken" | "GetScopedCredentials")
            }
            // The policies of root's tasks allow no call of STS, and this one needs no permission.
            Self::Root => action == "GetCallerIdentity",
            Self::Role => !matches!(action, "GetFederationToken" | "GetSessionToken"),
        }
    }
}

impl Caller {
    pub(crate) fn new(kind: Kind, user_id: impl Into<String>, arn: String) -> Self {
        let user_id = user_id.into();
        Self { user_id, principal: arn.clone(), arn, kind, source_identity: None, expiration: None, scoped_policies: 0 }
    }

    pub(crate) fn user(sts: &LocalSts, name: &str) -> Self {
        let arn = format!("arn:aws:iam::{}:user/{name}", sts.account);
        Self::new(Kind::User, sts.mint.unique_id("AIDA", &arn), arn)
    }

    pub(crate) fn account(&self) -> &str {
        Arn::parse(&self.arn).map_or("", |arn| arn.account)
    }
}
