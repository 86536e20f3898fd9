use std::{fs, process::Command, time::Duration};
use sts_local::LocalSts;
use time::UtcDateTime;

use crate::harness::{Home, profiles};

/// Credentials of a profile's role are kept from call to call, for their owner alone.
#[cfg(unix)]
#[test]
fn cache() {
    use std::os::unix::fs::PermissionsExt as _;

    let service = LocalSts::demo().serve(0).unwrap();
    let home = Home::new("cache", &profiles(&service.url()));
    let export = |options: &[&str], endpoint: &str| {
        home.sts(
            &[&["export", "--profile", "role", "--format", "json"], options].concat(),
            &[("AWS_ENDPOINT_URL", endpoint)],
        )
    };
    let (open, closed) = (&*service.url(), "http://127.0.0.1:1");
    let folder = home.0.join(".aws/cli/cache");
    assert_eq!(export(&[], open).code, 0);
    assert!(!folder.exists());
    let first = export(&["--cache"], open);
    assert_eq!((first.code, first.stderr.as_str()), (0, ""));
    // hashlib.sha1(json.dumps({"RoleArn": ROLE, "RoleSessionName": "work"}, sort_keys=True).encode()).hexdigest()
    let file = folder.join("18f268e404be0b44e36f143e314ef648afbdea08.json");
    let kept: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(kept, std::slice::from_ref(&file));
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    let again = export(&["--cache"], closed);
    assert_eq!((again.code, again.stdout.as_str()), (0, first.stdout.as_str()), "{}", again.stderr);
    assert_ne!(export(&[], closed).code, 0);
    assert_eq!(home.sts(&["whoami", "--profile", "role", "--cache"], &[]).code, 0);

    // What ends soon, and what is damaged, is replaced.
    let text = fs::read_to_string(&file).unwrap();
    let end = text.split("\"Expiration\": \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(end.ends_with("UTC"), "{end}");
    let soon = UtcDateTime::now() + Duration::from_secs(14 * 60);
    let soon = format!("{}T{:02}:{:02}:{:02}UTC", soon.date(), soon.hour(), soon.minute(), soon.second());
    for text in [text.replace(&end, &soon), "{".into(), text.replace("SessionToken", "Session")] {
        fs::write(&file, text).unwrap();
        assert_ne!(export(&["--cache"], closed).code, 0);
        let next = export(&["--cache"], open);
        assert_eq!((next.code, next.stderr.as_str()), (0, ""));
        assert_eq!(export(&["--cache"], closed).stdout, next.stdout);
    }
    // Nor does anything else that may have this name stop the program.
    for [program, option, source] in [["mkfifo", "-m", "600"], ["ln", "-s", "/dev/zero"]] {
        fs::remove_file(&file).unwrap();
        assert!(Command::new(program).args([option, source]).arg(&file).status().unwrap().success());
        assert_ne!(export(&["--cache"], closed).code, 0);
        assert_eq!(export(&["--cache"], open).code, 0);
        assert!(fs::symlink_metadata(&file).unwrap().is_file());
    }
    // That nothing can be kept is a warning.
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "").unwrap();
    let run = export(&["--cache"], open);
    assert_eq!(run.code, 0);
    assert!(run.stderr.starts_with(&format!("Could not write {}: ", file.display())), "{}", run.stderr);
}
