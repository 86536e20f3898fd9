use std::{
    fs,
    os::unix::fs::symlink,
    process::{Command, Stdio},
};

use crate::harness::{Home, finish, sts};

/// What bash offers for the last word.
#[cfg(target_os = "linux")]
#[test]
fn bash() {
    let config = "[default]\n[profile dev]\n[profile prod]\n[services x]\n";
    let home = Home::new("completion", config);
    fs::write(home.0.join(".aws/credentials"), "[dev]\n[keys]\n").unwrap();
    fs::create_dir_all(home.0.join("bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_sts"), home.0.join("bin/sts")).unwrap();
    let offered = |words: &[&str], config: &str| {
        let script = "source <(sts completions bash); COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9; \
            complete -p sts >&2; _clap_complete_sts sts \"${COMP_WORDS[-1]}\"; printf '%s\\n' \"${COMPREPLY[@]}\"";
        let mut bash = Command::new("bash");
        bash.args(["-c", script, "bash"])
            .args(words)
            .env_clear()
            .env("PATH", format!("{}/bin:/usr/bin:/bin", home.0.display()));
        bash.env("HOME", &home.0).env("AWS_CONFIG_FILE", config).stdin(Stdio::null());
        let run = finish(&mut bash);
        assert!(
            run.code == 0 && run.stderr.starts_with("complete ") && run.stderr.lines().count() == 1,
            "{}",
            run.stderr
        );
        run.stdout.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>()
    };
    let file = home.config();
    assert_eq!(offered(&["sts", "get-c"], &file), ["get-caller-identity"]);
    assert_eq!(offered(&["sts", "assume-role", "--role-s"], &file), ["--role-session-name"]);
    assert_eq!(offered(&["sts", "export", "--format", "p"], &file), ["powershell"]);
    assert_eq!(offered(&["sts", "whoami", "--region", "eu-west-"], &file), ["eu-west-1", "eu-west-2", "eu-west-3"]);
    let profiles = ["default", "dev", "keys", "prod"];
    let all = offered(&["sts", "--profile", ""], &file);
    assert!(profiles.iter().all(|name| all.iter().any(|offered| offered == name)), "{all:?}");
    assert!(!all.iter().any(|offered| offered == "x"), "{all:?}");
    assert_eq!(offered(&["sts", "whoami", "--profile", "pr"], &file), ["prod"]);
    // Nothing waits for a pipe, or reads without an end.
    let pipe = home.0.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for config in [pipe.to_str().unwrap(), "/dev/zero", "/nowhere"] {
        assert_eq!(offered(&["sts", "--profile", ""], config), ["dev", "keys"], "{config}");
    }
}

/// The other shells' scripts ask the program in the same way.
#[test]
fn scripts() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = sts(&["completions", shell], &[]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shell}");
        assert!(run.stdout.contains("STS_COMPLETE"), "{shell}: {}", run.stdout);
        let run = sts(&["--", "sts", "get-c"], &[("STS_COMPLETE", shell), ("_CLAP_COMPLETE_INDEX", "1")]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shell}");
        assert!(run.stdout.contains("get-caller-identity"), "{shell}: {}", run.stdout);
    }
    let run = sts(&["completions", "cmd"], &[]);
    assert_eq!(run.code, 252);
    assert!(run.stderr.contains("[possible values: bash, elvish, fish, powershell, zsh]"), "{}", run.stderr);
    // A shell that is not known is no reason to do nothing.
    assert_eq!(sts(&["--version"], &[("STS_COMPLETE", "cmd")]).code, 0);
}
