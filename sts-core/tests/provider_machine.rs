// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! Scripted runs of provider machines, each compared as one text. There is no machine under them: files, programs, the person with the
//! MFA device and STS are entries of a table.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{Request, Response};
use sts_core::{
    Body, Config, Credentials, Learned, Lost, LostKind,
    provider::{
        machine::{Finished, Session, Step},
        plan::Plan,
        profile::{Platform, Profiles},
    },
};
use time::{UtcDateTime, macros::utc_datetime};

const START: UtcDateTime = utc_datetime!(2026-11-23 03:00:00);
const ROLE: &str = "arn:aws:iam::123456789012:role/demo";

/// What a machine without a machine under it answers, in the order in which it is asked.
enum Answer {
    File(Result<String, &'static str>),
    Program(Option<i32>, &'static str, &'static str),
    NoProgram(&'static str),
    Code(Result<&'static str, &'static str>),
    Http(u16, String),
    Lost,
}

use Answer::{Code, File, Http, NoProgram, Program};

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
    let mut profiles = Profiles::default();
    profiles.read_config("config", file).unwrap();
    let variable = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let plan = Plan::new(Platform::Unix, &variable, &profiles, profile).unwrap();
    let config = Config::builder().region("eu-west-1").build().unwrap();
    let learned = Learned::new(7);
    let (mut now, mut trace, mut answers) = (START, String::new(), answers.into_iter());
    let mut found: Option<Credentials> = None;
    for source in &plan.sources {
        let session = Session { config: &config, learned: &learned, credentials: found.as_ref() };
        let mut step: Step<'_, &str> = source.start(session, now);
        let result = loop {
            for secret in ["hush", "se-cret", "T=="] {
                assert!(!format!("{step:?}").contains(secret), "{step:?}");
            }
            now += Duration::from_secs(1);
            step = match step {
                Step::ReadFile(path, next) => {
                    trace += &format!("read {path}\n");
                    let Some(File(text)) = answers.next() else { panic!("no file is to be read") };
                    next.receive(now, text.map_err(str::to_owned))
                }
                Step::RunProcess(process, next) => {
                    let arguments: Vec<_> = process.arguments.iter().map(sts_core::Secret::expose).collect();
                    trace += &format!("run {} {arguments:?}, for {:?} at most\n", process.program, next.timeout());
                    next.receive(
                        now,
                        match answers.next() {
                            Some(Program(code, stdout, stderr)) => Ok(Finished {
                                code,
                                stdout: stdout.as_bytes().to_vec().into(),
                                stderr: stderr.as_bytes().to_vec().into(),
                            }),
                            Some(NoProgram(error)) => Err(error.to_owned()),
                            _ => panic!("no program is to be run"),
                        },
                    )
                }
                Step::PromptMfa(serial, next) => {
                    trace += &format!("ask for a code of {serial}\n");
                    let Some(Code(code)) = answers.next() else { panic!("nobody is to be asked") };
                    next.receive(now, code.map(Into::into).map_err(str::to_owned))
                }
                Step::Transmit(request, next) => {
                    trace += &described(&request, next.is_local());
                    assert_eq!(next.timeout(), Duration::from_secs(if next.is_local() { 1 } else { 10 }));
                    match answers.next() {
                        Some(Http(status, body)) => {
                            next.receive(now, Ok(Response::builder().status(status).body(body).unwrap()))
                        }
                        Some(Answer::Lost) => next.receive::<_>(
                            now,
                            Err::<Response<String>, _>(Lost { error: "unplugged", kind: LostKind::Connect }),
                        ),
                        _ => panic!("nothing is to be sent"),
                    }
                }
                Step::Wait(delay, next) => {
                    assert!(delay <= Duration::from_secs(20));
                    trace += "wait\n";
                    next.resume(now + delay)
                }
                Step::Done(result) => break result,
            };
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
                break;
            }
        }
    }
    assert!(answers.next().is_none(), "not all was asked for:\n{trace}");
    trace
}

