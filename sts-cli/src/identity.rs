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
    let mut text = environment.plan()?.to_string();
    let config = environment.config();
    if let Some((region, origin)) = environment.region() {
        text += &format!("region: {region}, from {origin}\n");
    }
    if let Ok(config) = &config {
        let origin = environment.endpoint_url().map_or("the region".into(), |(_, origin)| origin);
        text += &format!("endpoint: {}, from {origin}\n", config.endpoint());
    }
    output::print(&text)?;
    config.map(drop)
}
