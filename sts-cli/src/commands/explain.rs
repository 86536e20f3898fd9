//! `sts explain`

use crate::{context::Context, failure::Failure, output, terminal::printable};

/// Prints the origins of credentials, region and endpoint. Calls nothing.
pub(crate) fn run(context: &Context) -> Result<(), Failure> {
    let environment = context.environment()?;
    output::print(&printable(&environment.origins()))?;
    environment.plan()?;
    environment.config().map(drop)
}
