//! Commands that say whose credentials are used, where they come from, and why.

use sts_blocking::GetCallerIdentity;

use crate::{
    failure::Failure,
    globals::Globals,
    output::{self, Format, Value, structure},
};

/// `sts whoami`
pub(crate) fn whoami(globals: &Globals) -> Result<(), Failure> {
    if let Some(Format::Shell(shell)) = globals.output() {
        return Err(shell.useless("whoami"));
    }
    // The format of the environment and of profiles is meant for other commands: a person asks here.
    let asked = globals.output().is_some() || globals.query.is_some();
    let format = if asked { Some(globals.format()?) } else { None };
    let source = if globals.no_sign_request {
        "none, since nothing is signed".to_owned()
    } else if globals.local {
        "the local STS".to_owned()
    } else {
        let plan = globals.environment()?.plan()?;
        plan.sources.last().map(ToString::to_string).unwrap_or_default()
    };
    let (client, _local) = globals.connect()?;
    let me = client.send(&GetCallerIdentity::new())?.output;
    let lines = [("Account", me.account), ("Arn", me.arn), ("UserId", me.user_id), ("Source", source)];
    if let Some(format) = format {
        return globals.print(format, structure(lines.map(|(key, value)| (key, Value::Text(value)))), "Whoami");
    }
    output::print(&lines.iter().map(|(key, value)| format!("{key:8} {value}\n")).collect::<String>())
}

/// `sts explain`
pub(crate) fn explain(globals: &Globals) -> Result<(), Failure> {
    let environment = globals.environment()?;
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
    output::print(&text)?;
    plan?;
    config.map(drop)
}

/// Why nothing is configured, as [`Plan`](sts_blocking::provider::plan::Plan) tells what it passes over.
fn reasons(problem: &str) -> String {
    let reasons = problem.strip_prefix("no source of credentials is configured: ").unwrap_or_default();
    reasons.split("; ").filter(|reason| !reason.is_empty()).map(|reason| format!("passed over: {reason}\n")).collect()
}
