// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! Scripted runs of provider machines, each compared as one text. There is no machine under them: files, programs, the person with the
//! MFA device and STS are entries of a table.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{Request, Response};
use sts_core::{
    Body, Client, Config, Credentials, GetCallerIdentity, Route, Transmit, TransportError, TransportErrorKind, call,
};
use sts_credentials::{
    location::Platform,
    machine::{Finished, ReadFile, RunProcess, Step, WriteFile},
    plan::Plan,
    profile::Profiles,
};
use time::{UtcDateTime, macros::utc_datetime};

const START: UtcDateTime = utc_datetime!(2026-11-23 03:00:00);
const ROLE: &str = "arn:aws:iam::123456789012:role/demo";

/// What a machine without a machine under it answers, in the order in which it is asked.
enum Answer {
    File(Result<String, &'static str>),
    Written(Result<(), &'static str>),
    Program(Option<i32>, &'static str, &'static str),
    NoProgram(&'static str),
    Code(Result<&'static str, &'static str>),
    Http(u16, String),
    Lost,
}

use Answer::{Code, File, Http, NoProgram, Program, Written};

fn issued(operation: &str, key: &str) -> Answer {
    Http(
        200,
        format!(
            "<{operation}Response><{operation}Result><Credentials><AccessKeyId>{key}</AccessKeyId>\
             <SecretAccessKey>hush</SecretAccessKey><SessionToken>hush-token</SessionToken>\
             <Expiration>2026-11-23T04:00:00Z</Expiration></Credentials></{operation}Result></{operation}Response>"
        ),
    )
}

fn refused(code: &str) -> Answer {
    Http(403, format!("<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"))
}

/// Plays the profile `p` of a config file and writes down what the machines asked for and what came of it.
fn play(file: &str, answers: Vec<Answer>) -> String {
    play_with(&[], file, Some("p"), answers)
}

/// Plays what is in the environment alone.
fn play_env(environment: &[(&str, &str)], answers: Vec<Answer>) -> String {
    play_with(environment, "", None, answers)
}

fn play_with(environment: &[(&str, &str)], file: &str, profile: Option<&str>, answers: Vec<Answer>) -> String {
    run(environment, file, profile, answers).0
}

/// The same, and whether it brought credentials; else, whether the failure may pass.
fn run(
    environment: &[(&str, &str)],
    file: &str,
    profile: Option<&str>,
    answers: Vec<Answer>,
) -> (String, Result<(), bool>) {
    let mut profiles = Profiles::default();
    profiles.read_config("config", file);
    let variable = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let plan = Plan::new(Platform::Unix, &variable, &profiles, profile).unwrap();
    let config = Config::builder().region("eu-west-1").build().unwrap();
    let client = Client::new(config, 7);
    let (mut now, mut trace, mut answers) = (START, String::new(), answers.into_iter());
    let mut found: Option<Credentials> = None;
    let mut outcome = Ok(());
    for source in &plan.sources {
        let result = {
            let mut step = source.start(&client, found.as_ref(), now);
            loop {
                for secret in ["hush", "se-cret", "T=="] {
                    assert!(!format!("{step:?}").contains(secret), "{step:?}");
                }
                now += Duration::from_secs(1);
                step = match step {
                    Step::ReadFile(ReadFile { path, max_length }, next) => {
                        assert_eq!(max_length, 65_536);
                        trace += &format!("read {path}\n");
                        let Some(File(text)) = answers.next() else { panic!("no file is to be read") };
                        next.receive(text.map_err(str::to_owned), now)
                    }
                    Step::WriteFile(WriteFile { path, text }, next) => {
                        trace += &format!("write {path}: {}\n", text.expose());
                        let Some(Written(result)) = answers.next() else { panic!("no file is to be written") };
                        next.receive(result.map_err(str::to_owned), now)
                    }
                    Step::RunProcess(RunProcess { program, arguments, origin, timeout, max_length }, next) => {
                        assert_eq!((max_length, &*origin.to_string()), (65_536, "profile `p` (config line 2)"));
                        let arguments: Vec<_> = arguments.iter().map(sts_core::Secret::expose).collect();
                        trace += &format!("run {program} {arguments:?}, for {timeout:?} at most\n");
                        next.receive(
                            match answers.next() {
                                Some(Program(code, stdout, stderr)) => Ok(Finished {
                                    code,
                                    stdout: stdout.as_bytes().to_vec().into(),
                                    stderr: stderr.as_bytes().to_vec().into(),
                                }),
                                Some(NoProgram(error)) => Err(error.to_owned()),
                                _ => panic!("no program is to be run"),
                            },
                            now,
                        )
                    }
                    Step::PromptMfa(serial, next) => {
                        trace += &format!("ask for a code of {serial}\n");
                        let Some(Code(code)) = answers.next() else { panic!("nobody is to be asked") };
                        next.receive(code.map(Into::into).map_err(str::to_owned), now)
                    }
                    Step::Transmit(Transmit { request, timeout, route }, next) => {
                        trace += &described(&request, route);
                        let is_agent = request.uri().host().is_some_and(|host| host.starts_with("169.254.170."));
                        let seconds = if route == Route::ProxyAllowed { 10 } else { 1 + u64::from(is_agent) };
                        assert_eq!(timeout, Duration::from_secs(seconds));
                        match answers.next() {
                            Some(Http(status, body)) => {
                                next.receive(Ok(Response::builder().status(status).body(body).unwrap()), now)
                            }
                            Some(Answer::Lost) => {
                                let error = TransportError::new(TransportErrorKind::Connect, "unplugged");
                                next.receive(Err::<Response<String>, _>(error), now)
                            }
                            _ => panic!("nothing is to be sent"),
                        }
                    }
                    Step::Wait(delay, next) => {
                        assert!(delay <= Duration::from_secs(20));
                        trace += "wait\n";
                        next.resume(now + delay)
                    }
                    Step::Done(result) => break result,
                }
            }
        };
        match result {
            Ok(credentials) => {
                let end = credentials.expiration.map_or("for ever".into(), |end| format!("until {end}"));
                trace += &format!("{} {end}\n", credentials.access_key_id);
                found = Some(credentials);
            }
            Err(error) => {
                assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
                trace += &format!("{error}\n");
                outcome = Err(error.is_transient());
                break;
            }
        }
    }
    assert!(answers.next().is_none(), "not all was asked for:\n{trace}");
    (trace, outcome)
}

/// A call of STS by its form and the key that signed it, a question to this machine by its headers.
fn described(request: &Request<Body>, route: Route) -> String {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap());
    if route == Route::Direct {
        assert!(request.body().expose().is_empty());
        let names = ["authorization", "x-aws-ec2-metadata-token", "x-aws-ec2-metadata-token-ttl-seconds"];
        let headers: Vec<_> =
            names.into_iter().filter_map(|name| Some(format!(", {name}: {}", header(name)?))).collect();
        return format!("{} {}{}\n", request.method(), request.uri(), headers.concat());
    }
    if let Some(host) = request.uri().host().filter(|host| !host.starts_with("sts.")) {
        let token = header("x-amz-sso_bearer_token").map_or_else(String::new, |token| format!(", token {token}"));
        let body = String::from_utf8(request.body().expose().to_vec()).unwrap();
        let path = request.uri().path_and_query().unwrap();
        return format!("{} {host}{path}{token} {body}\n", request.method());
    }
    let key = header("authorization").and_then(|text| text.split_once("Credential=")?.1.split_once('/'));
    let body = String::from_utf8(request.body().expose().to_vec()).unwrap();
    let (action, members) = body.split_once("&Version=2011-06-15").unwrap();
    format!("send {action}{members}, signed with {}\n", key.map_or("nothing", |(key, _)| key))
}

fn token(expiration: UtcDateTime) -> String {
    let claims = format!(r#"{{"iss":"https://oidc.example","exp":{}}}"#, expiration.unix_timestamp());
    format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims))
}

const UNTIL: &str = "until 2026-11-23 4:00:00.0 +00";

#[test]
fn a_static_profile_asks_for_nothing() {
    let file = "[profile p]\naws_access_key_id = AKIDP\naws_secret_access_key = hush\n";
    assert_eq!(play(file, vec![]), "AKIDP for ever\n");
}

#[test]
fn a_chain_of_roles_with_mfa() {
    let file = format!(
        "[profile p]\nrole_arn = {ROLE}2\nsource_profile = q\nrole_session_name = me\nduration_seconds = 900\nexternal_id = e/1\n\
         [profile q]\nrole_arn = {ROLE}1\nsource_profile = r\nmfa_serial = GAHT12345678\n\
         [profile r]\naws_access_key_id = AKIDR\naws_secret_access_key = hush\n"
    );
    let arn = ROLE.replace(':', "%3A").replace('/', "%2F");
    let answers =
        vec![Code(Ok(" 123456\n")), issued("AssumeRole", "ASIA1"), Answer::Lost, issued("AssumeRole", "ASIA2")];
    // The first session begins one second after the start, when the code is there.
    let expected = format!(
        "AKIDR for ever\n\
         ask for a code of GAHT12345678\n\
         send Action=AssumeRole&RoleArn={arn}1&RoleSessionName=sts-rust-{}&SerialNumber=GAHT12345678&TokenCode=123456, \
         signed with AKIDR\n\
         ASIA1 {UNTIL}\n\
         send Action=AssumeRole&RoleArn={arn}2&RoleSessionName=me&DurationSeconds=900&ExternalId=e%2F1, signed with ASIA1\n\
         wait\n\
         send Action=AssumeRole&RoleArn={arn}2&RoleSessionName=me&DurationSeconds=900&ExternalId=e%2F1, signed with ASIA1\n\
         ASIA2 {UNTIL}\n",
        START.unix_timestamp() + 2
    );
    assert_eq!(play(&file, answers), expected);
}

#[test]
fn a_role_that_is_refused_and_a_code_that_nobody_has() {
    let file = format!(
        "[profile p]\nrole_arn = {ROLE}\nsource_profile = p\nmfa_serial = GAHT12345678\n\
         aws_access_key_id = AKIDP\naws_secret_access_key = hush\n"
    );
    let source = format!("assume role {ROLE} of profile `p` (config line 2), with a code of MFA device GAHT12345678");
    let refusal = play(&file, vec![Code(Ok("123456")), refused("AccessDenied")]);
    let error = format!(
        "no credentials from \"{source}\": AssumeRole was refused with AccessDenied: no (HTTP 403, region eu-west-1)\n"
    );
    assert!(refusal.ends_with(&error), "{refusal}");
    assert_eq!(
        play(&file, vec![Code(Err("there is no terminal"))]),
        format!(
            "AKIDP for ever\nask for a code of GAHT12345678\n\
             no credentials from \"{source}\": no code of MFA device GAHT12345678: there is no terminal\n"
        )
    );
    // A code that cannot be one is not sent.
    let wrong = play(&file, vec![Code(Ok("hush"))]);
    assert!(wrong.contains("AssumeRole was not sent: 1 validation error detected: Value at 'tokenCode'"), "{wrong}");
}

#[test]
fn web_identity() {
    let file = format!("[profile p]\nrole_arn = {ROLE}\nweb_identity_token_file = /t\nrole_session_name = me\n");
    let good = token(utc_datetime!(2026-11-23 03:10:00));
    let arn = ROLE.replace(':', "%3A").replace('/', "%2F");
    let operation = "AssumeRoleWithWebIdentity";
    assert_eq!(
        play(&file, vec![File(Ok(format!(" {good}\n"))), issued(operation, "ASIAW")]),
        format!(
            "read /t\nsend Action={operation}&RoleArn={arn}&RoleSessionName=me&WebIdentityToken={good}, signed with nothing\n\
             ASIAW {UNTIL}\n"
        )
    );
    // What is no JSON web token is for the service to judge.
    let opaque = play(&file, vec![File(Ok("opaque".into())), refused("InvalidIdentityToken")]);
    assert!(opaque.contains("&WebIdentityToken=opaque, signed with nothing\n"), "{opaque}");
    assert!(opaque.contains(": AssumeRoleWithWebIdentity was refused with InvalidIdentityToken"), "{opaque}");

    let source = format!("assume role {ROLE} of profile `p` (config line 3), with the token in /t");
    for (text, expected) in [
        (
            Ok(token(utc_datetime!(2026-11-23 02:45:00))),
            "the web identity token of https://oidc.example expired 15 min ago (/t)",
        ),
        (Ok(" \n".into()), "/t cannot be read: it is empty"),
        (Ok("x".repeat(65_537)), "/t cannot be read: it is longer than 65536 bytes"),
        (Err("Permission denied"), "/t cannot be read: Permission denied"),
    ] {
        let expected = format!("read /t\nno credentials from \"{source}\": {expected}\n");
        assert_eq!(play(&file, vec![File(text)]), expected);
    }
}

/// The clock of a machine may be ahead, and it is the service that knows what time it is.
#[test]
fn a_web_identity_token_that_has_hardly_ended_is_sent() {
    let file = format!("[profile p]\nrole_arn = {ROLE}\nweb_identity_token_file = /t\nrole_session_name = me\n");
    for end in [utc_datetime!(2026-11-23 02:45:01), utc_datetime!(2026-11-23 02:59:59)] {
        let trace = play(&file, vec![File(Ok(token(end))), issued("AssumeRoleWithWebIdentity", "ASIAW")]);
        assert!(trace.ends_with(&format!("\nASIAW {UNTIL}\n")), "{trace}");
    }
}

#[test]
fn a_web_identity_token_is_held_against_the_services_time() {
    let mut profiles = Profiles::default();
    profiles.read_config("c", &format!("[profile p]\nrole_arn = {ROLE}\nweb_identity_token_file = /t\n"));
    let plan = Plan::new(Platform::Unix, &|_| None, &profiles, Some("p")).unwrap();
    let credentials = Credentials::new("AKIDX", "hush");
    let (ended, ends) = (utc_datetime!(2026-11-23 02:30), utc_datetime!(2026-11-23 03:30));
    // By this clock it is 3 o'clock.
    for (end, date, correct, is_sent) in [
        (ended, "Mon, 23 Nov 2026 02:00:00 GMT", true, true),
        (ended, "Mon, 23 Nov 2026 02:00:00 GMT", false, false),
        (ended, "Mon, 23 Nov 2026 03:00:00 GMT", true, false),
        (ended, "Mon, 23 Nov 2026 04:00:00 GMT", true, false),
        // What was learned must not stop the request that would correct it.
        (ends, "Wed, 25 Nov 2026 03:00:00 GMT", true, true),
    ] {
        let config = Config::builder().region("eu-west-1").correct_clock_skew(correct).build().unwrap();
        let client = Client::new(config, 7);
        let step = client.call(&GetCallerIdentity::new(), Some(&credentials), START);
        let call::Step::Transmit(_, call) = step else { panic!("it is sent at once") };
        let answer =
            Response::builder().status(400).header("date", date).header("x-amzn-requestid", "7").body("").unwrap();
        assert!(matches!(call.receive(Ok(answer), START), call::Step::Done(_)));

        let Step::ReadFile(_, next) = plan.sources[0].start(&client, None, START) else { panic!("a file is read") };
        let step = next.receive(Ok(token(end)), START);
        assert_eq!(matches!(step, Step::Transmit(..)), is_sent, "{date}, {correct}: {step:?}");
    }
}

#[test]
fn programs() {
    let file = "[profile p]\ncredential_process = /opt/x 'a b' --quick\n";
    let all = r#"{"Version":1,"AccessKeyId":"ASIAX","SecretAccessKey":"hush","SessionToken":"hush-token",
        "Expiration":"2026-11-23T05:00:00+01:00","Unknown":[]}"#;
    let run = "run /opt/x [\"a b\", \"--quick\"], for 60s at most\n";
    assert_eq!(play(file, vec![Program(Some(0), all, "noise")]), format!("{run}ASIAX {UNTIL}\n"));
    let two = r#"{"Version":1,"AccessKeyId":"AKIDX","SecretAccessKey":"hush","SessionToken":null}"#;
    let noise = " ".repeat(65_537).leak();
    assert_eq!(play(file, vec![Program(Some(0), two, noise)]), format!("{run}AKIDX for ever\n"));

