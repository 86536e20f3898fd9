//! What is sent, and what is not.

use sts_core::{
    AssumeRole, Config, ConfigBuilder, Credentials, GetCallerIdentity, TransportErrorKind, sigv4::Verifier,
};

use crate::script::{Client, Fail, OK, START, WEB_OK, answer, play, play_with, refusal, web_identity};

#[test]
fn what_is_invalid_is_not_sent() {
    let mut client = Client::new(1);
    assert_eq!(
        play(&AssumeRole::new("short", "n"), &[]),
        "done: AssumeRole was not sent: 2 validation errors detected: \
         Value 'short' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; \
         Value 'n' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2"
    );
    client.credentials = None;
    assert_eq!(
        client.run(&GetCallerIdentity::new(), &[]).lines,
        ["done: GetCallerIdentity was not sent: there are no credentials to sign it with"]
    );
    let config = Config::builder().endpoint_url("http://127.0.0.1:4566").build().unwrap();
    assert_eq!(
        Client::with(config, 1).run(&GetCallerIdentity::new(), &[]).lines,
        ["done: GetCallerIdentity was not sent: there is no region to sign it for"]
    );
    client.credentials = Some(Credentials::new("A\nB", "s"));
    assert_eq!(
        client.run(&GetCallerIdentity::new(), &[]).lines,
        ["done: GetCallerIdentity was not sent: the access key id holds a character that a header cannot"]
    );
}

#[test]
fn validation_can_be_left_to_the_service() {
    let client = |seed| Client::with(Config::builder().region("eu-west-1").validate(false).build().unwrap(), seed);
    assert_eq!(
        play_with(client, &AssumeRole::new("short", "n"), &[answer(400, refusal("ValidationError"))]),
        "transmit attempt=1; max=3\n\
         done: AssumeRole was refused with ValidationError: because (HTTP 400, request id 7, region eu-west-1)"
    );
}

#[test]
fn an_unsigned_operation_carries_nothing_of_the_credentials() {
    let script = [answer(500, ""), answer(200, WEB_OK)];
    let expected = "transmit attempt=1; max=3 unsigned\n\
         wait 0..50 ms\n\
         transmit attempt=2; max=3 unsigned\n\
         done ok attempts=2";
    assert_eq!(play(&web_identity(), &script), expected);
    // Neither credentials nor a region are needed.
    let bare = |seed| Client {
        credentials: None,
        ..Client::with(Config::builder().endpoint_url("http://127.0.0.1:4566").build().unwrap(), seed)
    };
    assert_eq!(play_with(bare, &web_identity(), &script), expected);
    let mut client = Client::new(1);
    client.credentials = Some(Credentials::new("AKIDEXAMPLE", "hush").session_token("quiet"));
    for request in client.run(&web_identity(), &script).requests {
        for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
            assert!(!request.headers().contains_key(name), "{name}");
        }
    }
    let run = Client::new(1).run(&web_identity(), &[answer(400, refusal("InvalidIdentityToken"))]);
    assert_eq!(
        run.lines[1],
        "done: AssumeRoleWithWebIdentity was refused with InvalidIdentityToken: because (HTTP 400, request id 7)"
    );
}

#[test]
fn every_attempt_is_a_whole_request() {
    let mut client = Client::new(1);
    client.credentials = client.credentials.map(|credentials| credentials.session_token("TOKEN+/="));
    let script = [answer(500, ""), Fail(TransportErrorKind::Interrupted), answer(200, OK)];
    let first = client.run(&GetCallerIdentity::new(), &script).requests;
    assert_eq!(first.len(), 3);
    for (index, request) in first.iter().enumerate() {
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), "https://sts.eu-west-1.amazonaws.com/");
        assert_eq!(request.body().expose(), b"Action=GetCallerIdentity&Version=2011-06-15");
        let header = |name: &str| {
            assert_eq!(request.headers().get_all(name).iter().count(), 1, "{name}");
            request.headers()[name].to_str().unwrap()
        };
        assert_eq!(header("host"), "sts.eu-west-1.amazonaws.com");
        assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
        assert_eq!(header("content-length"), "43");
        assert_eq!(header("amz-sdk-request"), format!("attempt={}; max=3", index + 1));
        assert_eq!(header("x-amz-security-token"), "TOKEN+/=");
        assert!(header("authorization").contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,"));
        assert!(!header("user-agent").is_empty());
        assert_eq!(header("amz-sdk-invocation-id"), first[0].headers()["amz-sdk-invocation-id"]);
        let key = |_: &str| client.credentials.clone();
        assert!(Verifier::new("sts").verify(request, START, key).is_ok());
    }
    let id = first[0].headers()["amz-sdk-invocation-id"].to_str().unwrap();
    // RFC 9562 §5.4: a UUID of version 4 and variant 10.
    let form: String = id.chars().map(|c| if c.is_ascii_hexdigit() { 'x' } else { c }).collect();
    assert_eq!(form, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    assert_eq!((&id[14..15], "89ab".contains(&id[19..20])), ("4", true), "{id}");
    let second = client.run(&GetCallerIdentity::new(), &[answer(200, OK)]).requests;
    assert_ne!(second[0].headers()["amz-sdk-invocation-id"], id);
}

