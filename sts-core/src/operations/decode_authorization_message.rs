use alloc::{borrow::Cow, string::String};

use crate::{
    operation::Operation,
    query::{Query, ToQuery},
    validate::Rule,
    xml::{Element, FromXml, ParseError},
};

/// Decodes an `Encoded authorization failure message` from another AWS service.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html)
#[doc(alias = "decode_authorization_message")]
#[derive(Clone, Debug)]
#[must_use]
pub struct DecodeAuthorizationMessage<'a> {
    encoded_message: Cow<'a, str>,
}

impl<'a> DecodeAuthorizationMessage<'a> {
    /// `encoded_message`: the encoded message, 1 to 10240 characters.
    pub fn new(encoded_message: impl Into<Cow<'a, str>>) -> Self {
        Self { encoded_message: encoded_message.into() }
    }
}

impl Operation for DecodeAuthorizationMessage<'_> {
    const NAME: &'static str = "DecodeAuthorizationMessage";
    type Output = DecodeAuthorizationMessageOutput;
}

impl ToQuery for DecodeAuthorizationMessage<'_> {
    fn to_query(&self, query: &mut Query) {
        query.put("EncodedMessage", &self.encoded_message, Rule::length(1, 10_240));
    }
}

/// What [`DecodeAuthorizationMessage`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeAuthorizationMessageOutput {
    /// `DecodedMessage`: the details, as JSON.
    pub decoded_message: String,
}

impl DecodeAuthorizationMessageOutput {
    /// An output, for tests.
    pub fn new(decoded_message: impl Into<String>) -> Self {
        Self { decoded_message: decoded_message.into() }
    }
}

impl FromXml for DecodeAuthorizationMessageOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self { decoded_message: x.get("DecodedMessage")? })
    }
}
