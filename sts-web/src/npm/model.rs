//! The operations as data. The npm package takes and returns plain objects, so that one writer and one reader serve all operations: a type
//! for each would make the module larger.

use sts_core::operation::Auth::{self, None as Unsigned, SigV4};

/// An operation.
pub(crate) struct Model {
    pub(crate) name: &'static str,
    pub(crate) auth: Auth,
    pub(crate) input: &'static [Member],
    pub(crate) output: &'static [Member],
}

/// A member and its shape.
pub(crate) type Member = (&'static str, Shape);

/// What a value is.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    Text,
    Number,
    Time,
    List(&'static Shape),
    /// From text to text.
    Map,
    Structure(&'static [Member]),
}

use Shape::{List, Map, Number, Structure, Text, Time};

/// All operations, in alphabetical order.
pub(crate) static OPERATIONS: [Model; 12] = [
    Model {
        name: "AssumeRole",
        auth: SigV4,
        input: &[
            ("RoleArn", Text),
            ("RoleSessionName", Text),
            ("PolicyArns", POLICIES),
            ("Policy", Text),
            ("DurationSeconds", Number),
            ("Tags", TAGS),
            ("TransitiveTagKeys", TEXTS),
            ("ExternalId", Text),
            ("SerialNumber", Text),
            ("TokenCode", Text),
            ("SourceIdentity", Text),
            ("ProvidedContexts", List(&Structure(&[("ProviderArn", Text), ("ContextAssertion", Text)]))),
            ("MinimumSessionTokenSize", Number),
        ],
        output: &[
            ("Credentials", CREDENTIALS),
            ("AssumedRoleUser", ASSUMED_ROLE_USER),
            ("PackedPolicySize", Number),
            ("SourceIdentity", Text),
            ("SessionTokenUtilization", Number),
            ("SessionTokenSize", Number),
        ],
    },
    Model {
        name: "AssumeRoleWithSAML",
        auth: Unsigned,
        input: &[
            ("RoleArn", Text),
            ("PrincipalArn", Text),
            ("SAMLAssertion", Text),
            ("PolicyArns", POLICIES),
            ("Policy", Text),
            ("DurationSeconds", Number),
            ("MinimumSessionTokenSize", Number),
        ],
        output: &[
            ("Credentials", CREDENTIALS),
            ("AssumedRoleUser", ASSUMED_ROLE_USER),
            ("PackedPolicySize", Number),
            ("Subject", Text),
            ("SubjectType", Text),
            ("Issuer", Text),
            ("Audience", Text),
            ("NameQualifier", Text),
            ("SourceIdentity", Text),
            ("SessionTokenUtilization", Number),
            ("SessionTokenSize", Number),
            ("TrustedIdentityPropagationContext", PROPAGATION),
        ],
    },
    Model {
        name: "AssumeRoleWithWebIdentity",
        auth: Unsigned,
        input: &[
            ("RoleArn", Text),
            ("RoleSessionName", Text),
            ("WebIdentityToken", Text),
            ("ProviderId", Text),
            ("PolicyArns", POLICIES),
            ("Policy", Text),
            ("DurationSeconds", Number),
            ("MinimumSessionTokenSize", Number),
        ],
        output: &[
            ("Credentials", CREDENTIALS),
            ("SubjectFromWebIdentityToken", Text),
            ("AssumedRoleUser", ASSUMED_ROLE_USER),
            ("PackedPolicySize", Number),
            ("Provider", Text),
            ("Audience", Text),
            ("SourceIdentity", Text),
            ("SessionTokenUtilization", Number),
            ("SessionTokenSize", Number),
            ("TrustedIdentityPropagationContext", PROPAGATION),
        ],
    },
    Model {
        name: "AssumeRoot",
        auth: SigV4,
        input: &[
            ("TargetPrincipal", Text),
            ("TaskPolicyArn", POLICY),
            ("DurationSeconds", Number),
            ("MinimumSessionTokenSize", Number),
        ],
        output: &[
            ("Credentials", CREDENTIALS),
            ("SourceIdentity", Text),
            ("SessionTokenUtilization", Number),
            ("SessionTokenSize", Number),
        ],
    },
    Model {
        name: "DecodeAuthorizationMessage",
        auth: SigV4,
        input: &[("EncodedMessage", Text)],
        output: &[("DecodedMessage", Text)],
    },
    Model { name: "GetAccessKeyInfo", auth: SigV4, input: &[("AccessKeyId", Text)], output: &[("Account", Text)] },
    Model {
        name: "GetCallerIdentity",
        auth: SigV4,
        input: &[],
        output: &[("UserId", Text), ("Account", Text), ("Arn", Text)],
    },
    Model {
        name: "GetDelegatedAccessToken",
        auth: SigV4,
        input: &[("TradeInToken", Text)],
        output: &[("Credentials", CREDENTIALS), ("PackedPolicySize", Number), ("AssumedPrincipal", Text)],
    },
    Model {
        name: "GetFederationToken",
        auth: SigV4,
        input: &[
            ("Name", Text),
            ("Policy", Text),
            ("PolicyArns", POLICIES),
            ("DurationSeconds", Number),
            ("Tags", TAGS),
            ("MinimumSessionTokenSize", Number),
        ],
        output: &[
            ("Credentials", CREDENTIALS),
            ("FederatedUser", Structure(&[("FederatedUserId", Text), ("Arn", Text)])),
            ("PackedPolicySize", Number),
            ("SessionTokenUtilization", Number),
            ("SessionTokenSize", Number),
        ],
    },
    Model {
        name: "GetScopedCredentials",
        auth: SigV4,
        input: &[
            ("Policy", Text),
            ("DurationSeconds", Number),
            ("MinimumSessionTokenSize", Number),
            ("ScopedSessionDescription", Text),
        ],
        output: &[
            ("Credentials", CREDENTIALS),
            ("SessionInfo", Structure(&[("ScopedSessionId", Text), ("Arn", Text)])),
            ("SessionTokenUtilization", Number),
            ("SessionTokenSize", Number),
            ("ScopedPoliciesCount", Number),
            ("SourceIdentity", Text),
        ],
    },
    Model {
        name: "GetSessionToken",
        auth: SigV4,
        input: &[
            ("DurationSeconds", Number),
            ("SerialNumber", Text),
            ("TokenCode", Text),
            ("MinimumSessionTokenSize", Number),
        ],
        output: &[("Credentials", CREDENTIALS), ("SessionTokenUtilization", Number), ("SessionTokenSize", Number)],
    },
    Model {
        name: "GetWebIdentityToken",
        auth: SigV4,
        input: &[
            ("Audience", TEXTS),
            ("DurationSeconds", Number),
            ("SigningAlgorithm", Text),
            ("Scope", Text),
            ("SubjectMode", Text),
            ("Tags", TAGS),
        ],
        output: &[("WebIdentityToken", Text), ("Expiration", Time)],
    },
];

const TEXTS: Shape = List(&Text);
const POLICY: Shape = Structure(&[("arn", Text)]);
const POLICIES: Shape = List(&POLICY);
const TAGS: Shape = List(&Structure(&[("Key", Text), ("Value", Text)]));
const CREDENTIALS: Shape =
    Structure(&[("AccessKeyId", Text), ("SecretAccessKey", Text), ("SessionToken", Text), ("Expiration", Time)]);
const ASSUMED_ROLE_USER: Shape = Structure(&[("AssumedRoleId", Text), ("Arn", Text)]);
const PROPAGATION: Shape = Structure(&[
    (
        "OriginIdentity",
        Structure(&[("Subject", Text), ("SubjectType", Text), ("Issuer", Text), ("FederatedProviderArn", Text)]),
    ),
    ("TransactionContext", Structure(&[("IdentityProvider", Map)])),
]);
