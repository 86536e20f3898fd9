//! Logins for HashiCorp Vault and OpenBao.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use time::UtcDateTime;

use super::{
    error::{ProofError, RefusedProof},
    presign::is_sts,
};
use crate::{
    config::Config,
    credentials::Credentials,
    error::Problem,
    json::{Value, write_string},
    operation::Operation,
    operations::GetCallerIdentity,
    query::Body,
    secret::Secret,
    sigv4::Signer,
};

/// A login for HashiCorp Vault's or OpenBao's [AWS auth method](https://developer.hashicorp.com/vault/api-docs/auth/aws#login), type `iam`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VaultLogin {
    /// The signed request that Vault sends to STS.
    pub request: Request<Body>,
}

impl VaultLogin {
    /// The maximum length of a login, in bytes: several times that of a login with the longest session token.
    const MAX_LENGTH: usize = 65_536;
    const SERVER_ID: HeaderName = HeaderName::from_static("x-vault-aws-iam-server-id");
    /// The allowed headers: Vault's `defaultAllowedSTSRequestHeaders`, and others that clients sign or send. Since
    /// [CVE-2020-16250](https://nvd.nist.gov/vuln/detail/CVE-2020-16250), Vault restricts Amazon's headers only. This list also excludes
    /// headers that affect the framing of the request or the format of the response.
    const HEADERS: [&str; 16] = [
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-amz-algorithm",
        "x-amz-content-sha256",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-signature",
        "x-amz-signedheaders",
        "x-amz-user-agent",
        "x-vault-aws-iam-server-id",
    ];

    /// Signs a login. `server_id` is the value of Vault's `iam_server_id_header_value`, if set; it prevents the use of the login with
    /// another Vault server.
    ///
    /// # Errors
    /// There is no region, or the server id or the credentials contain a character that a header cannot.
    pub fn new(
        config: &Config,
        credentials: &Credentials,
        server_id: Option<&str>,
        now: UtcDateTime,
    ) -> Result<Self, ProofError> {
        let region = config.signing_region().ok_or(ProofError::Sign(Problem::NoRegion))?;
        let body = GetCallerIdentity::new().to_body_unchecked();
        let mut request = Request::new(body.clone());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = config.endpoint().clone();
        let headers = request.headers_mut();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, form);
        if let Some(id) = server_id {
            let id = HeaderValue::from_str(id).map_err(|_| ProofError::ServerId)?;
            headers.insert(Self::SERVER_ID, id);
        }
        let signer = Signer::new(credentials, region, "sts");
        signer.sign(&mut request, body.expose(), now).map_err(|error| ProofError::Sign(Problem::Sign(error)))?;
        Ok(Self { request })
    }

    /// The JSON to post to `/v1/auth/aws/login`. Without a role, Vault uses the name of the caller's role or user.
    pub fn to_json(&self, role: Option<&str>) -> Secret {
        let mut headers = String::from("{");
        for (index, name) in self.request.headers().keys().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            headers += &format!("{comma}\"{name}\":[");
            for (index, value) in self.request.headers().get_all(name).iter().enumerate() {
                if index > 0 {
                    headers.push(',');
                }
                write_string(&mut headers, &String::from_utf8_lossy(value.as_bytes()));
            }
            headers.push(']');
        }
        headers.push('}');

        let mut json = String::from("{");
        if let Some(role) = role {
            json += "\"role\":";
            write_string(&mut json, role);
            json.push(',');
        }
        json += &format!(
            r#""iam_http_request_method":"{}","iam_request_url":"{}","iam_request_body":"{}","iam_request_headers":"{}"}}"#,
            self.request.method(),
            BASE64_STANDARD.encode(self.request.uri().to_string()),
            BASE64_STANDARD.encode(self.request.body()),
            BASE64_STANDARD.encode(headers),
        );
        json.into()
    }

    /// Reads a login as Vault does before it sends the request to STS. The signature is not checked; only STS can do that.
    ///
    /// The returned request can be sent to its own URL (Vault uses a configured endpoint instead): the URL must belong to STS, and no
    /// header can change the meaning of the request or the format of the response.
    ///
    /// # Errors
    /// The first rule that the login violates.
    pub fn read(json: &str, server_id: Option<&str>) -> Result<Request<Vec<u8>>, RefusedProof> {
        if json.len() > Self::MAX_LENGTH {
            return Err(RefusedProof("it is longer than 65536 bytes"));
        }
        let login = Value::parse(json).map_err(|_| RefusedProof("it is not JSON"))?;
        let decoded = |name| login.get(name).and_then(Value::as_str).and_then(decode);
        if login.get("iam_http_request_method").and_then(Value::as_str) != Some("POST") {
            return Err(RefusedProof("iam_http_request_method is not POST"));
        }
        let url = decoded("iam_request_url").ok_or(RefusedProof("iam_request_url is not base64"))?;
        let url = Uri::try_from(url).map_err(|_| RefusedProof("iam_request_url holds no URL"))?;
        if !is_sts(&url) {
            return Err(RefusedProof("iam_request_url is not an https URL of STS"));
        }
        if url.path() != "/" || url.query().is_some() {
            return Err(RefusedProof("iam_request_url has a path or a query"));
        }
        let body = decoded("iam_request_body").ok_or(RefusedProof("iam_request_body is not base64"))?;
        if body != GetCallerIdentity::new().to_body_unchecked().expose() {
            return Err(RefusedProof("iam_request_body calls something else than GetCallerIdentity"));
        }
        let mut headers = match login.get("iam_request_headers") {
            Some(headers @ Value::Object(_)) => read_headers(headers),
            Some(Value::Text(text)) => {
                // Vault's command line program sends base64.
                let text = decode(text).unwrap_or_else(|| text.as_bytes().to_vec());
                let text = core::str::from_utf8(&text).map_err(|_| NO_HEADERS)?;
                read_headers(&Value::parse(text).map_err(|_| NO_HEADERS)?)
            }
            _ => Err(NO_HEADERS),
        }?;
        if headers.get(header::CONTENT_LENGTH).is_some_and(|length| *length != *body.len().to_string()) {
            return Err(RefusedProof("content-length is not the length of iam_request_body"));
        }
        // Vault's own clients omit `Host`.
        let host = url.host().and_then(|host| HeaderValue::from_str(host).ok());
        let host = host.ok_or(RefusedProof("iam_request_url holds no URL"))?;
        if *headers.entry(header::HOST).or_insert_with(|| host.clone()) != host {
            return Err(RefusedProof("host is not that of iam_request_url"));
        }
        if server_id.is_some_and(|expected| headers.get(Self::SERVER_ID).is_none_or(|value| value != expected)) {
            return Err(RefusedProof("x-vault-aws-iam-server-id is missing or another server's"));
        }
        let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let signed = authorization
            .and_then(signed_headers)
            .ok_or(RefusedProof("authorization is not one signature with its three parameters"))?;
        if server_id.is_some() && !signed.split(';').any(|name| name == Self::SERVER_ID.as_str()) {
            return Err(RefusedProof("x-vault-aws-iam-server-id is not signed"));
        }
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = url;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

const NO_HEADERS: RefusedProof = RefusedProof("iam_request_headers is no object of headers");

/// Decodes base64, ignoring the line breaks of the `base64` program.
fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text.replace(['\r', '\n'], "")).ok()
}