/// A call of STS by its form and the key that signed it, a question to this machine by its headers.
fn described(request: &Request<Body>, is_local: bool) -> String {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap());
    if is_local {
        assert!(request.body().expose().is_empty());
        let names = ["authorization", "x-aws-ec2-metadata-token", "x-aws-ec2-metadata-token-ttl-seconds"];
        let headers: Vec<_> =
            names.into_iter().filter_map(|name| Some(format!(", {name}: {}", header(name)?))).collect();
        return format!("{} {}{}\n", request.method(), request.uri(), headers.concat());
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
            Ok(token(utc_datetime!(2026-11-23 02:50:00))),
            "the web identity token of https://oidc.example expired 10 min ago (/t)",
        ),
        (Ok(" \n".into()), "/t cannot be read: it is empty"),
        (Err("Permission denied"), "/t cannot be read: Permission denied"),
    ] {
        let expected = format!("read /t\nno credentials from \"{source}\": {expected}\n");
        assert_eq!(play(&file, vec![File(text)]), expected);
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
    assert_eq!(play(file, vec![Program(Some(0), two, "")]), format!("{run}AKIDX for ever\n"));

    for (answer, expected) in [
        (NoProgram("cannot be started: no such file"), "cannot be started: no such file"),
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
        (Program(Some(0), " \n", ""), "sent nothing"),
        (Program(Some(0), "hush", ""), "sent what is no JSON from byte 0"),
        (Program(Some(0), "[]", ""), "sent JSON that is no object"),
        (Program(Some(0), "{}", ""), "sent no Version, expected 1"),
        (Program(Some(0), r#"{"Version":2}"#, ""), "sent Version 2, expected 1"),
        (Program(Some(0), r#"{"Version":1,"SecretAccessKey":"hush"}"#, ""), "sent no AccessKeyId"),
        (Program(Some(0), r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":""}"#, ""), "sent no SecretAccessKey"),
        (
            Program(Some(0), r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":["hush"]}"#, ""),
            "sent a SecretAccessKey that is no text",
        ),
        (
            Program(Some(0), r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hush","Expiration":"soon"}"#, ""),
            "sent an Expiration that is no RFC 3339 time: \"soon\"",
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

#[test]
fn single_sign_on_is_refused_in_words() {
    let file = "[profile p]\nsso_start_url = https://corp.example\nsso_region = eu-west-1\n\
                sso_account_id = 123456789012\nsso_role_name = r\n";
    assert_eq!(
        play(file, vec![]),
        "no credentials from \"single sign-on at https://corp.example of profile `p` (config line 4)\": \
         single sign-on is not supported yet\n"
    );
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
    let source = "ask the container's agent at http://169.254.170.2/v2/c?id=1";
    assert_eq!(
        play_env(&[RELATIVE], lost()),
        format!(
            "{get}wait\n{get}wait\n{get}no credentials from \"{source}\": could not connect to http://169.254.170.2/v2/c?id=1\n"
        )
    );
    for (status, body, expected) in [
        (404, "", "answered HTTP 404"),
        (403, r#"{"code":"Denied","message":"no task"}"#, "answered HTTP 403, Denied: no task"),
        // A redirect is not followed: it would lead the token elsewhere.
        (302, "", "answered HTTP 302"),
        (200, "hush", "sent what is no JSON from byte 0"),
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
    let split = play_env(&[RELATIVE, TOKEN_FILE], vec![File(Ok("hush\r\nx: y".into()))]);
    assert!(split.ends_with(": the container's agent has a token that may not stand in a header\n"), "{split}");
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
        (vec![Answer::Lost, Answer::Lost, Answer::Lost], format!("could not connect to {IMDS}/api/token")),
        (vec![Http(403, String::new())], "the instance metadata service answered HTTP 403".into()),
        (vec![text("")], "the instance metadata service sent an empty token".into()),
        (
            vec![text("T=="), Http(404, String::new())],
            "the instance metadata service has no role for this instance".into(),
        ),
        (vec![text("T=="), text("a/../b")], "the instance metadata service sent what is no role's name".into()),
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
