// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! Where requests go: AWS's rules by example, and what is no endpoint.

use sts_core::{Config, ConfigBuilder, RetryMode};

/// The URL and the region that is signed for, or the error.
fn resolve(builder: ConfigBuilder) -> String {
    match builder.build() {
        Ok(config) => {
            let url = config.endpoint().to_string();
            format!("{} {}", url.trim_end_matches('/'), config.signing_region().unwrap_or("unsigned"))
        }
        Err(error) => error.to_string(),
    }
}

fn region(region: &str) -> ConfigBuilder {
    Config::builder().region(region)
}

/// The table of partitions: <https://docs.aws.amazon.com/general/latest/gr/sts.html>
#[test]
fn every_partition() {
    for (name, plain, dual, fips, both) in [
        (
            "eu-west-1",
            "sts.eu-west-1.amazonaws.com",
            "sts.eu-west-1.api.aws",
            "sts-fips.eu-west-1.amazonaws.com",
            "sts-fips.eu-west-1.api.aws",
        ),
        (
            "cn-north-1",
            "sts.cn-north-1.amazonaws.com.cn",
            "sts.cn-north-1.api.amazonwebservices.com.cn",
            "sts-fips.cn-north-1.amazonaws.com.cn",
            "sts-fips.cn-north-1.api.amazonwebservices.com.cn",
        ),
        (
            "us-gov-west-1",
            "sts.us-gov-west-1.amazonaws.com",
            "sts.us-gov-west-1.api.aws",
            "sts.us-gov-west-1.amazonaws.com",
            "sts-fips.us-gov-west-1.api.aws",
        ),
        (
            "eusc-de-east-1",
            "sts.eusc-de-east-1.amazonaws.eu",
            "sts.eusc-de-east-1.api.amazonwebservices.eu",
            "sts-fips.eusc-de-east-1.amazonaws.eu",
            "sts-fips.eusc-de-east-1.api.amazonwebservices.eu",
        ),
        (
            "us-iso-east-1",
            "sts.us-iso-east-1.c2s.ic.gov",
            "sts.us-iso-east-1.api.aws.ic.gov",
            "sts-fips.us-iso-east-1.c2s.ic.gov",
            "sts-fips.us-iso-east-1.api.aws.ic.gov",
        ),
        (
            "us-isob-east-1",
            "sts.us-isob-east-1.sc2s.sgov.gov",
            "sts.us-isob-east-1.api.aws.scloud",
            "sts-fips.us-isob-east-1.sc2s.sgov.gov",
            "sts-fips.us-isob-east-1.api.aws.scloud",
        ),
        (
            "eu-isoe-west-1",
            "sts.eu-isoe-west-1.cloud.adc-e.uk",
            "sts.eu-isoe-west-1.api.cloud-aws.adc-e.uk",
            "sts-fips.eu-isoe-west-1.cloud.adc-e.uk",
            "sts-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk",
        ),
        (
            "us-isof-south-1",
            "sts.us-isof-south-1.csp.hci.ic.gov",
            "sts.us-isof-south-1.api.aws.hci.ic.gov",
            "sts-fips.us-isof-south-1.csp.hci.ic.gov",
            "sts-fips.us-isof-south-1.api.aws.hci.ic.gov",
        ),
    ] {
        let url = |host: &str| format!("https://{host} {name}");
        assert_eq!(resolve(region(name)), url(plain));
        assert_eq!(resolve(region(name).use_dual_stack(true)), url(dual));
        assert_eq!(resolve(region(name).use_fips(true)), url(fips));
        assert_eq!(resolve(region(name).use_fips(true).use_dual_stack(true)), url(both));
    }
}

#[test]
fn the_global_endpoint() {
    let global = "https://sts.amazonaws.com us-east-1";
    assert_eq!(resolve(region("aws-global")), global);
    for name in [
        "ap-northeast-1",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "aws-global",
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
    ] {
        assert_eq!(resolve(region(name).use_legacy_global_endpoint(true)), global, "{name}");
    }
    for name in ["ap-northeast-2", "me-south-1", "cn-north-1", "us-gov-west-1"] {
        assert_eq!(resolve(region(name).use_legacy_global_endpoint(true)), resolve(region(name)), "{name}");
    }
    let regional = resolve(region("us-east-1").use_legacy_global_endpoint(true).use_fips(true));
    assert_eq!(regional, "https://sts-fips.us-east-1.amazonaws.com us-east-1");
}

#[test]
fn pseudo_regions_mean_fips() {
    for name in ["us-west-2-fips", "fips-us-west-2"] {
        assert_eq!(resolve(region(name)), "https://sts-fips.us-west-2.amazonaws.com us-west-2");
    }
}

