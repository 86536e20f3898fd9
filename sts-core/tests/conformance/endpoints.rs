//! Endpoints and signing regions, all partitions.

use sts_conformance::{json, list, text};
use sts_core::Config;

#[test]
fn endpoints() {
    let cases = json("endpoints/endpoint-tests-1.json");
    let cases = list(&cases["testCases"]);
    assert_eq!(cases.len(), 69);
    for case in cases {
        let params = &case["params"];
        let flag = |name: &str| params[name].as_bool().unwrap_or_default();
        let mut builder = Config::builder()
            .use_fips(flag("UseFIPS"))
            .use_dual_stack(flag("UseDualStack"))
            .use_legacy_global_endpoint(flag("UseGlobalEndpoint"));
        if let Some(region) = params["Region"].as_str() {
            builder = builder.region(region);
        }
        if let Some(url) = params["Endpoint"].as_str() {
            builder = builder.endpoint_url(url);
        }
        let (expect, what) = (&case["expect"], &case["documentation"]);
        match builder.build() {
            Ok(config) => {
                let url = config.endpoint().to_string();
                assert_eq!(url.trim_end_matches('/'), text(&expect["endpoint"]["url"]), "{what}");
                let schemes = &expect["endpoint"]["properties"]["authSchemes"];
                // Without one, the region itself is signed for.
                let region = schemes[0]["signingRegion"].as_str().or(params["Region"].as_str());
                assert_eq!(config.signing_region(), region, "{what}");
            }
            Err(error) => assert_eq!(error.to_string(), text(&expect["error"]), "{what}"),
        }
    }
}

#[test]
fn every_region_is_in_its_partition() {
    let partitions = json("endpoints/partitions.json");
    let mut regions = 0;
    for partition in list(&partitions["partitions"]) {
        let outputs = &partition["outputs"];
        // A region of which the list does not know yet is found by its name.
        let newest = partition["regions"].as_object().unwrap().keys().filter(|region| !region.ends_with("-global"));
        let made_up =
            newest.clone().map(|region| format!("{}9", region.trim_end_matches(|c: char| c.is_ascii_digit())));
        for region in newest.cloned().chain(made_up) {
            let host = |dual_stack: bool| {
                let config = Config::builder().region(region.as_str()).use_dual_stack(dual_stack).build().unwrap();
                config.endpoint().to_string()
            };
            assert_eq!(host(false), format!("https://sts.{region}.{}/", text(&outputs["dnsSuffix"])));
            assert_eq!(host(true), format!("https://sts.{region}.{}/", text(&outputs["dualStackDnsSuffix"])));
            regions += 1;
        }
    }
    assert!(regions >= 90, "{regions}");
}
