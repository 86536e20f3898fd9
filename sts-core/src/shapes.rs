//! Structures that several operations share, and their constraints.

use alloc::{borrow::Cow, collections::BTreeMap, format, string::String};
use core::fmt;

use crate::{
    credentials::Credentials,
    query::{Query, ToQuery},
    secret::Secret,
    timestamp::Timestamp,
    validate::{Chars, Rule, ascii},
    xml::{Element, FromXml, ParseError},
};

/// Temporary credentials issued by STS. All four members are always present.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html)
///
/// Converts into [`Credentials`], to sign further calls.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TemporaryCredentials {
    /// `AccessKeyId`: identifies the key.
    pub access_key_id: String,
    /// `SecretAccessKey`: the key to sign with.
    pub secret_access_key: Secret,
    /// `SessionToken`: sent with every request.
    pub session_token: Secret,
    /// `Expiration`: when the credentials expire.
    pub expiration: Timestamp,
}

impl TemporaryCredentials {
    /// Temporary credentials, for tests.
    pub fn new(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<Secret>,
        session_token: impl Into<Secret>,
        expiration: impl Into<Timestamp>,
    ) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: session_token.into(),
            expiration: expiration.into(),
        }
    }
}

impl FromXml for TemporaryCredentials {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            access_key_id: x.get("AccessKeyId")?,
            secret_access_key: x.get("SecretAccessKey")?,
            session_token: x.get("SessionToken")?,
            expiration: x.get("Expiration")?,
        })
    }
}

impl From<TemporaryCredentials> for Credentials {
    fn from(temporary: TemporaryCredentials) -> Self {
        Self {
            access_key_id: temporary.access_key_id,
            secret_access_key: temporary.secret_access_key,
            session_token: Some(temporary.session_token),
            expiration: Some(temporary.expiration.into()),
        }
    }
}

/// A session tag: a key and a value that policies can refer to.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    pub(crate) key: Cow<'a, str>,
    value: Cow<'a, str>,
}

impl<'a> Tag<'a> {
    /// A tag; the key has 1 to 128 characters, the value 0 to 256.
    pub fn new(key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

impl<'a, K: Into<Cow<'a, str>>, V: Into<Cow<'a, str>>> From<(K, V)> for Tag<'a> {
    fn from((key, value): (K, V)) -> Self {
        Self::new(key, value)
    }
}

impl ToQuery for Tag<'_> {
    fn to_query(&self, query: &mut Query) {
        query.put("Key", &self.key, TAG_KEY);
        query.put("Value", &self.value, TAG_VALUE);
    }
}

/// A managed policy that limits a session, by ARN. The API model does not require the ARN; the default value has none.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_PolicyDescriptorType.html)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyDescriptor<'a> {
    arn: Option<Cow<'a, str>>,
}

impl<'a> PolicyDescriptor<'a> {
    /// The policy with this ARN, 20 to 2048 characters.
    pub fn new(arn: impl Into<Cow<'a, str>>) -> Self {
        Self { arn: Some(arn.into()) }
    }
}

impl<'a> From<&'a str> for PolicyDescriptor<'a> {
    fn from(arn: &'a str) -> Self {
        Self::new(arn)
    }
}

impl From<String> for PolicyDescriptor<'_> {
    fn from(arn: String) -> Self {
        Self::new(arn)
    }
}

impl ToQuery for PolicyDescriptor<'_> {
    fn to_query(&self, query: &mut Query) {
        // The only member name of the API in lower case.
        query.put("arn", &self.arn, ARN);
    }
}

/// A signed assertion of a context provider, such as IAM Identity Center.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_ProvidedContext.html)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProvidedContext<'a> {
    provider_arn: Option<Cow<'a, str>>,
    context_assertion: Option<Secret>,
}

impl<'a> ProvidedContext<'a> {
    /// The provider's ARN (20 to 2048 characters) and its assertion (4 to 3072 characters).
    pub fn new(provider_arn: impl Into<Cow<'a, str>>, context_assertion: impl Into<Secret>) -> Self {
        Self::default().provider_arn(provider_arn).context_assertion(context_assertion)
    }

    /// The provider's ARN, 20 to 2048 characters. The API model does not require it.
    #[must_use]
    pub fn provider_arn(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.provider_arn = Some(value.into());
        self
    }

    /// The provider's assertion, 4 to 3072 characters. The API model does not require it.
    #[must_use]
    pub fn context_assertion(mut self, value: impl Into<Secret>) -> Self {
        self.context_assertion = Some(value.into());
        self
    }
}

