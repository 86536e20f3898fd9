//! What is printed of an output.

use std::{fs, process::Command};
use sts_local::LocalSts;

use crate::{KEY, ROLE, expect_usage_error, file, program, respond, sts, web_identity_command};

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
unset AWS_SECURITY_TOKEN
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
    let credentials = "ASIAIOSFODNN7EXAMPLE\twJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY\tAQoDYXdz\"\\é<' $(x)+/==\t2026-11-23T03:00:00+00:00\n";
    // Projections and functions keep these orders, too: `read id secret token end` depends on it.
    for (query, expected) in [
        ("Credentials.*", credentials),
        ("values(Credentials)", credentials),
        ("Credentials | *", credentials),
        ("map(&*, [Credentials])[]", credentials),
        ("Credentials.* | [0]", "ASIAIOSFODNN7EXAMPLE\n"),
        ("keys(Credentials)", "AccessKeyId\tSecretAccessKey\tSessionToken\tExpiration\n"),
        ("*.Arn", "arn:aws:sts::123456789012:assumed-role/demo/TestAR\n"),
        ("* | [2:]", "6\tAlice\t20\t816\n"),
        ("{b: `1`, a: `2`}.*", "1\t2\n"),
        ("{b: {d: `1`, c: `2`}, a: {d: `3`, c: `4`}}.*.*", "1\t2\n3\t4\n"),
        // Objects with the same keys have an order each.
        (
            "[{b: SourceIdentity, a: PackedPolicySize}.*, {a: PackedPolicySize, b: SourceIdentity}.*]",
            "Alice\t6\n6\tAlice\n",
        ),
        (
            "AssumedRoleUser.[*, {Arn: Arn, AssumedRoleId: AssumedRoleId}.*, {Arn: `1`, Arn: Arn}.*]",
            "ARO123EXAMPLE123:TestAR\tarn:aws:sts::123456789012:assumed-role/demo/TestAR\n\
             arn:aws:sts::123456789012:assumed-role/demo/TestAR\tARO123EXAMPLE123:TestAR\n\
             arn:aws:sts::123456789012:assumed-role/demo/TestAR\n",
        ),
        ("merge({b: `1`, a: `2`}, {c: `3`, b: `4`}).*", "4\t2\t3\n"),
        ("SourceIdentity.*", "None\n"),
        (
            "to_string(AssumedRoleUser)",
            "{\"AssumedRoleId\":\"ARO123EXAMPLE123:TestAR\",\"Arn\":\"arn:aws:sts::123456789012:assumed-role/demo/TestAR\"}\n",
        ),
        ("to_string(SourceIdentity)", "Alice\n"),
        ("[`1.0`, to_string(`1.0`), to_string(avg([`1`, `3`]))]", "1.0\t1.0\t2.0\n"),
        ("[to_string(length('ab')), to_string(sum([`1`, `2`])), to_string(ceil(`1.5`))]", "2\t3\t2\n"),
        ("[to_string(floor(`1.5`)), to_string(abs(`-3`)), to_string(to_number('7')), abs(`-1.5`)]", "1\t3\t7\t1.5\n"),
    ] {
        assert_eq!(queried(query, "text"), expected, "{query}");
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

/// The option, else the environment, else the profile.
#[test]
fn default_output() {
    let service = LocalSts::demo().serve(0).unwrap();
    let file = file(
        "output.config",
        "[default]\noutput = text\n[profile y]\noutput = yaml-stream\n[profile e]\noutput = env\n",
    );
    let config = file.strip_prefix("file://").unwrap();
    let run_command = |command: &[&str], format: &str, profile: &str| {
        let url = service.url();
        let environment = [
            ("AWS_DEFAULT_OUTPUT", format),
            ("AWS_ENDPOINT_URL", &url),
            ("AWS_REGION", "us-east-1"),
            ("AWS_CONFIG_FILE", config),
            ("AWS_PROFILE", profile),
        ];
        sts(command, &[&KEY[..], &environment].concat())
    };
    let run = |format: &str, profile: &str, options: &[&str]| {
        run_command(&[&["get-caller-identity"], options].concat(), format, profile)
    };
    assert!(run("text", "y", &[]).stdout.starts_with("123456789012\t"));
    assert!(run("text", "e", &["--output", "yaml"]).stdout.starts_with("UserId: "));
    assert!(run("", "", &[]).stdout.starts_with("123456789012\t"));
    assert!(run("", "y", &[]).stdout.starts_with("- UserId: "));
    let older_name = [("AWS_DEFAULT_PROFILE", "y"), ("AWS_CONFIG_FILE", config)];
    assert!(sts(&["get-caller-identity", "--generate-cli-skeleton", "output"], &older_name).stdout.starts_with("- U"));
    assert!(run("", "", &["--local"]).stdout.starts_with("{\n"));
    assert!(run("json", "e", &["--local"]).stdout.starts_with("{\n"));
    let requests = service.requests();
    for (format, profile, expected) in [
        ("nope", "", "AWS_DEFAULT_OUTPUT: unknown output format \"nope\"".to_owned()),
        ("env", "", "AWS_DEFAULT_OUTPUT: unknown output format \"env\"".to_owned()),
        ("", "e", format!("output in {config} line 6: unknown output format \"env\"")),
    ] {
        let expected = format!("\n{expected}, expected json, text, table, yaml or yaml-stream\n");
        let token = &["eks-token", "--cluster-name", "c", "--role-arn", ROLE];
        for command in [&["get-caller-identity"][..], &["whoami", "--query", "Arn"], token] {
            let wrong = run_command(command, format, profile);
            assert_eq!((wrong.code, wrong.stdout.as_str(), &wrong.stderr), (253, "", &expected), "{command:?}");
        }
    }
    // What would have come back is not lost.
    assert_eq!(service.requests(), requests);
    // It says nothing about what has one form only.
    let skeleton = sts(&["get-session-token", "--generate-cli-skeleton"], &[("AWS_DEFAULT_OUTPUT", "nope")]);
    assert_eq!(skeleton.code, 0);
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
        ["'", "a'b", "''", "$HOME", "$(echo x)", "`echo x`", "a b", "a\\", "*", "~", "x;y", "\"", "#", "!", "é"]
    {
        let result = CREDENTIALS.replace("ASIAIOSFODNN7EXAMPLE", value);
        let commands = output_of("GetSessionToken", &result, &["get-session-token", "--output", "env"]);
        let script = r#"eval "$1"; printf %s "$AWS_ACCESS_KEY_ID""#;
        let shell = Command::new("sh").args(["-c", script, "sh", &commands]).output().unwrap();
        assert_eq!(String::from_utf8(shell.stdout).unwrap(), value, "{commands}");
    }
    let (url, _) = respond(
        200,
        &format!(
            "<GetSessionTokenResponse><GetSessionTokenResult>{}</GetSessionTokenResult></GetSessionTokenResponse>",
            CREDENTIALS.replace("ASIAIOSFODNN7EXAMPLE", "a\nb")
        ),
    );
    let run = sts(&["get-session-token", "--output", "env", "--endpoint-url", &url, "--region", "us-east-1"], &KEY);
    let expected = "\nAWS_ACCESS_KEY_ID has a control character in it, and is not printed.\n";
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (255, "", expected));
}

fn web_identity_result() -> String {
    format!(
        "{ROLE_USER}{CREDENTIALS}{SIZES}<SubjectFromWebIdentityToken>sub</SubjectFromWebIdentityToken><Provider>prov\
         </Provider><Audience>aud</Audience><SourceIdentity>sid</SourceIdentity><PackedPolicySize>7</PackedPolicySize>"
    )
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

/// What is printed when the service returns this result.
fn output_of(operation: &str, result: &str, command: &[&str]) -> String {
    let body = format!("<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>");
    let (url, _) = respond(200, &body);
    let run = sts(&[command, &["--endpoint-url", &url, "--region", "us-east-1"]].concat(), &KEY);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
    run.stdout
}
