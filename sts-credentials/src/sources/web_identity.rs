//! A role assumed with a web identity token from a file, as in Kubernetes and CI systems.
//! [Settings](https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html)

use alloc::{borrow::ToOwned, boxed::Box, string::String};
use core::fmt;

use sts_core::{
    AssumeRoleWithWebIdentity, Client, Moment,
    environment::Environment,
    timestamp,
    web_identity::{Claims, TokenError},
};
use time::{SignedDuration, UtcDateTime};

use super::role::{duration, session_name};
use crate::{
    error::{PlanError, Problem},
    machine::{Action, FindCredentials, Next, Session},
    origin::Origin,
    settings::Settings,
};

/// A role to assume with a web identity token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebIdentity {
    /// `role_arn`, `AWS_ROLE_ARN`
    pub role_arn: String,
    /// `web_identity_token_file`, `AWS_WEB_IDENTITY_TOKEN_FILE`; read each time, since the file may be replaced.
    pub token_file: String,
    /// `role_session_name`, `AWS_ROLE_SESSION_NAME`; generated if absent.
    pub role_session_name: Option<String>,
    /// `duration_seconds`, 900 to 43200.
    pub duration_seconds: Option<u32>,
    /// The origin of the configuration.
    pub origin: Origin,
}

/// The profile property and the environment variable that select a web identity.
pub(crate) const PROPERTIES: [&str; 1] = ["web_identity_token_file"];
pub(crate) const VARIABLE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";

/// How long after its expiration a token is still sent, since the local clock may be ahead. STS allows the same difference for signatures.
const LEEWAY: SignedDuration = SignedDuration::minutes(15);

impl WebIdentity {
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` with `AWS_ROLE_ARN`, if the first is set. The second alone has other uses, too.
    pub(crate) fn from_env(environment: Environment<'_>) -> Result<Option<Self>, PlanError> {
        let Some(token_file) = environment.variable(VARIABLE) else { return Ok(None) };
        let Some(role_arn) = environment.variable("AWS_ROLE_ARN") else {
            let problem = "AWS_WEB_IDENTITY_TOKEN_FILE is set in the environment but AWS_ROLE_ARN is not";
            return Err(PlanError::invalid(problem, Origin::Environment));
        };
        Ok(Some(Self {
            role_arn,
            token_file,
            role_session_name: environment.variable("AWS_ROLE_SESSION_NAME"),
            duration_seconds: None,
            origin: Origin::Environment,
        }))
    }

    /// The profile's web identity, if it has one.
    pub(crate) fn from_profile(profile: &Settings<'_>) -> Result<Option<Self>, PlanError> {
        let [property] = PROPERTIES;
        let Some(token_file) = profile.property(property) else { return Ok(None) };
        let Some(role_arn) = profile.owned("role_arn") else {
            return Err(profile.error(property, "`role_arn` was missing, which goes with web_identity_token_file"));
        };
        Ok(Some(Self {
            role_arn,
            token_file: token_file.to_owned(),
            role_session_name: profile.owned("role_session_name"),
            duration_seconds: duration(profile)?,
            origin: profile.origin(property),
        }))
    }

    fn operation<'a>(&'a self, token: &'a str, now: UtcDateTime) -> AssumeRoleWithWebIdentity<'a> {
        let name = session_name(self.role_session_name.as_deref(), now);
        let operation = AssumeRoleWithWebIdentity::new(&self.role_arn, name, token);
        match self.duration_seconds {
            Some(seconds) => operation.duration_seconds(seconds),
            None => operation,
        }
    }
}

/// The error for a token that has expired by both the local clock and, if known, the service's. `None` for texts that are not JSON web
/// tokens: the service checks those.
fn expired(token: &str, client: &Client, now: UtcDateTime) -> Option<TokenError> {
    let earliest = now.min(timestamp::later(now, client.clock_correction()));
    let error = Claims::peek(token).ok()?.check(earliest).err()?;
    matches!(error, TokenError::Expired { ago, .. } if ago > LEEWAY).then_some(error)
}

impl fmt::Display for WebIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "assume role {} of {}, with the token in {}", self.role_arn, self.origin, self.token_file)
    }
}

impl FindCredentials for WebIdentity {
    fn start<'c>(&'c self, session: Session<'c>, _: Moment) -> Next<'c> {
        let then = move |token: Result<&str, String>, now: Moment| {
            let path = || self.token_file.clone();
            let token = token.map_err(|error| Problem::File { path: path(), error })?;
            match expired(token, session.client, now.wall) {
                Some(error) => Err(Problem::Token { path: path(), error }),
                None => Ok(Action::call(self.operation(token, now.wall), session, now)),
            }
        };
        Ok(Action::ReadFile(&self.token_file, Box::new(then)))
    }
}
