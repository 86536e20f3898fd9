//! The signer beside AWS's own, the crate `aws-sigv4`, on random requests, and on the Signature Version 4A suite in its package. It
//! needs a newer Rust and many more crates than sts-core, which is why this test is here. `cargo test -p sts-benches --tests`
#![allow(missing_docs)]
// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};

use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningParams, SigningSettings, sign},
    sign::{v4, v4a},
};
use http::{HeaderName, HeaderValue, Request};
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey, signature::Verifier as _};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{RngSeed, TestRunner},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sts_core::{
    Credentials,
    sigv4::{Payload, Signer, Verifier},
};
use time::UtcDateTime;

/// A request, and how it is signed.
#[derive(Clone, Debug)]
struct Sample {
    method: &'static str,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
    secret: String,
    token: Option<String>,
    region: &'static str,
    /// What Signature Version 4A has instead.
    regions: &'static str,
    service: &'static str,
    seconds: u32,
    expires: u32,
}

#[derive(Clone, Copy, PartialEq)]
enum Version {
    V4,
    V4a,
}

const ID: &str = "AKIDEXAMPLE";

impl Sample {
    fn credentials(&self) -> Credentials {
        let credentials = Credentials::new(ID, &*self.secret);
        match &self.token {
            Some(token) => credentials.session_token(&**token),
            None => credentials,
        }
    }

    fn now(&self) -> UtcDateTime {
        UtcDateTime::from_unix_timestamp(self.seconds.into()).unwrap()
    }

    fn request(&self) -> Request<String> {
        let mut request = Request::builder().method(self.method).uri(&self.url).body(self.body.clone()).unwrap();
        for (name, value) in &self.headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        request
    }

    fn ours(&self, version: Version, presigned: bool) -> Request<String> {
        let credentials = self.credentials();
        let region = if version == Version::V4 { self.region } else { self.regions };
        let signer = Signer::new(&credentials, region, self.service);
        let (mut request, payload) = (self.request(), Payload::from(self.body.as_bytes()));
        if presigned {
            let expires = Duration::from_secs(self.expires.into());
            let url = match version {
                Version::V4 => signer.presign(&request, payload, expires, self.now()),
                Version::V4a => signer.presign_v4a(&request, payload, expires, self.now()),
            };
            *request.uri_mut() = url.unwrap();
        } else {
            match version {
                Version::V4 => signer.sign(&mut request, payload, self.now()).unwrap(),
                Version::V4a => signer.sign_v4a(&mut request, payload, self.now()).unwrap(),
            }
        }
        request
    }

    fn theirs(&self, version: Version, presigned: bool) -> Request<String> {
        let identity =
            aws_credential_types::Credentials::new(ID, &*self.secret, self.token.clone(), None, "test").into();
        let mut settings = SigningSettings::default();
        if presigned {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(Duration::from_secs(self.expires.into()));
        }
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(self.seconds.into());
        let params: SigningParams<'_> = match version {
            Version::V4 => {
                let builder = v4::SigningParams::builder().identity(&identity).region(self.region).name(self.service);
                builder.time(time).settings(settings).build().unwrap().into()
            }
            Version::V4a => {
                let builder =
                    v4a::SigningParams::builder().identity(&identity).region_set(self.regions).name(self.service);
                builder.time(time).settings(settings).build().unwrap().into()
            }
        };
        let headers = self.headers.iter().map(|(name, value)| (&**name, &**value));
        let body = SignableBody::Bytes(self.body.as_bytes());
        let signable = SignableRequest::new(self.method, &*self.url, headers, body).unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        let mut request = self.request();
        instructions.apply_to_request_http1x(&mut request);
        request
    }
}

