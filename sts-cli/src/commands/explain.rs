//! `sts explain`

use crate::{context::Context, failure::Failure, output, terminal::printable};

/// Prints the sources of credentials, region and endpoint. Calls nothing.
pub(crate) fn run(context: &Context) -> Result<(), Failure> {
    let environment = context.environment()?;
    let (plan, config) = (environment.plan(), environment.config());
    let mut text = plan.as_ref().map_or_else(|error| reasons(&error.problem), ToString::to_string);
    text += &match environment.region() {
        Some((region, origin)) => format!("region: {region}, from {origin}\n"),
        None => "region: none; pass --region, set AWS_REGION, or write region in the profile\n".into(),
    };
    if let Ok(config) = &config {
        let origin = environment.endpoint_url().map_or("the region".into(), |(_, origin)| origin);
        text += &format!("endpoint: {}, from {origin}\n", config.endpoint());
    }
    output::print(&printable(&text))?;
    plan?;
    config.map(drop)
}

/// Why nothing is configured, as [`Plan`](sts_blocking::provider::plan::Plan) tells what it passes over.
fn reasons(problem: &str) -> String {
    let reasons = problem.strip_prefix("no source of credentials is configured: ").unwrap_or_default();
    reasons.split("; ").filter(|reason| !reason.is_empty()).map(|reason| format!("passed over: {reason}\n")).collect()
}
