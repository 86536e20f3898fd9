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
    /// The signed request, which Vault sends to STS.
    pub request: Request<Body>,
}

impl VaultLogin {
    /// The longest login that is read, in bytes: several times what the longest session token makes of it.
    const MAX_LENGTH: usize = 65_536;
    const SERVER_ID: HeaderName = HeaderName::from_static("x-vault-aws-iam-server-id");
    /// What may be sent to STS in somebody else's name: Vault's `defaultAllowedSTSRequestHeaders`, and what else clients sign or send.
    /// Vault has a list since [CVE-2020-16250](https://nvd.nist.gov/vuln/detail/CVE-2020-16250), but of Amazon's headers alone; others tell
    /// where a request ends or what comes back.
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

    /// Signs a login. `server_id` is what Vault's `iam_server_id_header_value` is set to, if it is: it keeps the login from being
    /// used with another Vault.
    ///
    /// # Errors
    /// There is no region, or the server id or the credentials do not fit in a request.
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

    /// The JSON to post to `/v1/auth/aws/login`; without a role, Vault takes the name of the caller.
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

    /// Reads a login as Vault does before it sends the request to STS. The signature is not checked; only STS can.
    ///
    /// Vault sends it to the endpoint of its own settings. Here it can be sent to its URL, since that must be one of STS: else who
    /// makes the login could answer it, too; and it has no header that could change what the request is or what comes back.
    ///
    /// # Errors
    /// The first rule that the login breaks.
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
                // Vault's own program sends base64.
                let text = decode(text).unwrap_or_else(|| text.as_bytes().to_vec());
                let text = core::str::from_utf8(&text).map_err(|_| NO_HEADERS)?;
                read_headers(&Value::parse(text).map_err(|_| NO_HEADERS)?)
            }
            _ => Err(NO_HEADERS),
        }?;
        if headers.get(header::CONTENT_LENGTH).is_some_and(|length| *length != *body.len().to_string()) {
            return Err(RefusedProof("content-length is not the length of iam_request_body"));
        }
        // Vault's own clients leave it to whoever sends the request.
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

/// What stands in base64, with line ends where the `base64` program puts them.
fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text.replace(['\r', '\n'], "")).ok()
}

/// `{"Host": "…"}`, `{"Host": ["…"]}` or `{"Content-Length": 43}`: Vault takes all of them.
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

/// What an `Authorization` header says is signed. STS passes over parameters that it does not know and takes the last of those that are
/// given twice, so a header with one of either could be read in two ways.
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
