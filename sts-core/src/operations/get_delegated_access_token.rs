use alloc::string::String;

use crate::{
    operation::Operation,
    query::{Query, ToQuery},
    secret::Secret,
    shapes::TemporaryCredentials,
    validate::Rule,
    xml::{Element, FromXml, ParseError},
};

/// Returns temporary credentials in exchange for the trade-in token of a delegation request.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetDelegatedAccessToken.html)
#[doc(alias = "get_delegated_access_token")]
#[derive(Clone, Debug)]
#[must_use]
pub struct GetDelegatedAccessToken {
    trade_in_token: Secret,
}

impl GetDelegatedAccessToken {
    /// `trade_in_token`: the token to trade in.
    pub fn new(trade_in_token: impl Into<Secret>) -> Self {
        Self { trade_in_token: trade_in_token.into() }
    }
}

impl Operation for GetDelegatedAccessToken {
    const NAME: &'static str = "GetDelegatedAccessToken";
    type Output = GetDelegatedAccessTokenOutput;
}

impl ToQuery for GetDelegatedAccessToken {
    fn to_query(&self, query: &mut Query) {
        query.put("TradeInToken", &self.trade_in_token, Rule::Any);
    }
}

/// What [`GetDelegatedAccessToken`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetDelegatedAccessTokenOutput {
    /// `Credentials`: the credentials.
    pub credentials: TemporaryCredentials,
    /// `PackedPolicySize`: deprecated; AWS no longer sends it.
    pub packed_policy_size: Option<u32>,
    /// `AssumedPrincipal`: ARN of the session's identity.
    pub assumed_principal: Option<String>,
}

impl GetDelegatedAccessTokenOutput {
    /// An output with its required members, for tests. Set the others through their fields.
    pub fn new(credentials: TemporaryCredentials) -> Self {
        Self { credentials, packed_policy_size: None, assumed_principal: None }
    }
}

impl FromXml for GetDelegatedAccessTokenOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            credentials: x.get("Credentials")?,
            packed_policy_size: x.optional("PackedPolicySize"),
            assumed_principal: x.optional("AssumedPrincipal"),
        })
    }
}
