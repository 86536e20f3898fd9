//! What botocore 1.44.8 has in its `data/sts/2011-06-15/service-2.json` and the data's model, which is botocore 1.44.5's, has not.

use serde_json::{Value, json};

use crate::data::{list, members, text};

/// Brings the model up to date.
pub(crate) fn apply(model: &mut Value) {
    let facts = facts();
    let (input, output) = ("GetScopedCredentialsRequest", "GetScopedCredentialsResponse");
    let operation = json!({ "input": { "shape": input }, "output": { "shape": output } });
    add(&mut model["operations"], "GetScopedCredentials", operation);
    for (name, shape) in facts["shapes"].as_object().unwrap() {
        add(&mut model["shapes"], name, shape.clone());
    }
    for (name, pairs) in facts["structures"].as_object().unwrap() {
        add(&mut model["shapes"], name, json!({ "type": "structure", "members": {} }));
        add(&mut model["order"], name, json!([]));
        extend(model, name, None, pairs);
    }
    for extension in list(&facts["extensions"]) {
        extend(model, text(&extension["shape"]), Some(text(&extension["after"])), &extension["members"]);
    }
    for (code, name) in [
        ("InsufficientSessionLifetime", "InsufficientSessionLifetimeException"),
        ("InvalidContextAssertion", "InvalidContextAssertionException"),
        ("InvalidSubjectCredentials", "InvalidSubjectCredentialsException"),
    ] {
        let error = json!({ "type": "structure", "members": {}, "error": { "code": code, "httpStatusCode": 400 } });
        add(&mut model["shapes"], name, error);
    }
    for (shape, old, new) in [("contextAssertionType", 2048, 3072), ("sourceIdentityType", 64, 256)] {
        let max = &mut model["shapes"][shape]["max"];
        assert_eq!(*max, old, "{shape}");
        *max = new.into();
    }
}

/// New shapes; and members, with their shapes and in their order, of structures that are new and of those that have grown.
fn facts() -> Value {
    let scope = r"[\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]+( [\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]+)*";
    let description = r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*";
    let context = json!([["TrustedIdentityPropagationContext", "TrustedIdentityPropagationContext"]]);
    json!({
        "shapes": {
            "originIdentityIssuerType": { "type": "string", "sensitive": true },
            "originIdentitySubjectType": { "type": "string", "sensitive": true },
            "originIdentitySubjectTypeType": { "type": "string", "sensitive": true },
            "scopedCredentialDurationSecondsType": { "type": "integer", "min": 1, "max": 129_600 },
            "scopedPoliciesCountType": { "type": "integer", "min": 0 },
            "scopedSessionDescriptionType": { "type": "string", "min": 2, "max": 256, "pattern": description },
            "scopedSessionIdType": { "type": "string", "min": 2, "max": 193, "pattern": r"[\w+=,.@:-]*" },
            "transactionContextIdentityProviderMapType": {
                "type": "map", "key": { "shape": "transactionContextKeyType" }, "value": { "shape": "transactionContextValueType" },
            },
            "transactionContextKeyType": { "type": "string" },
            "transactionContextValueType": { "type": "string", "max": 128, "sensitive": true },
            "webIdentityTokenScopeType": { "type": "string", "min": 1, "max": 256, "pattern": scope },
            "webIdentityTokenSubjectModeType": { "type": "string", "enum": ["AWSIdentity", "OriginIdentity"] },
        },
        "structures": {
            "GetScopedCredentialsRequest": [
                ["Policy", "sessionPolicyDocumentType"],
                ["DurationSeconds", "scopedCredentialDurationSecondsType"],
                ["MinimumSessionTokenSize", "minimumSessionTokenSizeType"],
                ["ScopedSessionDescription", "scopedSessionDescriptionType"],
            ],
            "GetScopedCredentialsResponse": [
                ["Credentials", "Credentials"],
                ["SessionInfo", "ScopedSession"],
                ["SessionTokenUtilization", "sessionTokenUtilizationType"],
                ["SessionTokenSize", "sessionTokenSizeType"],
                ["ScopedPoliciesCount", "scopedPoliciesCountType"],
                ["SourceIdentity", "sourceIdentityType"],
            ],
            "ScopedSession": [["ScopedSessionId", "scopedSessionIdType"], ["Arn", "arnType"]],
            "TrustedIdentityPropagationContext": [
                ["OriginIdentity", "OriginIdentity"],
                ["TransactionContext", "TransactionContext"],
            ],
            "OriginIdentity": [
                ["Subject", "originIdentitySubjectType"],
                ["SubjectType", "originIdentitySubjectTypeType"],
                ["Issuer", "originIdentityIssuerType"],
                ["FederatedProviderArn", "arnType"],
            ],
            "TransactionContext": [["IdentityProvider", "transactionContextIdentityProviderMapType"]],
        },
        "extensions": [
            { "shape": "AssumeRoleWithSAMLResponse", "after": "SessionTokenSize", "members": context },
            { "shape": "AssumeRoleWithWebIdentityResponse", "after": "SessionTokenSize", "members": context },
            {
                "shape": "GetWebIdentityTokenRequest",
                "after": "SigningAlgorithm",
                "members": [["Scope", "webIdentityTokenScopeType"], ["SubjectMode", "webIdentityTokenSubjectModeType"]],
            },
        ],
    })
}

/// What the data have themselves one day need not stand here any more.
fn add(values: &mut Value, name: &str, value: Value) {
    let values = values.as_object_mut().unwrap();
    assert!(values.insert(name.to_owned(), value).is_none(), "{name} is in the data");
}

/// Adds members behind another one, or at the beginning.
fn extend(model: &mut Value, shape: &str, after: Option<&str>, pairs: &Value) {
    let pairs = list(pairs).iter().map(|pair| (text(&pair[0]), text(&pair[1])));
    let place = after.map_or(0, |name| 1 + members(model, shape).iter().position(|member| *member == name).unwrap());
    for (place, (name, member)) in (place..).zip(pairs) {
        add(&mut model["shapes"][shape]["members"], name, json!({ "shape": member }));
        model["order"][shape].as_array_mut().unwrap().insert(place, name.into());
    }
}
