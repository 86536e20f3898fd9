//! `sts whoami`

use sts_blocking::GetCallerIdentity;

use crate::{
    client::connect,
    context::Context,
    failure::Failure,
    output::{self, Format},
    terminal::one_line,
    value::{Value, structure},
};

/// Prints the identity of the current credentials, and their source.
pub(crate) fn run(context: &Context) -> Result<(), Failure> {
    if let Some(Format::Shell(shell)) = context.globals.output {
        return Err(shell.useless("whoami"));
    }
    // The output format of the environment and of profiles is for other commands. This output is for people.
    let asked = context.globals.output.is_some() || context.globals.query.is_some();
    let format = if asked { Some(context.format()?) } else { None };
    let source = if context.globals.no_sign_request {
        "none, since nothing is signed".to_owned()
    } else if context.globals.local {
        "the local STS".to_owned()
    } else {
        let plan = context.environment()?.plan()?;
        plan.sources.last().map(ToString::to_string).unwrap_or_default()
    };
    let (client, _local) = connect(context)?;
    let me = client.send(&GetCallerIdentity::new())?.output;
    let lines = [("Account", me.account), ("Arn", me.arn), ("UserId", me.user_id), ("Source", source)];
    if let Some(format) = format {
        return context.print(format, structure(lines.map(|(key, value)| (key, Value::Text(value)))), "Whoami");
    }
    output::print(&lines.iter().map(|(key, value)| format!("{key:8} {}\n", one_line(value))).collect::<String>())
}
