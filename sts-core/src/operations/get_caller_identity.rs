use alloc::string::String;

use crate::{
    operation::Operation,
    query::{Query, ToQuery},
    xml::{Element, FromXml, ParseError},
};

/// Returns the identity of the caller. Needs no permission, and no policy can deny it.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html)
#[doc(alias = "get_caller_identity")]
#[derive(Clone, Debug, Default)]
#[must_use]
#[non_exhaustive]
pub struct GetCallerIdentity {}

impl GetCallerIdentity {
    /// The operation; it has no members.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Operation for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";
    type Output = GetCallerIdentityOutput;
}

impl ToQuery for GetCallerIdentity {
    fn to_query(&self, _query: &mut Query) {}
}

/// What [`GetCallerIdentity`] returns. A member that a service omits (AWS never does) is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetCallerIdentityOutput {
    /// `UserId`: unique id of the caller: `AIDA…` for a user, `AROA…:session` for a role.
    pub user_id: String,
    /// `Account`: the account, twelve digits.
    pub account: String,
    /// `Arn`: ARN of the caller.
    pub arn: String,
}

impl GetCallerIdentityOutput {
    /// An output, for tests.
    pub fn new(user_id: impl Into<String>, account: impl Into<String>, arn: impl Into<String>) -> Self {
        Self { user_id: user_id.into(), account: account.into(), arn: arn.into() }
    }
}

impl FromXml for GetCallerIdentityOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        let [user_id, account, arn] = ["UserId", "Account", "Arn"].map(|name| x.optional::<String>(name));
        if user_id.is_none() && account.is_none() && arn.is_none() {
            return Err(x.error("missing elements UserId, Account and Arn in GetCallerIdentityResult"));
        }
        let [user_id, account, arn] = [user_id, account, arn].map(Option::unwrap_or_default);
        Ok(Self { user_id, account, arn })
    }
}
