use crate::harness::{ROLE, expect_usage_error, file, form_of};

/// Every option of `AssumeRole`, in all its forms, as the service gets it.
#[test]
fn role_options() {
    let policy = file("policy.json", "{\"Version\": \"x\"}\n");
    let home = format!("file://~/{}", policy.strip_prefix("file:///").unwrap());
    // As editors of Windows write it.
    let marked = file("marked.json", "\u{feff}{}");
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
        (&["--policy", &marked], "&Policy={}"),
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

#[test]
fn wrong_values() {
    let tags = "--tags <Key=KEY,Value=VALUE>...";
    expect_usage_error(vec![
        (with(&["--cli-input-json", "{"]), "error: --cli-input-json: EOF while parsing an object at line 1".into()),
        (with(&["--cli-input-json", "[1]"]), "error: --cli-input-json: ".into()),
        (
            with(&["--cli-input-json", r#"{"Policy":{}}"#]),
            "error: --cli-input-json: Policy: expected a string\n\nUsage: sts assume-role [OPTIONS] --role-arn <ARN> --role-session-name <NAME>\n".into(),
        ),
        (
            with(&["--cli-input-json", "file:///nonexistent/input.json"]),
            "error: --cli-input-json: cannot read /nonexistent/input.json: No such file or directory".into(),
        ),
        (with(&["--policy", "file://"]), "error: --policy <JSON>: there is no path behind file://\n".into()),
        (
            with(&["--policy", "fileb://p"]),
            "error: --policy <JSON>: fileb:// is for binary members, and there are none; use file://\n".into(),
        ),
        (
            with(&["--policy", "file:///dev/zero"]),
            "error: --policy <JSON>: cannot read /dev/zero: it is longer than 1048576 bytes\n".into(),
        ),
        (with(&["--policy", "file:///nonexistent/p"]), "error: --policy <JSON>: cannot read /nonexistent/p: ".into()),
        (with(&["--cli-input-json", r#"{"Tags":3}"#]), "error: --cli-input-json: Tags: expected a list\n".into()),
        (with(&["--cli-input-json", r#"{"Tags":[3]}"#]), "error: --cli-input-json: Tags: expected an object\n".into()),
        (with(&["--tags", "Key"]), format!("error: {tags}: expected key=value at character 1\n")),
        (with(&["--tags", "Key=a,b,Value=c"]), format!("error: {tags}: expected key=value at character 7\n")),
        (with(&["--tags", "Key=a,Value='b"]), format!("error: {tags}: expected a closing quote at character 7\n")),
        (with(&["--tags", "Key='a'b,Value=c"]), format!("error: {tags}: expected a comma at character 8\n")),
        (
            with(&["--tags", "Key=a,Value=b,Key=c"]),
            format!(
                "error: {tags}: Key is given twice; elements are separated by a \
                 space, not by a comma\n"
            ),
        ),
        (with(&["--tags", "Key=a"]), format!("error: {tags}: missing field `Value`\n")),
        (
            with(&["--tags", "Key=a,Value=b,X=c"]),
            format!("error: {tags}: unknown field `X`, expected `Key` or `Value`\n"),
        ),
        (with(&["--tags"]), "error: a value is required for '--tags <Key=KEY,Value=VALUE>...' but none was".into()),
        (
            with(&["--cli-input-json", r#"{"Policy":"a","Policy":"b"}"#]),
            "error: --cli-input-json: duplicate field `Policy` at line 1 column 22\n".into(),
        ),
        (
            with(&["--cli-input-json", r#"{"Tags":[{"Key":"a","Key":"b","Value":""}]}"#]),
            "error: --cli-input-json: duplicate field `Key` at line 1 column 25\n".into(),
        ),
        (with(&["--\u{9b}31m"]), "error: unexpected argument '--\u{fffd}31m' found\n".into()),
        (with(&["--tags", "[{"]), format!("error: {tags}: EOF while parsing an object at line 1 column 2\n")),
        // A token that somebody takes for the element itself is not shown.
        (with(&["--tags", r#"["hush"]"#]), format!("error: {tags}: expected an object at line 1 column 7\n")),
        (with(&["--tags", "[5]"]), format!("error: {tags}: expected an object at line 1 column 2\n")),
        (
            with(&["--tags", r#"[{"Key":"a","Value":"b"}, "hush, expected u32 at line 1 column 1"]"#]),
            format!("error: {tags}: expected an object at line 1 column "),
        ),
        (
            with(&["--tags", r#"{"Key":"a","Value":123456}"#]),
            format!("error: {tags}: expected a string at line 1 column "),
        ),
        (
            with(&["--provided-contexts", r#"["eyJhbGciOiJub25lIn0.secret.sig"]"#]),
            "error: --provided-contexts <ProviderArn=ARN,ContextAssertion=TEXT>...: expected an object at line 1 column "
                .into(),
        ),
        (
            with(&["--cli-input-json", r#"{"Tags":["hush at line 1 column 1"]}"#]),
            "error: --cli-input-json: Tags: expected an object\n".into(),
        ),
        (
            with(&["--provided-contexts", "ProviderArn@=file:///nonexistent/a,ContextAssertion=b"]),
            "error: --provided-contexts \
             <ProviderArn=ARN,ContextAssertion=TEXT>...: cannot read /nonexistent/a: "
                .into(),
        ),
        (
            vec!["assume-role", "--role-arn", "x", "--role-session-name", "a b", "--duration-seconds", "5"],
            "\nParameter validation failed:\n\
             Value 'x' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20\n\
             Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression \
             pattern: [\\w+=,.@-]*\n\
             Value '5' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal \
             to 900\n"
                .into(),
        ),
        (
            with(&["--token-code", "123456"]),
            "\nParameter validation failed:\n\
             Value null at 'serialNumber' failed to satisfy constraint: Member must not be null when 'tokenCode' is \
             given\n"
                .into(),
        ),
    ]);
}

#[test]
fn wrong_numbers() {
    expect_usage_error(vec![
        (with(&["--duration-seconds", "1h"]), "error: --duration-seconds <SECONDS>: expected a whole number\n".into()),
        (
            with(&["--duration-seconds", "99999999999999999999"]),
            "error: --duration-seconds <SECONDS>: out of range\n".into(),
        ),
        (
            with(&["--duration-seconds", "-1"]),
            "error: --duration-seconds <SECONDS>: -1 is not in 0..=4294967295\n".into(),
        ),
        (
            with(&["--cli-read-timeout", "-1"]),
            "error: --cli-read-timeout <SECONDS>: -1 is not in 0..=4294967295\n".into(),
        ),
        (
            vec!["--cli-connect-timeout", "-1", "whoami"],
            "error: --cli-connect-timeout <SECONDS>: -1 is not in 0..=4294967295\n".into(),
        ),
        (vec!["presign", "--expires-in", "-5"], "error: --expires-in <SECONDS>: -5 is not in 1..=604800\n".into()),
        (vec!["local", "--port", "-1"], "error: --port <PORT>: -1 is not in 0..=65535\n".into()),
        (with(&["-1"]), "error: unexpected argument '-1' found\n".into()),
        (
            with(&["--cli-input-json", r#"{"DurationSeconds":"900"}"#]),
            "error: --cli-input-json: DurationSeconds: expected a whole number\n".into(),
        ),
        (
            with(&["--cli-input-json", r#"{"DurationSeconds":-1}"#]),
            "error: --cli-input-json: DurationSeconds: not in 0..=4294967295\n".into(),
        ),
    ]);
}

/// Options of a command that has what it needs.
fn with(options: &[&'static str]) -> Vec<&'static str> {
    [&["assume-role", "--role-arn", ROLE, "--role-session-name", "me"], options].concat()
}
