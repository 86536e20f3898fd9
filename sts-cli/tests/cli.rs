//! The program itself, run as users run it, against a local STS and against canned responses.
//!
//! Expected outputs and forms were typed after what the AWS CLI prints (`awscli` 1.46, `cli_timestamp_format = iso8601`), given the same
//! options and responses; exit codes from the AWS CLI's documentation of version 2.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};
use sts_blocking::identity_proof::{EksToken, VaultLogin};
use sts_local::LocalSts;
use time::UtcDateTime;

const ROLE: &str = "arn:aws:iam::123456789012:role/demo";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const KEY: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", SECRET)];
/// `{"iss":"https://idp.example.com","sub":"alice","aud":"demo","exp":4102444800}`
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbSIsInN1YiI6ImFsaWNlIiwiYXVkIjoiZGVtbyIsImV4cCI6NDEwMjQ0NDgwMH0.c2ln";

const CALLER: &str = "<Arn>arn:aws:iam::123456789012:user/Alice</Arn><UserId>AIDACKCEVSQ6C2EXAMPLE</UserId>\
    <Account>123456789012</Account>";
const CREDENTIALS: &str = "<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>\
    <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey>\
    <SessionToken>AQoDYXdz\"\\é&lt;' $(x)+/==</SessionToken><Expiration>2026-11-23T03:00:00Z</Expiration></Credentials>";
const ROLE_USER: &str = "<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/demo/TestAR</Arn>\
    <AssumedRoleId>ARO123EXAMPLE123:TestAR</AssumedRoleId></AssumedRoleUser>";
const SIZES: &str = "<SessionTokenSize>816</SessionTokenSize><SessionTokenUtilization>20</SessionTokenUtilization>";

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

#[test]
fn text() {
    assert_eq!(
        output_of("GetCallerIdentity", CALLER, &["get-caller-identity", "--output", "text"]),
        "123456789012\tarn:aws:iam::123456789012:user/Alice\tAIDACKCEVSQ6C2EXAMPLE\n"
    );
    let credentials = "CREDENTIALS\tASIAIOSFODNN7EXAMPLE\t2026-11-23T03:00:00+00:00\t\
        wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY\tAQoDYXdz\"\\é<' $(x)+/==\n";
    let command = ["--output=text", "get-session-token"];
    assert_eq!(output_of("GetSessionToken", CREDENTIALS, &command), credentials);
    let result = format!("{CREDENTIALS}{SIZES}");
    assert_eq!(output_of("GetSessionToken", &result, &command), format!("816\t20\n{credentials}"));
    assert_eq!(
        output_of("AssumeRoleWithWebIdentity", &web_identity_result(), &web_identity_command("text")),
        format!(
            "aud\t7\tprov\t816\t20\tsid\tsub\n\
             ASSUMEDROLEUSER\tarn:aws:sts::123456789012:assumed-role/demo/TestAR\tARO123EXAMPLE123:TestAR\n\
             {credentials}"
        )
    );
}

#[test]
fn env() {
    assert_eq!(
        output_of("GetSessionToken", CREDENTIALS, &["get-session-token", "--output", "env"]),
        r#"export AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE
export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY
export AWS_SESSION_TOKEN='AQoDYXdz"\é<'\'' $(x)+/=='
export AWS_CREDENTIAL_EXPIRATION=2026-11-23T03:00:00+00:00
"#
    );
}

#[test]
fn table() {
    assert_eq!(
        output_of("GetCallerIdentity", CALLER, &["get-caller-identity", "--output", "table"]),
        "\
-----------------------------------------------------
|                 GetCallerIdentity                 |
+---------+-----------------------------------------+
|  Account|  123456789012                           |
|  Arn    |  arn:aws:iam::123456789012:user/Alice   |
|  UserId |  AIDACKCEVSQ6C2EXAMPLE                  |
+---------+-----------------------------------------+
"
    );
    let queries = [
        (
            "{user:AssumedRoleUser,list:[{a:`1`},{b:`2`,c:[`3`]}],x:[[`1`,`2`],[`3`,`4`]]}",
            "\
---------------------------------------------------------------------------
|                               AssumeRole                                |
+-------------------------------------------------------------------------+
||                                 list                                  ||
|+----------------------------------+------------------------------------+|
||  a                               |  1                                 ||
||  b                               |                                    ||
|+----------------------------------+------------------------------------+|
||                                 list                                  ||
|+----------------------------------+------------------------------------+|
||  a                               |                                    ||
||  b                               |  2                                 ||
|+----------------------------------+------------------------------------+|
|||                                  c                                  |||
||+---------------------------------------------------------------------+||
|||  3                                                                  |||
||+---------------------------------------------------------------------+||
||                                 user                                  ||
|+---------------+-------------------------------------------------------+|
||  Arn          |  arn:aws:sts::123456789012:assumed-role/demo/TestAR   ||
||  AssumedRoleId|  ARO123EXAMPLE123:TestAR                              ||
|+---------------+-------------------------------------------------------+|
||                                   x                                   ||
|+----------------------------------+------------------------------------+|
||  1                               |  2                                 ||
||  3                               |  4                                 ||
|+----------------------------------+------------------------------------+|
",
        ),
        (
            "[AssumedRoleUser.{Arn: 'x', Id: 'y'}, {Arn: 'longer', Id: `7`}]",
            "\
------------------
|   AssumeRole   |
+---------+------+
|   Arn   | Id   |
+---------+------+
|  x      |  y   |
|  longer |  7   |
+---------+------+
",
        ),
        ("Nope", ""),
        ("`[]`", ""),
        // The AWS CLI draws the title alone.
        ("SourceIdentity", "------------\n|AssumeRole|\n+----------+\n|  Alice   |\n+----------+\n"),
    ];
    for (query, expected) in queries {
        assert_eq!(queried(query, "table"), expected, "{query}");
    }
}

