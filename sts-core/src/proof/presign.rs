//! Presigned `GetCallerIdentity` requests, and where they may go.

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

/// The endpoint's URL with the call in its query.
pub(super) fn with_call(endpoint: &Uri) -> Result<Uri, Problem> {
    let mut url = endpoint.clone().into_parts();
    let target = [endpoint.path(), "?Action=", GetCallerIdentity::NAME, "&Version=", API_VERSION].concat();
    url.path_and_query = Some(target.try_into().map_err(|_| Problem::Sign(SignError::Uri))?);
    Uri::from_parts(url).map_err(|_| Problem::Sign(SignError::Uri))
}

/// An endpoint of STS that whoever reads the proof sends requests to: the configured one, or instead of the global one the region's.
pub(super) fn regional_endpoint(config: &Config) -> Option<Uri> {
    let region = config.signing_region();
    let rules = Parameters { region, use_fips: false, use_dual_stack: false, use_global: false, url: None };
    let regional = Endpoint::resolve(&rules).ok();
    let configured = config.endpoint();
    // A region may be newer than this table of partitions.
    if configured.host() == Some("sts.amazonaws.com") || regional.as_ref().is_some_and(|it| it.uri() == configured) {
        return Some(regional?.uri().clone());
    }
    Some(configured.clone()).filter(is_sts)
}

/// Whether a URL goes to STS, over https and without a user's name or a port.
pub(super) fn is_sts(url: &Uri) -> bool {
    url.scheme_str() == Some("https") && url.authority().is_some_and(|authority| is_sts_host(authority.as_str()))
}
