//! Access keys in the environment or a profile.

use alloc::{format, string::String};
use core::fmt;

use sts_core::{Credentials, Moment, Secret, environment::Environment, text::snippet};

use crate::{
    error::PlanError,
    machine::{Action, FindCredentials, Next, Session},
    origin::Origin,
    settings::Settings,
};

/// An access key from the environment or a profile.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Keys {
    /// The key.
    pub credentials: Credentials,
    /// `aws_account_id`, `AWS_ACCOUNT_ID`: the key's account.
    pub account_id: Option<String>,
    /// The origin of the configuration.
    pub origin: Origin,
}

/// The property that selects an access key in a profile.
pub(crate) const PROPERTIES: [&str; 1] = [ID];
const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";

impl Keys {
    /// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, if set.
    pub(crate) fn from_env(environment: Environment<'_>) -> Result<Option<Self>, PlanError> {
        let invalid = |problem| PlanError::invalid(problem, Origin::Environment);
        let found = Credentials::from_env(|name| environment.variable(name));
        let Some(credentials) = found.map_err(|error| invalid(format!("{error}")))? else { return Ok(None) };
        let older = environment.variable("AWS_SESSION_TOKEN").is_none() && credentials.session_token.is_some();
        let token = if older { "AWS_SECURITY_TOKEN" } else { "AWS_SESSION_TOKEN" };
        check(&credentials, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", token])
            .map_err(|(_, problem)| invalid(problem))?;
        let account_id = environment.variable("AWS_ACCOUNT_ID");
        Ok(Some(Self { credentials, account_id, origin: Origin::Environment }))
    }

    /// The profile's key, if it has one.
    pub(crate) fn from_profile(profile: &Settings<'_>) -> Result<Option<Self>, PlanError> {
        let missing = |missing, present| {
            Err(profile.error(present, format!("profile missing {missing}, which goes with {present}")))
        };
        let (id, secret) = match (profile.property(ID), profile.property(SECRET)) {
            (None, None) => return Ok(None),
            (Some(_), None) => return missing(SECRET, ID),
            (None, Some(_)) => return missing(ID, SECRET),
            (Some(id), Some(secret)) => (id, secret),
        };
        // The second name is older.
        let names = ["aws_session_token", "aws_security_token"];
        let token = names.into_iter().find_map(|name| Some((name, profile.property(name)?)));
        let mut credentials = Credentials::new(id, secret);
        credentials.session_token = token.map(|(_, token)| token.into());
        check(&credentials, [ID, SECRET, token.map_or(names[0], |(name, _)| name)])
            .map_err(|(name, problem)| profile.error(name, problem))?;
        let account_id = profile.owned("aws_account_id");
        Ok(Some(Self { credentials, account_id, origin: profile.origin(ID) }))
    }
}

/// Rejects unusable credentials. `names` are those of key id, secret and token; the error contains the name of the invalid one.
fn check<'n>(credentials: &Credentials, names: [&'n str; 3]) -> Result<(), (&'n str, String)> {
    let Credentials { access_key_id: id, secret_access_key: secret, session_token: token, .. } = credentials;
    let values = [Some(id.as_str()), Some(secret.expose()), token.as_ref().map(Secret::expose)];
    for (name, value) in names.into_iter().zip(values) {
        let value = value.unwrap_or_default();
        // A Kubernetes secret often ends with a line break.
        let problem = match value.chars().position(char::is_control) {
            None => continue,
            Some(_) if value.ends_with('\n') => "ends with a line break, which must go",
            Some(_) => "contains a line break or another control character",
        };
        return Err((name, format!("{name} {problem}")));
    }
    if id.starts_with("ASIA") && token.is_none() {
        let problem = format!(
            "{} is {}, a temporary key, which works only with its session token: {} is not set",
            names[0],
            snippet(id),
            names[2]
        );
        return Err((names[0], problem));
    }
    Ok(())
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "access key {} of {}", self.credentials.access_key_id, self.origin)
    }
}

impl FindCredentials for Keys {
    fn start<'c>(&'c self, _: Session<'c>, _: Moment) -> Next<'c> {
        Ok(Action::Done(self.credentials.clone()))
    }
}
