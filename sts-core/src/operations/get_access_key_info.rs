use alloc::{borrow::Cow, string::String};

use crate::{
    operation::Operation,
    query::{Query, ToQuery},
    shapes::ascii_only,
    validate::{Chars, Rule, ascii},
    xml::{Element, FromXml, ParseError},
};

/// Returns the account that an access key belongs to.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html)
#[doc(alias = "get_access_key_info")]
#[derive(Clone, Debug)]
#[must_use]
pub struct GetAccessKeyInfo<'a> {
    access_key_id: Cow<'a, str>,
}

impl<'a> GetAccessKeyInfo<'a> {
    /// `access_key_id`: id of the key, 16 to 128 characters of `\w`.
    pub fn new(access_key_id: impl Into<Cow<'a, str>>) -> Self {
        Self { access_key_id: access_key_id.into() }
    }
}

impl Operation for GetAccessKeyInfo<'_> {
    const NAME: &'static str = "GetAccessKeyInfo";
    type Output = GetAccessKeyInfoOutput;
}

impl ToQuery for GetAccessKeyInfo<'_> {
    fn to_query(&self, query: &mut Query) {
        query.put("AccessKeyId", &self.access_key_id, ACCESS_KEY_ID);
    }
}

/// What [`GetAccessKeyInfo`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetAccessKeyInfoOutput {
    /// `Account`: the account, twelve digits.
    pub account: String,
}

impl GetAccessKeyInfoOutput {
    /// An output, for tests.
    pub fn new(account: impl Into<String>) -> Self {
        Self { account: account.into() }
    }
}

impl FromXml for GetAccessKeyInfoOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self { account: x.get("Account")? })
    }
}

/// `accessKeyIdType`
const ACCESS_KEY_ID: Rule = Rule::text(16, 128, Chars::new(r"[\w]*", &ascii(b"azAZ09__"), ascii_only));
