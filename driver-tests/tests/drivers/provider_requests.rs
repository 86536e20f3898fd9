//! What both drivers send to sources of credentials, and how often.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use sts_core::{AssumeRole, Config, GetCallerIdentity, Transmit, TransportError, TransportErrorKind};

use crate::common::{
    Client, PATIENCE,
    agent::{Agent, Answer, IDENTITY, LATER, issued, refused, role_over_keys, sends},
    folder::Folder,
};

/// The id of the key that a request is signed with.
fn key_of(request: &str) -> &str {
    request.split_once("Credential=").map_or("none", |(_, rest)| rest.split_once('/').unwrap().0)
}

#[test]
fn a_role_with_mfa_is_assumed_once() {
    for driver in [0, 1] {
        let assumed = issued("AssumeRole", "ASIA1", LATER);
        let (folder, agent) = (Folder::new(), Agent::start(sends(&[&assumed, IDENTITY, IDENTITY])));
        folder.write("config", &(role_over_keys(&agent.url) + "mfa_serial = GAHT12345678\n"));
        // A selected profile takes precedence over these.
        let variables = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "s")];
        let asked = Arc::<AtomicU32>::default();
        let count = asked.clone();
        let chain = folder.load(Config::builder(), &variables, Some("p")).unwrap().mfa_prompt(move |serial| {
            assert_eq!(serial, "GAHT12345678");
            count.fetch_add(1, Ordering::Relaxed);
            Ok(" 123456\n".into())
        });
        let client = Client::of(chain, driver).unwrap();
        for _ in 0..2 {
            assert_eq!(client.send(&GetCallerIdentity::new()).unwrap().output.arn, "arn");
        }
        let requests = agent.requests();
        assert_eq!(requests.iter().map(|request| key_of(request)).collect::<Vec<_>>(), ["AKIDP", "ASIA1", "ASIA1"]);
        assert!(requests[0].contains("&SerialNumber=GAHT12345678&TokenCode=123456"), "{}", requests[0]);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn a_key_that_has_expired_is_replaced_with_the_token_of_that_time() {
    for driver in [0, 1] {
        let role = |key| Answer::Send(200, issued("AssumeRoleWithWebIdentity", key, LATER));
        let expired = Answer::Send(400, refused("ExpiredToken", "it has expired"));
        let denied = Answer::Send(403, refused("AccessDenied", "not you"));
        let script = vec![role("ASIA1"), denied, expired, role("ASIA2"), Answer::Send(200, IDENTITY.to_owned())];
        let (folder, agent) = (Folder::new(), Agent::start(script));
        let token = folder.write("token", "token-1\n");
        let variables = [
            ("AWS_ENDPOINT_URL", &*agent.url),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/demo"),
        ];
        let client = Client::of(folder.load(Config::builder(), &variables, None).unwrap(), driver).unwrap();
        let whoami = || client.send(&GetCallerIdentity::new()).map_err(|error| error.what);
        // What is not about the key's end leaves it where it is.
        assert_eq!(whoami().unwrap_err(), "403 AccessDenied");
        folder.write("token", "token-2");
        assert_eq!(whoami().unwrap().output.arn, "arn");
        let requests = agent.requests();
        let keys: Vec<_> = requests.iter().map(|request| key_of(request)).collect();
        assert_eq!(keys, ["none", "ASIA1", "ASIA1", "none", "ASIA2"]);
        assert!(requests[0].ends_with("&WebIdentityToken=token-1"), "{}", requests[0]);
        assert!(requests[3].ends_with("&WebIdentityToken=token-2"), "{}", requests[3]);
    }
}

#[test]
fn agents_are_asked_as_they_expect_it() {
    const KEYS: &str = r#"{"Code":"Success","AccessKeyId":"ASIAX","SecretAccessKey":"s","Token":"t","Expiration":"2999-01-01T00:00:00Z"}"#;
    for driver in [0, 1] {
        let folder = Folder::new();
        let token = folder.write("token", "T\n");
        let ask = |agent: &Agent, variables: &[(&str, &str)]| {
            let client = Client::of(folder.load(Config::builder(), variables, None).unwrap(), driver).unwrap();
            assert_eq!(client.find_credentials().unwrap().unwrap().access_key_id, "ASIAX");
            agent.requests().iter().map(|request| request.to_ascii_lowercase()).collect::<Vec<_>>()
        };

        let agent = Agent::start(sends(&[KEYS]));
        let uri = format!("{}/v1/c?a=b", agent.url);
        let variables =
            [("AWS_CONTAINER_CREDENTIALS_FULL_URI", &*uri), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token)];
        let requests = ask(&agent, &variables);
        assert!(requests[0].starts_with("get /v1/c?a=b http/1.1\r\n"), "{}", requests[0]);
        assert!(requests[0].contains("\r\nauthorization: t\r\n"), "{}", requests[0]);

        let agent = Agent::start(sends(&["T", "web", KEYS]));
        let requests = ask(&agent, &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &agent.url)]);
        let lines: Vec<_> = requests.iter().map(|request| request.lines().next().unwrap()).collect();
        let roles = "get /latest/meta-data/iam/security-credentials/";
        let expected =
            ["put /latest/api/token http/1.1", &format!("{roles} http/1.1"), &format!("{roles}web http/1.1")];
        assert_eq!(lines, expected);
        assert!(requests[0].contains("\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"), "{}", requests[0]);
        assert!(requests[1..].iter().all(|request| request.contains("\r\nx-aws-ec2-metadata-token: t\r\n")));
    }
}

