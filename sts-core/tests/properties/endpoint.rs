//! An endpoint is a legal host name, whatever the region is; and a URL of one's own is taken as it is or refused.

use proptest::{prelude::*, sample::select};
use sts_core::Config;

use crate::cases;

/// <https://www.rfc-editor.org/rfc/rfc1123#page-13>
fn is_host_name(host: &str) -> bool {
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        matches!(bytes.len(), 1..=63)
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
            && bytes.first() != Some(&b'-')
            && bytes.last() != Some(&b'-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

fn regions() -> impl Strategy<Value = String> {
    const PREFIXES: [&str; 11] =
        ["", "us-", "cn-", "us-gov-", "eusc-de-", "us-iso-", "us-isob-", "eu-isoe-", "us-isof-", "fips-", "aws"];
    let tails = prop_oneof!["[a-z0-9-]{0,70}", "[ -~]{0,12}", any::<String>()];
    (select(&PREFIXES[..]), tails, select(&["", "-fips", "-global", ".", "@x", "/x", "#", "\n"][..]))
        .prop_map(|(prefix, tail, end)| format!("{prefix}{tail}{end}"))
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn a_region_makes_a_host_name_or_none(region in regions(), fips in any::<bool>(), dual in any::<bool>(), global in any::<bool>()) {
        let builder = Config::builder().region(&*region).use_fips(fips).use_dual_stack(dual);
        match builder.use_legacy_global_endpoint(global).build() {
            Ok(config) => {
                let url = config.endpoint();
                let host = url.host().unwrap();
                prop_assert!(is_host_name(host) && host.starts_with("sts"), "{}", host);
                prop_assert_eq!(url.authority().unwrap().as_str(), host);
                prop_assert_eq!((url.scheme_str(), url.path(), url.query()), (Some("https"), "/", None));
                let plain = region.strip_prefix("fips-").or_else(|| region.strip_suffix("-fips")).unwrap_or(&region);
                prop_assert!(is_host_name(plain) && !plain.contains('.'), "{}", plain);
                prop_assert!(config.signing_region().is_some_and(|region| region == plain || region == "us-east-1"));
            }
            Err(error) => prop_assert!(error.to_string().contains("is not a valid host label"), "{}", error),
        }
    }

    #[test]
    fn a_url_is_taken_as_it_is_or_refused(
        scheme in select(vec!["https://", "http://", "HTTP://", "ftp://", ""]),
        rest in prop_oneof!["[a-z0-9.:@/?#\\[\\]%_-]{0,20}", any::<String>()],
    ) {
        let url = format!("{scheme}{rest}");
        match Config::builder().region("eu-west-1").endpoint_url(&*url).build() {
            Ok(config) => {
                let shown = config.endpoint().to_string();
                prop_assert!(config.endpoint().host().is_some_and(|host| !host.is_empty()));
                prop_assert!(!shown.contains(['@', '?', '#', ' ']), "{}", shown);
                let same = |url: &str| url.trim_end_matches('/').to_ascii_lowercase();
                prop_assert_eq!(same(&shown), same(&url));
            }
            Err(error) => prop_assert!(error.to_string().starts_with("Invalid Configuration: endpoint ")),
        }
    }
}
