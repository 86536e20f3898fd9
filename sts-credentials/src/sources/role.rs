//! A role assumed with the credentials of another source.
//! [Settings](https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html)

use alloc::{
    borrow::{Cow, ToOwned},
    boxed::Box,
    format,
    string::String,
};
use core::fmt;

use sts_core::{AssumeRole, Moment, Secret};
use time::UtcDateTime;

use crate::{
    error::{PlanError, Problem},
    machine::{Action, FindCredentials, Next, Session},
    origin::Origin,
    settings::Settings,
};

/// A role to assume with other credentials.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Role {
    /// `role_arn`
    pub role_arn: String,
    /// `role_session_name`; generated if absent.
    pub role_session_name: Option<String>,
    /// `external_id`
    pub external_id: Option<String>,
    /// `duration_seconds`, 900 to 43200.
    pub duration_seconds: Option<u32>,
    /// `mfa_serial`: the MFA device that provides a code.
    pub mfa_serial: Option<String>,
    /// The origin of the configuration.
    pub origin: Origin,
}

/// The property that selects a role in a profile.
pub(crate) const PROPERTIES: [&str; 1] = ["role_arn"];

/// The credentials for assuming a role.
pub(crate) enum Base<'a> {
    /// `source_profile`: the credentials of this profile.
    Profile(&'a str),
    /// `credential_source`: the credentials of this source.
    Named(&'a str),
}

impl Role {
    /// The role that the profile assumes with other credentials, if any, and these credentials.
    pub(crate) fn from_profile<'a>(profile: &Settings<'a>) -> Result<Option<(Self, Base<'a>)>, PlanError> {
        let Some(role_arn) = profile.property("role_arn") else { return Ok(None) };
        if profile.property("web_identity_token_file").is_some() {
            return Ok(None);
        }
        let base = match (profile.property("source_profile"), profile.property("credential_source")) {
            (Some(_), Some(_)) => {
                let both = "profile contained both source_profile and credential_source";
                return Err(profile.error("credential_source", both));
            }
            (Some(name), None) => Base::Profile(name),
            (None, Some(name)) => Base::Named(name),
            (None, None) => {
                let none = "with role_arn, the profile must contain `source_profile`, `credential_source` or \
                            `web_identity_token_file`";
                return Err(profile.error("role_arn", none));
            }
        };
        let role = Self {
            role_arn: role_arn.to_owned(),
            role_session_name: profile.owned("role_session_name"),
            external_id: profile.owned("external_id"),
            duration_seconds: duration(profile)?,
            mfa_serial: profile.owned("mfa_serial"),
            origin: profile.origin("role_arn"),
        };
        Ok(Some((role, base)))
    }

    fn operation(&self, now: UtcDateTime) -> AssumeRole<'_> {
        let mut operation = AssumeRole::new(&self.role_arn, session_name(self.role_session_name.as_deref(), now));
        if let Some(id) = &self.external_id {
            operation = operation.external_id(id);
        }
        if let Some(seconds) = self.duration_seconds {
            operation = operation.duration_seconds(seconds);
        }
        operation
    }
}

/// `duration_seconds` of a profile.
pub(super) fn duration(profile: &Settings<'_>) -> Result<Option<u32>, PlanError> {
    let Some(text) = profile.property("duration_seconds") else { return Ok(None) };
    let seconds = text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
    seconds.map(Some).ok_or_else(|| {
        let problem = format!("duration_seconds is {text:?}, expected a whole number from 900 to 43200");
        profile.error("duration_seconds", problem)
    })
}

/// The session name; generated from the time if absent.
pub(super) fn session_name(given: Option<&str>, now: UtcDateTime) -> Cow<'_, str> {
    given.map_or_else(|| format!("sts-rust-{}", now.unix_timestamp()).into(), Cow::Borrowed)
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "assume role {} of {}", self.role_arn, self.origin)?;
        if let Some(name) = &self.role_session_name {
            write!(f, ", as session {name}")?;
        }
        if self.external_id.is_some() {
            f.write_str(", with an external id")?;
        }
        if let Some(seconds) = self.duration_seconds {
            write!(f, ", for {seconds} s")?;
        }
        if let Some(serial) = &self.mfa_serial {
            write!(f, ", with a code of MFA device {serial}")?;
        }
        Ok(())
    }
}

impl FindCredentials for Role {
    fn start<'c>(&'c self, session: Session<'c>, now: Moment) -> Next<'c> {
        let Some(serial) = &self.mfa_serial else { return Ok(Action::call(self.operation(now.wall), session, now)) };
        let then = move |code: Result<Secret, String>, now: Moment| {
            let code = code.map_err(|error| Problem::Mfa { serial: serial.clone(), error })?;
            let operation = self.operation(now.wall).serial_number(serial).token_code(code.expose().trim());
            Ok(Action::call(operation, session, now))
        };
        Ok(Action::PromptMfa(serial, Box::new(then)))
    }
}
