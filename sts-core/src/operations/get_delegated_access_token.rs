use alloc::string::String;

use crate::{
    operation::Operation,
    query::{Query, ToQuery},
    secret::Secret,
    shapes::TemporaryCredentials,
    validate::Rule,
    xml::{Element, FromXml, ParseError},
};

/// Temporary credentials in exchange for a trade-in token, as delegation requests issue it.
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
    /// `PackedPolicySize`: deprecated, AWS says, and not sent.
    pub packed_policy_size: Option<u32>,
    /// `AssumedPrincipal`: ARN of who the credentials act as.
    pub assumed_principal: Option<String>,
}

impl GetDelegatedAccessTokenOutput {
    /// An output with what it always has, for tests; other members are fields.
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