/// Reads `{"Host": "…"}`, `{"Host": ["…"]}` or `{"Content-Length": 43}`. Vault accepts all three forms.
fn read_headers(object: &Value<'_>) -> Result<HeaderMap, RefusedProof> {
    let Value::Object(members) = object else { return Err(NO_HEADERS) };
    let mut headers = HeaderMap::new();
    for (name, values) in members {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| NO_HEADERS)?;
        if !VaultLogin::HEADERS.contains(&name.as_str()) {
            return Err(RefusedProof("iam_request_headers has a header that is not allowed"));
        }
        let values = if let Value::List(values) = values { values.as_slice() } else { core::slice::from_ref(values) };
        for value in values {
            let text = match value {
                Value::Text(text) => text,
                Value::Number(number) => *number,
                _ => return Err(NO_HEADERS),
            };
            let mut value = HeaderValue::from_str(text).map_err(|_| NO_HEADERS)?;
            value.set_sensitive(matches!(name.as_str(), "authorization" | "x-amz-security-token"));
            if headers.try_append(&name, value).map_err(|_| NO_HEADERS)? {
                return Err(RefusedProof("iam_request_headers has a header twice"));
            }
        }
    }
    Ok(headers)
}

/// The `SignedHeaders` of an `Authorization` header. `None` for unknown or repeated parameters: STS ignores the former and uses the last of
/// the latter, while other readers may not.
fn signed_headers(authorization: &str) -> Option<&str> {
    const PARAMETERS: [&str; 3] = ["Credential", "SignedHeaders", "Signature"];
    let mut seen = [None; 3];
    for parameter in authorization.strip_prefix("AWS4-HMAC-SHA256 ")?.split(',') {
        let (name, value) = parameter.trim().split_once('=')?;
        let index = PARAMETERS.iter().position(|known| *known == name)?;
        if seen[index].replace(value).is_some() {
            return None;
        }
    }
    let [Some(_), Some(signed), Some(_)] = seen else { return None };
    Some(signed)
}
