//! Presigned `GetCallerIdentity` requests and their endpoints.

use core::time::Duration;
use http::{HeaderMap, Request, Uri};
use time::UtcDateTime;

use crate::{
    config::Config,
    credentials::Credentials,
    endpoint::{Endpoint, Parameters, is_sts_host},
    error::Problem,
    operation::{API_VERSION, Operation},
    operations::GetCallerIdentity,
    sigv4::{SignError, Signer},
};

/// A presigned `GetCallerIdentity` URL. Fetching it returns the signer's identity; it works for 15 minutes from `now`.
///
/// Do not log it: anyone who has the URL can use it, it contains the session token, and `Debug` and `Display` of [`Uri`] show all of it.
///
/// # Errors
/// There is no region to sign for, the signed URL would be too long, or `expires` is less than a second or more than a week.
pub fn presigned_get_caller_identity(
    config: &Config,
    credentials: &Credentials,
    expires: Duration,
    now: UtcDateTime,
) -> Result<Uri, Problem> {
    presign(config, config.endpoint(), credentials, HeaderMap::new(), expires, now)
}

pub(super) fn presign(
    config: &Config,
    endpoint: &Uri,
    credentials: &Credentials,
    headers: HeaderMap,
    expires: Duration,
    now: UtcDateTime,
) -> Result<Uri, Problem> {
    let region = config.signing_region().ok_or(Problem::NoRegion)?;
    let mut request = Request::new(());
    *request.uri_mut() = with_call(endpoint)?;
    *request.headers_mut() = headers;
    Signer::new(credentials, region, "sts").presign(&request, b"", expires, now).map_err(Problem::Sign)
}

/// The endpoint's URL with the operation in its query.
pub(super) fn with_call(endpoint: &Uri) -> Result<Uri, Problem> {
    let mut url = endpoint.clone().into_parts();
    let target = [endpoint.path(), "?Action=", GetCallerIdentity::NAME, "&Version=", API_VERSION].concat();
    url.path_and_query = Some(target.try_into().map_err(|_| Problem::Sign(SignError::Uri))?);
    Uri::from_parts(url).map_err(|_| Problem::Sign(SignError::Uri))
}

/// The STS endpoint for a proof: the configured one, or the region's instead of the global one. `None` if it does not belong to STS.
pub(super) fn regional_endpoint(config: &Config) -> Option<Uri> {
    let region = config.signing_region();
    let rules = Parameters { region, use_fips: false, use_dual_stack: false, use_global: false, url: None };
    let regional = Endpoint::resolve(&rules).ok();
    let configured = config.endpoint();
    // The configured region may be newer than the table of partitions.
    if configured.host() == Some("sts.amazonaws.com") || regional.as_ref().is_some_and(|it| it.uri() == configured) {
        return Some(regional?.uri().clone());
    }
    Some(configured.clone()).filter(is_sts)
}

/// Whether a URL is an https URL of STS, without user name and port.
pub(super) fn is_sts(url: &Uri) -> bool {
    url.scheme_str() == Some("https") && url.authority().is_some_and(|authority| is_sts_host(authority.as_str()))
}
