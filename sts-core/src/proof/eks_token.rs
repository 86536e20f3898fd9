//! Bearer tokens for Kubernetes clusters on EKS.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use core::{fmt, time::Duration};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use percent_encoding::percent_decode_str;
use time::{SignedDuration, UtcDateTime};

use super::{
    error::{MAX_EKS_TOKEN, ProofError, RefusedProof},
    presign::{is_sts, presign, regional_endpoint},
};
use crate::{
    config::Config, credentials::Credentials, json::write_string, operation::Operation, operations::GetCallerIdentity,
    secret::Secret, timestamp,
};

/// How long a proof is valid.
const LIFETIME: SignedDuration = SignedDuration::minutes(15);

/// A bearer token for a Kubernetes cluster on EKS, compatible with `aws eks get-token` and aws-iam-authenticator.
///
/// ```
/// use sts_core::{Config, Credentials, proof::EksToken};
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
    /// When to replace the token: a minute before the cluster refuses it, or when the credentials expire, if that is earlier.
    pub expiration: UtcDateTime,
}

impl EksToken {
    const PREFIX: &'static str = "k8s-aws-v1.";
    const CLUSTER: HeaderName = HeaderName::from_static("x-k8s-aws-id");
    /// The value of `X-Amz-Expires`, which neither STS nor clusters enforce.
    const EXPIRES: Duration = Duration::from_secs(60);

    /// A token for the cluster with this name.
    ///
    /// # Errors
    /// There is no region, the endpoint is not one of STS, the name or the credentials contain a character that a request cannot, or the
    /// session token is so long (over about 2,680 characters) that the cluster would refuse the result.
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
        let endpoint = regional_endpoint(config).ok_or(ProofError::Endpoint)?;
        let url = presign(config, &endpoint, credentials, headers, Self::EXPIRES, now).map_err(ProofError::Sign)?;
        let mut token = Self::PREFIX.to_owned();
        BASE64_URL_SAFE_NO_PAD.encode_string(url.to_string(), &mut token);
        if token.len() > MAX_EKS_TOKEN {
            let session_token = credentials.session_token.as_ref().map_or(0, |token| token.expose().len());
            return Err(ProofError::TooLong { length: token.len(), session_token });
        }
        let end = timestamp::later(now, LIFETIME - SignedDuration::minutes(1));
        let expiration = credentials.expiration.map_or(end, |expiration| expiration.min(end));
        Ok(Self { token: token.into(), expiration })
    }

    /// The `ExecCredential` that kubectl expects from a credential plugin. `api_version` is
    /// `client.authentication.k8s.io/v1beta1` or the version in `KUBERNETES_EXEC_INFO`.
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

    /// Reads a token by the rules of [aws-iam-authenticator](https://github.com/kubernetes-sigs/aws-iam-authenticator), which clusters apply
    /// before they send the URL to STS. The signature is not checked; only STS can do that.
    ///
    /// # Errors
    /// The first rule that the token violates.
    pub fn read(token: &str, cluster: &str, now: UtcDateTime) -> Result<EksClaim, RefusedProof> {
        if token.len() > MAX_EKS_TOKEN {
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
        if age < -LIFETIME {
            return Err(RefusedProof("it was signed more than 15 minutes in the future"));
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

    /// Reads access key id and signing time.
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
        let query = url.query().unwrap_or_default();
        if query.contains('+') {
            return Err(RefusedProof("its URL has a +, which is a space to some and itself to others"));
        }
        let mut seen: [Option<String>; 9] = Default::default();
        for field in query.split('&') {
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

/// The unverified content of an EKS token.
#[non_exhaustive]
pub struct EksClaim {
    /// The request to verify the token with: send it to STS, and the output is the signer's identity.
    pub request: Request<()>,
    /// The access key that the token claims to be signed with.
    pub access_key_id: String,
    /// The time that the token claims to be signed at.
    pub signed_at: UtcDateTime,
}

/// Omits the request, whose URL is as sensitive as the token.
impl fmt::Debug for EksClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access_key_id, signed_at, .. } = self;
        f.debug_struct("EksClaim")
            .field("access_key_id", access_key_id)
            .field("signed_at", signed_at)
            .finish_non_exhaustive()
    }
}
