//! An output reads back, whoever wrote it: all operations, members in any order, texts in any of XML's forms.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};
use time::UtcDateTime;

use crate::{
    cases,
    outputs::typed_result,
    xml::{forms, texts, write_text},
};

/// What a member holds.
#[derive(Debug)]
enum Kind {
    Text,
    Number,
    Time,
    Structure(&'static [Member]),
    /// Of texts.
    Map,
}

#[derive(Debug)]
struct Member {
    name: &'static str,
    kind: Kind,
    always: bool,
}

use Kind::{Map, Number, Structure, Text, Time};

const fn always(name: &'static str, kind: Kind) -> Member {
    Member { name, kind, always: true }
}

const fn maybe(name: &'static str, kind: Kind) -> Member {
    Member { name, kind, always: false }
}

const CREDENTIALS: Member = always(
    "Credentials",
    Structure(&[
        always("AccessKeyId", Text),
        always("SecretAccessKey", Text),
        always("SessionToken", Text),
        always("Expiration", Time),
    ]),
);
const USER: Member = maybe("AssumedRoleUser", Structure(&[always("AssumedRoleId", Text), always("Arn", Text)]));
const POLICY_SIZE: Member = maybe("PackedPolicySize", Number);
const SOURCE: Member = maybe("SourceIdentity", Text);
const UTILIZATION: Member = maybe("SessionTokenUtilization", Number);
const TOKEN_SIZE: Member = maybe("SessionTokenSize", Number);

const CONTEXT: Member = maybe(
    "TrustedIdentityPropagationContext",
    Structure(&[
        maybe(
            "OriginIdentity",
            Structure(&[
                maybe("Subject", Text),
                maybe("SubjectType", Text),
                maybe("Issuer", Text),
                maybe("FederatedProviderArn", Text),
            ]),
        ),
        maybe("TransactionContext", Structure(&[maybe("IdentityProvider", Map)])),
    ]),
);

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html>
static OPERATIONS: [(&str, &[Member]); 12] = [
    ("AssumeRole", &[CREDENTIALS, USER, POLICY_SIZE, SOURCE, UTILIZATION, TOKEN_SIZE]),
    (
        "AssumeRoleWithSAML",
        &[
            CREDENTIALS,
            USER,
            POLICY_SIZE,
            maybe("Subject", Text),
            maybe("SubjectType", Text),
            maybe("Issuer", Text),
            maybe("Audience", Text),
            maybe("NameQualifier", Text),
            SOURCE,
            UTILIZATION,
            TOKEN_SIZE,
            CONTEXT,
        ],
    ),
    (
        "AssumeRoleWithWebIdentity",
        &[
            CREDENTIALS,
            maybe("SubjectFromWebIdentityToken", Text),
            USER,
            POLICY_SIZE,
            maybe("Provider", Text),
            maybe("Audience", Text),
            SOURCE,
            UTILIZATION,
            TOKEN_SIZE,
            CONTEXT,
        ],
    ),
    ("AssumeRoot", &[CREDENTIALS, SOURCE, UTILIZATION, TOKEN_SIZE]),
    ("DecodeAuthorizationMessage", &[always("DecodedMessage", Text)]),
    ("GetAccessKeyInfo", &[always("Account", Text)]),
    ("GetCallerIdentity", &[always("UserId", Text), always("Account", Text), always("Arn", Text)]),
    ("GetDelegatedAccessToken", &[CREDENTIALS, POLICY_SIZE, maybe("AssumedPrincipal", Text)]),
    (
        "GetFederationToken",
        &[
            CREDENTIALS,
            maybe("FederatedUser", Structure(&[always("FederatedUserId", Text), always("Arn", Text)])),
            POLICY_SIZE,
            UTILIZATION,
            TOKEN_SIZE,
        ],
    ),
    (
        "GetScopedCredentials",
        &[
            CREDENTIALS,
            maybe("SessionInfo", Structure(&[always("ScopedSessionId", Text), always("Arn", Text)])),
            UTILIZATION,
            TOKEN_SIZE,
            maybe("ScopedPoliciesCount", Number),
            SOURCE,
        ],
    ),
    ("GetSessionToken", &[CREDENTIALS, UTILIZATION, TOKEN_SIZE]),
    ("GetWebIdentityToken", &[always("WebIdentityToken", Text), maybe("Expiration", Time)]),
];

/// A value, and its content as XML.
fn values(kind: &'static Kind) -> BoxedStrategy<(Value, String)> {
    match kind {
        Text => written().prop_map(|(text, xml)| (json!(text), xml)).boxed(),
        Map => vec((written(), written(), any::<bool>()), 0..4)
            .prop_map(|entries| {
                let (mut object, mut xml) = (serde_json::Map::new(), String::new());
                for ((key, key_xml), (value, value_xml), swapped) in entries {
                    let mut parts = [format!("<key>{key_xml}</key>"), format!("<value>{value_xml}</value>")];
                    if swapped {
                        parts.reverse();
                    }
                    xml += &format!("<entry>{}</entry>", parts.concat());
                    object.insert(key, json!(value));
                }
                (Value::Object(object), xml)
            })
            .boxed(),
        Number => (any::<u32>(), select(vec!["", " ", "\n"]))
            .prop_map(|(number, blank)| (json!(number), format!("{blank}{number}{blank}")))
            .boxed(),
        Time => (0_i64..4_102_444_800).prop_map(|seconds| (json!(seconds), rfc3339(seconds))).boxed(),
        Structure(members) => structures(members),
    }
}

/// A text, and how it is written.
fn written() -> impl Strategy<Value = (String, String)> {
    vec((texts(), forms()), 0..3).prop_map(|parts| {
        let mut xml = String::new();
        for (text, form) in &parts {
            write_text(text, *form, &mut xml);
        }
        (parts.into_iter().map(|(text, _)| text).collect(), xml)
    })
}

fn structures(members: &'static [Member]) -> BoxedStrategy<(Value, String)> {
    let member = |member: &'static Member| {
        (values(&member.kind), any::<bool>()).prop_map(move |(value, there)| (member, value, there || member.always))
    };
    let noise = select(vec!["", "\n  ", "<New>1</New>", "<!-- <Arn>no</Arn> -->"]);
    (members.iter().map(member).collect::<Vec<_>>().prop_shuffle(), noise)
        .prop_map(|(members, noise)| {
            let (mut object, mut xml) = (serde_json::Map::new(), noise.to_owned());
            for (Member { name, .. }, (value, content), _) in members.into_iter().filter(|(_, _, there)| *there) {
                xml += &format!("<{name}>{content}</{name}>{noise}");
                object.insert((*name).to_owned(), value);
            }
            (Value::Object(object), xml)
        })
        .boxed()
}

fn rfc3339(seconds: i64) -> String {
    let time = UtcDateTime::from_unix_timestamp(seconds).unwrap();
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second) = time.as_hms();
    format!("{year}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", u8::from(month))
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn what_is_written_reads_back(
        (operation, (expected, members)) in
            select(&OPERATIONS[..]).prop_flat_map(|(name, members)| (Just(name), structures(members))),
        id in "[0-9a-f-]{1,36}",
    ) {
        let xml = format!(
            "<{operation}Response xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><{operation}Result>{members}\
             </{operation}Result><ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>"
        );
        let found = typed_result(operation, 200, &xml).map_err(|error| TestCaseError::fail(format!("{error}: {xml}")))?;
        prop_assert_eq!(found, (Some(id), expected), "{}", xml);
    }
}
