use crate::harness::{
    CALLER, CREDENTIALS, assume_role_command, output_of, role_result, web_identity_command, web_identity_result,
};

#[test]
fn json() {
    assert_eq!(
        output_of("GetCallerIdentity", CALLER, &["get-caller-identity"]),
        r#"{
    "UserId": "AIDACKCEVSQ6C2EXAMPLE",
    "Account": "123456789012",
    "Arn": "arn:aws:iam::123456789012:user/Alice"
}
"#
    );
    assert_eq!(
        output_of("GetSessionToken", CREDENTIALS, &["get-session-token", "--output", "json"]),
        r#"{
    "Credentials": {
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY",
        "SessionToken": "AQoDYXdz\"\\é<' $(x)+/==",
        "Expiration": "2026-11-23T03:00:00+00:00"
    }
}
"#
    );
    assert_eq!(
        output_of("AssumeRole", &role_result(), &assume_role_command()),
        r#"{
    "Credentials": {
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY",
        "SessionToken": "AQoDYXdz\"\\é<' $(x)+/==",
        "Expiration": "2026-11-23T03:00:00+00:00"
    },
    "AssumedRoleUser": {
        "AssumedRoleId": "ARO123EXAMPLE123:TestAR",
        "Arn": "arn:aws:sts::123456789012:assumed-role/demo/TestAR"
    },
    "PackedPolicySize": 6,
    "SourceIdentity": "Alice",
    "SessionTokenUtilization": 20,
    "SessionTokenSize": 816
}
"#
    );
    assert_eq!(
        output_of("AssumeRoleWithWebIdentity", &web_identity_result(), &web_identity_command("json")),
        r#"{
    "Credentials": {
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY",
        "SessionToken": "AQoDYXdz\"\\é<' $(x)+/==",
        "Expiration": "2026-11-23T03:00:00+00:00"
    },
    "SubjectFromWebIdentityToken": "sub",
    "AssumedRoleUser": {
        "AssumedRoleId": "ARO123EXAMPLE123:TestAR",
        "Arn": "arn:aws:sts::123456789012:assumed-role/demo/TestAR"
    },
    "PackedPolicySize": 7,
    "Provider": "prov",
    "Audience": "aud",
    "SourceIdentity": "sid",
    "SessionTokenUtilization": 20,
    "SessionTokenSize": 816
}
"#
    );
}
