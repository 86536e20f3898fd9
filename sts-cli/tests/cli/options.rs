//! Options and JSON, as the service gets them.

use crate::{JWT, KEY, ROLE, file, respond, sts};

/// Every option of `AssumeRole`, in all its forms, as the service gets it.
#[test]
fn role_options() {
    let policy = file("policy.json", "{\"Version\": \"x\"}\n");
    let home = format!("file://~/{}", policy.strip_prefix("file:///").unwrap());
    let tags = file("tags.json", r#"[{"Key":"f","Value":"1"},{"Key":"g","Value":""}]"#);
    let from_file = format!("Key=k , Value@={}", file("value", "v=w"));
    let quoted = r#"ProviderArn=arn:aws:iam::aws:contextProvider/One,ContextAssertion="a, b\"c\\""#;
    let reversed = r"ContextAssertion=a\,bc\d,ProviderArn='arn:aws:iam::aws:contextProvider/Two'";
    let cases: &[(&[&str], &str)] = &[
        (&[], ""),
        (&["--role-session-name", "me"], ""),
        (
            &["--tags", "Key=a,Value=b", "Key=c,Value="],
            "&Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.2.Key=c&Tags.member.2.Value=",
        ),
        (
            &["--tags", "Key=\"a b\",Value='c'", "Key=d , Value=e=f "],
            "&Tags.member.1.Key=a b&Tags.member.1.Value=c&Tags.member.2.Key=d&Tags.member.2.Value=e=f",
        ),
        (&["--tags", &from_file], "&Tags.member.1.Key=k&Tags.member.1.Value=v=w"),
        (&["--tags", r#"[{"Key":"a","Value":"b"}]"#], "&Tags.member.1.Key=a&Tags.member.1.Value=b"),
        (&["--tags", r#"{"Key":"a","Value":"b"}"#], "&Tags.member.1.Key=a&Tags.member.1.Value=b"),
        (&["--tags", &tags], "&Tags.member.1.Key=f&Tags.member.1.Value=1&Tags.member.2.Key=g&Tags.member.2.Value="),
        (&["--tags", "[]"], "&Tags="),
        (&["--policy", &policy], "&Policy={\"Version\": \"x\"}\n"),
        (&["--policy", &home], "&Policy={\"Version\": \"x\"}\n"),
        (&["--policy", r#"{"a":1}"#], r#"&Policy={"a":1}"#),
        (
            &["--policy-arns", "arn=arn:aws:iam::aws:policy/One", "arn=arn:aws:iam::aws:policy/Two"],
            "&PolicyArns.member.1.arn=arn:aws:iam::aws:policy/One&PolicyArns.member.2.arn=arn:aws:iam::aws:policy/Two",
        ),
        (
            &[
                "--tags",
                "Key=a,Value=",
                "Key=b,Value=",
                "--transitive-tag-keys",
                "a",
                "b",
                "--external-id",
                "id",
                "--source-identity",
                "si",
            ],
            "&Tags.member.1.Key=a&Tags.member.1.Value=&Tags.member.2.Key=b&Tags.member.2.Value=&TransitiveTagKeys.member.1=a&TransitiveTagKeys.member.2=b&ExternalId=id&SourceIdentity=si",
        ),
        (
            &["--tags", "Key=a,Value=", "--transitive-tag-keys", r#"["A","a"]"#],
            "&Tags.member.1.Key=a&Tags.member.1.Value=&TransitiveTagKeys.member.1=A&TransitiveTagKeys.member.2=a",
        ),
        (
            &["--duration-seconds", "1000", "--serial-number", "GAHT12345678", "--token-code", "123456"],
            "&DurationSeconds=1000&SerialNumber=GAHT12345678&TokenCode=123456",
        ),
        (&["--minimum-session-token-size", "4096"], "&MinimumSessionTokenSize=4096"),
        (
            &["--provided-contexts", quoted, reversed],
            "&ProvidedContexts.member.1.ProviderArn=arn:aws:iam::aws:contextProvider/One\
             &ProvidedContexts.member.1.ContextAssertion=a, b\"c\\\
             &ProvidedContexts.member.2.ProviderArn=arn:aws:iam::aws:contextProvider/Two\
             &ProvidedContexts.member.2.ContextAssertion=a,bc\\d",
        ),
    ];
    for (options, members) in cases {
        let command = [&["assume-role", "--role-arn", ROLE, "--role-session-name", "me"], *options].concat();
        let form = format!("Action=AssumeRole&Version=2011-06-15&RoleArn={ROLE}&RoleSessionName=me{members}");
        assert_eq!(form_of(&command), form, "{command:?}");
    }
}

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

#[test]
fn options_override_json() {
    let json = r#"{
        "RoleArn": "arn:aws:iam::123456789012:role/json", "RoleSessionName": "json", "DurationSeconds": 1000,
        "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/Json"}], "Policy": null,
        "Tags": [{"Key": "j", "Value": "1"}], "TransitiveTagKeys": ["j"],
        "ProvidedContexts": [{"ProviderArn": "arn:aws:iam::aws:contextProvider/Json", "ContextAssertion": "abcd"}]
    }"#;
    let form = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/json&RoleSessionName=json\
        &PolicyArns.member.1.arn=arn:aws:iam::aws:policy/Json&DurationSeconds=1000\
        &Tags.member.1.Key=j&Tags.member.1.Value=1&TransitiveTagKeys.member.1=j\
        &ProvidedContexts.member.1.ProviderArn=arn:aws:iam::aws:contextProvider/Json\
        &ProvidedContexts.member.1.ContextAssertion=abcd";
    assert_eq!(form_of(&["assume-role", "--cli-input-json", json]), form);
    let path = file("input.json", json);
    assert_eq!(form_of(&["assume-role", "--cli-input-json", &path]), form);

    let overriding =
        "assume-role --role-session-name over --tags Key=o,Value=2 --transitive-tag-keys o --cli-input-json";
    let overriding: Vec<_> = overriding.split(' ').chain([&*path]).collect();
    let overridden = form
        .replace("RoleSessionName=json", "RoleSessionName=over")
        .replace("Key=j&Tags.member.1.Value=1", "Key=o&Tags.member.1.Value=2")
        .replace("TransitiveTagKeys.member.1=j", "TransitiveTagKeys.member.1=o");
    assert_eq!(form_of(&overriding), overridden);
}

/// The form that a command sends, decoded.
fn form_of(command: &[&str]) -> String {
    let (url, request) = respond(400, "");
    let run = sts(&[command, &["--endpoint-url", &url, "--region", "us-east-1"]].concat(), &KEY);
    decode(&request.try_recv().unwrap_or_else(|_| panic!("{command:?} sent nothing: {}", run.stderr)))
}

fn decode(form: &str) -> String {
    let mut parts = form.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).unwrap()
}
