use crate::harness::{JWT, ROLE, file, form_of};

/// All options of the other commands.
#[test]
fn other_options() {
    assert_eq!(form_of(&["get-caller-identity"]), "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(form_of(&["get-session-token"]), "Action=GetSessionToken&Version=2011-06-15");
    let session_token = "get-session-token --duration-seconds 900 --serial-number GAHT12345678 --token-code 123456 \
        --minimum-session-token-size 0";
    assert_eq!(
        form_of(&session_token.split(' ').collect::<Vec<_>>()),
        "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=900&SerialNumber=GAHT12345678&TokenCode=123456\
         &MinimumSessionTokenSize=0"
    );
    let token = file("token", JWT);
    let web_identity = format!(
        "assume-role-with-web-identity --role-arn {ROLE} --role-session-name me --web-identity-token {token} \
         --provider-id www.amazon.com --policy-arns [{{\"arn\":\"arn:aws:iam::aws:policy/One\"}}] --policy {{}} \
         --duration-seconds 43200 --minimum-session-token-size 1"
    );
    assert_eq!(
        form_of(&web_identity.split(' ').collect::<Vec<_>>()),
        format!(
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={ROLE}&RoleSessionName=me\
             &WebIdentityToken={JWT}&ProviderId=www.amazon.com\
             &PolicyArns.member.1.arn=arn:aws:iam::aws:policy/One&Policy={{}}&DurationSeconds=43200\
             &MinimumSessionTokenSize=1"
        )
    );
}

/// All options of the eight commands that are used less, with a token from a file whose last line is ended.
#[test]
fn options_of_other_operations() {
    let token = file("ended-token", "PHNhbWw+\n");
    let policy = ["--policy-arns", "arn=arn:aws:iam::aws:policy/One", "--policy", "{}"];
    let size = ["--duration-seconds", "900", "--minimum-session-token-size", "1"];
    let policy_form = "&PolicyArns.member.1.arn=arn:aws:iam::aws:policy/One&Policy={}";
    let size_form = "&DurationSeconds=900&MinimumSessionTokenSize=1";
    let provider = "arn:aws:iam::123456789012:saml-provider/idp";
    let saml = ["--role-arn", ROLE, "--principal-arn", provider, "--saml-assertion", &token];
    let task = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";
    let (shorthand, json) = (format!("arn={task}"), format!(r#"{{"arn":"{task}"}}"#));
    let root_form = format!("TargetPrincipal=123456789012&TaskPolicyArn.arn={task}");
    let web = ["--audience", "https://a", "--signing-algorithm", "ES384", "--duration-seconds", "60"];
    let cases: [(&str, &str, Vec<&str>, String); 11] = [
        (
            "assume-role-with-saml",
            "AssumeRoleWithSAML",
            [&saml[..], &policy, &size].concat(),
            format!("RoleArn={ROLE}&PrincipalArn={provider}&SAMLAssertion=PHNhbWw+{policy_form}{size_form}"),
        ),
        (
            "assume-root",
            "AssumeRoot",
            [&["--target-principal", "123456789012", "--task-policy-arn", &shorthand][..], &size].concat(),
            format!("{root_form}{size_form}"),
        ),
        (
            "assume-root",
            "AssumeRoot",
            vec!["--target-principal", "123456789012", "--task-policy-arn", &json],
            root_form,
        ),
        (
            "decode-authorization-message",
            "DecodeAuthorizationMessage",
            vec!["--encoded-message", &token],
            "EncodedMessage=PHNhbWw+".into(),
        ),
        (
            "get-access-key-info",
            "GetAccessKeyInfo",
            vec!["--access-key-id", "AKIAIOSFODNN7EXAMPLE"],
            "AccessKeyId=AKIAIOSFODNN7EXAMPLE".into(),
        ),
        (
            "get-delegated-access-token",
            "GetDelegatedAccessToken",
            vec!["--trade-in-token", &token],
            "TradeInToken=PHNhbWw+".into(),
        ),
        (
            "get-federation-token",
            "GetFederationToken",
            [&["--name", "Bob", "--tags", "Key=a,Value=b"][..], &policy, &size].concat(),
            "Name=Bob&Policy={}&PolicyArns.member.1.arn=arn:aws:iam::aws:policy/One&DurationSeconds=900\
             &Tags.member.1.Key=a&Tags.member.1.Value=b&MinimumSessionTokenSize=1"
                .into(),
        ),
        (
            "get-web-identity-token",
            "GetWebIdentityToken",
            [&web[..], &["--tags", "Key=a,Value=b", "--scope", "read write", "--subject-mode", "OriginIdentity"]]
                .concat(),
            "Audience.member.1=https://a&DurationSeconds=60&SigningAlgorithm=ES384&Scope=read write\
             &SubjectMode=OriginIdentity&Tags.member.1.Key=a&Tags.member.1.Value=b"
                .into(),
        ),
        (
            "get-scoped-credentials",
            "GetScopedCredentials",
            [&["--scoped-session-description", "a b", "--policy", "{}"][..], &size].concat(),
            "Policy={}&DurationSeconds=900&MinimumSessionTokenSize=1&ScopedSessionDescription=a b".into(),
        ),
        (
            "get-web-identity-token",
            "GetWebIdentityToken",
            vec!["--audience", "a", "{b", "--signing-algorithm", "RS256"],
            "Audience.member.1=a&Audience.member.2={b&SigningAlgorithm=RS256".into(),
        ),
        (
            "get-web-identity-token",
            "GetWebIdentityToken",
            vec!["--cli-input-json", r#"{"Audience":["a"]}"#, "--signing-algorithm", "RS256"],
            "Audience.member.1=a&SigningAlgorithm=RS256".into(),
        ),
    ];
    for (command, action, options, members) in cases {
        let command = [&[command], &options[..]].concat();
        assert_eq!(form_of(&command), format!("Action={action}&Version=2011-06-15&{members}"), "{command:?}");
    }
}
