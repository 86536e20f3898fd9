use crate::harness::{assume_role_command, output_of, queried, role_result};

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
