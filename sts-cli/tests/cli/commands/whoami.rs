use sts_local::LocalSts;

use crate::harness::{Home, KEY, USER_ARN, profiles, respond, sts};

#[test]
fn whoami() {
    let service = LocalSts::demo().serve(0).unwrap();
    let home = Home::new("whoami", &profiles(&service.url()));
    let run = home.sts(&["whoami", "--profile", "base"], &[("AWS_DEFAULT_OUTPUT", "json")]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let source = format!("access key {} of profile `base` ({} line 2)", KEY[0].1, home.config());
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[..2], ["Account  123456789012", &format!("Arn      {USER_ARN}")]);
    assert!(lines[2].starts_with("UserId   AIDA"), "{}", lines[2]);
    assert_eq!(lines[3..], [format!("Source   {source}")]);
    let run = home.sts(&["whoami", "--profile", "base", "--query", "[Arn, Source]", "--output", "text"], &[]);
    assert_eq!(run.stdout, format!("{USER_ARN}\t{source}\n"));
    let run = home.sts(&["whoami", "--profile", "base", "--output", "fish"], &[]);
    assert_eq!(run.code, 252);
    assert!(
        run.stderr.starts_with("error: --output fish prints credentials, and whoami issues none\n"),
        "{}",
        run.stderr
    );
    let run = home.sts(&["whoami", "--local", "--output", "json"], &[]);
    assert!(run.stdout.ends_with("    \"Source\": \"the local STS\"\n}\n"), "{}", run.stdout);

    // Whoever asks without a signature needs no credentials, and is not told of any.
    let me = "<GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId><Account>1</Account></GetCallerIdentityResult>";
    for environment in [&[][..], &KEY] {
        let (url, _) = respond(200, &format!("<GetCallerIdentityResponse>{me}</GetCallerIdentityResponse>"));
        let run = sts(&["whoami", "--no-sign-request", "--endpoint-url", &url, "--region", "r"], environment);
        let expected = "Account  1\nArn      a\nUserId   u\nSource   none, since nothing is signed\n";
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, expected, ""));
    }
}
