use crate::harness::{expect_usage_error, sts, web_identity_command};

/// Every command prints its members; what comes of that can be filled in.
#[test]
fn skeletons() {
    let skeleton = |command: &str| {
        let run = sts(&[command, "--generate-cli-skeleton"], &[]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command}");
        run.stdout.split_whitespace().collect::<String>()
    };
    assert_eq!(skeleton("get-caller-identity"), "{}");
    assert_eq!(
        skeleton("assume-role-with-saml"),
        r#"{"RoleArn":"","PrincipalArn":"","SAMLAssertion":"","PolicyArns":[{"arn":""}],"Policy":"","DurationSeconds":0,"MinimumSessionTokenSize":0}"#
    );
    assert_eq!(
        skeleton("assume-root"),
        r#"{"TargetPrincipal":"","TaskPolicyArn":{"arn":""},"DurationSeconds":0,"MinimumSessionTokenSize":0}"#
    );
    assert_eq!(
        skeleton("get-web-identity-token"),
        r#"{"Audience":[""],"DurationSeconds":0,"SigningAlgorithm":"","Scope":"","SubjectMode":"","Tags":[{"Key":"","Value":""}]}"#
    );
    assert_eq!(
        skeleton("get-scoped-credentials"),
        r#"{"Policy":"","DurationSeconds":0,"MinimumSessionTokenSize":0,"ScopedSessionDescription":""}"#
    );
    let context = [
        &web_identity_command("json")[..],
        &["--generate-cli-skeleton", "output", "--query", "TrustedIdentityPropagationContext"],
    ];
    assert_eq!(
        sts(&context.concat(), &[]).stdout.split_whitespace().collect::<String>(),
        r#"{"OriginIdentity":{"Subject":"Subject","SubjectType":"SubjectType","Issuer":"Issuer","FederatedProviderArn":"FederatedProviderArn"},"TransactionContext":{"IdentityProvider":{"KeyName":""}}}"#
    );
    let output =
        ["get-access-key-info", "--access-key-id", "AKIAIOSFODNN7EXAMPLE", "--generate-cli-skeleton", "output"];
    assert_eq!(sts(&output, &[]).stdout, "{\n    \"Account\": \"Account\"\n}\n");
    let session =
        ["get-session-token", "--generate-cli-skeleton", "output", "--query", "Credentials", "--output", "text"];
    assert_eq!(sts(&session, &[]).stdout, "AccessKeyId\t1970-01-01T00:00:00+00:00\tSecretAccessKey\tSessionToken\n");
    expect_usage_error(vec![
        (
            vec!["get-access-key-info", "--generate-cli-skeleton", "output"],
            "error: the following arguments are required: --access-key-id\n".into(),
        ),
        (
            vec!["get-access-key-info", "--generate-cli-skeleton", "output", "--access-key-id", "x"],
            "\nParameter validation failed:\nValue 'x' at 'accessKeyId' failed".into(),
        ),
    ]);
}
