use std::fs;

use crate::harness::{Home, expect_usage_error, sts};

#[test]
fn man() {
    let page = sts(&["man", "assume-role"], &[]);
    assert_eq!((page.code, page.stderr.as_str()), (0, ""));
    for part in [
        ".TH sts-assume-role 1",
        "\\fB\\-\\-role\\-arn\\fR",
        "\\fB\\-\\-profile\\fR",
        "sts assume\\-role \\-\\-role\\-session\\-name me",
    ] {
        assert!(page.stdout.contains(part), "{part} not in {}", page.stdout);
    }
    let own = sts(&["man"], &[]).stdout;
    assert!(own.contains(".TH sts 1") && own.contains("sts\\-assume\\-role(1)") && own.contains("252"), "{own}");

    let home = Home::new("man", "");
    let folder = home.0.join("man/man1");
    let run = sts(&["man", "--out-dir", folder.to_str().unwrap()], &[]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    assert_eq!(fs::read_to_string(folder.join("sts.1")).unwrap(), own);
    assert_eq!(fs::read_to_string(folder.join("sts-assume-role.1")).unwrap(), page.stdout);
    let pages = fs::read_dir(&folder).unwrap().count();
    assert_eq!(pages, 1 + own.matches("(1)\n").count(), "a page for each command that {own} lists");

    let run = sts(&["man", "--out-dir", "/dev/null/x"], &[]);
    assert_eq!(run.code, 255);
    assert!(run.stderr.starts_with("\nCould not write to /dev/null/x\n  caused by: "), "{}", run.stderr);
    expect_usage_error(vec![
        (vec!["man", "nope"], "error: there is no command \"nope\"; sts --help lists them\n".into()),
        (vec!["man", "--region", "x"], "error: --region cannot be used with man\n".into()),
    ]);
}
