//! Where both drivers find credentials: every source, with its own files, programs and sockets, valid and invalid.

use std::{
    thread,
    time::{Duration, Instant},
};

use sts_async::provider::Chain;
use sts_core::Config;

use crate::common::{
    Client, PATIENCE,
    agent::{Agent, Answer, LATER, issued, refused, sends},
    folder::Folder,
};

const ROLE: &str = "arn:aws:iam::123456789012:role/demo";
/// A short timeout, for a single attempt.
const HASTE: Duration = Duration::from_secs(2);

#[test]
fn every_source_has_its_outcomes() {
    // In parallel: the slow cases take most of the time.
    let wrong: Vec<_> = thread::scope(|scope| {
        let drivers = [0, 1].map(|driver| scope.spawn(move || wrong_outcomes(driver)));
        drivers.into_iter().flat_map(|driver| driver.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn wrong_outcomes(driver: usize) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in rows() {
        let folder = Folder::new();
        let agent = Agent::start(row.answers.clone());
        let dir = folder.home();
        let fill = |text: &str| text.replace("{url}", &agent.url).replace("{dir}", &dir).replace("{over}", PASSED_OVER);
        folder.write("config", &fill(row.config));
        for (name, text) in row.files {
            folder.write(name, text);
        }
        let variables: Vec<_> = row.variables.iter().map(|(name, value)| (*name, fill(value))).collect();
        let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, &**value)).collect();
        let start = Instant::now();
        let profile = row.config.contains("[profile p]").then_some("p");
        let config = Config::builder().attempt_timeout(HASTE).max_attempts(1);
        let client = folder
            .load(config, &variables, profile)
            .and_then(|chain| Client::of(chain.mfa_prompt(|_| Ok("123456".into())), driver));
        let found = client.map_err(|error| error.to_string()).and_then(|client| client.find_credentials());
        let outcome = found.map_or_else(|error| error, |found| found.unwrap().access_key_id.clone());
        let requests = agent.requests().len();
        let (time, name) = (start.elapsed(), ["blocking", "async"][driver]);
        println!("{:48} {name:8} {requests} {:5} ms  {outcome}", row.name, time.as_millis());
        if !is_like(&outcome, &fill(row.outcome)) || requests != row.requests || time > PATIENCE {
            let (expected, requests) = (fill(row.outcome), (row.requests, requests));
            wrong.push(format!("{} {name} {requests:?}\n  is       {outcome}\n  expected {expected}", row.name));
        }
    }
    wrong
}

/// Even if other settings, such as the region, are missing as a result.
#[test]
fn a_profile_that_is_not_defined_is_said_to_be_that() {
    let folder = Folder::new();
    let file = folder.write("config", "[prod]\nregion = eu-west-1\n[profile dev]\nregion = eu-west-1\n");
    let load = |asked_for, variables: &[(&str, &str)]| {
        let variable = |name: &str| match name {
            "AWS_CONFIG_FILE" => Some(file.clone()),
            _ => variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
        };
        Chain::load(Config::builder(), &variable, asked_for).map(drop).map_err(|error| error.to_string())
    };
    let not_defined = |name| Err(format!("profile `{name}` is not defined"));
    assert_eq!(load(Some("prdo"), &[]), not_defined("prdo"));
    assert_eq!(load(None, &[("AWS_PROFILE", "prdo")]), not_defined("prdo"));
    assert_eq!(load(Some("prdo"), KEYS), not_defined("prdo"));
    let hint = format!("profile `prod` is not defined; {file} line 1 has [prod], which must be [profile prod] there");
    assert_eq!(load(Some("prod"), &[("AWS_PROFILE", "dev")]), Err(hint));
    assert_eq!(load(Some("dev"), &[("AWS_PROFILE", "prdo")]), Ok(()));
    // No call needs the missing profile.
    assert_eq!(load(None, &[KEYS, &[("AWS_PROFILE", "prdo"), ("AWS_REGION", "eu-west-1")]].concat()), Ok(()));
    assert_eq!(load(None, &[]), Err("Invalid Configuration: Missing Region".to_owned()));
}

/// Whether a text matches a pattern, where `*` stands for anything.
fn is_like(text: &str, expected: &str) -> bool {
    let (start, end) = expected.split_once('*').unwrap_or((expected, ""));
    if expected.contains('*') { text.starts_with(start) && text.ends_with(end) } else { text == expected }
}

struct Row {
    name: &'static str,
    /// `{url}` is the stand-in's URL, `{dir}` the folder of the files. The profile `p` is selected if it exists.
    config: &'static str,
    files: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
    answers: Vec<Answer>,
    /// The number of requests.
    requests: usize,
    /// The id of the key, or the error.
    outcome: &'static str,
}

#[expect(clippy::too_many_lines, reason = "it is one table")]
fn rows() -> Vec<Row> {
    vec![
        Row { name: "keys of the environment", variables: KEYS, outcome: "AKIDENV", ..row() },
        Row {
            name: "keys of the environment: half",
            variables: &[("AWS_ACCESS_KEY_ID", "AKIDENV")],
            outcome: "AWS_ACCESS_KEY_ID is set in the environment but AWS_SECRET_ACCESS_KEY is not",
            ..row()
        },
        Row {
            name: "keys of a profile",
            config: "[profile p]\naws_access_key_id = AKIDP\naws_secret_access_key = s\n",
            outcome: "AKIDP",
            ..row()
        },
        Row {
            name: "keys of a profile: half",
            config: "[profile p]\naws_access_key_id = AKIDP\n",
            outcome: "profile missing aws_secret_access_key, which goes with aws_access_key_id (profile `p`, {dir}/config line 2)",
            ..row()
        },
        Row {
            name: "a profile that is not there",
            config: "[default]\naws_access_key_id = AKIDP\naws_secret_access_key = s\n",
            variables: &[("AWS_PROFILE", "q")],
            outcome: "profile `q` is not defined",
            ..row()
        },
        Row {
            name: "a role",
            config: ROLE_OVER_KEYS,
            answers: vec![Answer::Send(200, issued("AssumeRole", "ASIA1", LATER))],
            requests: 1,
            outcome: "ASIA1",
            ..row()
        },
        Row {
            name: "a role: already expired",
            config: ROLE_OVER_KEYS,
            answers: vec![Answer::Send(200, issued("AssumeRole", "ASIA1", EARLIER))],
            requests: 1,
            outcome: "ASIA1",
            ..row()
        },
        Row {
            name: "a role: refused",
            config: ROLE_OVER_KEYS,
            answers: vec![Answer::Send(403, refused("AccessDenied", "not you"))],
            requests: 1,
            outcome: "no credentials from \"assume role arn:aws:iam::123456789012:role/demo of profile `p` ({dir}/config line 3)\": AssumeRole was refused with AccessDenied: not you (HTTP 403, region eu-west-1)",
            ..row()
        },
        Row {
            name: "a role: malformed",
            config: ROLE_OVER_KEYS,
            answers: sends(&["<html>"]),
            requests: 1,
            outcome: "no credentials from \"assume role arn:aws:iam::123456789012:role/demo of profile `p` ({dir}/config line 3)\": AssumeRole: {url} answered HTTP 200, not an STS response: an HTML page, as proxies and login pages send (region eu-west-1)",
            ..row()
        },
        Row {
            name: "a role: slow",
            config: ROLE_OVER_KEYS,
            answers: vec![Answer::Never],
            requests: 1,
            outcome: "no credentials from \"assume role arn:aws:iam::123456789012:role/demo of profile `p` ({dir}/config line 3)\": AssumeRole: timed out talking to {url}",
            ..row()
        },
        Row {
            name: "a role: no answer",
            config: ROLE_OVER_KEYS,
            answers: vec![Answer::Close],
            requests: 1,
            outcome: "no credentials from \"assume role arn:aws:iam::123456789012:role/demo of profile `p` ({dir}/config line 3)\": AssumeRole: lost the connection to {url}",
            ..row()
        },
        Row {
            name: "a role with MFA",
            config: "[profile p]\nendpoint_url = {url}\nsource_profile = p\nrole_arn = arn:aws:iam::123456789012:role/demo\naws_access_key_id = AKIDP\naws_secret_access_key = s\nmfa_serial = GAHT12345678\n",
            answers: vec![Answer::Send(200, issued("AssumeRole", "ASIA1", LATER))],
            requests: 1,
            outcome: "ASIA1",
            ..row()
        },
        Row {
            name: "a role of a role",
            config: CHAIN,
            answers: vec![
                Answer::Send(200, issued("AssumeRole", "ASIA1", LATER)),
                Answer::Send(200, issued("AssumeRole", "ASIA2", LATER)),
            ],
            requests: 2,
            outcome: "ASIA2",
            ..row()
        },
        Row {
            name: "a role of a role: the second refused",
            config: CHAIN,
            answers: vec![
                Answer::Send(200, issued("AssumeRole", "ASIA1", LATER)),
                Answer::Send(403, refused("AccessDenied", "not you")),
            ],
            requests: 2,
            outcome: "no credentials from \"assume role arn:aws:iam::123456789012:role/demo of profile `p` ({dir}/config line 3)\": AssumeRole was refused with AccessDenied: not you (HTTP 403, region eu-west-1)",
            ..row()
        },
        Row {
            name: "a web identity",
            files: &[("token", "token\n")],
            variables: &[
                ("AWS_ENDPOINT_URL", "{url}"),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "{dir}/token"),
                ("AWS_ROLE_ARN", ROLE),
            ],
            answers: vec![Answer::Send(200, issued("AssumeRoleWithWebIdentity", "ASIA1", LATER))],
            requests: 1,
            outcome: "ASIA1",
            ..row()
        },
        Row {
            name: "a web identity: no token",
            variables: &[
                ("AWS_ENDPOINT_URL", "{url}"),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "{dir}/token"),
                ("AWS_ROLE_ARN", ROLE),
            ],
            outcome: "no credentials from \"assume role arn:aws:iam::123456789012:role/demo of the environment, with the token in {dir}/token\": {dir}/token cannot be read: No such file or directory (os error 2)",
            ..row()
        },
        Row {
            name: "a web identity: an empty token",
            files: &[("token", "\n")],
            variables: &[
                ("AWS_ENDPOINT_URL", "{url}"),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "{dir}/token"),
                ("AWS_ROLE_ARN", ROLE),
            ],
            outcome: "no credentials from \"assume role arn:aws:iam::123456789012:role/demo of the environment, with the token in {dir}/token\": {dir}/token cannot be read: it is empty",
            ..row()
        },
        Row {
            name: "a web identity: an expired token",
            files: &[("token", EXPIRED)],
            variables: &[
                ("AWS_ENDPOINT_URL", "{url}"),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "{dir}/token"),
                ("AWS_ROLE_ARN", ROLE),
            ],
            outcome: "no credentials from \"assume role arn:aws:iam::123456789012:role/demo of the environment, with the token in {dir}/token\": the web identity token of https://idp.example.com expired * h ago ({dir}/token)",
            ..row()
        },
        Row {
            name: "a web identity: refused",
            files: &[("token", "token\n")],
            variables: &[
                ("AWS_ENDPOINT_URL", "{url}"),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "{dir}/token"),
                ("AWS_ROLE_ARN", ROLE),
            ],
            answers: vec![Answer::Send(400, refused("InvalidIdentityToken", "no such issuer"))],
            requests: 1,
            outcome: "no credentials from \"assume role arn:aws:iam::123456789012:role/demo of the environment, with the token in {dir}/token\": AssumeRoleWithWebIdentity was refused with InvalidIdentityToken: no such issuer (HTTP 400)",
            ..row()
        },
        Row {
            name: "a web identity: malformed",
            files: &[("token", "token\n")],
            variables: &[
                ("AWS_ENDPOINT_URL", "{url}"),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "{dir}/token"),
                ("AWS_ROLE_ARN", ROLE),
            ],
            answers: sends(&[""]),
            requests: 1,
            outcome: "no credentials from \"assume role arn:aws:iam::123456789012:role/demo of the environment, with the token in {dir}/token\": AssumeRoleWithWebIdentity: {url} answered HTTP 200, not an STS response: an empty body",
            ..row()
        },
        Row {
            name: "a web identity: slow",
            files: &[("token", "token\n")],
            variables: &[
                ("AWS_ENDPOINT_URL", "{url}"),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "{dir}/token"),
                ("AWS_ROLE_ARN", ROLE),
            ],
            answers: vec![Answer::Never],
            requests: 1,
            outcome: "no credentials from \"assume role arn:aws:iam::123456789012:role/demo of the environment, with the token in {dir}/token\": AssumeRoleWithWebIdentity: timed out talking to {url}",
            ..row()
        },
        Row {
            name: "a program",
            config: "[profile p]\ncredential_process = cat {dir}/out\n",
            files: &[("out", r#"{"Version":1,"AccessKeyId":"AKIDX","SecretAccessKey":"s"}"#)],
            outcome: "AKIDX",
            ..row()
        },
        Row {
            name: "a program: expired",
            config: "[profile p]\ncredential_process = cat {dir}/out\n",
            files: &[(
                "out",
                r#"{"Version":1,"AccessKeyId":"AKIDX","SecretAccessKey":"s","Expiration":"2001-01-01T00:00:00Z"}"#,
            )],
            outcome: "no credentials from \"run cat of profile `p` ({dir}/config line 2)\": the program sent credentials that expired at 2001-01-01T00:00:00Z",
            ..row()
        },
        Row {
            name: "a program: version 2",
            config: "[profile p]\ncredential_process = cat {dir}/out\n",
            files: &[("out", r#"{"Version":2,"AccessKeyId":"AKIDX","SecretAccessKey":"s"}"#)],
            outcome: "no credentials from \"run cat of profile `p` ({dir}/config line 2)\": the program sent Version 2, expected 1",
            ..row()
        },
        Row {
            name: "a program: malformed",
            config: "[profile p]\ncredential_process = cat {dir}/out\n",
            files: &[("out", "AccessKeyId")],
            outcome: "no credentials from \"run cat of profile `p` ({dir}/config line 2)\": the program sent invalid JSON (byte 0)",
            ..row()
        },
        Row {
            name: "a program: half a key",
            config: "[profile p]\ncredential_process = cat {dir}/out\n",
            files: &[("out", r#"{"Version":1,"AccessKeyId":"AKIDX"}"#)],
            outcome: "no credentials from \"run cat of profile `p` ({dir}/config line 2)\": the program sent no SecretAccessKey",
            ..row()
        },
        Row {
            name: "a program: refused",
            config: "[profile p]\ncredential_process = sh -c 'echo sign in first >&2; exit 3'\n",
            outcome: "no credentials from \"run sh of profile `p` ({dir}/config line 2)\": the program ended with exit code 3: sign in first",
            ..row()
        },
        Row {
            name: "a program: killed",
            config: "[profile p]\ncredential_process = sh -c 'kill -9 $$'\n",
            outcome: "no credentials from \"run sh of profile `p` ({dir}/config line 2)\": the program was ended by a signal",
            ..row()
        },
        Row {
            name: "a program: too much",
            config: "[profile p]\ncredential_process = head -c 2000000 /dev/zero\n",
            outcome: "no credentials from \"run head of profile `p` ({dir}/config line 2)\": the program printed more than 65536 bytes",
            ..row()
        },
        Row {
            name: "a program: not there",
            config: "[profile p]\ncredential_process = /nowhere/x\n",
            outcome: "no credentials from \"run /nowhere/x of profile `p` ({dir}/config line 2)\": the program cannot be started: No such file or directory (os error 2)",
            ..row()
        },
        Row {
            name: "single sign-on",
            config: SSO,
            files: &[(SSO_FILE, SSO_TOKEN)],
            variables: SSO_AT,
            answers: sends(&[PORTAL]),
            requests: 1,
            outcome: "ASIAS",
        },
        Row {
            name: "single sign-on: not signed in",
            config: SSO,
            variables: SSO_AT,
            outcome: "no credentials from \"single sign-on at https://corp.example of profile `p` ({dir}/config line 2)\": {dir}/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json cannot be read: No such file or directory (os error 2); run `aws sso login --profile p`",
            ..row()
        },
        Row {
            name: "single sign-on: expired",
            config: SSO,
            files: &[(SSO_FILE, r#"{"accessToken":"T0","expiresAt":"2001-01-01T00:00:00Z"}"#)],
            variables: SSO_AT,
            outcome: "no credentials from \"single sign-on at https://corp.example of profile `p` ({dir}/config line 2)\": {dir}/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json has a token that expired at 2001-01-01T00:00:00Z; run `aws sso login --profile p`",
            ..row()
        },
        Row {
            name: "single sign-on: half a file",
            config: SSO,
            files: &[(SSO_FILE, r#"{"accessToken":"T0","expi"#)],
            variables: SSO_AT,
            outcome: "no credentials from \"single sign-on at https://corp.example of profile `p` ({dir}/config line 2)\": {dir}/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json has invalid JSON (byte 25); run `aws sso login --profile p`",
            ..row()
        },
        Row {
            name: "single sign-on: renewed",
            config: SSO,
            files: &[(SSO_FILE, SSO_RENEWABLE)],
            variables: SSO_AT,
            answers: sends(&[RENEWED, PORTAL]),
            requests: 2,
            outcome: "ASIAS",
        },
        Row {
            name: "single sign-on: not renewed",
            config: SSO,
            files: &[(SSO_FILE, SSO_RENEWABLE)],
            variables: SSO_AT,
            answers: vec![Answer::Send(400, r#"{"error":"invalid_grant","error_description":"no"}"#.to_owned())],
            requests: 1,
            outcome: "no credentials from \"single sign-on at https://corp.example of profile `p` ({dir}/config line 2)\": the token service answered HTTP 400, invalid_grant: no; run `aws sso login --profile p`",
        },
        Row {
            name: "single sign-on: renewed with nothing",
            config: SSO,
            files: &[(SSO_FILE, SSO_RENEWABLE)],
            variables: SSO_AT,
            answers: sends(&[""]),
            requests: 1,
            outcome: "no credentials from \"single sign-on at https://corp.example of profile `p` ({dir}/config line 2)\": the token service sent nothing; run `aws sso login --profile p`",
        },
        Row {
            name: "single sign-on: signed out",
            config: SSO,
            files: &[(SSO_FILE, SSO_TOKEN)],
            variables: SSO_AT,
            answers: vec![Answer::Send(401, r#"{"message":"Session token not found or invalid"}"#.to_owned())],
            requests: 1,
            outcome: "no credentials from \"single sign-on at https://corp.example of profile `p` ({dir}/config line 2)\": the access portal answered HTTP 401: Session token not found or invalid; run `aws sso login --profile p`",
        },
        Row {
            name: "single sign-on: refused",
            config: SSO,
            files: &[(SSO_FILE, SSO_TOKEN)],
            variables: SSO_AT,
            answers: vec![Answer::Send(403, r#"{"message":"No access"}"#.to_owned())],
            requests: 1,
            outcome: "no credentials from \"single sign-on at https://corp.example of profile `p` ({dir}/config line 2)\": the access portal answered HTTP 403: No access",
        },
        Row {
            name: "single sign-on: malformed",
            config: SSO,
            files: &[(SSO_FILE, SSO_TOKEN)],
            variables: SSO_AT,
            answers: sends(&[r#"{"roleCredentials":[]}"#]),
            requests: 1,
            outcome: "no credentials from \"single sign-on at https://corp.example of profile `p` ({dir}/config line 2)\": the access portal sent no accessKeyId",
        },
        Row {
            name: "single sign-on: expired keys",
            config: SSO,
            files: &[(SSO_FILE, SSO_TOKEN)],
            variables: SSO_AT,
            answers: sends(&[
                r#"{"roleCredentials":{"accessKeyId":"A","secretAccessKey":"s","sessionToken":"t","expiration":1000}}"#,
            ]),
            requests: 1,
            outcome: "no credentials from \"single sign-on at https://corp.example of profile `p` ({dir}/config line 2)\": the access portal sent credentials that expired at 1970-01-01T00:00:01Z",
        },
        Row {
            name: "single sign-on: no answer, then one",
            config: SSO,
            files: &[(SSO_FILE, SSO_TOKEN)],
            variables: SSO_AT,
            answers: vec![Answer::Close, Answer::Send(200, PORTAL.to_owned())],
            requests: 2,
            outcome: "ASIAS",
        },
        Row {
            name: "single sign-on: slow",
            config: SSO,
            files: &[(SSO_FILE, SSO_TOKEN)],
            variables: SSO_AT,
            answers: vec![Answer::Never; 3],
            requests: 3,
            outcome: "no credentials from \"single sign-on at https://corp.example of profile `p` ({dir}/config line 2)\": timed out talking to {url}/federation/credentials?role_name=r&account_id=123456789012",
        },
        Row {
            name: "a container",
            files: &[("token", "token\n")],
            variables: &[
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/v1/c?a=b"),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{dir}/token"),
            ],
            answers: sends(&[ROLE_KEYS]),
            requests: 1,
            outcome: "ASIAX",
            ..row()
        },
        Row {
            name: "a container: no token",
            variables: &[
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/v1/c?a=b"),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{dir}/token"),
            ],
            outcome: "no credentials from \"ask the container's agent at {url}/v1/c…\": {dir}/token cannot be read: No such file or directory (os error 2)",
            ..row()
        },
        Row {
            name: "a container: refused",
            files: &[("token", "token\n")],
            variables: &[
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/v1/c?a=b"),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{dir}/token"),
            ],
            answers: vec![Answer::Send(403, r#"{"code":"AccessDenied","message":"not you"}"#.to_owned())],
            requests: 1,
            outcome: "no credentials from \"ask the container's agent at {url}/v1/c…\": the container's agent answered HTTP 403, AccessDenied: not you",
            ..row()
        },
        Row {
            name: "a container: malformed",
            files: &[("token", "token\n")],
            variables: &[
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/v1/c?a=b"),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{dir}/token"),
            ],
            answers: sends(&["[]"]),
            requests: 1,
            outcome: "no credentials from \"ask the container's agent at {url}/v1/c…\": the container's agent sent JSON that is not an object",
            ..row()
        },
        Row {
            name: "a container: slow",
            files: &[("token", "token\n")],
            variables: &[
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/v1/c?a=b"),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{dir}/token"),
            ],
            answers: vec![Answer::Never; 3],
            requests: 3,
            outcome: "no credentials from \"ask the container's agent at {url}/v1/c…\": timed out talking to {url}/v1/c…",
            ..row()
        },
        Row {
            name: "a container: no answer, then one",
            files: &[("token", "token\n")],
            variables: &[
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/v1/c?a=b"),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{dir}/token"),
            ],
            answers: vec![Answer::Close, Answer::Send(200, ROLE_KEYS.to_owned())],
            requests: 2,
            outcome: "ASIAX",
            ..row()
        },
        Row {
            name: "a container: somebody else's address",
            files: &[("token", "token\n")],
            variables: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/c")],
            outcome: "AWS_CONTAINER_CREDENTIALS_FULL_URI is http://192.0.2.1/c: over plain HTTP, only loopback addresses, 169.254.170.2, 169.254.170.23 and fd00:ec2::23 are asked",
            ..row()
        },
        Row {
            name: "an instance",
            variables: &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}")],
            answers: sends(&["T", "web", ROLE_KEYS]),
            requests: 3,
            outcome: "ASIAX",
            ..row()
        },
        Row {
            name: "an instance: no role",
            variables: &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}")],
            answers: vec![Answer::Send(200, "T".to_owned()), Answer::Send(404, String::new())],
            requests: 2,
            outcome: "no credentials from \"ask the EC2 instance metadata service at {url}\": the instance metadata service has no role for this instance; passed over: {over}",
            ..row()
        },
        Row {
            name: "an instance: refused",
            variables: &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}")],
            answers: vec![Answer::Send(403, String::new())],
            requests: 1,
            outcome: "no credentials from \"ask the EC2 instance metadata service at {url}\": the instance metadata service answered HTTP 403; instance metadata is switched off, or is of version 1 only, and this client speaks version 2; passed over: {over}",
            ..row()
        },
        Row {
            name: "an instance: malformed",
            variables: &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}")],
            answers: sends(&["T", "web", "{}"]),
            requests: 3,
            outcome: "no credentials from \"ask the EC2 instance metadata service at {url}\": the instance metadata service sent no AccessKeyId; passed over: {over}",
            ..row()
        },
        Row {
            name: "an instance: expired keys",
            variables: &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}")],
            answers: sends(&["T", "web", EXPIRED_KEYS]),
            requests: 3,
            outcome: "ASIAX",
            ..row()
        },
        Row {
            name: "an instance: slow",
            variables: &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}")],
            answers: vec![Answer::Never; 3],
            requests: 1,
            outcome: "no credentials from \"ask the EC2 instance metadata service at {url}\": timed out talking to {url}/latest/api/token; in a container on an instance, this needs the instance's metadata option HttpPutResponseHopLimit of 2; passed over: {over}",
            ..row()
        },
        Row {
            name: "an instance: nobody there",
            variables: &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")],
            outcome: "no credentials from \"ask the EC2 instance metadata service at http://127.0.0.1:1\": could not connect to http://127.0.0.1:1/latest/api/token; passed over: {over}",
            ..row()
        },
        Row {
            name: "an instance: switched off",
            variables: &[("AWS_EC2_METADATA_DISABLED", "true")],
            outcome: "no source of credentials is configured: {over}; instance metadata: AWS_EC2_METADATA_DISABLED is true",
            ..row()
        },
        Row {
            name: "files: a line without a value",
            config: "[default]\nregion\n",
            outcome: "expected an '=' sign defining a property (profile `default`, {dir}/config line 2)",
            ..row()
        },
        Row {
            name: "files: a folder",
            variables: &[("AWS_SHARED_CREDENTIALS_FILE", "{dir}")],
            outcome: "{dir} cannot be read",
            ..row()
        },
        Row {
            name: "files: no certificates",
            config: "[profile p]\nca_bundle = {dir}/none.pem\n",
            outcome: "{dir}/none.pem cannot be read",
            ..row()
        },
        Row {
            name: "settings: no number",
            config: "[profile p]\nretry_mode = often\n",
            outcome: "*retry_mode is \"often\", expected standard, adaptive or legacy (profile `p`, {dir}/config line 2)",
            ..row()
        },
    ]
}

fn row() -> Row {
    Row { name: "", config: "", files: &[], variables: &[], answers: vec![], requests: 0, outcome: "" }
}

const ROLE_OVER_KEYS: &str = "[profile p]
endpoint_url = {url}
role_arn = arn:aws:iam::123456789012:role/demo
source_profile = p
aws_access_key_id = AKIDP
aws_secret_access_key = s
";
const CHAIN: &str = "[profile p]
endpoint_url = {url}
role_arn = arn:aws:iam::123456789012:role/demo
source_profile = q
[profile q]
role_arn = arn:aws:iam::123456789012:role/first
source_profile = r
[profile r]
aws_access_key_id = AKIDR
aws_secret_access_key = s
";
const SSO: &str = "[profile p]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = r
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.example
";
const SSO_AT: &[(&str, &str)] = &[("AWS_ENDPOINT_URL_SSO", "{url}"), ("AWS_ENDPOINT_URL_SSO_OIDC", "{url}/oidc/")];
/// The AWS CLI's file for the session's token: `printf corp | sha1sum`.
const SSO_FILE: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
const SSO_TOKEN: &str = r#"{"accessToken":"T0","expiresAt":"2999-01-01T00:00:00Z"}"#;
const SSO_RENEWABLE: &str = r#"{"startUrl":"https://corp.example","region":"eu-west-1","accessToken":"T0","expiresAt":"2001-01-01T00:00:00Z","clientId":"c","clientSecret":"s","registrationExpiresAt":"2999-01-01T00:00:00Z","refreshToken":"r"}"#;
const RENEWED: &str = r#"{"accessToken":"T1","expiresIn":3600,"refreshToken":"r1"}"#;
const PORTAL: &str = r#"{"roleCredentials":{"accessKeyId":"ASIAS","secretAccessKey":"s","sessionToken":"t","expiration":32472144000000}}"#;
/// What the error of the last source says about the others.
const PASSED_OVER: &str = "keys in the environment: AWS_ACCESS_KEY_ID is not set; profile `default`: it is not defined; \
    web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set; container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor \
    AWS_CONTAINER_CREDENTIALS_FULL_URI is set";
const EARLIER: &str = "2001-01-01T00:00:00Z";
/// {"alg":"none"}.{"iss":"https://idp.example.com","sub":"me","aud":"app","exp":1000000000}
const EXPIRED: &str = "eyJhbGciOiJub25lIn0.\
    eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbSIsInN1YiI6Im1lIiwiYXVkIjoiYXBwIiwiZXhwIjoxMDAwMDAwMDAwfQ.c2ln";
const ROLE_KEYS: &str =
    r#"{"Code":"Success","AccessKeyId":"ASIAX","SecretAccessKey":"s","Token":"t","Expiration":"2999-01-01T00:00:00Z"}"#;
const EXPIRED_KEYS: &str =
    r#"{"Code":"Success","AccessKeyId":"ASIAX","SecretAccessKey":"s","Token":"t","Expiration":"2001-01-01T00:00:00Z"}"#;
const KEYS: &[(&str, &str)] = &[("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "s")];
