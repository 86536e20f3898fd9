//! Endpoint resolution: the URL to send requests to, and the region to sign for.
//!
//! Follows the STS endpoint rule set and [AWS's list of endpoints](https://docs.aws.amazon.com/general/latest/gr/sts.html).

use alloc::{format, string::String};
use core::fmt;
use http::{HeaderValue, Uri, uri::Scheme};

use crate::{
    host::{host_header, is_host_label, is_loopback},
    text::{debug_in_words, without_secrets},
};

/// The settings that determine the endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameters<'a> {
    pub(crate) region: Option<&'a str>,
    pub(crate) use_fips: bool,
    pub(crate) use_dual_stack: bool,
    /// Whether requests for the oldest regions go to the global endpoint.
    pub(crate) use_global: bool,
    pub(crate) url: Option<&'a str>,
}

/// A resolved endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    uri: Uri,
    host: HeaderValue,
    signing_region: Option<String>,
}

impl Endpoint {
    /// The URL that requests are posted to.
    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The `Host` header, without the port if it is the scheme's default.
    pub(crate) fn host(&self) -> &HeaderValue {
        &self.host
    }

    /// Whether requests travel to another machine unencrypted.
    pub(crate) fn is_exposed(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTP) && !self.uri.host().is_some_and(is_loopback)
    }

    /// The region in the signature's scope; `None` for a custom endpoint when no region is set.
    pub(crate) fn signing_region(&self) -> Option<&str> {
        self.signing_region.as_deref()
    }

    /// An endpoint at a URL, with a region to sign for if one is known.
    pub(crate) fn at(url: &str, signing_region: Option<&str>) -> Result<Self, EndpointError> {
        let invalid = |problem| EndpointError::Url { url: without_secrets(url), problem };
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(invalid(UrlProblem::NoScheme));
        };
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            return Err(invalid(UrlProblem::Scheme));
        }
        if rest.contains('@') {
            return Err(invalid(UrlProblem::UserName));
        }
        if rest.contains(['?', '#']) {
            return Err(invalid(UrlProblem::Query));
        }
        // `trim_end_matches` below would cut the slashes off the scheme, which would then parse as host and port.
        if rest.is_empty() || rest.starts_with(['/', ':']) {
            return Err(invalid(UrlProblem::NoHost));
        }
        let uri: Uri = url.trim_end_matches('/').parse().map_err(|_| invalid(UrlProblem::Malformed))?;
        let authority = uri.authority().ok_or_else(|| invalid(UrlProblem::NoHost))?.clone();
        let port = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
        if !port.is_empty() && authority.port_u16().is_none() {
            return Err(invalid(UrlProblem::Port));
        }
        let host = HeaderValue::from_str(&host_header(uri.scheme_str(), &authority));
        let host = host.map_err(|_| invalid(UrlProblem::Host))?;
        Ok(Self { uri, host, signing_region: signing_region.map(String::from) })
    }

    /// Applies the endpoint rules.
    pub(crate) fn resolve(parameters: &Parameters<'_>) -> Result<Self, EndpointError> {
        let (region, fips) = match parameters.region {
            Some(region) => {
                let plain = region.strip_prefix("fips-").or_else(|| region.strip_suffix("-fips"));
                (Some(plain.unwrap_or(region)), parameters.use_fips || plain.is_some())
            }
            None => (None, parameters.use_fips),
        };
        let dual_stack = parameters.use_dual_stack;
        if let Some(region) = region.filter(|region| !is_host_label(region)) {
            return Err(EndpointError::Region(region.into()));
        }
        if let Some(url) = parameters.url {
            if fips {
                return Err(EndpointError::FipsAndUrl);
            }
            if dual_stack {
                return Err(EndpointError::DualStackAndUrl);
            }
            return Self::at(url, region.map(|region| if region == GLOBAL { GLOBAL_REGION } else { region }));
        }
        let region = region.ok_or(EndpointError::MissingRegion)?;
        let plain = !fips && !dual_stack;
        if plain && (region == GLOBAL || (parameters.use_global && LEGACY_GLOBAL.contains(&region))) {
            return Self::at("https://sts.amazonaws.com", Some(GLOBAL_REGION));
        }
        Self::at(&regional("sts", region, fips, dual_stack), Some(region))
    }
}

