//! The account: its users, roles and identity providers, and the callers that act in it.

use sts_core::{Credentials, identity::Arn};
use time::UtcDateTime;

use crate::mint::Mint;

/// The configuration of a [`LocalSts`](crate::LocalSts).
#[derive(Debug)]
pub(crate) struct Account {
    /// Twelve digits.
    pub(crate) id: String,
    pub(crate) users: Vec<User>,
    pub(crate) roles: Vec<Role>,
    /// `None` accepts every provider.
    pub(crate) providers: Option<Vec<Provider>>,
    pub(crate) mint: Mint,
}

impl Account {
    /// The user with this access key.
    pub(crate) fn user(&self, access_key_id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.credentials.access_key_id == access_key_id)
    }
}

/// A role of the account. By default, every caller in the account can assume it for up to twelve hours, and so can the holder of a token
/// from an accepted web identity provider or of an assertion from a SAML provider.
#[derive(Clone, Debug)]
#[must_use]
pub struct Role {
    name: String,
    /// `None` trusts every caller.
    trusted: Option<Vec<String>>,
    external_id: Option<String>,
    max_session_duration: u32,
}

impl Role {
    /// A role with this name, which may include a path: `demo`, `service/deploy`. An ARN is not accepted, since the service sets the
    /// account.
    ///
    /// # Panics
    /// If the name is an ARN, or if one of its parts is empty or contains anything but visible ASCII characters.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic());
        let is_name = !name.starts_with("arn:") && name.split('/').all(is_part);
        assert!(
            is_name,
            "invalid role {name:?}: expected a name, with its path if it has one, such as \"service/deploy\""
        );
        Self { name, trusted: None, external_id: None, max_session_duration: 43_200 }
    }

    /// Trusts a principal. After the first call, only trusted principals can assume the role. A principal is the ARN of a user, a role, a
    /// session, the account (`arn:aws:iam::123456789012:root`), a web identity provider
    /// (`arn:aws:iam::123456789012:oidc-provider/idp.example.com`) or a SAML provider (`arn:aws:iam::123456789012:saml-provider/idp`).
    pub fn trust(mut self, principal: impl Into<String>) -> Self {
        self.trusted.get_or_insert_default().push(principal.into());
        self
    }

    /// Requires this `ExternalId` from callers of `AssumeRole`.
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// Sets the maximum duration of a session, in seconds: 3600 to 43200.
    ///
    /// # Panics
    /// If the duration is outside of that range.
    pub fn max_session_duration(mut self, seconds: u32) -> Self {
        assert!((3600..=43_200).contains(&seconds), "invalid session duration {seconds} s: expected 3600 to 43200");
        self.max_session_duration = seconds;
        self
    }

    pub(crate) fn arn(&self, account_id: &str) -> String {
        format!("arn:aws:iam::{account_id}:role/{}", self.name)
    }

    /// The maximum duration of a session, in seconds.
    pub(crate) fn max_seconds(&self) -> u32 {
        self.max_session_duration
    }

    /// Whether a caller with one of these ARNs can assume the role.
    pub(crate) fn admits(&self, principals: &[&str], external_id: Option<&str>) -> bool {
        let trusts = |trusted: &Vec<String>| principals.iter().any(|arn| trusted.iter().any(|other| other == arn));
        self.trusted.as_ref().is_none_or(trusts)
            && (self.external_id.is_none() || self.external_id.as_deref() == external_id)
    }

    /// The caller in a session of the role.
    pub(crate) fn session(&self, account: &Account, session_name: &str) -> Caller {
        let arn = self.arn(&account.id);
        let name = self.name.rsplit('/').next().unwrap_or_default();
        let user_id = format!("{}:{session_name}", account.mint.unique_id("AROA", &arn));
        let session = format!("arn:aws:sts::{}:assumed-role/{name}/{session_name}", account.id);
        Caller { principal: arn, ..Caller::new(Kind::Role, user_id, session) }
    }
}

/// A user of the account, with an access key.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) credentials: Credentials,
}

impl User {
    /// The caller with the user's own key.
    pub(crate) fn caller(&self, account: &Account) -> Caller {
        let arn = format!("arn:aws:iam::{}:user/{}", account.id, self.name);
        Caller::new(Kind::User, account.mint.unique_id("AIDA", &arn), arn)
    }
}

/// An `OpenID` Connect provider.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) audiences: Vec<String>,
}

/// The identity that makes a call.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) user_id: String,
    pub(crate) arn: String,
    /// The ARN of the user or role, which trust policies refer to.
    pub(crate) principal: String,
    pub(crate) kind: Kind,
    pub(crate) source_identity: Option<String>,
    /// When the credentials expire; `None` for a user's own.
    pub(crate) expiration: Option<UtcDateTime>,
    /// The number of policies with which `GetScopedCredentials` has limited the session.
    pub(crate) scoped_policies: u32,
}

impl Caller {
    pub(crate) fn new(kind: Kind, user_id: impl Into<String>, arn: String) -> Self {
        let user_id = user_id.into();
        Self { user_id, principal: arn.clone(), arn, kind, source_identity: None, expiration: None, scoped_policies: 0 }
    }

    /// The caller's account, which differs from the service's after `AssumeRoot`.
    pub(crate) fn account_id(&self) -> &str {
        Arn::parse(&self.arn).map_or("", |arn| arn.account)
    }
}

/// How a caller got its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A user's access key.
    User,
    /// `GetSessionToken`.
    UserSession,
    /// `GetFederationToken`.
    FederatedUser,
    /// `AssumeRole`, `AssumeRoleWithSAML`, `AssumeRoleWithWebIdentity`, `GetDelegatedAccessToken`.
    Role,
    /// `AssumeRoot`.
    Root,
}

impl Kind {
    /// Source: [Compare AWS STS credentials](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html), and
    /// the API reference of `GetSessionToken` and `GetFederationToken`.
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
            // The task policies of root allow no STS call. This one needs no permission.
            Self::Root => action == "GetCallerIdentity",
            Self::Role => !matches!(action, "GetFederationToken" | "GetSessionToken"),
        }
    }
}
