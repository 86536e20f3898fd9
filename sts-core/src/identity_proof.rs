//! Proofs of an identity: signed `GetCallerIdentity` requests that somebody else sends.
//!
//! Whoever receives one sends it to STS and learns whose it is, without ever seeing a secret. Kubernetes clusters on EKS take a
//! presigned URL as a bearer token ([`EksToken`]), Vault takes a signed POST request ([`VaultLogin`]).
//!
//! A proof lives 15 minutes from the time it is signed with, whatever it says itself. That time is an argument: a clock skew that
//! a client has learned is not applied, since nobody would notice.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use core::{fmt, time::Duration};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use percent_encoding::percent_decode_str;
use time::{SignedDuration, UtcDateTime};

use crate::{
    config::Config,
    credentials::{Credentials, Secret},
    endpoint::{self, Endpoint, Parameters},
    error::Problem,
    host::is_host_label,
    json::{Value, write_string},
    operation::{API_VERSION, Operation},
    operations::GetCallerIdentity,
    query::Body,
    sigv4::{SignError, Signer},
    timestamp,
};

/// How long a proof lives.
const LIFETIME: SignedDuration = SignedDuration::minutes(15);

/// A URL that tells whoever fetches it who signed it, within 15 minutes of `now`. Whoever sees it can do the same, and it holds the session
/// token, if there is one: `Debug` and `Display` of a [`Uri`] show all of it, so it must not be logged.
///
/// # Errors
/// There is no region to sign for, the credentials do not fit in a URL, or `expires` is less than a second or more than a week.
pub fn presigned_get_caller_identity(
    config: &Config,
    credentials: &Credentials,
    expires: Duration,
    now: UtcDateTime,
) -> Result<Uri, Problem> {
    presign(config, config.endpoint(), credentials, HeaderMap::new(), expires, now)
}

/// A bearer token for a Kubernetes cluster on EKS, as `aws eks get-token` and aws-iam-authenticator make it.
///
/// ```
/// use sts_core::{Config, Credentials, identity_proof::EksToken};
/// use time::macros::utc_datetime;
///
/// let config = Config::builder().region("eu-central-1").build()?;
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// let now = utc_datetime!(2026-11-23 03:00);
/// let token = EksToken::new(&config, &credentials, "my-cluster", now)?;
/// assert!(token.token.expose().starts_with("k8s-aws-v1."));
/// assert_eq!(token.expiration, utc_datetime!(2026-11-23 03:14));
///
/// let claim = EksToken::read(token.token.expose(), "my-cluster", now)?;
/// assert_eq!(claim.access_key_id, "AKIDEXAMPLE");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EksToken {
    /// `k8s-aws-v1.` and the presigned URL in base64url.
    pub token: Secret,
    /// When to get a new one: a minute before the cluster refuses it, or when the credentials end.
    pub expiration: UtcDateTime,
}

impl EksToken {
    const PREFIX: &'static str = "k8s-aws-v1.";
    /// The longest token that aws-iam-authenticator reads, in bytes.
    const MAX_LENGTH: usize = 4096;
    const CLUSTER: HeaderName = HeaderName::from_static("x-k8s-aws-id");
    /// What `X-Amz-Expires` says, although nobody asks.
    const EXPIRES: Duration = Duration::from_secs(60);

    /// A token for the cluster of that name.
    ///
    /// # Errors
    /// There is no region, the name or the credentials do not fit in a request, or the session token is so long (more than about
    /// 2,680 characters) that the cluster would refuse the result.
    pub fn new(
        config: &Config,
        credentials: &Credentials,
        cluster: &str,
        now: UtcDateTime,
    ) -> Result<Self, ProofError> {
        let cluster = HeaderValue::from_str(cluster).map_err(|_| ProofError::Cluster)?;
        if cluster.is_empty() {
            return Err(ProofError::Cluster);
        }
        let headers = HeaderMap::from_iter([(Self::CLUSTER, cluster)]);
        let endpoint = regional_endpoint(config).filter(is_sts).ok_or(ProofError::Endpoint)?;
        let url = presign(config, &endpoint, credentials, headers, Self::EXPIRES, now).map_err(ProofError::Sign)?;
        let mut token = Self::PREFIX.to_owned();
        BASE64_URL_SAFE_NO_PAD.encode_string(url.to_string(), &mut token);
        if token.len() > Self::MAX_LENGTH {
            let session_token = credentials.session_token.as_ref().map_or(0, |token| token.expose().len());
            return Err(ProofError::TooLong { length: token.len(), session_token });
        }
        let end = timestamp::later(now, LIFETIME - SignedDuration::minutes(1));
        let expiration = credentials.expiration.map_or(end, |expiration| expiration.min(end));
        Ok(Self { token: token.into(), expiration })
    }