/// Why no endpoint could be resolved.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// No region is set. There is no default.
    MissingRegion,
    /// The region is not a valid host label.
    Region(String),
    /// FIPS cannot be combined with a custom endpoint.
    FipsAndUrl,
    /// Dual-stack cannot be combined with a custom endpoint.
    DualStackAndUrl,
    /// The custom endpoint cannot be used.
    Url {
        /// The URL, without user name and password.
        url: String,
        /// What is wrong with it.
        problem: UrlProblem,
    },
    /// The custom endpoint uses plain HTTP to another machine without
    /// [`allow_http`](crate::ConfigBuilder::allow_http).
    Http(Uri),
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingRegion => f.write_str("Invalid Configuration: Missing Region"),
            Self::Region(region) => write!(f, "Invalid Configuration: region {region:?} is not a valid host label"),
            Self::FipsAndUrl => f.write_str("Invalid Configuration: FIPS and custom endpoint are not supported"),
            Self::DualStackAndUrl => {
                f.write_str("Invalid Configuration: Dualstack and custom endpoint are not supported")
            }
            Self::Url { url, problem } => {
                write!(f, "Invalid Configuration: endpoint {url:?} cannot be used: {problem}")
            }
            Self::Http(url) => write!(
                f,
                "Invalid Configuration: endpoint \"{url}\" is plain HTTP to another machine, which would send credentials unencrypted: \
                 use https, or set `allow_http`"
            ),
        }
    }
}

impl core::error::Error for EndpointError {}

debug_in_words!(EndpointError);

/// What is wrong with the URL of a custom endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UrlProblem {
    /// There is no scheme, `https://` or `http://`.
    NoScheme,
    /// The scheme is neither `https` nor `http`.
    Scheme,
    /// There is a user name.
    UserName,
    /// There is a query or a fragment.
    Query,
    /// There is no host.
    NoHost,
    /// The text is not a URL.
    Malformed,
    /// The port is not a number up to 65535.
    Port,
    /// The host is not a name.
    Host,
}

impl fmt::Display for UrlProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoScheme => "it has no scheme, https:// or http://",
            Self::Scheme => "its scheme is neither https nor http",
            Self::UserName => "it holds a user name",
            Self::Query => "it has a query or a fragment",
            Self::NoHost => "it has no host",
            Self::Malformed => "it is not a URL",
            Self::Port => "its port is not a number up to 65535",
            Self::Host => "its host is not a name",
        })
    }
}

/// The pseudo region of the global endpoint.
const GLOBAL: &str = "aws-global";
/// The region that requests to the global endpoint are signed for.
const GLOBAL_REGION: &str = "us-east-1";

/// Regions that the legacy setting sends to the global endpoint.
const LEGACY_GLOBAL: [&str; 15] = [
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

struct Partition {
    id: &'static str,
    /// Prefix of its region names.
    prefix: &'static str,
    dns_suffix: &'static str,
    dual_stack_suffix: &'static str,
    /// Whether the regular endpoint is also the FIPS endpoint.
    regular_is_fips: bool,
}

impl Partition {
    fn of(region: &str) -> &'static Self {
        let pseudo = region.strip_suffix("-global");
        let is_of = |partition: &&Self| region.starts_with(partition.prefix) || pseudo == Some(partition.id);
        PARTITIONS.iter().find(is_of).unwrap_or(&AWS)
    }

    /// Whether a region's name has this partition's form, such as `eu-central-1`.
    fn has(&self, region: &str) -> bool {
        /// Prefixes of the regions in the partition `aws`.
        const AREAS: [&str; 9] = ["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"];
        let areas = if self.prefix.is_empty() { &AREAS[..] } else { core::slice::from_ref(&self.prefix) };
        areas.iter().filter_map(|area| region.strip_prefix(area)?.split_once('-')).any(|(direction, number)| {
            let is_all =
                |text: &str, is_one: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|byte| is_one(&byte));
            is_all(direction, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
                && is_all(number, u8::is_ascii_digit)
        })
    }

    const fn new(
        id: &'static str,
        prefix: &'static str,
        dns_suffix: &'static str,
        dual_stack_suffix: &'static str,
    ) -> Self {
        Self { id, prefix, dns_suffix, dual_stack_suffix, regular_is_fips: false }
    }
}