/// Their addresses cannot be reached here, so a transport records the requests.
#[test]
fn agents_are_not_asked_through_a_proxy() {
    let relative = [("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c")];
    for driver in [0, 1] {
        for (variables, asked) in
            [(&relative[..], "http://169.254.170.2/c Direct"), (&[], "http://169.254.169.254/latest/api/token Direct")]
        {
            let folder = Folder::new();
            let log = Arc::<Mutex<Vec<String>>>::default();
            let chain = folder.load(Config::builder().max_attempts(1), variables, None).unwrap();
            let lines = log.clone();
            let exchange = move |transmit: Transmit| {
                lines.lock().unwrap().push(format!("{} {:?}", transmit.request.uri(), transmit.route));
                TransportError::new(TransportErrorKind::Permanent, "not sent")
            };
            let role = AssumeRole::new("arn:aws:iam::123456789012:role/demo", "me");
            let client = if driver == 0 {
                let exchange = move |transmit: Transmit| Err(exchange(transmit));
                Client::Blocking(sts_blocking::Client::builder().chain(chain).transport(exchange).build().unwrap())
            } else {
                let exchange = move |transmit: Transmit| std::future::ready(Err(exchange(transmit)));
                Client::Async(sts_async::Client::builder().chain(chain).transport(exchange).build().unwrap())
            };
            client.find_credentials().unwrap_err();
            client.credentials(sts_local::LocalSts::demo_credentials()).send(&role).unwrap_err();
            assert_eq!(*log.lock().unwrap(), [asked, "https://sts.eu-west-1.amazonaws.com/ ProxyAllowed"]);
        }
    }
}

#[test]
fn a_token_of_single_sign_on_is_renewed_and_kept_for_others() {
    const CONFIG: &str = "[profile p]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n\
        [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example\n";
    const TOKEN: &str = r#"{"accessToken":"T0","expiresAt":"2001-01-01T00:00:00Z","refreshToken":"r0","clientId":"c",
        "clientSecret":"s","registrationExpiresAt":"2999-01-01T00:00:00Z"}"#;
    const RENEWED: &str = r#"{"accessToken":"T1","expiresIn":3600,"refreshToken":"r1"}"#;
    const KEYS: &str = r#"{"roleCredentials":{"accessKeyId":"ASIAS","secretAccessKey":"s","sessionToken":"t","expiration":32472144000000}}"#;
    for driver in [0, 1] {
        let (folder, agent) = (Folder::new(), Agent::start(sends(&[RENEWED, KEYS, KEYS])));
        // `printf corp | sha1sum`
        let path = folder.write(".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json", TOKEN);
        folder.write("config", CONFIG);
        let oidc = format!("{}/oidc", agent.url);
        let variables = [("AWS_ENDPOINT_URL_SSO", &*agent.url), ("AWS_ENDPOINT_URL_SSO_OIDC", &oidc)];
        for _ in 0..2 {
            let chain = folder.load(Config::builder().attempt_timeout(PATIENCE), &variables, Some("p")).unwrap();
            let found = Client::of(chain, driver).unwrap().find_credentials().unwrap().unwrap();
            assert_eq!(found.access_key_id, "ASIAS");
        }
        let requests = agent.requests();
        assert!(requests[0].starts_with("POST /oidc/token HTTP/1.1\r\n"), "{}", requests[0]);
        assert!(requests[0].contains(r#""grantType": "refresh_token", "refreshToken": "r0""#), "{}", requests[0]);
        for request in &requests[1..] {
            let line = "GET /federation/credentials?role_name=r&account_id=123456789012 HTTP/1.1\r\n";
            assert!(request.starts_with(line) && request.contains("x-amz-sso_bearer_token: T1\r\n"), "{request}");
        }
        let file = fs::read_to_string(&path).unwrap();
        assert!(file.contains(r#""accessToken": "T1""#) && file.contains(r#""refreshToken": "r1""#), "{file}");
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path(".aws/sso/cache")).unwrap().count(), 1);
    }
}
