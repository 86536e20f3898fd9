//! Sources of credentials. Each kind is a file in [`sources`](crate::sources).

use core::fmt;

use sts_core::{Client, Credentials, Moment};

use crate::{
    machine::{self, FindCredentials, Session, Step},
    sources::{
        container::Container, instance_metadata::InstanceMetadata, keys::Keys, process::Process, role::Role, sso::Sso,
        web_identity::WebIdentity,
    },
};

/// A source of credentials. `Display` describes it, without secrets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Source {
    /// An access key from the environment or a profile.
    Keys(Keys),
    /// `AssumeRole` with the credentials of the previous source.
    AssumeRole(Role),
    /// `AssumeRoleWithWebIdentity` with the token in a file.
    WebIdentity(WebIdentity),
    /// A program that prints credentials.
    Process(Process),
    /// IAM Identity Center.
    Sso(Sso),
    /// The agent of ECS or of EKS Pod Identity.
    Container(Container),
    /// The instance metadata service of EC2.
    InstanceMetadata(InstanceMetadata),
}

impl Source {
    /// Starts to get credentials. STS calls use `client` and are signed with `credentials`, which are those of the previous source (`None`
    /// for the first).
    pub fn start<'c>(
        &'c self,
        client: &'c Client,
        credentials: Option<&'c Credentials>,
        now: impl Into<Moment>,
    ) -> Step<'c> {
        machine::start(self.inner(), Session { client, credentials }, now.into())
    }

    fn inner(&self) -> &dyn FindCredentials {
        match self {
            Self::Keys(source) => source,
            Self::AssumeRole(source) => source,
            Self::WebIdentity(source) => source,
            Self::Process(source) => source,
            Self::Sso(source) => source,
            Self::Container(source) => source,
            Self::InstanceMetadata(source) => source,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner().fmt(f)
    }
}