    for text in [
        all.replace("\"Version\":1", "\"Version\":\"1\""),
        format!("\u{feff}{all}"),
        all.replace("2026-11-23T05:00:00+01:00", "2026-11-23T04:00:00UTC"),
        all.replace("2026-11-23T05:00:00+01:00", "20261123T040000Z"),
        all.replace("\"2026-11-23T05:00:00+01:00\"", "1795406400"),
    ] {
        assert_eq!(play(file, vec![Program(Some(0), text.leak(), "")]), format!("{run}ASIAX {UNTIL}\n"));
    }

    for (answer, expected) in [
        (NoProgram("cannot be started: no such file"), "cannot be started: no such file"),
        (
            NoProgram("did not end within 60 s: which of wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY?"),
            "did not end within 60 s: which of [redacted]?",
        ),
        (Program(Some(3), two, ""), "ended with exit code 3"),
        (Program(Some(1), "", "sign in first\n"), "ended with exit code 1: sign in first"),
        (Program(None, "", ""), "was ended by a signal"),
        (
            Program(
                Some(1),
                "",
                "key AKIAIOSFODNN7EXAMPLE, secret=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY, see /usr/share/doc/sign-in/README",
            ),
            "ended with exit code 1: key AKIAIOSFODNN7EXAMPLE, [redacted], see /usr/share/doc/sign-in/README",
        ),
        // In what a Kubernetes job or PowerShell may write.
        (Program(Some(0), "\u{feff}hush", ""), "sent invalid JSON (byte 3)"),
        // Whether it was ended for that or not.
        (Program(None, " ".repeat(65_537).leak(), ""), "sent more than 65536 bytes"),
        (Program(Some(0), " ".repeat(65_537).leak(), ""), "sent more than 65536 bytes"),
        (Program(Some(0), " \n", ""), "sent nothing"),
        (Program(Some(0), "hush", ""), "sent invalid JSON (byte 0)"),
        (Program(Some(0), "[]", ""), "sent JSON that is not an object"),
        (Program(Some(0), "{}", ""), "sent no Version, expected 1"),
        (Program(Some(0), r#"{"Version":2}"#, ""), "sent Version 2, expected 1"),
        (Program(Some(0), r#"{"Version":1,"SecretAccessKey":"hush"}"#, ""), "sent no AccessKeyId"),
        (Program(Some(0), r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":""}"#, ""), "sent no SecretAccessKey"),
        (
            Program(Some(0), r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":["hush"]}"#, ""),
            "sent a SecretAccessKey that is not a string",
        ),
        (
            Program(Some(0), r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hush","Expiration":"soon"}"#, ""),
            "sent an Expiration that is not a time: \"soon\"",
        ),
        (
            Program(
                Some(0),
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hush","Expiration":"2026-11-23T03:00:00Z"}"#,
                "",
            ),
            "sent credentials that expired at 2026-11-23T03:00:00Z",
        ),
    ] {
        let source = "run /opt/x of profile `p` (config line 2)";
        let expected = format!("{run}no credentials from \"{source}\": the program {expected}\n");
        assert_eq!(play(file, vec![answer]), expected);
    }
}

/// Which refusals are worth no attempt while a profile, a role or a policy stays as it is.
#[test]
fn what_may_pass() {
    let file = format!(
        "[profile p]\nrole_arn = {ROLE}\nsource_profile = p\naws_access_key_id = AKIDP\naws_secret_access_key = hush\n"
    );
    for (code, may_pass) in [
        ("AccessDenied", false),
        ("IDPRejectedClaim", false),
        ("InvalidIdentityToken", false),
        ("MalformedPolicyDocument", false),
        ("PackedPolicyTooLarge", false),
        ("RegionDisabledException", false),
        ("ExpiredTokenException", true),
        ("InvalidClientTokenId", true),
        ("SomethingNew", true),
    ] {
        assert_eq!(run(&[], &file, Some("p"), vec![refused(code)]).1.unwrap_err(), may_pass, "{code}");
    }
    let keys = "<ErrorResponse><Error><Code>InvalidIdentityToken</Code>\
                <Message>Couldn't retrieve verification key from your identity provider</Message></Error></ErrorResponse>";
    let answers = (0..3).map(|_| Http(400, keys.into())).collect();
    assert!(run(&[], &file, Some("p"), answers).1.unwrap_err());
    // What could not have succeeded is not sent.
    let unsent = file.replace(ROLE, "role");
    assert!(!run(&[], &unsent, Some("p"), vec![]).1.unwrap_err());

    let file = format!("[profile p]\nrole_arn = {ROLE}\nweb_identity_token_file = /t\n");
    let process = "[profile p]\ncredential_process = x\n";
    for (file, answers) in [
        (file.as_str(), vec![File(Err("gone"))]),
        (&file, vec![File(Ok(token(START - time::Duration::minutes(15))))]),
        (&file, vec![File(Ok("t===".into())), Answer::Lost, Answer::Lost, Answer::Lost]),
        (process, vec![Program(Some(1), "", "")]),
    ] {
        assert!(run(&[], file, Some("p"), answers).1.unwrap_err());
    }
}

const AGENT: &str = r#"{"AccessKeyId":"ASIAC","SecretAccessKey":"hush","Token":"hush","Expiration":"2026-11-23T04:00:00Z","RoleArn":"r"}"#;
const RELATIVE: (&str, &str) = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/c?id=1");
const FULL: (&str, &str) = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials");
const TOKEN_FILE: (&str, &str) = ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t");

#[test]
fn containers() {
    let ok = || Http(200, AGENT.into());
    assert_eq!(play_env(&[RELATIVE], vec![ok()]), format!("GET http://169.254.170.2/v2/c?id=1\nASIAC {UNTIL}\n"));
    assert_eq!(
        play_env(&[FULL, TOKEN_FILE], vec![File(Ok("se-cret\n".into())), ok()]),
        format!("read /t\nGET http://169.254.170.23/v1/credentials, authorization: se-cret\nASIAC {UNTIL}\n")
    );
    // What fails for the moment is asked again, and a role is assumed with what comes.
    let file = format!("[profile p]\nrole_arn = {ROLE}\ncredential_source = EcsContainer\nrole_session_name = me\n");
    let variable = ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "se-cret");
    let get = "GET http://169.254.170.23/v1/credentials, authorization: se-cret\n";
    let answers = vec![Answer::Lost, Http(503, String::new()), ok(), issued("AssumeRole", "ASIA2")];
    let trace = play_with(&[FULL, variable], &file, Some("p"), answers);
    assert!(
        trace.starts_with(&format!("{get}wait\n{get}wait\n{get}ASIAC {UNTIL}\nsend Action=AssumeRole&")),
        "{trace}"
    );
    assert!(trace.ends_with(&format!(", signed with ASIAC\nASIA2 {UNTIL}\n")), "{trace}");
}

#[test]
fn containers_that_refuse() {
    let lost = || vec![Answer::Lost, Answer::Lost, Answer::Lost];
    let get = "GET http://169.254.170.2/v2/c?id=1\n";
    let source = "ask the container's agent at http://169.254.170.2/v2/c…";
    assert_eq!(
        play_env(&[RELATIVE], lost()),
        format!(
            "{get}wait\n{get}wait\n{get}no credentials from \"{source}\": could not connect to http://169.254.170.2/v2/c…\n"
        )
    );
    for (status, body, expected) in [
        (404, "", "answered HTTP 404"),
        (400, "AccessDenied: no\n trust \u{7}", "answered HTTP 400: AccessDenied: no trust"),
        (401, "token hush1Hush2Hush3Hush4Hush5 is wrong", "answered HTTP 401: token [redacted] is wrong"),
        (403, "<html><h1>Forbidden</h1></html>", "answered HTTP 403"),
        (403, r#"{"code":"Denied","message":"no task"}"#, "answered HTTP 403, Denied: no task"),
        // A redirect is not followed: it would lead the token elsewhere.
        (302, "", "answered HTTP 302"),
        (200, "hush", "sent invalid JSON (byte 0)"),
        (200, r#"{"AccessKeyId":"A"}"#, "sent no SecretAccessKey"),
        (
            200,
            r#"{"AccessKeyId":"A","SecretAccessKey":"hush","Token":"hush","Expiration":"2026-11-23T02:00:00Z"}"#,
            "sent credentials that expired at 2026-11-23T02:00:00Z",
        ),
    ] {
        let expected = format!("{get}no credentials from \"{source}\": the container's agent {expected}\n");
        assert_eq!(play_env(&[RELATIVE], vec![Http(status, body.into())]), expected);
    }
    let unfit = ": the container's agent cannot be asked with a token that no HTTP header can hold";
    let split = play_env(&[RELATIVE, TOKEN_FILE], vec![File(Ok("hush\r\nx: y".into()))]);
    assert!(split.ends_with(&format!("{unfit} (/t)\n")), "{split}");
    let split = play_env(&[RELATIVE, ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush\r\nx: y")], vec![]);
    assert!(split.ends_with(&format!("{unfit} (AWS_CONTAINER_AUTHORIZATION_TOKEN)\n")), "{split}");
    let unread = play_env(&[RELATIVE, TOKEN_FILE], vec![File(Err("gone"))]);
    assert!(unread.ends_with(": /t cannot be read: gone\n"), "{unread}");
}

const IMDS: &str = "http://169.254.169.254/latest";

fn metadata(answers: Vec<Answer>) -> String {
    play_env(&[], answers)
}

#[test]
fn instances() {
    let credentials = |end: &str| {
        Http(
            200,
            format!(
                r#"{{"Code":"Success","AccessKeyId":"ASIAI","SecretAccessKey":"hush","Token":"hush","Expiration":"{end}"}}"#
            ),
        )
    };
    let text = |text: &str| Http(200, text.into());
    let put = format!("PUT {IMDS}/api/token, x-aws-ec2-metadata-token-ttl-seconds: 21600\n");
    let with = ", x-aws-ec2-metadata-token: T==\n";
    let role = format!("GET {IMDS}/meta-data/iam/security-credentials/{with}");
    let keys = format!("GET {IMDS}/meta-data/iam/security-credentials/web{with}");
    assert_eq!(
        metadata(vec![text("T=="), text("web\n"), Http(500, String::new()), credentials("2026-11-23T04:00:00Z")]),
        format!("{put}{role}{keys}wait\n{keys}ASIAI {UNTIL}\n")
    );
    // Expired credentials are better than none: the service sends them while it cannot renew them.
    let stale = metadata(vec![text("T=="), text("web"), credentials("2026-11-23T02:00:00Z")]);
    assert!(stale.ends_with("\nASIAI until 2026-11-23 2:00:00.0 +00\n"), "{stale}");

    let from = "no credentials from \"ask the EC2 instance metadata service at http://169.254.169.254\"";
    for (answers, expected) in [
        // Most machines that come this far have no such service: one attempt, of a second.
        (vec![Answer::Lost], format!("could not connect to {IMDS}/api/token")),
        (
            vec![Http(403, String::new())],
            "the instance metadata service answered HTTP 403; instance metadata is switched off, or is of version 1 only, \
             and this client speaks version 2"
                .into(),
        ),
        (vec![Http(400, "bad header".into())], "the instance metadata service answered HTTP 400: bad header".into()),
        (vec![text("")], "the instance metadata service sent an empty token".into()),
        (
            vec![text("T=="), Http(404, String::new())],
            "the instance metadata service has no role for this instance".into(),
        ),
        // Only the service itself knows that there is none.
        (
            vec![text("T=="), Http(404, "<html><h1>404 - Not Found</h1></html>".into())],
            "the instance metadata service has no role for this instance".into(),
        ),
        (vec![text("T=="), text(" \n")], "the instance metadata service has no role for this instance".into()),
        (
            vec![text("T=="), Http(404, "no such route".into())],
            "the instance metadata service answered HTTP 404: no such route".into(),
        ),
        (
            vec![text("T=="), text("web"), Http(404, String::new())],
            "the instance metadata service answered HTTP 404".into(),
        ),
        (
            vec![text("T=="), text("a/../b")],
            "the instance metadata service sent a text that is not a role's name".into(),
        ),
        (
            vec![text("T=="), text("web"), text(r#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"no trust"}"#)],
            "the instance metadata service refused with AssumeRoleUnauthorizedAccess: no trust".into(),
        ),
        (
            vec![text("T=="), text("web"), text(r#"{"Code":"Success"}"#)],
            "the instance metadata service sent no AccessKeyId".into(),
        ),
    ] {
        let trace = metadata(answers);
        assert!(trace.ends_with(&format!("\n{from}: {expected}\n")), "{trace}");
    }
}

#[test]
fn other_places_of_instance_metadata() {
    let place = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/");
    let trace = play_env(&[place], vec![Http(400, String::new())]);
    assert!(trace.starts_with("PUT http://127.0.0.1:1338/latest/api/token, "), "{trace}");
    let file = "[profile p]\nec2_metadata_service_endpoint_mode = IPv6\n";
    let trace = play(file, vec![Http(400, String::new())]);
    assert!(trace.starts_with("PUT http://[fd00:ec2::254]/latest/api/token, "), "{trace}");
}

const LEGACY: &str = "[profile p]\nsso_start_url = https://corp.example\nsso_region = eu-west-1\n\
                      sso_account_id = 123456789012\nsso_role_name = r/1\n";
const SESSION: &str = "[profile p]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n\
                       [sso-session corp]\nsso_region = cn-north-1\nsso_start_url = https://corp.example\n";
/// The files that the AWS CLI uses: `printf %s … | sha1sum`.
const LEGACY_FILE: &str = "/h/.aws/sso/cache/bf76a79a0d2919005ac43fa78017635692db6d30.json";
const SESSION_FILE: &str = "/h/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

fn sso(file: &str, answers: Vec<Answer>) -> String {
    play_with(&[("HOME", "/h")], file, Some("p"), answers)
}

/// A token as the AWS CLI keeps it, which lives until a time of the day.
fn sso_token(until: &str) -> Answer {
    File(Ok(format!(
        r#"{{"startUrl": "https://corp.example", "region": "cn-north-1", "accessToken": "hush-0",
        "expiresAt": "2026-11-23T{until}", "clientId": "id", "clientSecret": "hush-c",
        "registrationExpiresAt": "2026-12-23T03:00:00Z", "refreshToken": "hush-r"}}"#
    )))
}

fn portal() -> Answer {
    Http(
        200,
        r#"{"roleCredentials":{"accessKeyId":"ASIAS","secretAccessKey":"hush","sessionToken":"hush","expiration":1795406400000}}"#
            .into(),
    )
}

#[test]
fn single_sign_on() {
    let get = "GET portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=r%2F1&account_id=123456789012, token hush-0 \n";
    // A token of an older profile, with the time as older versions of the AWS CLI wrote it.
    let file = r#"{"accessToken":"hush-0","expiresAt":"2026-11-23T03:10:00UTC","region":"eu-west-1"}"#;
    let found = format!("read {LEGACY_FILE}\n{get}ASIAS {UNTIL}\n");
    assert_eq!(sso(LEGACY, vec![File(Ok(file.into())), portal()]), found);
    // What fails for the moment is asked again.
    let again = format!("read {LEGACY_FILE}\n{get}wait\n{get}wait\n{get}ASIAS {UNTIL}\n");
    assert_eq!(sso(LEGACY, vec![File(Ok(file.into())), Answer::Lost, Http(429, String::new()), portal()]), again);

    // Another partition, and a token that lasts.
    let get = "GET portal.sso.cn-north-1.amazonaws.com.cn/federation/credentials?role_name=r&account_id=123456789012, token hush";
    let found = format!("read {SESSION_FILE}\n{get}-0 \nASIAS {UNTIL}\n");
    assert_eq!(sso(SESSION, vec![sso_token("03:15:01Z"), portal()]), found);

    // In the last 15 minutes it is renewed, and kept as the AWS CLI keeps it.
    let renew = "POST oidc.cn-north-1.amazonaws.com.cn/token \
                 {\"clientId\": \"id\", \"clientSecret\": \"hush-c\", \"grantType\": \"refresh_token\", \"refreshToken\": \"hush-r\"}\n";
    let answer = r#"{"accessToken":"hush-1","tokenType":"Bearer","expiresIn":3600,"refreshToken":"hush-s"}"#;
    let write = format!(
        "write {SESSION_FILE}: {{\"startUrl\": \"https://corp.example\", \"region\": \"cn-north-1\", \"accessToken\": \"hush-1\", \
         \"expiresAt\": \"2026-11-23T04:00:02Z\", \"clientId\": \"id\", \"clientSecret\": \"hush-c\", \
         \"registrationExpiresAt\": \"2026-12-23T03:00:00Z\", \"refreshToken\": \"hush-s\"}}\n"
    );
    let renewed = format!("read {SESSION_FILE}\n{renew}{write}{get}-1 \nASIAS {UNTIL}\n");
    for (until, written) in [("03:15:00Z", Ok(())), ("02:00:00Z", Ok(())), ("03:15:00Z", Err("read-only"))] {
        let answers = vec![sso_token(until), Http(200, answer.into()), Written(written), portal()];
        assert_eq!(sso(SESSION, answers), renewed);
    }

    // What still lasts is used when it cannot be renewed.
    let kept = format!("read {SESSION_FILE}\n{renew}{get}-0 \nASIAS {UNTIL}\n");
    for answer in [Http(400, r#"{"error":"invalid_grant"}"#.into()), Http(200, "{}".into())] {
        assert_eq!(sso(SESSION, vec![sso_token("03:10:00Z"), answer, portal()]), kept);
    }
    let lost = vec![sso_token("03:10:00Z"), Answer::Lost, Answer::Lost, Answer::Lost, portal()];
    assert_eq!(
        sso(SESSION, lost),
        format!("read {SESSION_FILE}\n{renew}wait\n{renew}wait\n{renew}{get}-0 \nASIAS {UNTIL}\n")
    );
}

#[test]
fn single_sign_on_that_is_refused() {
    let failure = |file: &str, answers| sso(file, answers).lines().last().unwrap().to_owned();
    let source = "no credentials from \"single sign-on at https://corp.example of profile `p` (config line 2)\": ";
    let login = "; run `aws sso login --profile p`";
    let registration =
        File(Ok(r#"{"accessToken":"hush","expiresAt":"2026-11-23T02:00:00Z","refreshToken":"hush","clientId":"i",
        "clientSecret":"hush","registrationExpiresAt":"2026-11-23T02:59:00Z"}"#
            .into()));
    for (answers, expected) in [
        (vec![File(Err("no such file"))], format!("{SESSION_FILE} cannot be read: no such file{login}")),
        (vec![File(Ok("{}".into()))], format!("{SESSION_FILE} has no expiresAt{login}")),
        (vec![File(Ok("hush".into()))], format!("{SESSION_FILE} has invalid JSON (byte 0){login}")),
        (
            vec![File(Ok(r#"{"accessToken":"hush","expiresAt":"soon"}"#.into()))],
            format!("{SESSION_FILE} has an expiresAt that is not a time: \"soon\"{login}"),
        ),
        (
            vec![File(Ok(r#"{"accessToken":"hush","expiresAt":"2026-11-23T03:00:00Z"}"#.into()))],
            format!("{SESSION_FILE} has a token that expired at 2026-11-23T03:00:00Z{login}"),
        ),
        // The registration, which it takes to renew a token, ends too.
        (vec![registration], format!("{SESSION_FILE} has a token that expired at 2026-11-23T02:00:00Z{login}")),
        (
            vec![
                sso_token("02:00:00Z"),
                Http(400, r#"{"error":"invalid_grant","error_description":"Invalid refresh token provided"}"#.into()),
            ],
            format!("the token service answered HTTP 400, invalid_grant: Invalid refresh token provided{login}"),
        ),
        (vec![sso_token("02:00:00Z"), Http(200, "{}".into())], format!("the token service sent no accessToken{login}")),
        (
            vec![sso_token("02:00:00Z"), Answer::Lost, Answer::Lost, Answer::Lost],
            "could not connect to https://oidc.cn-north-1.amazonaws.com.cn/token".into(),
        ),
        (
            vec![sso_token("09:00:00Z"), Http(401, r#"{"message":"Session token not found or invalid"}"#.into())],
            format!("the access portal answered HTTP 401: Session token not found or invalid{login}"),
        ),
        (
            vec![sso_token("09:00:00Z"), Http(403, r#"{"message":"No access"}"#.into())],
            "the access portal answered HTTP 403: No access".into(),
        ),
        (vec![sso_token("09:00:00Z"), Http(200, "{}".into())], "the access portal sent no roleCredentials".into()),
        (
            vec![sso_token("09:00:00Z"), Http(200, r#"{"roleCredentials":{"accessKeyId":"A","secretAccessKey":"hush"}}"#.into())],
            "the access portal sent no sessionToken".into(),
        ),
        (
            vec![
                sso_token("09:00:00Z"),
                Http(200, r#"{"roleCredentials":{"accessKeyId":"A","secretAccessKey":"hush","sessionToken":"hush","expiration":"x"}}"#.into()),
            ],
            "the access portal sent no expiration in milliseconds".into(),
        ),
        (
            vec![
                sso_token("09:00:00Z"),
                Http(200, r#"{"roleCredentials":{"accessKeyId":"A","secretAccessKey":"hush","sessionToken":"hush","expiration":1}}"#.into()),
            ],
            "the access portal sent credentials that expired at 1970-01-01T00:00:00Z".into(),
        ),
        (
            vec![File(Ok(r#"{"accessToken":"hush\r\nx: y","expiresAt":"2026-11-23T09:00:00Z"}"#.into()))],
            format!("the access portal cannot be asked with a token that no HTTP header can hold{login}"),
        ),
    ] {
        assert_eq!(failure(SESSION, answers), source.to_owned() + &expected);
    }
    // The profile's name, as a shell reads it.
    let quoted = SESSION.replace("[profile p]", "[profile 'my corp']");
    let trace = play_with(&[("HOME", "/h")], &quoted, Some("my corp"), vec![File(Err("gone"))]);
    assert!(trace.ends_with("; run `aws sso login --profile \"my corp\"`\n"), "{trace}");
    let homeless = play(SESSION, vec![]);
    assert!(
        homeless.ends_with("the user's home folder is not known, where the token of `aws sso login` would be\n"),
        "{homeless}"
    );
}

#[test]
fn other_places_of_single_sign_on() {
    let asked = |environment: &[(&str, &str)], more: &str| {
        let environment = [&[("HOME", "/h")], environment].concat();
        let file = SESSION.replacen("[sso-session", &format!("{more}\n[sso-session"), 1);
        let trace = play_with(&environment, &file, Some("p"), vec![sso_token("02:00:00Z"), Http(400, String::new())]);
        trace.lines().nth(1).unwrap().split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(asked(&[("AWS_USE_FIPS_ENDPOINT", "true")], ""), "oidc-fips.cn-north-1.amazonaws.com.cn/token");
    assert_eq!(asked(&[], "use_dualstack_endpoint = true"), "oidc.cn-north-1.api.amazonwebservices.com.cn/token");
    let (own, all) = (("AWS_ENDPOINT_URL_SSO_OIDC", "https://own/x/"), ("AWS_ENDPOINT_URL", "https://all"));
    assert_eq!(asked(&[own, all], ""), "own/x/token");
    assert_eq!(asked(&[all], ""), "all/token");
    let services =
        "endpoint_url = https://profile\nservices = s\n[services s]\nsso_oidc =\n  endpoint_url = https://services";
    assert_eq!(asked(&[], services), "services/token");
    assert_eq!(asked(&[], "endpoint_url = https://profile"), "profile/token");
    let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!(asked(&[own, all, ignore], services), "oidc.cn-north-1.amazonaws.com.cn/token");
}

/// A line that was written for a shell fails without one, and the error says so.
#[test]
fn programs_that_need_a_shell() {
    let fails = |line: &str| {
        let trace = play(&format!("[profile p]\ncredential_process = {line}\n"), vec![NoProgram("gone")]);
        trace.lines().last().unwrap().split_once(": ").unwrap().1.to_owned()
    };
    let hint = "; the line is run without a shell: for |, &&, $ and the like, write sh -c '…'";
    for line in ["aws sts x | jq .", "x && y", "x --token $(cat /t)", "$HOME/x"] {
        assert_eq!(fails(line), format!("the program gone{hint}"), "{line}");
    }
    for line in ["x --token t", "sh -c 'x | y'"] {
        assert_eq!(fails(line), "the program gone", "{line}");
    }
}

/// How long and how often the agents on a machine are asked, and what their settings change.
#[test]
fn attempts_of_agents() {
    let asked = |environment: &[(&str, &str)], answers: usize| {
        let variable =
            |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let plan = Plan::new(Platform::Unix, &variable, &Profiles::default(), None).unwrap();
        let client = Client::new(Config::builder().region("eu-west-1").build().unwrap(), 7);
        let (mut timeouts, mut waits) = (Vec::new(), Duration::ZERO);
        let mut step = plan.sources[0].start(&client, None, START);
        loop {
            step = match step {
                Step::Transmit(Transmit { timeout, route, .. }, next) => {
                    assert_eq!(route, Route::Direct);
                    timeouts.push(timeout.as_secs());
                    let lost = TransportError::new(TransportErrorKind::Timeout, "slow");
                    let token = Response::builder().status(200).body("T==").unwrap();
                    next.receive(if timeouts.len() <= answers { Ok(token) } else { Err(lost) }, START)
                }
                Step::Wait(delay, next) => {
                    waits += delay;
                    next.resume(START)
                }
                Step::Done(result) => return (timeouts, waits, result.unwrap_err().to_string()),
                step => panic!("{step:?}"),
            };
        }
    };
    let (timeouts, waits, error) = asked(&[RELATIVE], 0);
    assert_eq!((timeouts, waits), (vec![2, 2, 2], Duration::from_millis(600)));
    assert!(error.ends_with(": timed out talking to http://169.254.170.2/v2/c…"), "{error}");

    // The first request decides whether this is an instance; then it is worth more.
    let (timeouts, _, error) = asked(&[], 0);
    assert_eq!(timeouts, [1]);
    let hint = "in a container on an instance, this needs the instance's metadata option HttpPutResponseHopLimit of 2";
    assert!(error.ends_with(&format!("/latest/api/token; {hint}")), "{error}");
    let (timeouts, _, error) = asked(&[], 1);
    assert_eq!(timeouts, [1; 4]);
    assert!(error.ends_with("/latest/meta-data/iam/security-credentials/"), "{error}");
    let (seconds, attempts) = (("AWS_METADATA_SERVICE_TIMEOUT", "3"), ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "2"));
    assert_eq!(asked(&[seconds, attempts], 0).0, [3, 3]);
    assert_eq!(asked(&[seconds, attempts], 1).0, [3, 3, 3]);
    // They are not the container's.
    assert_eq!(asked(&[RELATIVE, seconds, attempts], 0).0, [2, 2, 2]);
}

/// A clock that a server got wrong must not stop the request that would correct it.
#[test]
fn a_valid_web_identity_token_is_sent_whatever_was_learned() {
    let mut profiles = Profiles::default();
    profiles.read_config("c", &format!("[profile p]\nrole_arn = {ROLE}\nweb_identity_token_file = /t\n"));
    let plan = Plan::new(Platform::Unix, &|_| None, &profiles, Some("p")).unwrap();
    let credentials = Credentials::new("AKIDX", "hush");
    for date in ["Wed, 25 Nov 2026 03:00:00 GMT", "Sat, 21 Nov 2026 03:00:00 GMT"] {
        let client = Client::new(Config::builder().region("eu-west-1").build().unwrap(), 7);
        let operation = GetCallerIdentity::new();
        let call::Step::Transmit(_, call) = client.call(&operation, Some(&credentials), START) else {
            panic!("it is sent at once")
        };
        let answer = Response::builder().status(400).header("date", date).header("x-amzn-requestid", "7");
        let answer = answer.body(issued_error()).unwrap();
        drop(call.receive(Ok(answer), START));
        let Step::ReadFile(_, next) = plan.sources[0].start(&client, None, START) else { panic!("a file is read") };
        let step = next.receive(Ok(token(START + Duration::from_secs(600))), START);
        assert!(matches!(step, Step::Transmit(..)), "{date}: {step:?}");
    }
}

fn issued_error() -> &'static str {
    "<ErrorResponse><Error><Code>ValidationError</Code><Message>no</Message></Error></ErrorResponse>"
}

/// What a program shows that returns the error from `main`, and which cause stands behind it.
#[test]
fn causes() {
    use std::error::Error as _;
    let mut profiles = Profiles::default();
    let keys = "aws_access_key_id = AKIDP\naws_secret_access_key = hush\n";
    profiles.read_config("config", &format!("[profile p]\nrole_arn = {ROLE}\nsource_profile = p\n{keys}"));
    profiles.read_config("config", "[profile c]\nrole_arn = r\ncredential_source = EcsContainer\n");
    let variable = |name: &str| (name == RELATIVE.0).then(|| RELATIVE.1.to_owned());
    let client = Client::new(Config::builder().region("eu-west-1").max_attempts(1).build().unwrap(), 7);
    let credentials = Credentials::new("AKIDX", "hush");
    for (profile, index) in [("p", 1), ("c", 0)] {
        let plan = Plan::new(Platform::Unix, &variable, &profiles, Some(profile)).unwrap();
        let mut step = plan.sources[index].start(&client, Some(&credentials), START);
        let error = loop {
            step = match step {
                Step::Transmit(_, next) => {
                    let error = TransportError::new(TransportErrorKind::Connect, "connection refused");
                    next.receive(Err::<Response<&str>, _>(error), START)
                }
                Step::Wait(_, next) => next.resume(START),
                Step::Done(result) => break result.unwrap_err(),
                step => panic!("{step:?}"),
            };
        };
        assert!(error.is_transient());
        assert_eq!(error.source().unwrap().to_string(), "connection refused");
        assert_eq!(format!("{error:?}"), format!("{error}: connection refused"));
    }
    // Of what is no exchange, the text says all.
    let mut step = Plan::of_profile(Platform::Unix, &variable, &profiles, "p").unwrap().sources[1].clone();
    let sts_credentials::source::Source::AssumeRole(role) = &mut step else { panic!("a role") };
    role.mfa_serial = Some("GAHT12345678".to_owned());
    let Step::PromptMfa(_, next) = step.start(&client, Some(&credentials), START) else {
        panic!("a code is asked for")
    };
    let Step::Done(Err(error)) = next.receive(Err("no terminal".to_owned()), START) else { panic!("there is no code") };
    assert!(error.is_transient() && error.source().is_none());
}