    /// The `ExecCredential` that kubectl reads from its credential plugin. `api_version` is
    /// `client.authentication.k8s.io/v1beta1` or what `KUBERNETES_EXEC_INFO` asks for.
    /// [Format](https://kubernetes.io/docs/reference/config-api/client-authentication.v1beta1/)
    pub fn to_exec_credential(&self, api_version: &str) -> Secret {
        let mut json = String::from(r#"{"kind": "ExecCredential", "apiVersion": "#);
        write_string(&mut json, api_version);
        json += &format!(
            r#", "spec": {{}}, "status": {{"expirationTimestamp": "{}", "token": "{}"}}}}"#,
            timestamp::format(self.expiration),
            self.token.expose(),
        );
        json.into()
    }

    /// Reads a token as a cluster would before it sends the URL to STS: by the rules of
    /// [aws-iam-authenticator](https://github.com/kubernetes-sigs/aws-iam-authenticator). The signature is not checked; only STS can.
    ///
    /// # Errors
    /// The first rule that the token breaks.
    pub fn read(token: &str, cluster: &str, now: UtcDateTime) -> Result<EksClaim, RefusedProof> {
        if token.len() > Self::MAX_LENGTH {
            return Err(RefusedProof("it is longer than 4096 bytes"));
        }
        let url = token.strip_prefix(Self::PREFIX).ok_or(RefusedProof("it does not begin with k8s-aws-v1."))?;
        let url = BASE64_URL_SAFE_NO_PAD.decode(url).map_err(|_| RefusedProof("it is not base64url"))?;
        let url = Uri::try_from(url).map_err(|_| RefusedProof("it holds no URL"))?;
        if !is_sts(&url) {
            return Err(RefusedProof("its URL is not an https URL of STS"));
        }
        // `Uri::path` shows a path that is missing as `/`.
        if url.path() != "/" || !url.path_and_query().is_some_and(|target| target.as_str().starts_with('/')) {
            return Err(RefusedProof("its URL's path is not /"));
        }
        let (access_key_id, signed_at) = Self::read_query(&url)?;
        let age = now - signed_at;
        if age.is_negative() {
            return Err(RefusedProof("it was signed in the future"));
        }
        if age > LIFETIME {
            return Err(RefusedProof("it is older than 15 minutes"));
        }
        let cluster = HeaderValue::from_str(cluster).map_err(|_| RefusedProof("the cluster's name is not a header"))?;
        let mut request = Request::new(());
        *request.uri_mut() = url;
        request.headers_mut().insert(Self::CLUSTER, cluster);
        Ok(EksClaim { request, access_key_id, signed_at })
    }

    /// Whose key signed, and when.
    fn read_query(url: &Uri) -> Result<(String, UtcDateTime), RefusedProof> {
        const ALLOWED: [&str; 9] = [
            "action",
            "version",
            "x-amz-algorithm",
            "x-amz-credential",
            "x-amz-date",
            "x-amz-expires",
            "x-amz-security-token",
            "x-amz-signature",
            "x-amz-signedheaders",
        ];
        let mut seen: [Option<String>; 9] = Default::default();
        for field in url.query().unwrap_or_default().split('&') {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            let name = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
            let index = ALLOWED.iter().position(|allowed| *allowed == name);
            let slot = &mut seen[index.ok_or(RefusedProof("its URL has a parameter that is not allowed"))?];
            if slot.is_some() {
                return Err(RefusedProof("its URL has a parameter twice"));
            }
            *slot = Some(percent_decode_str(value).decode_utf8_lossy().into_owned());
        }
        let [action, _, _, credential, date, expires, _, _, signed_headers] = seen;
        if action.as_deref() != Some(GetCallerIdentity::NAME) {
            return Err(RefusedProof("its URL calls something else than GetCallerIdentity"));
        }
        if expires.and_then(|seconds| seconds.parse::<u32>().ok()).is_none_or(|seconds| seconds > 900) {
            return Err(RefusedProof("X-Amz-Expires is not between 0 and 900"));
        }
        let signed_at =
            date.as_deref().and_then(timestamp::parse_basic).ok_or(RefusedProof("X-Amz-Date is no date"))?;
        if !signed_headers.is_some_and(|names| names.split(';').any(|name| Self::CLUSTER == *name)) {
            return Err(RefusedProof("the cluster's name is not signed"));
        }
        let credential = credential.ok_or(RefusedProof("X-Amz-Credential is missing"))?;
        let access_key_id = credential.split('/').next().unwrap_or_default().to_owned();
        Ok((access_key_id, signed_at))
    }
}

/// What an EKS token claims.
#[non_exhaustive]
pub struct EksClaim {
    /// The request that proves it: send it to STS, and its output tells who it is.
    pub request: Request<()>,
    /// Whose key signed, if it did.
    pub access_key_id: String,
    /// When.
    pub signed_at: UtcDateTime,
}

/// Without the request, whose URL is as good as the token.
impl fmt::Debug for EksClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access_key_id, signed_at, .. } = self;
        f.debug_struct("EksClaim")
            .field("access_key_id", access_key_id)
            .field("signed_at", signed_at)
            .finish_non_exhaustive()
    }
}