impl ToQuery for ProvidedContext<'_> {
    fn to_query(&self, query: &mut Query) {
        query.put("ProviderArn", &self.provider_arn, ARN);
        query.put("ContextAssertion", &self.context_assertion, Rule::length(4, 3072));
    }
}

/// The identity of an assumed role session. A member that a service omits (AWS never does) is empty.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumedRoleUser.html)
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssumedRoleUser {
    /// `AssumedRoleId`: the role's unique id and the session name, `AROA…:session`.
    pub assumed_role_id: String,
    /// `Arn`: `arn:aws:sts::123456789012:assumed-role/role/session`.
    pub arn: String,
}

impl AssumedRoleUser {
    /// Creates a value, for tests.
    pub fn new(assumed_role_id: impl Into<String>, arn: impl Into<String>) -> Self {
        Self { assumed_role_id: assumed_role_id.into(), arn: arn.into() }
    }
}

impl FromXml for AssumedRoleUser {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        // MinIO and Ceph spell it differently.
        let id = x.optional("AssumedRoleId").or_else(|| x.optional("AssumeRoleId"));
        Ok(Self { assumed_role_id: id.unwrap_or_default(), arn: x.optional("Arn").unwrap_or_default() })
    }
}

/// The identity of a federated user. A member that a service omits (AWS never does) is empty.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_FederatedUser.html)
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FederatedUser {
    /// `FederatedUserId`: the account and the user's name, `123456789012:Bob`.
    pub federated_user_id: String,
    /// `Arn`: `arn:aws:sts::123456789012:federated-user/Bob`.
    pub arn: String,
}

impl FederatedUser {
    /// Creates a value, for tests.
    pub fn new(federated_user_id: impl Into<String>, arn: impl Into<String>) -> Self {
        Self { federated_user_id: federated_user_id.into(), arn: arn.into() }
    }
}

impl FromXml for FederatedUser {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            federated_user_id: x.optional("FederatedUserId").unwrap_or_default(),
            arn: x.optional("Arn").unwrap_or_default(),
        })
    }
}

/// The identity of a scoped session, which is the caller's. A member that a service omits (AWS never does) is empty.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_ScopedSession.html)
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScopedSession {
    /// `ScopedSessionId`: identifies the principal, and its session.
    pub scoped_session_id: String,
    /// `Arn`: ARN of the session.
    pub arn: String,
}

impl ScopedSession {
    /// Creates a value, for tests.
    pub fn new(scoped_session_id: impl Into<String>, arn: impl Into<String>) -> Self {
        Self { scoped_session_id: scoped_session_id.into(), arn: arn.into() }
    }
}

impl FromXml for ScopedSession {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            scoped_session_id: x.optional("ScopedSessionId").unwrap_or_default(),
            arn: x.optional("Arn").unwrap_or_default(),
        })
    }
}

/// The end user of a session, according to the identity provider's token or assertion. `Debug` redacts these personal data.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_TrustedIdentityPropagationContext.html)
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrustedIdentityPropagationContext {
    /// `OriginIdentity`: the end user.
    pub origin_identity: Option<OriginIdentity>,
    /// `TransactionContext`: further values from the provider.
    pub transaction_context: Option<TransactionContext>,
}

impl fmt::Debug for TrustedIdentityPropagationContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl FromXml for TrustedIdentityPropagationContext {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            origin_identity: x.optional("OriginIdentity"),
            transaction_context: x.optional("TransactionContext"),
        })
    }
}

/// The end user that a session acts for: the session's `aws:OriginIdentity/…` keys.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_OriginIdentity.html)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OriginIdentity {
    /// `Subject`: identifies the user.
    pub subject: Option<Secret>,
    /// `SubjectType`: `user` (a person) or `workload`.
    pub subject_type: Option<Secret>,
    /// `Issuer`: the issuer of the web identity token, without `https://`, or a hash of the key that signed the SAML assertion.
    pub issuer: Option<Secret>,
    /// `FederatedProviderArn`: ARN of the identity provider in IAM.
    pub federated_provider_arn: Option<String>,
}

impl FromXml for OriginIdentity {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self {
            subject: x.optional("Subject"),
            subject_type: x.optional("SubjectType"),
            issuer: x.optional("Issuer"),
            federated_provider_arn: x.optional("FederatedProviderArn"),
        })
    }
}

