//! Signed `GetCallerIdentity` requests that Google Cloud and Snowflake exchange for their own tokens.

use alloc::{borrow::Cow, format, string::String};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderName, HeaderValue, Method, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use time::UtcDateTime;

use super::{
    error::ProofError,
    presign::{regional_endpoint, with_call},
};
use crate::{
    config::Config, credentials::Credentials, error::Problem, json::write_string, secret::Secret, sigv4::Signer,
};

const TARGET_RESOURCE: &str = "x-goog-cloud-target-resource";
const SNOWFLAKE_AUDIENCE: &str = "x-snowflake-audience";

/// Encodes the same characters as Google's libraries.
const GOOGLE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A subject token for [Google Cloud's workload identity federation](https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds),
/// of type `urn:ietf:params:aws:token-type:aws4_request`. Valid for 15 minutes from `now`.
///
/// `audience` is the provider: `//iam.googleapis.com/projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>`.
/// It is signed, so the token cannot be used with another provider.
///
/// # Errors
/// There is no region, the endpoint is not one of STS, or the audience or the credentials contain a character that a header cannot.
pub fn google_cloud_token(
    config: &Config,
    credentials: &Credentials,
    audience: &str,
    now: UtcDateTime,
) -> Result<Secret, ProofError> {
    let request = signed_call(config, credentials, TARGET_RESOURCE, audience, now)?;
    let mut json = String::from(r#"{"headers":["#);
    let names = ["Authorization", "host", "x-amz-date", TARGET_RESOURCE, "x-amz-security-token"];
    for (index, (name, value)) in headers(&request, &names).enumerate() {
        json += if index == 0 { r#"{"key":"# } else { r#",{"key":"# };
        write_string(&mut json, name);
        json += r#","value":"#;
        write_string(&mut json, &value);
        json.push('}');
    }
    json += &format!(r#"],"method":"POST","url":"{}"}}"#, request.uri());
    Ok(utf8_percent_encode(&json, GOOGLE).collect::<String>().into())
}

/// A credential for [Snowflake's workload identity federation](https://docs.snowflake.com/en/user-guide/workload-identity-federation),
/// provider `AWS`. Valid for 15 minutes from `now`.
///
/// # Errors
/// There is no region, the endpoint is not one of STS, or the credentials contain a character that a header cannot.
pub fn snowflake_credential(
    config: &Config,
    credentials: &Credentials,
    now: UtcDateTime,
) -> Result<Secret, ProofError> {
    let request = signed_call(config, credentials, SNOWFLAKE_AUDIENCE, "snowflakecomputing.com", now)?;
    let mut json = format!(r#"{{"url": "{}", "method": "POST", "headers": {{"#, request.uri());
    let names = ["Host", "X-Snowflake-Audience", "X-Amz-Date", "X-Amz-Security-Token", "Authorization"];
    for (index, (name, value)) in headers(&request, &names).enumerate() {
        json += if index == 0 { "" } else { ", " };
        write_string(&mut json, name);
        json += ": ";
        write_string(&mut json, &value);
    }
    json += "}}";
    Ok(BASE64_STANDARD.encode(json).into())
}

/// A request with the operation in its query and no body, signed with a header that names the intended recipient.
fn signed_call(
    config: &Config,
    credentials: &Credentials,
    name: &'static str,
    audience: &str,
    now: UtcDateTime,
) -> Result<Request<()>, ProofError> {
    let region = config.signing_region().ok_or(ProofError::Sign(Problem::NoRegion))?;
    let audience = HeaderValue::from_str(audience).map_err(|_| ProofError::Audience)?;
    let endpoint = regional_endpoint(config).ok_or(ProofError::Endpoint)?;
    let mut request = Request::new(());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = with_call(&endpoint).map_err(ProofError::Sign)?;
    request.headers_mut().insert(HeaderName::from_static(name), audience);
    let signer = Signer::new(credentials, region, "sts");
    signer.sign(&mut request, b"", now).map_err(|error| ProofError::Sign(Problem::Sign(error)))?;
    Ok(request)
}

/// The headers that the request has among `names`, in that order and spelling.
fn headers<'r>(request: &'r Request<()>, names: &[&'r str]) -> impl Iterator<Item = (&'r str, Cow<'r, str>)> {
    names.iter().filter_map(|name| Some((*name, String::from_utf8_lossy(request.headers().get(*name)?.as_bytes()))))
}