#[test]
fn custom_endpoints() {
    let at = |url: &str| resolve(region("eu-west-1").endpoint_url(url));
    assert_eq!(at("http://127.0.0.1:4566"), "http://127.0.0.1:4566 eu-west-1");
    assert_eq!(at("http://[::1]:4566/"), "http://[::1]:4566 eu-west-1");
    assert_eq!(resolve(Config::builder().endpoint_url("http://localhost")), "http://localhost unsigned");
    let fips = region("eu-west-1").use_fips(true).endpoint_url("http://localhost");
    assert_eq!(resolve(fips), "Invalid Configuration: FIPS and custom endpoint are not supported");
    let dual = region("eu-west-1").use_dual_stack(true).endpoint_url("http://localhost");
    assert_eq!(resolve(dual), "Invalid Configuration: Dualstack and custom endpoint are not supported");
}

#[test]
fn plain_http_is_for_this_machine_unless_it_is_allowed() {
    for url in [
        "http://127.0.0.1",
        "http://127.255.255.254:1",
        "http://[::1]:4566",
        "http://[::ffff:127.0.0.1]",
        "http://localhost:4566",
        "HTTP://LOCALHOST",
        "https://sts.example.com",
        "https://10.0.0.1",
    ] {
        assert!(region("eu-west-1").endpoint_url(url).build().is_ok(), "{url}");
    }
    for url in [
        "http://sts.amazonaws.com",
        "HTTP://sts.amazonaws.com",
        "http://10.0.0.1",
        "http://128.0.0.1",
        "http://[::2]",
        "http://[fe80::1]",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://2130706433",
        "http://0.0.0.0",
    ] {
        let builder = region("eu-west-1").endpoint_url(url);
        assert_eq!(
            resolve(builder.clone()),
            format!(
                "Invalid Configuration: endpoint \"{}/\" is plain HTTP to another machine, \
                 which would send credentials unencrypted: use https, or set `allow_http`",
                url.to_lowercase()
            )
        );
        assert!(builder.allow_http(true).build().is_ok(), "{url}");
    }
}

#[test]
fn what_is_no_endpoint() {
    assert_eq!(resolve(Config::builder()), "Invalid Configuration: Missing Region");
    assert_eq!(resolve(Config::builder().use_legacy_global_endpoint(true)), "Invalid Configuration: Missing Region");
    for name in ["", "eu west 1", "eu-west-1.evil.com", "-a", "a-", "a/b", "a@b", "\u{e9}", &"a".repeat(64)] {
        let error = resolve(region(name));
        assert!(error.starts_with("Invalid Configuration: region "), "{error}");
        assert!(error.ends_with(" is not a valid host label"), "{error}");
    }
    for url in
        ["", "localhost", "ftp://localhost", "http://", "http://u:p@localhost", "http://localhost?a=b", "http://a:b"]
    {
        let error = resolve(region("eu-west-1").endpoint_url(url));
        assert!(error.starts_with("Invalid Configuration: endpoint "), "{url}: {error}");
    }
}

#[test]
fn the_environment_names_region_and_endpoint() {
    let env = |pairs: &[(&str, &str)]| {
        resolve(
            Config::builder()
                .env(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())),
        )
    };
    let regional = "https://sts.eu-west-1.amazonaws.com eu-west-1";
    assert_eq!(env(&[("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "us-east-1")]), regional);
    assert_eq!(env(&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "eu-west-1")]), regional);
    assert_eq!(env(&[]), "Invalid Configuration: Missing Region");
    let urls = [("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", "https://a"), ("AWS_ENDPOINT_URL_STS", "https://b")];
    assert_eq!(env(&urls), "https://b eu-west-1");
    assert_eq!(env(&urls[..2]), "https://a eu-west-1");
    // What the program sets has precedence.
    let set = region("us-east-2").env(|name| (name == "AWS_REGION").then(|| "eu-west-1".into()));
    assert_eq!(resolve(set), "https://sts.us-east-2.amazonaws.com us-east-2");
}

#[test]
fn what_is_set_is_not_read_from_the_environment() {
    let names = [
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_STS_REGIONAL_ENDPOINTS",
        "AWS_RETRY_MODE",
        "AWS_MAX_ATTEMPTS",
    ];
    let set = region("eu-west-1")
        .endpoint_url("https://a")
        .use_fips(false)
        .use_dual_stack(false)
        .use_legacy_global_endpoint(false)
        .retry_mode(RetryMode::Standard)
        .max_attempts(1)
        .env(|name| names.contains(&name).then(|| "no sense".into()));
    assert_eq!(resolve(set), "https://a eu-west-1");
    // What is not set is.
    for name in &names[4..] {
        let error = resolve(region("eu-west-1").env(|asked| (asked == *name).then(|| "no sense".into())));
        assert!(error.starts_with(&format!("{name} is \"no sense\", expected ")), "{error}");
    }
}
