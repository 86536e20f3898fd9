mod json;
mod table;
mod text;
mod yaml;

use std::fs;

use crate::harness::{CREDENTIALS, ROLE, SIZES, output_of, program, web_identity_command, web_identity_result};

#[test]
fn scoped_credentials() {
    let result = format!(
        "<SessionInfo><Arn>arn:aws:sts::123456789012:assumed-role/demo/TestAR</Arn><ScopedSessionId>ARO123EXAMPLE123:TestAR\
         </ScopedSessionId></SessionInfo>{CREDENTIALS}{SIZES}<ScopedPoliciesCount>1</ScopedPoliciesCount>"
    );
    let printed = |format| {
        let command = ["get-scoped-credentials", "--policy", "{}", "--output", format];
        output_of("GetScopedCredentials", &result, &command)
    };
    assert_eq!(
        printed("json"),
        r#"{
    "Credentials": {
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY",
        "SessionToken": "AQoDYXdz\"\\é<' $(x)+/==",
        "Expiration": "2026-11-23T03:00:00+00:00"
    },
    "SessionInfo": {
        "ScopedSessionId": "ARO123EXAMPLE123:TestAR",
        "Arn": "arn:aws:sts::123456789012:assumed-role/demo/TestAR"
    },
    "SessionTokenUtilization": 20,
    "SessionTokenSize": 816,
    "ScopedPoliciesCount": 1
}
"#
    );
    assert_eq!(
        printed("text"),
        "1\t816\t20\nCREDENTIALS\tASIAIOSFODNN7EXAMPLE\t2026-11-23T03:00:00+00:00\twJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY\t\
         AQoDYXdz\"\\é<' $(x)+/==\nSESSIONINFO\tarn:aws:sts::123456789012:assumed-role/demo/TestAR\tARO123EXAMPLE123:TestAR\n"
    );
    assert!(printed("env").starts_with("export AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE\n"));
}

/// Structures in structures, and a map.
#[test]
fn trusted_identity_propagation_context() {
    let context = "<TrustedIdentityPropagationContext><OriginIdentity><Subject>zoe</Subject><Issuer>idp.example.com</Issuer>\
        <SubjectType>user</SubjectType><FederatedProviderArn>arn:aws:iam::1:oidc-provider/idp</FederatedProviderArn></OriginIdentity>\
        <TransactionContext><IdentityProvider><entry><key>acr</key><value>high</value></entry><entry><value>2</value>\
        <key>dept</key></entry></IdentityProvider></TransactionContext></TrustedIdentityPropagationContext>";
    let printed = |format| {
        let query = ["--query", "TrustedIdentityPropagationContext"];
        let result = format!("{}{context}", web_identity_result());
        output_of("AssumeRoleWithWebIdentity", &result, &[&web_identity_command(format)[..], &query].concat())
    };
    assert_eq!(
        printed("json"),
        r#"{
    "OriginIdentity": {
        "Subject": "zoe",
        "SubjectType": "user",
        "Issuer": "idp.example.com",
        "FederatedProviderArn": "arn:aws:iam::1:oidc-provider/idp"
    },
    "TransactionContext": {
        "IdentityProvider": {
            "acr": "high",
            "dept": "2"
        }
    }
}
"#
    );
    assert_eq!(
        printed("text"),
        "ORIGINIDENTITY\tarn:aws:iam::1:oidc-provider/idp\tidp.example.com\tzoe\tuser\nIDENTITYPROVIDER\thigh\t2\n"
    );
    assert_eq!(
        printed("yaml"),
        "OriginIdentity:\n  Subject: zoe\n  SubjectType: user\n  Issuer: idp.example.com\n  \
         FederatedProviderArn: arn:aws:iam::1:oidc-provider/idp\nTransactionContext:\n  IdentityProvider:\n    acr: high\n    \
         dept: '2'\n"
    );
    assert_eq!(
        printed("table"),
        "\
----------------------------------------------------------------
|                   AssumeRoleWithWebIdentity                  |
+--------------------------------------------------------------+
||                       OriginIdentity                       ||
|+-----------------------+------------------------------------+|
||  FederatedProviderArn |  arn:aws:iam::1:oidc-provider/idp  ||
||  Issuer               |  idp.example.com                   ||
||  Subject              |  zoe                               ||
||  SubjectType          |  user                              ||
|+-----------------------+------------------------------------+|
||                     TransactionContext                     ||
|+------------------------------------------------------------+|
|||                     IdentityProvider                     |||
||+----------------------------+-----------------------------+||
|||  acr                       |  high                       |||
|||  dept                      |  2                          |||
||+----------------------------+-----------------------------+||
"
    );
}

#[test]
fn standard_output_that_takes_nothing() {
    let command = ["assume-role", "--role-arn", ROLE, "--role-session-name", "me", "--local"];
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    // Whoever reads has seen enough. `aws sts get-caller-identity | true` ends with 0, too.
    for command in [&command[..], &["--help"], &["assume-role", "--help"], &["local"]] {
        let closed = program(command, &[]).stdout(writer.try_clone().unwrap()).output().unwrap();
        let stderr = String::from_utf8(closed.stderr).unwrap();
        assert_eq!((closed.status.code(), stderr.as_str()), (Some(0), ""), "{command:?}");
    }

    #[cfg(target_os = "linux")]
    {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let full = program(&command, &[]).stdout(full).output().unwrap();
        let stderr = String::from_utf8(full.stderr).unwrap();
        assert_eq!(full.status.code(), Some(255));
        assert!(stderr.starts_with("\nCould not write the output\n  caused by: No space left on device"), "{stderr}");
    }
}
