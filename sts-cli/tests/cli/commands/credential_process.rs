use sts_local::LocalSts;

use crate::harness::{Home, ROLE_SESSION, profiles};

/// A profile may name this program, but not for its own credentials.
#[test]
fn credential_process() {
    let service = LocalSts::demo().serve(0).unwrap();
    let this = env!("CARGO_BIN_EXE_sts");
    let process = |profile: &str, options: &str| {
        format!("[profile {profile}]\ncredential_process = {this} credential-process {options}\nregion = eu-west-1\n")
    };
    let config = [
        profiles(&service.url()),
        process("good", "--profile role"),
        process("better", "--profile good"),
        process("own", "--profile own"),
        process("unnamed", ""),
        process("there", "--profile back"),
        process("back", "--profile there"),
    ]
    .concat();
    let home = Home::new("credential-process", &config);
    let endpoint = ("AWS_ENDPOINT_URL", &*service.url());
    for profile in ["good", "better"] {
        let run = home.sts(&["get-caller-identity", "--query", "Arn", "--profile", profile], &[endpoint]);
        assert_eq!((run.code, run.stdout, run.stderr), (0, format!("\"{ROLE_SESSION}\"\n"), String::new()));
    }
    let document = home.sts(&["credential-process", "--profile", "better"], &[]).stdout;
    assert!(document.starts_with("{\n    \"Version\": 1,\n    \"AccessKeyId\": \"ASIA"), "{document}");

    let file = home.config();
    for (profile, expected) in [
        ("own", format!("comes back to profile `own` ({file} line ")),
        ("unnamed", format!("comes back to profile `unnamed` ({file} line ")),
        // Only the beginning of what a program says is told, and how much that is of the rest hangs on the length of paths.
        ("there", "the program ended with exit code 255: ".into()),
    ] {
        for command in ["credential-process", "export", "whoami"] {
            let run = home.sts(&[command], &[("AWS_PROFILE", profile)]);
            assert_eq!((run.code, run.stdout.as_str()), (255, ""), "{profile}");
            assert!(run.stderr.contains(&expected), "{profile}: {}", run.stderr);
        }
    }

    // A program that is run with credentials may start the profile's program again, but not one that waits for it.
    let script = "echo \"$STS_CREDENTIAL_PROCESS\"; \"$0\" whoami --profile better";
    let exec = ["exec", "--profile", "better", "--", "sh", "-c", script, this];
    let run = home.sts(&exec, &[endpoint]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.starts_with("\nAccount  123456789012\n"), "{}", run.stdout);
    let run = home.sts(&exec, &[endpoint, ("STS_CREDENTIAL_PROCESS", "another\nand another\n")]);
    assert!(run.stdout.starts_with("another\nand another\n\nAccount"), "{}", run.stdout);
}
