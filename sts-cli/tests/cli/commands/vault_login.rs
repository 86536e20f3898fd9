use sts_blocking::core::proof::VaultLogin;
use sts_local::LocalSts;
use time::UtcDateTime;

use crate::harness::{KEY, sts};

#[test]
fn vault_login() {
    let environment = [KEY[0], KEY[1], ("AWS_REGION", "eu-central-1")];
    let (id, role) = ("vault.example.com", r#"{"role":"dev","#);
    let cases: [(&[&str], Option<&str>, &str); 2] = [
        (&["vault-login"], None, r#"{"iam_http_request_method":"POST","#),
        (&["vault-login", "--role", "dev", "--server-id", id], Some(id), role),
    ];
    for (command, id, beginning) in cases {
        let run = sts(command, &environment);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
        assert!(run.stdout.starts_with(beginning) && run.stdout.ends_with("\"}\n"), "{}", run.stdout);
        assert!(VaultLogin::read(&run.stdout, Some("other")).is_err(), "{command:?}");
        let request = VaultLogin::read(&run.stdout, id).unwrap();
        assert_eq!(request.uri(), "https://sts.eu-central-1.amazonaws.com/");
        let reply = LocalSts::demo().handle(request, UtcDateTime::now());
        assert_eq!(reply.status(), 200, "{}", String::from_utf8_lossy(reply.body()));
    }
}
