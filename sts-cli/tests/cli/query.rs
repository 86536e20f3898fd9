use crate::harness::{expect_usage_error, queried, sts};

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
        // The AWS CLI takes a literal that is not valid JSON for a text.
        ("`abc`", "abc\n"),
        (
            "[` {b c `, `it's`, `1.5.2`, `TRUE`, `a\\`b`, `\\\\`, `\"q\"`, `true`, '`x`', \"``\"]",
            "{b c \tit's\t1.5.2\tTRUE\ta`b\t\\\tq\tTrue\t`x`\tNone\n",
        ),
        ("SourceIdentity == `Alice` && `yes`", "yes\n"),
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
        (
            vec!["get-caller-identity", "--query", "`a\"`"],
            "error: --query <EXPRESSION>: Parse error: Unable to parse literal JSON a\": ".into(),
        ),
        (
            vec!["get-caller-identity", "--query", "'`' == `a"],
            "error: --query <EXPRESSION>: Parse error: Unclosed ` delimiter: `a at character 8\n".into(),
        ),
    ]);
    for (query, expected) in [
        ("nope(@)", "Runtime error: Call to undefined function nope at character 5\nnope(@)\n    ^"),
        (
            "length(`1`)",
            "Runtime error: Argument 0 expects type array|object|string, given number at character 7\nlength(`1`)\n      ^",
        ),
        ("keys(Arn)", "Runtime error: Argument 0 expects type object, given string at character 5\nkeys(Arn)\n    ^"),
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
