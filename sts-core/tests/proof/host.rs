//! Where a proof may be sent: hosts of STS, and no others that look like them.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use sts_core::proof::{EksToken, VaultLogin};

use crate::{NOW, config, credentials};

/// Whether an EKS token and a Vault login for that host are read; both have the same rule.
fn is_accepted(host: &str) -> bool {
    let token = EksToken::new(&config("us-east-1"), &credentials(None), "demo", NOW).unwrap();
    let url = token.token.expose().strip_prefix("k8s-aws-v1.").unwrap();
    let url = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(url).unwrap()).unwrap();
    let url = url.replace("sts.us-east-1.amazonaws.com", host);
    let token = format!("k8s-aws-v1.{}", BASE64_URL_SAFE_NO_PAD.encode(url));
    let eks = EksToken::read(&token, "demo", NOW);

    let login = VaultLogin::new(&config("us-east-1"), &credentials(None), None, NOW).unwrap();
    let mut login: serde_json::Value = serde_json::from_str(login.to_json(None).expose()).unwrap();
    login["iam_request_url"] = BASE64_STANDARD.encode(format!("https://{host}/")).into();
    let headers = BASE64_STANDARD.decode(login["iam_request_headers"].as_str().unwrap()).unwrap();
    let headers = String::from_utf8(headers).unwrap().replace("sts.us-east-1.amazonaws.com", host);
    login["iam_request_headers"] = BASE64_STANDARD.encode(headers).into();
    let vault = VaultLogin::read(&login.to_string(), None);

    assert_eq!(eks.is_ok(), vault.is_ok(), "{host}");
    if let (Err(eks), Err(vault)) = (&eks, &vault) {
        assert_eq!(eks.to_string(), "the token is refused: its URL is not an https URL of STS", "{host}");
        assert_eq!(vault.to_string(), "the token is refused: iam_request_url is not an https URL of STS", "{host}");
    }
    eks.is_ok()
}

/// Regions and suffixes of botocore 1.44.8's `partitions.json`.
const PARTITIONS: [(&[&str], &str, &str); 8] = [
    (
        &[
            "af-south-1",
            "ap-northeast-1",
            "ap-southeast-7",
            "ca-west-1",
            "eu-central-2",
            "il-central-1",
            "me-south-1",
            "mx-central-1",
            "sa-east-1",
            "us-east-1",
        ],
        "amazonaws.com",
        "api.aws",
    ),
    (&["us-gov-east-1", "us-gov-west-1"], "amazonaws.com", "api.aws"),
    (&["cn-north-1", "cn-northwest-1"], "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    (&["eusc-de-east-1"], "amazonaws.eu", "api.amazonwebservices.eu"),
    (&["us-iso-east-1", "us-iso-west-1"], "c2s.ic.gov", "api.aws.ic.gov"),
    (&["us-isob-east-1", "us-isob-west-1"], "sc2s.sgov.gov", "api.aws.scloud"),
    (&["eu-isoe-west-1"], "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    (&["us-isof-east-1", "us-isof-south-1"], "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
];

#[test]
fn each_region_has_its_hosts_in_its_own_partition() {
    assert!(is_accepted("sts.amazonaws.com"));
    for (index, (regions, _, _)) in PARTITIONS.iter().enumerate() {
        for region in *regions {
            for (other, (_, dns, dual)) in PARTITIONS.iter().enumerate() {
                // The first two share their names.
                let same = index == other || index.max(other) == 1;
                for suffix in [dns, dual] {
                    assert_eq!(is_accepted(&format!("sts.{region}.{suffix}")), same, "{region} {suffix}");
                    assert_eq!(is_accepted(&format!("sts-fips.{region}.{suffix}")), same, "{region} {suffix}");
                }
            }
        }
    }
}

/// The first are buckets and names that anybody may have.
#[test]
fn what_only_looks_like_a_host_of_sts_is_refused() {
    for host in [
        "sts.s3.amazonaws.com",
        "sts.s3-us-west-2.amazonaws.com",
        "sts.s3-website-us-east-1.amazonaws.com",
        "sts.s3-website.us-east-1.amazonaws.com",
        "sts.s3.us-east-1.amazonaws.com",
        "sts.evil.api.aws",
        "sts.evil.amazonaws.com",
        "sts.execute-api.amazonaws.com",
        "sts.us-east-1.elb.amazonaws.com",
        "sts.us-east-1a.amazonaws.com",
        "sts.us-east-.amazonaws.com",
        "sts.us--1.amazonaws.com",
        "sts.us-east.amazonaws.com",
        "sts.useast-1.amazonaws.com",
        "sts.us-gov-1.amazonaws.com.cn",
        "sts.us-east-1-1.amazonaws.com",
        "sts.us-east-one.amazonaws.com",
        "sts.US-EAST-1.amazonaws.com",
        "STS.us-east-1.amazonaws.com",
        "sts.us-east-1.amazonaws.com.",
        "sts.us-east-1.amazonaws.com.evil.example",
        "sts.us-east-1.evil.amazonaws.com",
        "sts.us-east-1",
        "sts.",
        "sts",
        "amazonaws.com",
        "sts-fips.amazonaws.com",
        "sts.amazonaws.com.cn",
        "sts.api.aws",
        "sts.aws-global.amazonaws.com",
        "xsts.us-east-1.amazonaws.com",
        "ec2.us-east-1.amazonaws.com",
    ] {
        assert!(!is_accepted(host), "{host}");
    }
}