/// Generated are the cases in which the two should agree. They do not, and are left out, in these:
/// - a blank written as `+` in a query: aws-sigv4 takes it for a blank, as in a form, and this signer for a plus, as RFC 3986;
/// - bytes in a query that are no UTF-8: aws-sigv4 replaces them, this signer leaves them as they are;
/// - tabs in a header: aws-sigv4 leaves them as they are, this signer folds them with blanks, as botocore and AWS's other signers;
/// - a path that ends in dots: "/a/." is "/a/" to aws-sigv4, and "/a" to this signer, botocore and the AWS common runtime;
/// - what describes the connection: aws-sigv4 signs more of these headers.
fn samples() -> impl Strategy<Value = Sample> {
    let host = select(vec![
        "https://sts.amazonaws.com",
        "https://sts.eu-central-1.amazonaws.com:443",
        "http://localhost:8433",
        "http://127.0.0.1",
        "http://example.com:80",
        "http://[::1]:8080",
    ]);
    let path = prop_oneof![
        "(/([a-z0-9._~!$&'()*+,;=:@-]|%[0-9A-F]{2}){0,8}){1,4}/?",
        "(/(\\.|\\.\\.|a|)){1,6}",
        Just("/".to_owned()),
    ];
    let path = path.prop_filter("ends in dots", |path| !path.ends_with("/.") && !path.ends_with("/.."));
    let text = "([A-Za-z0-9._~!$'()*,;:@/?-]|%[2-7][0-9A-F]|%[2-7][a-f]|%C3%A9|%e6%bc%a2){0,12}";
    let query = prop::collection::vec((text, prop::option::of(text)), 0..5).prop_map(|fields| {
        let fields = fields.into_iter().map(|(name, value)| match value {
            Some(value) => format!("q{name}={value}"),
            None => format!("q{name}"),
        });
        fields.collect::<Vec<_>>().join("&")
    });
    let url = (host, path, prop::option::of(query)).prop_map(|(host, path, query)| match query {
        Some(query) => format!("{host}{path}?{query}"),
        None => format!("{host}{path}"),
    });
    let name = prop_oneof!["(x-amz-meta-|X-Amz-H|accept-h|h)[A-Za-z0-9]{1,8}", Just("User-Agent".to_owned())];
    let value = " {0,2}([!-~\u{e9}\u{6f22}\u{1f600}]{1,9} {0,3}){0,4}";
    let headers = prop::collection::vec((name, prop::collection::vec(value, 1..3)), 0..5).prop_map(|headers| {
        let headers = headers.into_iter().flat_map(|(name, values)| values.into_iter().map(move |v| (name.clone(), v)));
        headers.collect()
    });
    let method = select(vec!["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"]);
    let region = select(vec!["us-east-1", "eu-central-1", "cn-north-1"]);
    let regions = select(vec!["*", "us-east-1", "us-east-1,eu-*"]);
    let service = select(vec!["sts", "execute-api", "dynamodb"]);
    // Long ones are repeated: drawing each character takes longer than the signatures.
    let token = ("[A-Za-z0-9/+=]{16,40}", 1..20_usize).prop_map(|(text, count)| text.repeat(count));
    let credentials = ("[A-Za-z0-9/+]{40}", prop::option::of(token));
    let scope = (region, regions, service, 0..4_000_000_000_u32, 0..604_801_u32);
    (method, url, headers, any::<String>(), credentials, scope).prop_map(
        |(method, url, headers, body, (secret, token), (region, regions, service, seconds, expires))| Sample {
            method,
            url,
            headers,
            body,
            secret,
            token,
            region,
            regions,
            service,
            seconds,
            expires,
        },
    )
}

/// The same cases in every run.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new(ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(20_150_830),
        failure_persistence: None,
        ..ProptestConfig::default()
    })
}

fn authorization(request: &Request<String>) -> &str {
    request.headers()["authorization"].to_str().unwrap()
}

fn parameters(request: &Request<String>) -> Vec<String> {
    let mut fields: Vec<_> = request.uri().query().unwrap().split('&').map(str::to_owned).collect();
    fields.sort();
    fields
}

/// What a server receives of a presigned request.
fn received(mut request: Request<String>) -> Request<String> {
    let (authority, scheme) = (request.uri().authority().unwrap(), request.uri().scheme_str());
    let is_default = matches!((scheme, authority.port_u16()), (Some("https"), Some(443)) | (Some("http"), Some(80)));
    let host = if is_default { authority.host() } else { authority.as_str() }.parse().unwrap();
    request.headers_mut().insert("host", host);
    request
}