/// The seed's first two numbers are 599ed017fb08fc85 and 2c73f08458540fa5 (<https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64>),
/// and six bits of them become the version and the variant.
#[test]
fn the_id_of_a_call_is_made_of_random_bits() {
    let run = Client::new(1_234_567).run(&GetCallerIdentity::new(), &[answer(200, OK)]);
    assert_eq!(run.requests[0].headers()["amz-sdk-invocation-id"], "599ed017-fb08-4c85-ac73-f08458540fa5");
}

/// The characters are those of <https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html>, and the replacement is botocore's.
#[test]
fn the_user_agent_names_the_application() {
    let agent = |builder: ConfigBuilder| {
        let run = Client::with(builder.region("eu-west-1").build().unwrap(), 1).run(&GetCallerIdentity::new(), &[]);
        run.requests[0].headers()["user-agent"].to_str().unwrap().to_owned()
    };
    let plain = agent(Config::builder());
    assert!(plain.starts_with("sts-rust/") && !plain.contains(' '), "{plain}");
    let with = |id: &str| agent(Config::builder().app_id(id)).strip_prefix(&plain).unwrap().to_owned();
    for (id, expected) in [
        ("", ""),
        ("shop", " app/shop"),
        ("!#$%&'*+-.^_`|~aZ09", " app/!#$%&'*+-.^_`|~aZ09"),
        ("ABC DEF", " app/ABC-DEF"),
        ("a/b\r\nx: y\0(c);\u{e9}\u{1f600}", " app/a-b--x--y--c----"),
    ] {
        assert_eq!(with(id), expected, "{id:?}");
    }
    assert_eq!(with(&"x".repeat(51)).len(), " app/".len() + 51);
    let variable = |name: &str| (name == "AWS_SDK_UA_APP_ID").then(|| "from env".to_owned());
    assert_eq!(agent(Config::builder().env(variable)), format!("{plain} app/from-env"));
    assert_eq!(agent(Config::builder().app_id("set").env(variable)), format!("{plain} app/set"));
}

/// <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>: the type of a form costs no preflight, any header of ours does.
#[test]
fn a_browser_can_send_it() {
    let config = Config::builder().region("eu-west-1").app_id("shop").browser(true).build().unwrap();
    let mut client = Client::with(config, 1);
    let script = [answer(500, ""), answer(200, OK)];
    for request in client.run(&GetCallerIdentity::new(), &script).requests {
        let headers = request.headers();
        assert!(!headers.contains_key("user-agent") && headers.contains_key("amz-sdk-request"));
        let agent = headers["x-amz-user-agent"].to_str().unwrap();
        assert!(agent.starts_with("sts-rust/") && agent.ends_with(" app/shop"), "{agent}");
        // The verifier refuses a request with an unsigned header of that prefix.
        let key = |_: &str| client.credentials.clone();
        let verified = Verifier::new("sts").verify(&request, START, key).unwrap();
        assert_eq!(verified.signed_headers, ["content-type", "host", "x-amz-date", "x-amz-user-agent"]);
    }
    let script = [answer(500, ""), answer(200, WEB_OK)];
    for request in client.run(&web_identity(), &script).requests {
        let mut names: Vec<&str> = request.headers().keys().map(http::HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-length", "content-type", "host"]);
    }
}

#[test]
fn the_host_is_what_a_transport_would_send() {
    for (url, host) in [
        ("http://127.0.0.1:4566", "127.0.0.1:4566"),
        ("http://localhost:80/", "localhost"),
        ("https://example.com:443", "example.com"),
        ("https://example.com:80", "example.com:80"),
        ("http://[::1]:8080", "[::1]:8080"),
    ] {
        let config = Config::builder().region("eu-west-1").endpoint_url(url).build().unwrap();
        let run = Client::with(config, 1).run(&GetCallerIdentity::new(), &[answer(200, OK)]);
        assert_eq!(run.requests[0].headers()["host"], host, "{url}");
    }
}
