//! No `Debug` holds a secret, whatever the secret is. `tests/secrets.rs` goes through all types with secrets that are known.

use std::fmt::Debug;

use http::Response;
use proptest::{prelude::*, sample::select};
use sts_core::{
    sigv4::{KeyCache, Signer},
    *,
};
use time::{UtcDateTime, macros::utc_datetime};

use crate::{cases, common::receive};

const NOW: UtcDateTime = utc_datetime!(2026-11-23 03:00:00);
const ROLE: &str = "arn:aws:iam::123456789012:role/demo";

/// So long that it cannot turn up by chance.
fn secrets() -> impl Strategy<Value = String> {
    "[!-~]{12,60}".prop_map(|text| text.replace(['&', '<', '>', '"', '\\', '\''], "/"))
}

fn hides(secret: &str, value: &impl Debug) -> Result<(), TestCaseError> {
    let bytes = format!("{:?}", secret.as_bytes());
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        prop_assert!(!text.contains(secret) && !text.contains(bytes.trim_matches(['[', ']'])), "{}", text);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn a_key_is_never_shown(secret in secrets(), token in secrets()) {
        let credentials = Credentials::new("AKIDEXAMPLE", &*secret).session_token(&*token);
        let config = Config::builder().region("us-east-1").build().unwrap();
        let (client, cache) = (Client::new(config, 1), KeyCache::new());
        let mut request = http::Request::post("https://sts.amazonaws.com/").body(()).unwrap();
        let signer = Signer::new(&credentials, "us-east-1", "sts").key_cache(&cache);
        signer.sign(&mut request, b"", NOW).unwrap();
        let step = client.call(&GetCallerIdentity::new(), Some(&credentials), NOW);
        for hidden in [&secret, &token] {
            hides(hidden, &credentials)?;
            hides(hidden, &signer)?;
            hides(hidden, &request)?;
            hides(hidden, &step)?;
            hides(hidden, &(&client, &cache))?;
        }
    }

    /// A service that does not escape a secret makes tags of it. Two secrets of the same shape make the same error.
    #[test]
    fn an_unescaped_secret_is_not_in_the_error(
        shape in "[A-M]{0,6}[</>&;!?'\" =A-M-]{1,20}[A-M]{0,6}",
        member in select(vec!["AccessKeyId", "SecretAccessKey", "SessionToken"]),
        status in select(vec![200, 400, 500]),
    ) {
        let other: String = shape.chars().map(|c| if c.is_ascii_uppercase() { char::from(c as u8 + 13) } else { c }).collect();
        let error = |secret: &str| {
            let whole = "<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>\
                <Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>";
            let start = format!("<{member}>");
            let (before, after) = whole.split_once(&start).unwrap();
            let xml = format!("<AssumeRoleResponse><AssumeRoleResult>{before}{start}{secret}{after}</AssumeRoleResult></AssumeRoleResponse>");
            receive(&AssumeRole::new("", ""), status, &xml).err().map(|error| (error.to_string(), format!("{error:?}")))
        };
        prop_assert_eq!(error(&shape), error(&other));
    }

    #[test]
    fn an_input_is_never_shown(secret in secrets(), long in any::<bool>()) {
        fn check(secret: &str, operation: &(impl Operation + Debug)) -> Result<(), TestCaseError> {
            hides(secret, operation)?;
            hides(secret, &operation.to_body())?;
            hides(secret, &operation.to_body_unchecked())
        }
        // A text that is too long is refused, and then it is in an error.
        let text = if long { secret.repeat(10_000) } else { secret.clone() };
        check(&secret, &AssumeRole::new(ROLE, "name").serial_number("123456789").token_code(&*text))?;
        check(&secret, &AssumeRole::new(ROLE, "name").provided_contexts([ProvidedContext::new(ROLE, &*text)]))?;
        check(&secret, &AssumeRoleWithSaml::new(ROLE, ROLE, &*text))?;
        check(&secret, &AssumeRoleWithWebIdentity::new(ROLE, "name", &*text))?;
        check(&secret, &GetDelegatedAccessToken::new(&*text))?;
        check(&secret, &GetSessionToken::new().serial_number("123456789").token_code(&*text))?;
    }

    #[test]
    fn an_output_is_never_shown(secret in secrets(), cut in 0..400_usize, status in prop::sample::select(vec![200_u16, 400])) {
        let xml = format!(
            "<GetSessionTokenResponse><GetSessionTokenResult><Credentials><AccessKeyId>ASIA</AccessKeyId>\
             <SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{secret}</SessionToken>\
             <Expiration>2026-11-23T04:00:00Z</Expiration></Credentials></GetSessionTokenResult></GetSessionTokenResponse>"
        );
        let config = Config::builder().region("us-east-1").max_attempts(1).build().unwrap();
        let (client, credentials) = (Client::new(config, 1), Credentials::new("AKIDEXAMPLE", "other"));
        for body in [&xml[..], &xml[..cut.min(xml.len())]] {
            let step = client.call(&GetSessionToken::new(), Some(&credentials), NOW);
            let Step::Transmit(_, call) = step else { panic!("nothing to send") };
            let response = Response::builder().status(status).body(body).unwrap();
            let Step::Done(result) = call.receive(Ok(response), NOW) else { panic!("there is one attempt") };
            hides(&secret, &result)?;
            if let Err(error) = result {
                prop_assert!(!error.to_string().contains(&secret), "{}", error);
            }
        }
    }
}