/// Further values from the identity provider: the session's `aws:TransactionContext/…` keys.
/// [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_TransactionContext.html)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionContext {
    /// `IdentityProvider`: the values of `aws:TransactionContext/IdentityProvider/…`, by the last part of the key.
    pub identity_provider: Option<BTreeMap<String, Secret>>,
}

impl FromXml for TransactionContext {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self { identity_provider: x.optional("IdentityProvider") })
    }
}

/// `arnType`
pub(crate) const ARN: Rule = Rule::text(
    20,
    2048,
    Chars::new(
        r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
        &ascii(b"\t\n\r\r ~"),
        |c| matches!(c, '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..),
    ),
);
/// `roleSessionNameType`
pub(crate) const SESSION_NAME: Rule = Rule::text(2, 64, NAME_CHARS);
/// The characters of IAM's names.
pub(crate) const NAME_CHARS: Chars = Chars::new(r"[\w+=,.@-]*", &ascii(b"azAZ09__++==,,..@@--"), ascii_only);
/// `roleDurationSecondsType`
pub(crate) const ROLE_DURATION: Rule = Rule::Range(900, 43_200);
/// `durationSecondsType`
pub(crate) const SESSION_DURATION: Rule = Rule::Range(900, 129_600);
/// `sessionPolicyDocumentType`
pub(crate) const POLICY: Rule = Rule::text(1, 2048, POLICY_CHARS);
/// `unrestrictedSessionPolicyDocumentType`
pub(crate) const UNRESTRICTED_POLICY: Rule = Rule::text(1, u32::MAX, POLICY_CHARS);
const POLICY_CHARS: Chars =
    Chars::new(r"[\u0009\u000A\u000D\u0020-\u00FF]+", &ascii(b"\t\n\r\r \x7f"), |c| c <= '\u{ff}');
/// `serialNumberType`
pub(crate) const SERIAL_NUMBER: Rule =
    Rule::text(9, 256, Chars::new(r"[\w+=/:,.@-]*", &ascii(b"azAZ09__++==//::,,..@@--"), ascii_only));
/// `tokenCodeType`
pub(crate) const TOKEN_CODE: Rule = Rule::text(6, 6, Chars::new(r"[\d]*", &ascii(b"09"), ascii_only));
/// `tagListType`
pub(crate) const TAGS: Rule = Rule::List(0, 50, &Rule::Any);
/// `tagKeyType`
pub(crate) const TAG_KEY: Rule = Rule::text(1, 128, tag_chars(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+"));
/// `tagValueType`
const TAG_VALUE: Rule = Rule::text(0, 256, tag_chars(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*"));
/// Letters, separators and numbers of any script. `core` has no predicate for the category L; its `is_alphabetic` also accepts some
/// combining marks, which the service then refuses.
const fn tag_chars(pattern: &'static str) -> Chars {
    const ASCII: [bool; 256] = ascii(b"azAZ09  __..:://==++--@@");
    Chars::new(pattern, &ASCII, |c| c.is_alphanumeric() || is_separator(c))
}
/// `minimumSessionTokenSizeType`
pub(crate) const TOKEN_SIZE: Rule = Rule::Range(0, 4096);

/// Checks that an MFA device's serial number and code are given together.
pub(crate) fn check_mfa(query: &mut Query, serial_number: bool, token_code: bool) {
    match (serial_number, token_code) {
        (true, false) => query.refuse("TokenCode", None, "Member must not be null when 'serialNumber' is given"),
        (false, true) => query.refuse("SerialNumber", None, "Member must not be null when 'tokenCode' is given"),
        _ => {}
    }
}

/// Checks that no two tag keys are equal, ignoring case.
pub(crate) fn check_tags(query: &mut Query, tags: &[Tag<'_>]) {
    // Longer lists are refused for their length, so only check as many as are allowed.
    let tags = &tags[..tags.len().min(50)];
    for (index, tag) in tags.iter().enumerate() {
        if tags[..index].iter().any(|other| is_same_key(&other.key, &tag.key)) {
            let member = format!("Tags.member.{}.Key", index + 1);
            query.refuse(&member, Some(&tag.key), "Duplicate tag keys found; tag keys are case insensitive");
        }
    }
}

/// Compares tag keys, ignoring ASCII case. For other letters this is left to the service, since Unicode tables would take 20 kB.
pub(crate) fn is_same_key(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Allows no characters other than ASCII.
pub(crate) fn ascii_only(_: char) -> bool {
    false
}

/// The non-ASCII characters in `\p{Z}`.
fn is_separator(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}
