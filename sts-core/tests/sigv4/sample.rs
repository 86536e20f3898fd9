//! Calls as STS sees many.

use std::time::Duration;

use http::Request;
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{RngSeed, TestRunner},
};
use sts_core::{Credentials, sigv4::Signer};
use time::UtcDateTime;

use crate::{FORM, ID, NOW, REGION, presign::received};

/// A call as STS sees many, and how it is signed.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) region: &'static str,
    pub(crate) host: &'static str,
    pub(crate) path: &'static str,
    pub(crate) body: String,
    pub(crate) seconds: u32,
    pub(crate) extra: Option<String>,
}

impl Sample {
    pub(crate) fn credentials(&self) -> Credentials {
        let credentials = Credentials::new(ID, &*self.secret);
        match &self.token {
            Some(token) => credentials.session_token(&**token),
            None => credentials,
        }
    }

    pub(crate) fn now(&self) -> UtcDateTime {
        NOW + Duration::from_secs(self.seconds.into())
    }

    pub(crate) fn request(&self) -> Request<String> {
        let mut builder = Request::post(format!("https://{}{}", self.host, self.path)).header("content-type", FORM);
        if let Some(value) = &self.extra {
            builder = builder.header("x-amz-extra", value);
        }
        let mut request = builder.body(self.body.clone()).unwrap();
        let credentials = self.credentials();
        let signer = Signer::new(&credentials, self.region, "sts");
        signer.sign(&mut request, self.body.as_bytes(), self.now()).unwrap();
        request
    }

    pub(crate) fn presigned(&self) -> Request<String> {
        let mut builder = Request::get(format!("https://{}{}", self.host, self.path));
        if let Some(value) = &self.extra {
            builder = builder.header("x-amz-extra", value);
        }
        let request = builder.body(self.body.clone()).unwrap();
        let credentials = self.credentials();
        let signer = Signer::new(&credentials, self.region, "sts");
        let expires = Duration::from_secs(1 + u64::from(self.seconds) % 900);
        let url = signer.presign(&request, self.body.as_bytes(), expires, self.now()).unwrap();
        received(request, url)
    }
}

pub(crate) fn samples() -> impl Strategy<Value = Sample> {
    let hosts = select(vec![
        "sts.amazonaws.com",
        "sts.eu-central-1.amazonaws.com",
        "localhost:8433",
        "127.0.0.1:4566",
        "[::1]:8080",
    ]);
    // No path that is percent-encoded: the independent verifier encodes it once, as S3 does, AWS's other services twice.
    let paths = select(vec!["/", "/sts", "/a/b/", "/a-b/~c.d", "/?x=1&a=%2F&a=", "/p?b=2&a=1&empty"]);
    let regions = select(vec![REGION, "eu-central-1", "cn-north-1", "us-gov-west-1"]);
    // Long ones are repeated: drawing each character takes longer than the signatures.
    let token = ("[A-Za-z0-9/+=]{16,40}", 1..20_usize).prop_map(|(text, count)| text.repeat(count));
    let body = prop::collection::vec(("[A-Za-z.0-9]{1,20}", "([A-Za-z0-9._~-]|%[0-9A-F]{2}){0,20}"), 1..5).prop_map(
        |fields| fields.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"),
    );
    (
        "[A-Za-z0-9/+]{40}",
        prop::option::of(token),
        regions,
        hosts,
        paths,
        body,
        0_u32..400_000_000,
        prop::option::of(" ?[!-~]{1,9}( {0,3}[!-~]{1,9}){0,3} ?"),
    )
        .prop_map(|(secret, token, region, host, path, body, seconds, extra)| Sample {
            secret,
            token,
            region,
            host,
            path,
            body,
            seconds,
            extra,
        })
}

/// Another character of the same kind at one place, so that what is damaged stays well-formed where it can.
pub(crate) fn flip(text: &str, at: prop::sample::Index) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let place = at.index(bytes.len());
    bytes[place] = match bytes[place] {
        b'0'..=b'8' | b'a'..=b'e' | b'g'..=b'y' | b'A'..=b'E' | b'G'..=b'Y' => bytes[place] + 1,
        b'9' => b'0',
        b'f' => b'a',
        b'F' => b'A',
        _ => b'7',
    };
    String::from_utf8(bytes).unwrap()
}

/// The same cases in every run.
pub(crate) fn runner(cases: u32) -> TestRunner {
    TestRunner::new(ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(20_150_830),
        failure_persistence: None,
        ..ProptestConfig::default()
    })
}
