//! The host and operation of a URL, with a second list of AWS's partitions.

use http::Uri;

/// The region prefixes and the host suffixes of each partition.
const PARTITIONS: [(&[&str], [&str; 2]); 8] = [
    (&["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"], ["amazonaws.com", "api.aws"]),
    (&["us-gov"], ["amazonaws.com", "api.aws"]),
    (&["cn"], ["amazonaws.com.cn", "api.amazonwebservices.com.cn"]),
    (&["eusc-de"], ["amazonaws.eu", "api.amazonwebservices.eu"]),
    (&["us-iso"], ["c2s.ic.gov", "api.aws.ic.gov"]),
    (&["us-isob"], ["sc2s.sgov.gov", "api.aws.scloud"]),
    (&["eu-isoe"], ["cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"]),
    (&["us-isof"], ["csp.hci.ic.gov", "api.aws.hci.ic.gov"]),
];

/// Whether a request to this URL reaches STS, over https and without a user name or a port, at the host that is resolved.
pub fn is_sts(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default();
    url.authority().is_some_and(|authority| authority == host)
        && (url.scheme_str(), url.path()) == (Some("https"), "/")
        && (host == "sts.amazonaws.com" || is_regional(host))
}

fn is_regional(host: &str) -> bool {
    let labels: Vec<_> = host.splitn(3, '.').collect();
    let [service, region, suffix] = labels[..] else { return false };
    let mut words: Vec<_> = region.rsplitn(3, '-').collect();
    words.reverse();
    let [area, direction, number] = words[..] else { return false };
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    ["sts", "sts-fips"].contains(&service)
        && is_word(direction)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && PARTITIONS.iter().any(|(areas, suffixes)| areas.contains(&area) && suffixes.contains(&suffix))
}

/// The operations in a URL's query.
pub fn actions(url: &Uri) -> Vec<String> {
    let fields = form_urlencoded::parse(url.query().unwrap_or_default().as_bytes());
    fields.filter(|(name, _)| name.eq_ignore_ascii_case("Action")).map(|(_, value)| value.into_owned()).collect()
}
