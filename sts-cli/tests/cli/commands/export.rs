use sts_local::LocalSts;

use crate::harness::{Environment, Home, KEY, SECRET, profiles};

#[test]
fn export() {
    let service = LocalSts::demo().serve(0).unwrap();
    let home = Home::new("export", &profiles(&service.url()));
    let export = |options: &[&str], environment: Environment<'_>| {
        let run = home.sts(&[&["export"], options].concat(), environment);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{options:?}");
        run.stdout
    };
    let id = KEY[0].1;
    assert_eq!(
        export(&["--profile", "base"], &[]),
        format!(
            "export AWS_ACCESS_KEY_ID={id}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\nunset AWS_SESSION_TOKEN\nunset AWS_SECURITY_TOKEN\nunset AWS_CREDENTIAL_EXPIRATION\n"
        )
    );
    assert_eq!(
        export(&["--profile", "base", "--format", "fish"], &[]),
        format!(
            "set -gx AWS_ACCESS_KEY_ID {id}\nset -gx AWS_SECRET_ACCESS_KEY {SECRET}\nset -e AWS_SESSION_TOKEN\nset -e AWS_SECURITY_TOKEN\nset -e AWS_CREDENTIAL_EXPIRATION\n"
        )
    );
    assert_eq!(
        export(&["--profile", "base", "--format", "powershell"], &[]),
        format!(
            "$Env:AWS_ACCESS_KEY_ID = '{id}'\n$Env:AWS_SECRET_ACCESS_KEY = '{SECRET}'\n$Env:AWS_SESSION_TOKEN = $null\n\
             $Env:AWS_SECURITY_TOKEN = $null\n\
             $Env:AWS_CREDENTIAL_EXPIRATION = $null\n"
        )
    );
    let json =
        format!("{{\n    \"Version\": 1,\n    \"AccessKeyId\": \"{id}\",\n    \"SecretAccessKey\": \"{SECRET}\"\n}}\n");
    assert_eq!(export(&["--profile", "base", "--format", "json"], &[]), json);
    let temporary = export(&["--profile", "role", "--format", "json"], &[]);
    assert!(
        temporary.contains("\n    \"SessionToken\": \"") && temporary.contains("\n    \"Expiration\": \"2"),
        "{temporary}"
    );

    // Keys need no region.
    assert!(export(&[], &[KEY[0], KEY[1], ("AWS_REGION", "")]).starts_with("export AWS_ACCESS_KEY_ID"));

    // With a token that no shell may understand.
    let with = |token: &str, format: &str| {
        let run = home.sts(&["export", "--format", format], &[&KEY[..], &[("AWS_SESSION_TOKEN", token)]].concat());
        (run.code, run.stdout.lines().nth(2).unwrap_or_default().to_owned())
    };
    assert_eq!(with("a'b\\$c `\"", "env"), (0, r#"export AWS_SESSION_TOKEN='a'\''b\$c `"'"#.into()));
    assert_eq!(with("a'b\\$c `\"", "fish"), (0, r#"set -gx AWS_SESSION_TOKEN 'a\'b\\$c `"'"#.into()));
    assert_eq!(
        with("a'b\u{2019}\\$c `\"", "powershell"),
        (0, "$Env:AWS_SESSION_TOKEN = 'a''b\u{2019}\u{2019}\\$c `\"'".into())
    );
    // Nor does any service.
    for format in ["env", "fish", "powershell"] {
        assert_eq!(with("a\rb", format), (253, String::new()));
    }
}