static AWS: Partition = Partition::new("aws", "", "amazonaws.com", "api.aws");
static PARTITIONS: [Partition; 7] = [
    Partition::new("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    Partition { regular_is_fips: true, ..Partition::new("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws") },
    Partition::new("aws-eusc", "eusc-de-", "amazonaws.eu", "api.amazonwebservices.eu"),
    Partition::new("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    Partition::new("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    Partition::new("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    Partition::new("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
];

/// The URL of a service that has an endpoint in every region, such as `https://oidc.eu-central-1.amazonaws.com`.
pub fn regional(service: &str, region: &str, use_fips: bool, use_dual_stack: bool) -> String {
    let partition = Partition::of(region);
    let fips = if use_fips && (use_dual_stack || !partition.regular_is_fips) { "-fips" } else { "" };
    let suffix = if use_dual_stack { partition.dual_stack_suffix } else { partition.dns_suffix };
    format!("https://{service}{fips}.{region}.{suffix}")
}

/// Checks a custom endpoint by the rules of [`ConfigBuilder::endpoint_url`](crate::ConfigBuilder::endpoint_url): an absolute `http` or
/// `https` URL without user name, query or fragment; `http` only for this machine.
///
/// # Errors
/// The URL is not usable, or is plain HTTP to another machine.
pub fn check_url(url: &str) -> Result<(), EndpointError> {
    let endpoint = Endpoint::at(url, None)?;
    if endpoint.is_exposed() { Err(EndpointError::Http(endpoint.uri().clone())) } else { Ok(()) }
}

/// Whether a host belongs to STS: `sts.amazonaws.com`, or `sts` or `sts-fips` followed by a region and a DNS suffix of its partition.
/// `sts.` as a prefix is not enough: `sts.s3.amazonaws.com` is a bucket.
pub(crate) fn is_sts_host(host: &str) -> bool {
    let Some(rest) = host.strip_prefix("sts.").or_else(|| host.strip_prefix("sts-fips.")) else { return false };
    let Some((region, suffix)) = rest.split_once('.') else { return false };
    host == "sts.amazonaws.com"
        || [&AWS].into_iter().chain(&PARTITIONS).any(|partition| {
            [partition.dns_suffix, partition.dual_stack_suffix].contains(&suffix) && partition.has(region)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn errors_show_the_endpoint_without_secrets() {
        for (url, text) in [
            ("http://u:hun/ter2@127.0.0.1:1", r#""http://…@127.0.0.1:1" cannot be used: it holds a user name"#),
            ("https://h?q=hunter2", r#""https://h…" cannot be used: it has a query or a fragment"#),
            ("http://h#hunter2", r#""http://h…" cannot be used: it has a query or a fragment"#),
            ("127.0.0.1:1", r#""127.0.0.1:1" cannot be used: it has no scheme, https:// or http://"#),
            ("ftp://h", r#""ftp://h" cannot be used: its scheme is neither https nor http"#),
            ("http://", r#""http://" cannot be used: it has no host"#),
            ("https:///path", r#""https:///path" cannot be used: it has no host"#),
            ("http://:1", r#""http://:1" cannot be used: it has no host"#),
            ("http:// h", r#""http:// h" cannot be used: it is not a URL"#),
            ("http://h:99999", r#""http://h:99999" cannot be used: its port is not a number up to 65535"#),
        ] {
            let error = Endpoint::at(url, None).unwrap_err().to_string();
            assert_eq!(error, alloc::format!("Invalid Configuration: endpoint {text}"));
        }
    }
}
