//! What a URL asks whom for: AWS's partitions, written down once more.

use http::Uri;

const DNS_SUFFIXES: [&str; 14] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
    "api.aws.ic.gov",
    "api.aws.scloud",
    "api.cloud-aws.adc-e.uk",
    "api.aws.hci.ic.gov",
];

/// Whether a request to this URL reaches STS, over https and without a user's name or a port, by the host that a resolver is asked for.
pub fn is_sts(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default();
    let below = |suffix: &&str| host.strip_suffix(*suffix).is_some_and(|rest| rest.ends_with('.'));
    host.starts_with("sts")
        && DNS_SUFFIXES.iter().any(|suffix| below(&suffix))
        && url.authority().is_some_and(|authority| authority == host)
        && (url.scheme_str(), url.path()) == (Some("https"), "/")
}

/// The operations that a URL's query names.
pub fn actions(url: &Uri) -> Vec<String> {
    let fields = form_urlencoded::parse(url.query().unwrap_or_default().as_bytes());
    fields.filter(|(name, _)| name.eq_ignore_ascii_case("Action")).map(|(_, value)| value.into_owned()).collect()
}
