//! The client of a command.

use std::sync::Arc;
use sts_blocking::{
    BuildError, Client, ClientBuilder, ConfigBuilder, Credentials,
    core::{ConfigError, endpoint::EndpointError, error::Problem},
    credentials::source::Source,
    provider::{Chain, ProvideError},
};
use sts_local::{Listener, LocalSts};
use time::UtcDateTime;

use crate::{
    cache::Cache,
    context::{Context, Environment},
    failure::{Failure, warn},
    notice::Notice,
    terminal,
    watch::Watched,
};

/// A client and, with `--local`, the local STS that it calls.
pub(crate) fn connect(context: &Context) -> Result<(Client, Option<Listener>), Failure> {
    if context.globals.local {
        return connect_locally(context);
    }
    Ok((client(context, &context.environment()?, context.globals.config())?, None))
}

/// The credentials with which a client signs.
pub(crate) fn credentials_of(client: &Client) -> Result<Arc<Credentials>, Failure> {
    client.find_credentials()?.ok_or_else(|| (&Problem::NoCredentials).into())
}

/// The configured credentials. They need a region only for assuming a role.
pub(crate) fn find_credentials(context: &Context) -> Result<Arc<Credentials>, Failure> {
    let environment = context.environment()?;
    let mut config = context.globals.config();
    let calls = |source: &Source| matches!(source, Source::AssumeRole(_) | Source::WebIdentity(_));
    if environment.region().is_none() && environment.plan().is_ok_and(|plan| !plan.sources.iter().any(calls)) {
        config = config.region("aws-global");
    }
    credentials_of(&client(context, &environment, config)?)
}

fn client(context: &Context, environment: &Environment<'_>, config: ConfigBuilder) -> Result<Client, Failure> {
    let globals = &context.globals;
    let (plan, profile) = (environment.plan(), globals.profile.as_deref());
    let chain = Chain::with_profiles(config, &|name| context.variable(name), environment.profiles, profile);
    let chain = chain.map_err(|error| match (error, plan) {
        // The credentials are missing, too: report those.
        (BuildError::Config(ConfigError::Endpoint(EndpointError::MissingRegion)), Err(error)) => error.into(),
        (error, _) => Failure::from(error),
    })?;
    let cache = chain
        .plan()
        .ok()
        .filter(|_| globals.cache && !globals.no_sign_request)
        .and_then(|plan| Cache::of(plan.sources.last()?, &|name| context.variable(name)));
    if globals.debug {
        warn(&environment.origins().lines().map(|line| format!("debug: {line}\n")).collect::<String>());
    }
    let notice = Notice::new();
    if let Ok(plan) = chain.plan()
        && let Some(Source::Process(process)) = plan.sources.first()
    {
        notice.begin(|| format!("the credential_process of {}", process.origin));
    }
    let prompting = notice.clone();
    let chain = chain.mfa_prompt(move |serial| {
        prompting.end();
        terminal::ask(serial)
    });
    let client = build(context, Client::builder().chain(chain), notice)?;
    let Some(cache) = cache else { return Ok(client) };
    let chain = client.clone();
    Ok(client.with_provider(move || {
        if let Some(kept) = cache.read(UtcDateTime::now()) {
            return Ok(kept);
        }
        let found = chain.find_credentials()?.ok_or_else(|| ProvideError::refused("there are none"))?;
        cache.write(&found);
        Ok((*found).clone())
    }))
}

fn build(context: &Context, mut builder: ClientBuilder, notice: Notice) -> Result<Client, Failure> {
    let (is_signed, is_logged) = (!context.globals.no_sign_request, context.globals.debug);
    if let Some(timeout) = context.globals.connect_timeout() {
        builder = builder.connect_timeout(timeout);
    }
    let wrap = move |transport| Watched::new(transport, is_signed, is_logged, notice);
    let client = builder.wrap_transport(wrap).build()?;
    // The library requires a key for signed operations; the transport removes the signature.
    Ok(if is_signed { client } else { client.with_credentials(Credentials::new("unsigned", "")) })
}

/// Ignores the environment, so that it works the same everywhere.
fn connect_locally(context: &Context) -> Result<(Client, Option<Listener>), Failure> {
    let globals = &context.globals;
    let sts = LocalSts::demo().serve(0).map_err(|error| Failure::caused("Could not start the local STS", &error))?;
    let config = globals.config().region(globals.region.as_deref().unwrap_or("us-east-1")).endpoint_url(sts.url());
    let builder = Client::builder().config(config).credentials(LocalSts::demo_credentials());
    if globals.debug {
        warn("debug: credentials: the local STS's\n");
    }
    Ok((build(context, builder, Notice::off())?, Some(sts)))
}
