use alloc::{borrow::Cow, vec::Vec};
use time::UtcDateTime;

use crate::{
    credentials::Secret,
    operation::Operation,
    query::{Query, ToQuery},
    shapes::{TAGS, Tag, check_tags},
    validate::Rule,
    xml::{Element, FromXml, ParseError},
};

/// A signed JSON web token that proves the caller's AWS identity to services outside AWS.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html)
#[derive(Clone, Debug)]
#[must_use]
pub struct GetWebIdentityToken<'a> {
    audience: Vec<Cow<'a, str>>,
    signing_algorithm: Cow<'a, str>,
    duration_seconds: Option<u32>,
    tags: Option<Vec<Tag<'a>>>,
}

impl<'a> GetWebIdentityToken<'a> {
    /// `audience`: who the token is meant for, 1 to 10 names of 1 to 1000 characters.
    /// `signing_algorithm`: `RS256` or `ES384`.
    pub fn new(
        audience: impl IntoIterator<Item = impl Into<Cow<'a, str>>>,
        signing_algorithm: impl Into<Cow<'a, str>>,
    ) -> Self {
        Self {
            audience: audience.into_iter().map(Into::into).collect(),
            signing_algorithm: signing_algorithm.into(),
            duration_seconds: None,
            tags: None,
        }
    }

    /// How long the token lives, in seconds: 60 to 3600 (the service takes 300 when absent).
    pub fn duration_seconds(mut self, seconds: u32) -> Self {
        self.duration_seconds = Some(seconds);
        self
    }

    /// Custom claims of the token, at most 50.
    pub fn tags(mut self, tags: impl IntoIterator<Item = Tag<'a>>) -> Self {
        self.tags.get_or_insert_default().extend(tags);
        self
    }
}

impl Operation for GetWebIdentityToken<'_> {
    const NAME: &'static str = "GetWebIdentityToken";
    type Output = GetWebIdentityTokenOutput;
}

impl ToQuery for GetWebIdentityToken<'_> {
    fn to_query(&self, query: &mut Query) {
        query.put("Audience", &self.audience, AUDIENCE);
        query.put("DurationSeconds", &self.duration_seconds, Rule::Range(60, 3600));
        query.put("SigningAlgorithm", &self.signing_algorithm, Rule::length(5, 5));
        query.put("Tags", &self.tags, TAGS);
        check_tags(query, self.tags.as_deref().unwrap_or_default());
    }
}

/// What [`GetWebIdentityToken`] returns.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GetWebIdentityTokenOutput {
    /// `WebIdentityToken`: the token.
    pub web_identity_token: Secret,
    /// `Expiration`: when it expires.
    pub expiration: UtcDateTime,
}

impl FromXml for GetWebIdentityTokenOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self { web_identity_token: x.get("WebIdentityToken")?, expiration: x.get("Expiration")? })
    }
}

/// `webIdentityTokenAudienceListType`
const AUDIENCE: Rule = Rule::List(1, 10, &Rule::length(1, 1000));
