use std::{net::TcpListener, time::Instant};

use crate::harness::{Home, KEY, finish, on_terminal, profiles, program};

/// Accepts connections and says nothing on them.
#[test]
fn silent_service() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let command = ["whoami", "--endpoint-url", &url, "--region", "r", "--cli-read-timeout", "3"];
    let environment = [KEY[0], KEY[1], ("AWS_MAX_ATTEMPTS", "2")];
    let start = Instant::now();
    let (code, shown) = on_terminal(&program(&command, &environment), "");
    assert_eq!(code, 255, "{shown}");
    let waits = format!("Waiting for {url} (attempt 1 of 2) ...\nWaiting for {url} (attempt 2 of 2) ...\n");
    assert!(shown.starts_with(&waits), "{shown}");
    assert!(start.elapsed().as_secs() >= 4);
    // Nothing for programs that read standard error.
    let run = finish(&mut program(&command, &[KEY[0], KEY[1], ("AWS_MAX_ATTEMPTS", "1")]));
    assert!(run.code == 255 && !run.stderr.contains("Waiting"), "{}", run.stderr);
}

/// A program that takes long is named, and what ends in time is not.
#[test]
fn slow_credential_process() {
    let document = format!(r#"{{"Version":1,"AccessKeyId":"{}","SecretAccessKey":"s"}}"#, KEY[0].1);
    let home = Home::new("slow-process", &profiles("http://127.0.0.1:1"));
    std::fs::write(home.0.join("document"), document).unwrap();
    let config = |seconds| {
        let line = format!("sh -c \"sleep {seconds}; cat {}/document\"", home.0.display());
        std::fs::write(home.config(), format!("[default]\ncredential_process = {line}\n")).unwrap();
        on_terminal(&home.command(&["export", "--format", "json"], &[("PATH", "/usr/bin:/bin")]), "")
    };
    let (code, shown) = config(3);
    let expected =
        format!("Waiting for the credential_process of profile `default` ({} line 2) ...\n{{\n", home.config());
    assert!(code == 0 && shown.starts_with(&expected), "{shown}");
    let (code, shown) = config(0);
    assert!(code == 0 && shown.starts_with("{\n"), "{shown}");
}