/// A login for HashiCorp Vault's or OpenBao's [AWS auth method](https://developer.hashicorp.com/vault/api-docs/auth/aws#login), type `iam`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VaultLogin {
    /// The signed request, which Vault sends to STS.
    pub request: Request<Body>,
}

impl VaultLogin {
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
        let login = Value::parse(json).map_err(|_| RefusedProof("it is not JSON"))?;
        let decoded = |name| {
            let text = login.get(name).and_then(Value::as_str)?;
            BASE64_STANDARD.decode(text).ok()
        };
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
        let headers = decoded("iam_request_headers").ok_or(RefusedProof("iam_request_headers is not base64"))?;
        let mut headers = read_headers(&headers).ok_or(RefusedProof("iam_request_headers is no object of headers"))?;
        if !headers.keys().all(|name| Self::HEADERS.contains(&name.as_str())) {
            return Err(RefusedProof("iam_request_headers has a header that is not allowed"));
        }
        if headers.len() > headers.keys_len() {
            return Err(RefusedProof("iam_request_headers has a header twice"));
        }
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

/// `{"Host": "…"}` or `{"Host": ["…"]}`: Vault takes both.
fn read_headers(json: &[u8]) -> Option<HeaderMap> {
    let Value::Object(members) = Value::parse(core::str::from_utf8(json).ok()?).ok()? else { return None };
    let mut headers = HeaderMap::new();
    for (name, values) in &members {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let values = if let Value::List(values) = values { values.as_slice() } else { core::slice::from_ref(values) };
        for value in values {
            let mut value = HeaderValue::from_str(value.as_str()?).ok()?;
            value.set_sensitive(matches!(name.as_str(), "authorization" | "x-amz-security-token"));
            headers.append(name.clone(), value);
        }
    }
    Some(headers)
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

/// Why there is no proof.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofError {
    /// The cluster's name is empty, or cannot be put in a header.
    Cluster,
    /// The endpoint is not one that clusters send requests to: an https URL of STS.
    Endpoint,
    /// The server's id cannot be put in a header.
    ServerId,
    /// The request cannot be signed.
    Sign(Problem),
    /// The cluster would refuse a token of this length.
    TooLong {
        /// Length of the token, in bytes.
        length: usize,
        /// Length of the session token in it, in characters.
        session_token: usize,
    },
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => f.write_str("the cluster's name is empty, or holds a character that a header cannot"),
            Self::Endpoint => f.write_str("the endpoint is not an https URL of STS, and a cluster would refuse it"),
            Self::ServerId => f.write_str("the server's id holds a character that a header cannot"),
            Self::Sign(problem) => write!(f, "the request could not be signed: {problem}"),
            Self::TooLong { length, session_token } => write!(
                f,
                "the EKS token would have {length} bytes, and clusters take at most {}: the session token, of {session_token} \
                 characters, is too long; use a role with fewer or shorter session tags and policies",
                EksToken::MAX_LENGTH
            ),
        }
    }
}

impl core::error::Error for ProofError {}

/// Why a token or login is refused; the rule that it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedProof(&'static str);

impl fmt::Display for RefusedProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the token is refused: {}", self.0)
    }
}

impl core::error::Error for RefusedProof {}

/// The endpoint of the region that is signed for, also where calls go to the global one.
fn regional_endpoint(config: &Config) -> Option<Uri> {
    if config.endpoint().host() != Some("sts.amazonaws.com") {
        return Some(config.endpoint().clone());
    }
    let region = config.signing_region();
    let rules = Parameters { region, use_fips: false, use_dual_stack: false, use_global: false, url: None };
    Some(Endpoint::resolve(&rules).ok()?.uri().clone())
}

fn presign(
    config: &Config,
    endpoint: &Uri,
    credentials: &Credentials,
    headers: HeaderMap,
    expires: Duration,
    now: UtcDateTime,
) -> Result<Uri, Problem> {
    let region = config.signing_region().ok_or(Problem::NoRegion)?;
    let mut url = endpoint.clone().into_parts();
    let target = [endpoint.path(), "?Action=", GetCallerIdentity::NAME, "&Version=", API_VERSION].concat();
    url.path_and_query = Some(target.try_into().map_err(|_| Problem::Sign(SignError::Uri))?);
    let mut request = Request::new(());
    *request.uri_mut() = Uri::from_parts(url).map_err(|_| Problem::Sign(SignError::Uri))?;
    *request.headers_mut() = headers;
    Signer::new(credentials, region, "sts").presign(&request, b"", expires, now).map_err(Problem::Sign)
}

/// Whether a URL begins with `https://sts.amazonaws.com`, or with a regional host of STS in any partition.
fn is_sts(url: &Uri) -> bool {
    let host = url.authority().map_or("", |authority| authority.as_str());
    let Some(rest) = host.strip_prefix("sts.").or_else(|| host.strip_prefix("sts-fips.")) else { return false };
    url.scheme_str() == Some("https")
        && endpoint::dns_suffixes().any(|suffix| {
            rest == suffix
                || rest.strip_suffix(suffix).and_then(|rest| rest.strip_suffix('.')).is_some_and(is_host_label)
        })
}