#[test]
fn headers_of_1000_requests() {
    let agree = |sample: Sample| {
        let (ours, theirs) = (sample.ours(Version::V4, false), sample.theirs(Version::V4, false));
        prop_assert_eq!(authorization(&ours), authorization(&theirs));
        prop_assert_eq!(ours.headers().get("x-amz-security-token"), theirs.headers().get("x-amz-security-token"));
        let verified =
            Verifier::new(sample.service).verify(&received(theirs), sample.now(), |_| Some(sample.credentials()));
        prop_assert!(verified.is_ok(), "{verified:?}");
        Ok(())
    };
    runner(1000).run(&samples(), agree).unwrap();
}

#[test]
fn urls_of_1000_requests() {
    let agree = |sample: Sample| {
        let (ours, theirs) = (sample.ours(Version::V4, true), sample.theirs(Version::V4, true));
        prop_assert_eq!(parameters(&ours), parameters(&theirs));
        let verified =
            Verifier::new(sample.service).verify(&received(theirs), sample.now(), |_| Some(sample.credentials()));
        prop_assert!(verified.is_ok(), "{verified:?}");
        Ok(())
    };
    runner(1000).run(&samples(), agree).unwrap();
}

/// Both take the one-time number of a signature from the key and the message (RFC 6979), so that signatures are equal.
#[test]
fn v4a_signatures_of_200_requests() {
    let agree = |sample: Sample| {
        let [ours, theirs] = [sample.ours(Version::V4a, false), sample.theirs(Version::V4a, false)];
        prop_assert_eq!(authorization(&ours), authorization(&theirs));
        prop_assert_eq!(&ours.headers()["x-amz-region-set"], &theirs.headers()["x-amz-region-set"]);
        let [ours, theirs] = [sample.ours(Version::V4a, true), sample.theirs(Version::V4a, true)];
        prop_assert_eq!(parameters(&ours), parameters(&theirs));
        Ok(())
    };
    runner(100).run(&samples(), agree).unwrap();
}

/// One verification without the signer of others: the public key is of the key that aws-sigv4 derives.
#[test]
fn v4a_signatures_verify() {
    let check = |sample: Sample| {
        let request = sample.ours(Version::V4a, false);
        let credentials = sample.credentials();
        let canonical = Signer::new(&credentials, sample.regions, sample.service)
            .canonical_request(&request, sample.body.as_bytes());
        let date = request.headers()["x-amz-date"].to_str().unwrap();
        let string_to_sign = format!(
            "AWS4-ECDSA-P256-SHA256\n{date}\n{}/{}/aws4_request\n{}",
            &date[..8],
            sample.service,
            hex::encode(Sha256::digest(canonical.as_bytes()))
        );
        let key = SigningKey::from_slice(v4a::generate_signing_key(ID, &sample.secret).as_ref()).unwrap();
        let signature = signature(authorization(&request).rsplit_once("Signature=").unwrap().1);
        prop_assert!(key.verifying_key().verify(string_to_sign.as_bytes(), &signature).is_ok());
        prop_assert!(key.verifying_key().verify(date.as_bytes(), &signature).is_err());
        Ok(())
    };
    runner(50).run(&samples(), check).unwrap();
}

fn signature(digits: &str) -> DerSignature {
    DerSignature::from_bytes(&hex::decode(digits).unwrap()).unwrap()
}

/// The suite in the package of `aws-sigv4`, wherever cargo keeps that.
fn suite() -> PathBuf {
    let output = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let rustc = output("rustc", &["-vV"]);
    // Packages for other platforms need not be there.
    let platform = rustc.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let arguments =
        ["metadata", "--format-version=1", "--offline", "--manifest-path", manifest, "--filter-platform", platform];
    let metadata: Value = serde_json::from_str(&output(env!("CARGO"), &arguments)).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "aws-sigv4").unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    manifest.with_file_name("aws-signing-test-suite").join("v4a")
}

