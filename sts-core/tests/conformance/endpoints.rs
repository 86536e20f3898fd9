//! Endpoints and signing regions, all partitions.

use sts_core::Config;

use crate::data::{json, list, text};

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