#[test]
fn yaml() {
    assert_eq!(
        output_of("AssumeRole", &role_result(), &[&assume_role_command()[..], &["--output", "yaml"]].concat()),
        r#"Credentials:
  AccessKeyId: ASIAIOSFODNN7EXAMPLE
  SecretAccessKey: wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY
  SessionToken: 'AQoDYXdz"\é<'' $(x)+/=='
  Expiration: '2026-11-23T03:00:00+00:00'
AssumedRoleUser:
  AssumedRoleId: ARO123EXAMPLE123:TestAR
  Arn: arn:aws:sts::123456789012:assumed-role/demo/TestAR
PackedPolicySize: 6
SourceIdentity: Alice
SessionTokenUtilization: 20
SessionTokenSize: 816
"#
    );
    let query = r#"{a: [[`1`, 'b'], [], {}, {c: 'd', e: ['f']}], g: `null`, h: `true`, "i j": `1.5`}"#;
    let query = query.replace("[],", "`[]`,").replace("{},", "`{}`,");
    assert_eq!(
        queried(&query, "yaml"),
        "a:\n- - 1\n  - b\n- []\n- {}\n- c: d\n  e:\n  - f\ng: null\nh: true\n'i j': 1.5\n"
    );
}

/// Texts that look like something else, [as YAML 1.1 and 1.2 see it](https://yaml.org/type/).
#[test]
fn yaml_texts_stay_texts() {
    for (text, expected) in [
        ("plain", "plain"),
        ("a:b/c=d+e", "a:b/c=d+e"),
        ("", "''"),
        ("0123", "'0123'"),
        ("1e3", "'1e3'"),
        ("0x1F", "'0x1F'"),
        ("12:30:45", "'12:30:45'"),
        (".inf", "'.inf'"),
        ("~", "'~'"),
        ("No", "'No'"),
        ("y", "'y'"),
        ("NULL", "'NULL'"),
        ("true", "'true'"),
        ("- a", "'- a'"),
        ("a: b", "'a: b'"),
        ("a:", "'a:'"),
        ("a #b", "'a #b'"),
        ("it's", "'it''s'"),
        ("&a", "'&a'"),
        ("*a", "'*a'"),
        ("{a}", "'{a}'"),
        (" a ", "' a '"),
        ("a\tb", r#""a\u0009b""#),
        ("a\n\"\\b", r#""a\u000a\"\\b""#),
        ("a\u{2028}b", r#""a\u2028b""#),
        ("\u{85}", r#""\u0085""#),
        ("é漢😀", "'é漢😀'"),
    ] {
        let query = format!("'{}'", text.replace('\'', r"\'"));
        assert_eq!(queried(&query, "yaml"), format!("{expected}\n"), "{text:?}");
    }
}

#[test]
fn query() {
    for (query, expected) in [
        ("SourceIdentity", "\"Alice\"\n"),
        ("Nope", "null\n"),
        ("PackedPolicySize", "6\n"),
        ("sum([PackedPolicySize, SessionTokenSize])", "822\n"),
        ("length(SourceIdentity)", "5\n"),
        // In the order of the API model, and in the order of the expression.
        (
            "AssumedRoleUser",
            "{\n    \"AssumedRoleId\": \"ARO123EXAMPLE123:TestAR\",\n    \"Arn\": \"arn:aws:sts::123456789012:assumed-role/demo/TestAR\"\n}\n",
        ),
        ("{b: SourceIdentity, a: `1.5`}", "{\n    \"b\": \"Alice\",\n    \"a\": 1.5\n}\n"),
        (
            "[[`1`] | [0] && {z: `true`, y: `null`}, !Nope]",
            "[\n    {\n        \"z\": true,\n        \"y\": null\n    },\n    true\n]\n",
        ),
    ] {
        assert_eq!(queried(query, "json"), expected, "{query}");
    }
    let query = "{user:AssumedRoleUser,list:[{a:`1`},{b:`2`,c:[`3`]}],x:[[`1`,`2`],[`3`,`4`]],n:`null`,t:`true`}";
    assert_eq!(
        queried(query, "text"),
        "None\tTrue\nLIST\t1\t\nLIST\t\t2\nC\t3\n\
         USER\tarn:aws:sts::123456789012:assumed-role/demo/TestAR\tARO123EXAMPLE123:TestAR\nX\t1\nX\t2\nX\t3\nX\t4\n"
    );
    assert_eq!(
        queried("Credentials.[AccessKeyId, Expiration]", "text"),
        "ASIAIOSFODNN7EXAMPLE\t2026-11-23T03:00:00+00:00\n"
    );
    assert_eq!(queried("`[]`", "text"), "");
    assert_eq!(queried("Nope", "text"), "None\n");
}

#[test]
fn wrong_query() {
    let usage = "\n\nUsage: sts get-caller-identity [OPTIONS]\n";
    expect_usage_error(vec![
        (
            vec!["get-caller-identity", "--query", "Acc["],
            "error: --query <EXPRESSION>: Parse error: Expected number, ':', or '*' -- found Eof at \
             character 5\nAcc[\n    ^\n"
                .into(),
        ),
        (vec!["get-caller-identity", "--query", ""], "error: --query <EXPRESSION>: Parse error: ".into()),
    ]);
    for (query, expected) in [
        ("nope(@)", "Runtime error: Call to undefined function nope at character 5\nnope(@)\n    ^"),
        (
            "length(`1`)",
            "Runtime error: Argument 0 expects type array|object|string, given number at character 7\nlength(`1`)\n      ^",
        ),
    ] {
        let run = sts(&["get-caller-identity", "--local", "--query", query], &[]);
        let expected = format!("error: Bad value for --query {query}: {expected}{usage}");
        assert_eq!((run.code, run.stdout.as_str()), (252, ""), "{query}");
        assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    }
    // However deep, the program ends in good order.
    for (opening, closing) in
        [("[", "]"), ("(", ")"), ("!", ""), ("&", ""), ("{a:", "}"), ("", "[*]"), ("a.", ""), ("", ".a")]
    {
        for depth in [60, 100_000 / 4] {
            let query = format!("{}a{}", opening.repeat(depth), closing.repeat(depth));
            let run = sts(&["get-caller-identity", "--local", "--query", &query], &[]);
            assert!([0, 252].contains(&run.code), "{depth} times {opening}{closing}: {}", run.stderr);
        }
    }
}

#[test]
fn default_output() {
    let service = LocalSts::demo().serve(0).unwrap();
    let run = |format: &str, options: &[&str]| {
        let url = service.url();
        let environment = [("AWS_DEFAULT_OUTPUT", format), ("AWS_ENDPOINT_URL", &url), ("AWS_REGION", "us-east-1")];
        sts(&[&["get-caller-identity"], options].concat(), &[&KEY[..], &environment].concat())
    };
    assert!(run("text", &[]).stdout.starts_with("123456789012\t"));
    assert!(run("text", &["--output", "yaml"]).stdout.starts_with("UserId: "));
    assert!(run("", &[]).stdout.starts_with("{\n"));
    let wrong = run("nope", &[]);
    assert_eq!(wrong.code, 252);
    assert!(
        wrong.stderr.starts_with("error: AWS_DEFAULT_OUTPUT: unknown output format \"nope\"\n"),
        "{}",
        wrong.stderr
    );
}

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
        r#"{"Audience":[""],"DurationSeconds":0,"SigningAlgorithm":"","Tags":[{"Key":"","Value":""}]}"#
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

/// What is printed of `AssumeRole`'s output, as the query and the format say.
fn queried(query: &str, format: &str) -> String {
    let command = [&assume_role_command()[..], &["--query", query, "--output", format]].concat();
    output_of("AssumeRole", &role_result(), &command)
}

fn role_result() -> String {
    format!(
        "{ROLE_USER}{CREDENTIALS}{SIZES}<SourceIdentity>Alice</SourceIdentity><PackedPolicySize>6</PackedPolicySize>"
    )
}

fn assume_role_command() -> [&'static str; 5] {
    ["assume-role", "--role-arn", ROLE, "--role-session-name", "TestAR"]
}

/// Whatever the service sends, a real shell takes it for a value.
#[test]
fn env_is_safe_to_evaluate() {
    for value in
        ["'", "a'b", "''", "$HOME", "$(echo x)", "`echo x`", "a b", "a\\", "*", "~", "x;y", "\"", "#", "!", "a\nb", "é"]
    {
        let result = CREDENTIALS.replace("ASIAIOSFODNN7EXAMPLE", value);
        let commands = output_of("GetSessionToken", &result, &["get-session-token", "--output", "env"]);
        let script = r#"eval "$1"; printf %s "$AWS_ACCESS_KEY_ID""#;
        let shell = Command::new("sh").args(["-c", script, "sh", &commands]).output().unwrap();
        assert_eq!(String::from_utf8(shell.stdout).unwrap(), value, "{commands}");
    }
}

fn web_identity_result() -> String {
    format!(
        "{ROLE_USER}{CREDENTIALS}{SIZES}<SubjectFromWebIdentityToken>sub</SubjectFromWebIdentityToken><Provider>prov\
         </Provider><Audience>aud</Audience><SourceIdentity>sid</SourceIdentity><PackedPolicySize>7</PackedPolicySize>"
    )
}

fn web_identity_command(format: &str) -> [&str; 9] {
    let command = "assume-role-with-web-identity";
    [command, "--role-arn", ROLE, "--role-session-name", "TestAR", "--web-identity-token", JWT, "--output", format]
}

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
        (&["--tags"], "&Tags="),
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

/// All options of the seven commands that are used less, with a token from a file whose last line is ended.
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
    let cases: [(&str, &str, Vec<&str>, String); 10] = [
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
            [&web[..], &["--tags", "Key=a,Value=b"]].concat(),
            "Audience.member.1=https://a&DurationSeconds=60&SigningAlgorithm=ES384&Tags.member.1.Key=a\
             &Tags.member.1.Value=b"
                .into(),
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

/// The STS inside the program needs no region, endpoint, or credentials, and takes none from the environment.
#[test]
fn embedded_service() {
    let misleading = [
        ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_REGION", "not a region"),
    ];
    let assume_role = ["assume-role", "--role-arn", ROLE, "--role-session-name", "me", "--local"];
    let web_identity = [&web_identity_command("json")[..], &["--local", "--region", "eu-west-1"]].concat();
    let root = [
        "--target-principal",
        "123456789012",
        "--task-policy-arn",
        "arn=arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy",
    ];
    let commands: [(&[&str], &[&str]); 9] = [
        (&["get-caller-identity", "--local"], &["\"Arn\": \"arn:aws:iam::123456789012:user/demo\""]),
        (&["--local", "get-caller-identity"], &["\"Account\": \"123456789012\""]),
        (&["get-session-token", "--local"], &["    \"Credentials\": {\n        \"AccessKeyId\": \"ASIA"]),
        (&assume_role, &["\"Arn\": \"arn:aws:sts::123456789012:assumed-role/demo/me\""]),
        (
            &[&["assume-root", "--local"], &root[..]].concat(),
            &["    \"Credentials\": {\n        \"AccessKeyId\": \"ASIA"],
        ),
        (
            &["get-access-key-info", "--access-key-id", "AKIAIOSFODNN7EXAMPLE", "--local", "--query", "Account"],
            &["\"123456789012\"\n"],
        ),
        (
            &["get-federation-token", "--name", "Bob", "--local"],
            &["\"Arn\": \"arn:aws:sts::123456789012:federated-user/Bob\""],
        ),
        (
            &[
                "get-web-identity-token",
                "--audience",
                "a",
                "--signing-algorithm",
                "ES384",
                "--local",
                "--output",
                "yaml",
            ],
            &["WebIdentityToken: ey", "\nExpiration: '2"],
        ),
        (&web_identity, &["\"SubjectFromWebIdentityToken\": \"alice\"", "\"Audience\": \"demo\""]),
    ];
    for environment in [&[][..], &misleading] {
        for (command, expected) in commands {
            let run = sts(command, environment);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
            for part in expected {
                assert!(run.stdout.contains(part), "{command:?}: {part} not in {}", run.stdout);
            }
        }
    }
}

/// Credentials that `--output env` prints sign the next call.
#[test]
fn role_chain() {
    let service = LocalSts::demo().serve(0).unwrap();
    let endpoint = [("AWS_ENDPOINT_URL", &*service.url()), ("AWS_DEFAULT_REGION", "eu-central-1")];
    let command = ["assume-role", "--role-arn", ROLE, "--role-session-name", "first", "--output", "env"];
    let first = sts(&command, &[&KEY[..], &endpoint].concat());
    assert_eq!((first.code, first.stderr.as_str()), (0, ""));
    let script = r#"eval "$1"; exec "$2" get-caller-identity --output text"#;
    let second = Command::new("sh")
        .args(["-c", script, "sh", &first.stdout, env!("CARGO_BIN_EXE_sts")])
        .env_clear()
        .envs(endpoint)
        .output();
    let stdout = String::from_utf8(second.unwrap().stdout).unwrap();
    assert!(stdout.starts_with("123456789012\tarn:aws:sts::123456789012:assumed-role/demo/first\tAROA"), "{stdout}");
}

/// The token is for the region's endpoint, wherever this program's own calls go.
#[test]
fn eks_token() {
    let service = LocalSts::demo().serve(0).unwrap();
    let url = service.url();
    let environment = [KEY[0], KEY[1], ("AWS_REGION", "eu-central-1"), ("AWS_ENDPOINT_URL_STS", &*url)];
    let user = "<Arn>arn:aws:iam::123456789012:user/demo</Arn>";
    let role = "<Arn>arn:aws:sts::123456789012:assumed-role/demo/EKSGetTokenAuth</Arn>";
    let cases: [(&[&str], &str); 3] = [
        (&["--cluster-name", "my-cluster"], user),
        (&["--cluster-id", "my-cluster"], user),
        (&["--cluster-name", "my-cluster", "--role-arn", ROLE], role),
    ];
    for (options, arn) in cases {
        let run = sts(&[&["eks-token"], options].concat(), &environment);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{options:?}");
        let token = run.stdout.split('"').find(|text| text.starts_with("k8s-aws-v1.")).unwrap();
        let now = UtcDateTime::now();
        let answer_of = |cluster: &str| {
            let mut request = EksToken::read(token, cluster, now).unwrap().request.map(|()| Vec::new());
            let host = request.uri().host().unwrap().parse().unwrap();
            request.headers_mut().insert("host", host);
            String::from_utf8(service.sts().handle(request, now).into_body()).unwrap()
        };
        assert!(answer_of("my-cluster").contains(arn), "{options:?}: {}", answer_of("my-cluster"));
        assert!(answer_of("another-cluster").contains("<Code>SignatureDoesNotMatch<"));
        let claim = EksToken::read(token, "my-cluster", now).unwrap();
        assert_eq!(claim.request.uri().authority().unwrap(), "sts.eu-central-1.amazonaws.com");
        let end = claim.signed_at + Duration::from_secs(14 * 60);
        assert_eq!(
            run.stdout,
            format!(
                "\
{{
    \"kind\": \"ExecCredential\",
    \"apiVersion\": \"client.authentication.k8s.io/v1beta1\",
    \"spec\": {{}},
    \"status\": {{
        \"expirationTimestamp\": \"{}T{:02}:{:02}:{:02}Z\",
        \"token\": \"{token}\"
    }}
}}

",
                end.date(),
                end.hour(),
                end.minute(),
                end.second()
            )
        );
    }
    let missing = ["eks-token", "--cluster-name", "c", "--role-arn", "arn:aws:iam::123456789012:role/missing"];
    let run = sts(&missing, &environment);
    assert_eq!((run.code, run.stdout.as_str()), (254, ""));
    assert!(run.stderr.starts_with("\nAn error occurred (AccessDenied) when calling the AssumeRole"), "{}", run.stderr);
    let long = "t".repeat(3000);
    let run = sts(&["eks-token", "--cluster-name", "c"], &[&environment[..], &[("AWS_SESSION_TOKEN", &long)]].concat());
    assert_eq!((run.code, run.stdout.as_str()), (255, ""));
    assert!(run.stderr.starts_with("\nthe EKS token would have ") && !run.stderr.contains("ttt"), "{}", run.stderr);
}

/// The version that the Kubernetes client asks for, and what the AWS CLI says where it cannot be had.
#[test]
fn eks_token_api_version() {
    let (v1, beta, alpha) = ("v1", "v1beta1", "v1alpha1");
    let deprecated = "Kubeconfig user entry is using deprecated API version client.authentication.k8s.io/v1alpha1. ";
    let unrecognized =
        "Unrecognized API version in KUBERNETES_EXEC_INFO, defaulting to client.authentication.k8s.io/v1beta1.";
    let unreadable = "Error parsing KUBERNETES_EXEC_INFO, defaulting to client.authentication.k8s.io/v1beta1. ";
    let asking = |version| {
        format!(
            r#"{{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/{version}","spec":{{"interactive":false}}}}"#
        )
    };
    for (info, expected, warning) in [
        (String::new(), beta, ""),
        (asking(v1), v1, ""),
        (asking(beta), beta, ""),
        (asking(alpha), alpha, deprecated),
        (asking("v2"), beta, unrecognized),
        ("{}".into(), beta, unrecognized),
        (r#"{"apiVersion":1}"#.into(), beta, unrecognized),
        ("[]".into(), beta, unrecognized),
        ("{".into(), beta, unreadable),
    ] {
        let command = ["eks-token", "--cluster-name", "c", "--query", "[kind, apiVersion]", "--output", "text"];
        let environment = [KEY[0], KEY[1], ("AWS_REGION", "us-east-1"), ("KUBERNETES_EXEC_INFO", &info)];
        let run = sts(&command, &environment);
        let stdout = format!("ExecCredential\tclient.authentication.k8s.io/{expected}\n\n");
        assert_eq!((run.code, run.stdout), (0, stdout), "{info}");
        assert!(
            run.stderr.starts_with(warning) && run.stderr.is_empty() == warning.is_empty(),
            "{info}: {}",
            run.stderr
        );
    }
}

#[test]
fn vault_login() {
    let environment = [KEY[0], KEY[1], ("AWS_REGION", "eu-central-1")];
    let (id, role) = ("vault.example.com", r#"{"role":"dev","#);
    let cases: [(&[&str], Option<&str>, &str); 2] = [
        (&["vault-login"], None, r#"{"iam_http_request_method":"POST","#),
        (&["vault-login", "--role", "dev", "--server-id", id], Some(id), role),
    ];
    for (command, id, beginning) in cases {
        let run = sts(command, &environment);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
        assert!(run.stdout.starts_with(beginning) && run.stdout.ends_with("\"}\n"), "{}", run.stdout);
        assert!(VaultLogin::read(&run.stdout, Some("other")).is_err(), "{command:?}");
        let request = VaultLogin::read(&run.stdout, id).unwrap();
        assert_eq!(request.uri(), "https://sts.eu-central-1.amazonaws.com/");
        let reply = LocalSts::demo().handle(request, UtcDateTime::now());
        assert_eq!(reply.status(), 200, "{}", String::from_utf8_lossy(reply.body()));
    }
}

/// The URL alone tells a service who signed it, also for temporary credentials.
#[test]
fn presign() {
    let service = LocalSts::demo().serve(0).unwrap();
    let url = service.url();
    let endpoint = [("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", &*url)];
    let session = ["get-session-token", "--output", "text", "--query"];
    let session = [&session[..], &["Credentials.[AccessKeyId, SecretAccessKey, SessionToken]"]].concat();
    let session = sts(&session, &[&KEY[..], &endpoint].concat()).stdout;
    let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    let session: Vec<_> = names.into_iter().zip(session.trim().split('\t')).collect();
    assert_eq!(session.len(), 3);
    let cases: [(&[&str], Environment<'_>, &str); 3] = [
        (&["presign"], &KEY, "&X-Amz-Expires=900&"),
        (&["presign", "--expires-in", "60"], &KEY, "&X-Amz-Expires=60&"),
        (&["presign", "--expires-in", "604800"], &session, "&X-Amz-Expires=604800&"),
    ];
    for (command, credentials, expires) in cases {
        let run = sts(command, &[credentials, &endpoint].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
        assert!(run.stdout.contains(expires), "{}", run.stdout);
        let presigned = run.stdout.strip_suffix('\n').unwrap();
        let answer = fetch(&url, presigned.strip_prefix(&url).unwrap());
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("<Arn>arn:aws:iam::123456789012:user/demo</Arn>"), "{answer}");
        let tampered = presigned.strip_prefix(&url).unwrap().replace(expires, "&X-Amz-Expires=61&");
        assert!(fetch(&url, &tampered).starts_with("HTTP/1.1 403 "));
    }
    let run = sts(&["presign", "--region", "eu-west-1"], &KEY);
    assert!(run.stdout.starts_with("https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&"), "{}", run.stdout);
}

/// What a service answers to a GET.
fn fetch(service: &str, target: &str) -> String {
    let host = service.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn wrong_proofs() {
    let token = ["eks-token", "--cluster-name", "c"];
    let with = |options: &[&'static str]| [&token[..], options].concat();
    expect_usage_error(vec![
        (
            vec!["eks-token"],
            "error: the following required arguments were not provided:\n  --cluster-name <NAME>\n".into(),
        ),
        (
            with(&["--cluster-id", "d"]),
            "error: the argument '--cluster-name <NAME>' cannot be used with '--cluster-id <ID>'\n".into(),
        ),
        (
            vec!["eks-token", "--cluster-name", ""],
            "error: the cluster's name is empty, or holds a character that a header cannot\n\nUsage: sts eks-token "
                .into(),
        ),
        (with(&["--local"]), "error: --local cannot be used with eks-token\n".into()),
        (with(&["--output", "env"]), "error: --output env prints credentials, and eks-token issues none\n".into()),
        (
            with(&["--role-arn", "x"]),
            "\nParameter validation failed:\nValue 'x' at 'roleArn' failed to satisfy constraint: ".into(),
        ),
        (
            vec!["vault-login", "--server-id", "a\nb"],
            "error: the server's id holds a character that a header cannot\n".into(),
        ),
        (vec!["vault-login", "--local"], "error: --local cannot be used with vault-login\n".into()),
        (vec!["vault-login", "--query", "role"], "error: --query cannot be used with vault-login\n".into()),
        (vec!["presign", "--local"], "error: --local cannot be used with presign\n".into()),
        (vec!["presign", "--output", "json"], "error: --output cannot be used with presign\n".into()),
        (vec!["presign", "--expires-in", "0"], "error: --expires-in <SECONDS>: 0 is not in 1..=604800\n".into()),
        (vec!["presign", "--expires-in", "604801"], "error: --expires-in <SECONDS>: 604801 is not in".into()),
    ]);
    for command in [&token[..], &["vault-login"], &["presign"]] {
        for (environment, expected) in [
            (&KEY[..], "\nYou must specify a region. "),
            (&[("AWS_REGION", "us-east-1")], "\nUnable to locate credentials. "),
        ] {
            let run = sts(command, environment);
            assert_eq!((run.code, run.stdout.as_str()), (253, ""), "{command:?}");
            assert!(run.stderr.starts_with(expected), "{command:?}: {}", run.stderr);
        }
    }
}

#[test]
fn local() {
    struct Server(Child);
    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
    let mut server = Server(program(&["local", "--port", "0"], &[]).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let exports: Vec<_> = lines.by_ref().take_while(|line| !line.starts_with("unset ")).collect();
    let exports: Vec<_> = exports.iter().filter_map(|line| line.strip_prefix("export ")?.split_once('=')).collect();
    let names: Vec<_> = exports.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["AWS_ENDPOINT_URL_STS", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    let example = lines.next().unwrap();
    let command: Vec<_> = example.strip_prefix("sts ").unwrap().split(' ').collect();
    let run = sts(&command, &exports);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("arn:aws:sts::123456789012:assumed-role/demo/demo"), "{}", run.stdout);

    let port = exports[0].1.rsplit(':').next().unwrap();
    let taken = sts(&["local", "--port", port], &[]);
    assert_eq!(taken.code, 255);
    let expected = format!("\nCould not listen on port {port} of 127.0.0.1\n  caused by: ");
    assert!(taken.stderr.starts_with(&expected), "{}", taken.stderr);
}

#[test]
fn wrong_command_line() {
    expect_usage_error(vec![
        (vec!["nope"], "error: unrecognized subcommand 'nope'\n".into()),
        (vec!["get-caller-identity", "--nope"], "error: unexpected argument '--nope' found\n".into()),
        (vec!["get-caller-identity", "extra"], "error: unexpected value, which is not shown as it may be a secret; ".into()),
        (
            vec!["get-access-key-info", "--access-key-id", "x", "eyJhbGciOiJub25lIn0.secret.sig"],
            "error: unexpected value, which is not shown as it may be a secret; ".into(),
        ),
        (
            vec!["get-caller-identity", "--cli-input-json", "\"secret\""],
            "error: --cli-input-json: expected an object".into(),
        ),
        (vec!["get-caller-identity", "--region"], "error: a value is required for '--region <REGION>'".into()),
        (
            vec!["get-caller-identity", "--output", "xml"],
            "error: invalid value 'xml' for '--output <FORMAT>'\n  [possible values: json, text, table, yaml, env]\n"
                .into(),
        ),
        (
            vec!["get-caller-identity", "--output", "env", "--local"],
            "error: --output env prints credentials, and GetCallerIdentity issues none\n".into(),
        ),
        (
            vec!["--local", "get-caller-identity", "--endpoint-url", "http://127.0.0.1:1"],
            "error: --local and --endpoint-url exclude each other\n".into(),
        ),
        (vec!["assume-role"], "error: the following arguments are required: --role-arn, --role-session-name\n".into()),
        (
            vec!["assume-role", "--role-arn", ROLE],
            "error: the following arguments are required: --role-session-name\n".into(),
        ),
        (
            vec!["assume-role", "--cli-input-json", r#"{"RoleSessionName":"me"}"#],
            "error: the following arguments are required: --role-arn\n".into(),
        ),
        (
            vec!["assume-role-with-web-identity", "--role-session-name", "me"],
            "error: the following arguments are required: --role-arn, --web-identity-token\n".into(),
        ),
        (
            vec!["assume-role", "--cli-input-json", r#"{"RoleAn":"x"}"#],
            "error: --cli-input-json: RoleAn: unknown field `RoleAn`, expected one of `RoleArn`, `RoleSessionName`, "
                .into(),
        ),
        (
            vec!["get-caller-identity", "--cli-input-json", r#"{"X":1}"#],
            "error: --cli-input-json: X: unknown field `X`, there are no fields\n".into(),
        ),
        (
            vec!["assume-root", "--task-policy-arn", "arn:aws:iam::aws:policy/x"],
            "error: --task-policy-arn <arn=ARN>: expected key=value at".into(),
        ),
        (
            vec!["get-web-identity-token", "--audience", "a"],
            "error: the following arguments are required: --signing-algorithm\n\nUsage: sts get-web-identity-token [OPTIONS]\n"
                .into(),
        ),
        (
            vec!["get-session-token", "--output", "env", "--query", "x"],
            "error: --output env and --query exclude each other\n\nUsage: sts get-session-token [OPTIONS]\n".into(),
        ),
        (vec!["local", "--region", "x"], "error: --region cannot be used with local\n\nUsage: sts local ".into()),
        (vec!["--output", "json", "local"], "error: --output cannot be used with local\n".into()),
        (vec!["local", "--endpoint-url", "http://127.0.0.1:1"], "error: --endpoint-url cannot be used with local\n".into()),
        (vec!["local", "--query", "a"], "error: --query cannot be used with local\n".into()),
        (vec!["local", "--local"], "error: --local cannot be used with local\n".into()),
        (vec!["local", "--port", "65536"], "error: --port <PORT>: 65536 is not in".into()),
        (vec![], "AWS Security Token Service on the command line.\n".into()),
    ]);
}

#[test]
fn wrong_values() {
    let with = |options: &[&'static str]| {
        [&["assume-role", "--role-arn", ROLE, "--role-session-name", "me"], options].concat()
    };
    let tags = "--tags [<Key=KEY,Value=VALUE>...]";
    expect_usage_error(vec![
        (with(&["--cli-input-json", "{"]), "error: --cli-input-json: EOF while parsing an object at line 1".into()),
        (with(&["--cli-input-json", "[1]"]), "error: --cli-input-json: ".into()),
        (
            with(&["--cli-input-json", r#"{"Policy":{}}"#]),
            "error: --cli-input-json: Policy: expected a string\n\nUsage: sts assume-role [OPTIONS]\n".into(),
        ),
        (
            with(&["--cli-input-json", "file:///nonexistent/input.json"]),
            "error: --cli-input-json: cannot read /nonexistent/input.json: No such file or directory".into(),
        ),
        (with(&["--policy", "file:///nonexistent/p"]), "error: --policy <JSON>: cannot read /nonexistent/p: ".into()),
        (
            with(&["--duration-seconds", "1h"]),
            "error: --duration-seconds <SECONDS>: invalid digit found in string\n".into(),
        ),
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
        (with(&["--tags", "[{"]), format!("error: {tags}: EOF while parsing an object at line 1 column 2\n")),
        (
            with(&["--provided-contexts", "ProviderArn@=file:///nonexistent/a,ContextAssertion=b"]),
            "error: --provided-contexts \
             [<ProviderArn=ARN,ContextAssertion=TEXT>...]: cannot read /nonexistent/a: "
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

fn expect_usage_error(cases: Vec<(Vec<&str>, String)>) {
    let environment = [&KEY[..], &[("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")]].concat();
    for (command, expected) in cases {
        let run = sts(&command, &environment);
        assert_eq!((run.code, run.stdout.as_str()), (252, ""), "{command:?}: {}", run.stderr);
        assert!(run.stderr.starts_with(&expected), "{command:?}:\n{}\nbut expected:\n{expected}", run.stderr);
    }
}

#[test]
fn help_and_version() {
    let version = sts(&["--version"], &[]);
    assert_eq!(
        (version.code, version.stdout, version.stderr),
        (0, format!("sts {}\n", env!("CARGO_PKG_VERSION")), String::new())
    );
    for command in [&["--help"][..], &["help"], &["assume-role", "--help"], &["local", "-h"]] {
        let run = sts(command, &[]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
        assert!(run.stdout.contains("Usage: sts"), "{command:?}: {}", run.stdout);
    }
}

#[test]
fn wrong_configuration() {
    let region = ("AWS_REGION", "us-east-1");
    let no_credentials = "\nUnable to locate credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and \
        AWS_SESSION_TOKEN for temporary ones; profiles are not read.\n";
    let cases: [(&[&str], Environment<'_>, &str); 6] = [
        (&[], &KEY, "\nYou must specify a region. Pass --region or set AWS_REGION.\n"),
        (
            &["--endpoint-url", "http://127.0.0.1:1"],
            &KEY,
            "\nYou must specify a region. Pass --region or set AWS_REGION.\n",
        ),
        (&[], &[region], no_credentials),
        (&[], &[region, KEY[0]], "\nAWS_ACCESS_KEY_ID is set in the environment but AWS_SECRET_ACCESS_KEY is not\n"),
        (&["--region", "a b"], &KEY, "\nInvalid Configuration: region \"a b\" is not a valid host label\n"),
        (
            &["--endpoint-url", "ftp://127.0.0.1"],
            &[KEY[0], KEY[1], region],
            "\nInvalid Configuration: endpoint \"ftp://127.0.0.1\" cannot be used: its scheme is neither https nor http\n",
        ),
    ];
    for (options, environment, expected) in cases {
        let run = sts(&[&["get-caller-identity"], options].concat(), environment);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (253, "", expected), "{options:?}");
    }
}

/// Credentials are not even looked for when the token is the proof.
#[test]
fn web_identity_needs_neither_region_nor_credentials() {
    let service = LocalSts::demo().serve(0).unwrap();
    let url = service.url();
    let command = [&web_identity_command("text")[..], &["--endpoint-url", &url]].concat();
    let run = sts(&command, &[KEY[0]]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

#[test]
fn refused() {
    let service = LocalSts::demo().serve(0).unwrap();
    let url = service.url();
    let role = "arn:aws:iam::123456789012:role/missing";
    let assume_role = ["assume-role", "--role-arn", role, "--role-session-name", "me"];
    let encoded = ["decode-authorization-message", "--encoded-message", "abcd"];
    let wrong_secret = "wrongwrongwrongwrongwrongwrongwrongwrong";
    let cases: [(&[&str], &str, &str); 4] = [
        (
            &encoded,
            SECRET,
            "\nAn error occurred (InvalidAuthorizationMessageException) when calling the DecodeAuthorizationMessage \
             operation: ",
        ),
        (
            &["get-caller-identity"],
            wrong_secret,
            "\nAn error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request \
             signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
             signing method. Consult the service documentation for details.\n(HTTP 403, request id ",
        ),
        (
            &assume_role,
            SECRET,
            "\nAn error occurred (AccessDenied) when calling the AssumeRole operation: User: \
             arn:aws:iam::123456789012:user/demo is not authorized to perform: sts:AssumeRole on resource: \
             arn:aws:iam::123456789012:role/missing\n(HTTP 403, request id ",
        ),
        (
            &["get-session-token", "--serial-number", "GAHT12345678", "--token-code", "000000"],
            SECRET,
            "\nAn error occurred (AccessDenied) when calling the GetSessionToken operation: ",
        ),
    ];
    for (command, secret, expected) in cases {
        let environment =
            [KEY[0], ("AWS_SECRET_ACCESS_KEY", secret), ("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", &url)];
        let run = sts(command, &environment);
        assert_eq!((run.code, run.stdout.as_str()), (254, ""), "{command:?}");
        assert!(run.stderr.starts_with(expected), "{command:?}: {}", run.stderr);
        assert!(run.stderr.ends_with(", region us-east-1)\n"), "{command:?}: {}", run.stderr);
    }
}

/// A service's text must not control the terminal.
#[test]
fn control_characters() {
    let error =
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>a&#9;b&#155;31m</Message></Error></ErrorResponse>";
    let (url, _) = respond(403, error);
    let run = sts(&["get-caller-identity", "--endpoint-url", &url, "--region", "us-east-1"], &KEY);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (
            254,
            "\nAn error occurred (AccessDenied) when calling the GetCallerIdentity operation: a\tb\u{fffd}31m\n\
             (HTTP 403, region us-east-1)\n"
        )
    );
}

#[test]
fn nothing_or_nonsense_answers() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}");
    let call = |url: &str| sts(&["get-caller-identity", "--region", "us-east-1", "--endpoint-url", url], &KEY);
    let run = call(&url);
    assert_eq!((run.code, run.stdout.as_str()), (255, ""));
    let expected = format!("\nCould not connect to the endpoint URL: \"{url}\"\n  caused by: ");
    assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    assert!(run.stderr.contains("Connection refused"), "{}", run.stderr);

    for (status, body, expected) in [
        (404, "not here", "\nGetCallerIdentity: unreadable response: "),
        (200, "<html><body>Log in</body></html>", "\nGetCallerIdentity: unreadable response: "),
    ] {
        let (url, _) = respond(status, body);
        let run = call(&url);
        assert_eq!((run.code, run.stdout.as_str()), (255, ""));
        assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    }
}

#[test]
fn secrets_stay_out_of_errors() {
    let closed = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let service = LocalSts::demo().serve(0).unwrap();
    let open = service.url();
    let secrets = ["S3CRETKEY", "S3CRETTOKEN", "123498", "s3cret.web.identity"];
    let environment = |url| {
        let region = ("AWS_REGION", "us-east-1");
        [
            KEY[0],
            ("AWS_SECRET_ACCESS_KEY", secrets[0]),
            ("AWS_SESSION_TOKEN", secrets[1]),
            region,
            ("AWS_ENDPOINT_URL", url),
        ]
    };
    let mfa = ["get-session-token", "--serial-number", "GAHT12345678", "--token-code"];
    let web =
        ["assume-role-with-web-identity", "--role-arn", ROLE, "--role-session-name", "me", "--web-identity-token"];
    let commands: [(Vec<&str>, i32); 7] = [
        (vec!["get-caller-identity"], 254),
        ([&mfa[..], &[secrets[2]]].concat(), 254),
        ([&mfa[..], &["12349812349"]].concat(), 252),
        (vec!["get-session-token", "--token-code", secrets[2]], 252),
        (vec!["get-session-token", "--cli-input-json", r#"{"TokenCode":123498}"#], 252),
        (vec!["get-session-token", "--cli-input-json", r#"{"TokenCode":["123498"]}"#], 252),
        ([&web[..], &[secrets[3]]].concat(), 254),
    ];
    for (command, code) in commands {
        for (url, code) in [(&open, code), (&closed, if code == 254 { 255 } else { code })] {
            let run = sts(&command, &environment(url));
            assert_eq!(run.code, code, "{command:?}: {}", run.stderr);
            assert!(!run.stderr.is_empty());
            assert!(!secrets.iter().any(|secret| run.stderr.contains(secret)), "{command:?}: {}", run.stderr);
        }
    }
}

#[test]
fn standard_output_that_takes_nothing() {
    let command = ["assume-role", "--role-arn", ROLE, "--role-session-name", "me", "--local"];
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let closed = program(&command, &[]).stdout(writer).output().unwrap();
    assert_eq!((closed.status.code(), String::from_utf8(closed.stderr).unwrap()), (Some(0), String::new()));

    #[cfg(target_os = "linux")]
    {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let full = program(&command, &[]).stdout(full).output().unwrap();
        let stderr = String::from_utf8(full.stderr).unwrap();
        assert_eq!(full.status.code(), Some(255));
        assert!(stderr.starts_with("\nCould not write the output\n  caused by: No space left on device"), "{stderr}");
    }
}

/// What the program did.
struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

type Environment<'a> = &'a [(&'a str, &'a str)];

fn sts(arguments: &[&str], environment: Environment<'_>) -> Run {
    let output = program(arguments, environment).output().unwrap();
    Run {
        code: output.status.code().expect("not killed by a signal"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The program, with this environment alone.
fn program(arguments: &[&str], environment: Environment<'_>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sts"));
    command.args(arguments).env_clear().env("HOME", "/").envs(environment.iter().copied()).stdin(Stdio::null());
    command
}

/// What is printed when the service returns this result.
fn output_of(operation: &str, result: &str, command: &[&str]) -> String {
    let body = format!("<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>");
    let (url, _) = respond(200, &body);
    let run = sts(&[command, &["--endpoint-url", &url, "--region", "us-east-1"]].concat(), &KEY);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
    run.stdout
}

/// The argument that stands for a file of this content.
fn file(name: &str, content: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    format!("file://{}", path.display())
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

/// A service that gives every request the same answer. Yields its URL and the bodies that it gets.
fn respond(status: u16, body: &str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let response = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(&stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut form = vec![0; length];
        reader.read_exact(&mut form).unwrap();
        // The test may not be interested.
        let _ = sender.send(String::from_utf8(form).unwrap());
        (&stream).write_all(response.as_bytes()).unwrap();
    });
    (url, receiver)
}