/// The request of a case, without the headers that the signer sets.
fn read_request(source: &str) -> Request<Vec<u8>> {
    let (head, body) = source.split_once("\n\n").unwrap_or((source, ""));
    // RFC 9112 §5.2: a line that begins with a blank continues the one before.
    let head = head.replace("\n ", " ");
    let mut lines = head.lines();
    let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
    // A URL has no blanks; every client sends them percent-encoded.
    let target = target.strip_suffix(" HTTP/1.1").unwrap().replace(' ', "%20");
    let mut request = Request::new(body.as_bytes().to_vec());
    for (name, value) in lines.map(|line| line.split_once(':').unwrap()) {
        let value = HeaderValue::from_bytes(value.trim().as_bytes()).unwrap();
        request.headers_mut().append(name.parse::<HeaderName>().unwrap(), value);
    }
    request.headers_mut().remove("x-amz-date");
    *request.method_mut() = method.parse().unwrap();
    let host = request.headers()["host"].to_str().unwrap().to_owned();
    *request.uri_mut() = format!("https://{host}{target}").parse().unwrap();
    request
}

/// Each step of each case, in headers and in the URL. The suite's own signatures are of another one-time number; what is held
/// against the suite is that ours verify with its public key and its string to sign.
#[test]
fn v4a_suite() {
    let mut checked = 0;
    for folder in fs::read_dir(suite()).unwrap() {
        let folder = folder.unwrap().path();
        let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
        let json = |file: &str| -> Value { serde_json::from_str(&read(file)).unwrap() };
        let (context, public) = (json("context.json"), json("public-key.json"));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let key = ["04".to_owned(), text(&public["X"]), text(&public["Y"])].concat();
        let key = VerifyingKey::from_sec1_bytes(&hex::decode(key).unwrap()).unwrap();

        let known = &context["credentials"];
        let mut credentials = Credentials::new(text(&known["access_key_id"]), text(&known["secret_access_key"]));
        // The other cases with a token add it after signing.
        if let Some(token) = known["token"].as_str().filter(|_| context["omit_session_token"] != true) {
            credentials = credentials.session_token(token);
        }
        let now = time::macros::utc_datetime!(2015-08-30 12:36:00);
        assert_eq!(context["timestamp"], "2015-08-30T12:36:00Z");
        let (regions, service) = (text(&context["region"]), text(&context["service"]));
        // The suite signs `content-length`, and encodes paths once.
        let signer = Signer::new(&credentials, &regions, &service)
            .normalize_path(context["normalize"] == true)
            .double_encode_path(false)
            .unsigned_headers(&["authorization"]);

        let request = read_request(&read("request.txt"));
        let mut sent = request.clone();
        let canonical = read("header-canonical-request.txt");
        if context["sign_body"] == true {
            let hash = canonical.trim_end().rsplit_once('\n').unwrap().1;
            sent.headers_mut().insert("x-amz-content-sha256", hash.parse().unwrap());
        }
        signer.sign_v4a(&mut sent, &**request.body(), now).unwrap();
        let ours = signer.canonical_request(&sent, &**request.body()).to_string();
        assert_eq!(ours.trim_end(), canonical.trim_end(), "{}", folder.display());
        let authorization = sent.headers()["authorization"].to_str().unwrap();
        let (fields, ours) = authorization.rsplit_once("Signature=").unwrap();
        assert!(read("header-signed-request.txt").contains(fields), "{}", folder.display());
        let string_to_sign = read("header-string-to-sign.txt");
        key.verify(string_to_sign.trim_end().as_bytes(), &signature(ours)).unwrap();

        let expires = Duration::from_secs(context["expiration_in_seconds"].as_u64().unwrap());
        let url = signer.presign_v4a(&request, &**request.body(), expires, now).unwrap().to_string();
        let string_to_sign = read("query-string-to-sign.txt");
        let (_, ours) = url.rsplit_once("&X-Amz-Signature=").unwrap();
        key.verify(string_to_sign.trim_end().as_bytes(), &signature(ours)).unwrap();
        checked += 1;
    }
    assert_eq!(checked, 38);
}
