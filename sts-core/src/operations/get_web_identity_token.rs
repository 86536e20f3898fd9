use alloc::{borrow::Cow, vec::Vec};

use crate::{
    operation::Operation,
    query::{Query, ToQuery},
    secret::Secret,
    shapes::{TAGS, Tag, ascii_only, check_tags},
    timestamp::Timestamp,
    validate::{Chars, Rule, ascii},
    xml::{Element, FromXml, ParseError},
};

/// Returns a signed JSON web token that proves the caller's AWS identity to services outside AWS.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html)
#[doc(alias = "get_web_identity_token")]
#[derive(Clone, Debug)]
#[must_use]
pub struct GetWebIdentityToken<'a> {
    audience: Vec<Cow<'a, str>>,
    signing_algorithm: Cow<'a, str>,
    duration_seconds: Option<u32>,
    scope: Option<Cow<'a, str>>,
    subject_mode: Option<Cow<'a, str>>,
    tags: Option<Vec<Tag<'a>>>,
}

impl<'a> GetWebIdentityToken<'a> {
    /// `audience`: the intended recipients of the token, 1 to 10 names of 1 to 1000 characters.
    /// `signing_algorithm`: `RS256` or `ES384`.
    pub fn new(
        audience: impl IntoIterator<Item = impl Into<Cow<'a, str>>>,
        signing_algorithm: impl Into<Cow<'a, str>>,
    ) -> Self {
        Self {
            audience: audience.into_iter().map(Into::into).collect(),
            signing_algorithm: signing_algorithm.into(),
            duration_seconds: None,
            scope: None,
            subject_mode: None,
            tags: None,
        }
    }

    /// Lifetime of the token, in seconds: 60 to 3600 (300 by default).
    pub fn duration_seconds(mut self, seconds: u32) -> Self {
        self.duration_seconds = Some(seconds);
        self
    }

    /// The token's `scope`: distinct OAuth 2.0 scope values separated by single spaces, 1 to 256 characters of
    /// [ASCII](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) without commas. Requires the subject mode `OriginIdentity` and one audience.
    pub fn scope(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.scope = Some(value.into());
        self
    }

    /// The subject of the token: `AWSIdentity`, the calling principal (the default), or `OriginIdentity`, the end user in the session's
    /// trusted identity propagation context.
    pub fn subject_mode(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.subject_mode = Some(value.into());
        self
    }

    /// Custom claims of the token, at most 50.
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<Tag<'a>>>) -> Self {
        self.tags.get_or_insert_default().extend(tags.into_iter().map(Into::into));
        self
    }

    /// Checks the rules for scopes that concern more than the characters.
    fn check_scope(&self, query: &mut Query) {
        let Some(scope) = &self.scope else { return };
        let mut refuse = |constraint| query.refuse("Scope", Some(scope), constraint);
        if self.subject_mode.as_deref() != Some("OriginIdentity") {
            refuse("Member must be null unless 'subjectMode' is OriginIdentity");
        }
        if self.audience.len() != 1 {
            refuse("Member must be null unless 'audience' has one element");
        }
        let is_repeated =
            |(index, value)| scope.split(' ').take(index).any(|other| other == value && !other.is_empty());
        // A longer scope is refused for its length.
        if scope.len() <= 256 && scope.split(' ').enumerate().any(is_repeated) {
            refuse("Duplicate scope values found; scope values are case sensitive");
        }
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
        query.put("Scope", &self.scope, SCOPE);
        query.put("SubjectMode", &self.subject_mode, SUBJECT_MODE);
        query.put("Tags", &self.tags, TAGS);
        self.check_scope(query);
        check_tags(query, self.tags.as_deref().unwrap_or_default());
    }
}

/// What [`GetWebIdentityToken`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetWebIdentityTokenOutput {
    /// `WebIdentityToken`: the token.
    pub web_identity_token: Secret,
    /// `Expiration`: when the token expires. AWS always sends it; the token's `exp` has the same value.
    pub expiration: Option<Timestamp>,
}

impl GetWebIdentityTokenOutput {
    /// An output with its required members, for tests. Set the others through their fields.
    pub fn new(web_identity_token: impl Into<Secret>) -> Self {
        Self { web_identity_token: web_identity_token.into(), expiration: None }
    }
}

impl FromXml for GetWebIdentityTokenOutput {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self { web_identity_token: x.get("WebIdentityToken")?, expiration: x.optional("Expiration") })
    }
}

/// `webIdentityTokenAudienceListType`
const AUDIENCE: Rule = Rule::List(1, 10, &Rule::length(1, 1000));
/// `webIdentityTokenScopeType`
const SCOPE: Rule = Rule::text(
    1,
    256,
    Chars::words(
        r"[\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]+( [\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]+)*",
        &ascii(b"  !!#+-[]~"),
        ascii_only,
    ),
);
/// `webIdentityTokenSubjectModeType`
const SUBJECT_MODE: Rule = Rule::OneOf(&["AWSIdentity", "OriginIdentity"]);
