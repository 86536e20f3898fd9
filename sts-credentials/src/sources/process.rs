//! A program that prints credentials.
//! [`credential_process`](https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html)

use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::fmt;

use sts_core::{Credentials, Moment, Secret, json::Value, text::snippet};
use time::UtcDateTime;

use super::document;
use crate::{
    error::{PlanError, Problem},
    location::Platform,
    machine::{Action, FindCredentials, Finished, Next, Session},
    origin::Origin,
    settings::Settings,
    words,
};

/// A program that prints credentials, run without a shell. `Display` and `Debug` omit the arguments, since they may contain a secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Process {
    /// The program: a path, or a name to look up in the system's search path.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<Secret>,
    /// The origin of the configuration.
    pub origin: Origin,
    /// A hint for when the program fails and its command line looks like shell syntax.
    hint: Option<&'static str>,
}

/// The property that selects a program in a profile.
pub(crate) const PROPERTIES: [&str; 1] = ["credential_process"];

impl Process {
    /// The profile's program, if it names one.
    pub(crate) fn from_profile(profile: &Settings<'_>) -> Result<Option<Self>, PlanError> {
        let [property] = PROPERTIES;
        let Some(line) = profile.property(property) else { return Ok(None) };
        let Some((program, arguments)) = words::split(profile.platform, line) else {
            return Err(profile.error(property, "credential_process names no program, or a quote is not closed"));
        };
        let hint = words::is_for_shell(profile.platform, line).then_some(match profile.platform {
            Platform::Unix => "the line is run without a shell: for |, &&, $ and the like, write sh -c '…'",
            Platform::Windows => "the line is run without a shell: for |, && and the like, write cmd /C \"…\"",
        });
        Ok(Some(Self { program, arguments, origin: profile.origin(property), hint }))
    }

    fn problem(&self, error: String) -> Problem {
        let error = match self.hint {
            Some(hint) => format!("{error}; {hint}"),
            None => error,
        };
        Problem::Answer { from: "the program", error }
    }
}

/// Parses the program's output; the error follows "the program".
fn credentials(finished: &Finished, now: UtcDateTime) -> Result<Credentials, String> {
    if finished.code != Some(0) {
        let mut error = match finished.code {
            Some(code) => format!("ended with exit code {code}"),
            None => "was ended by a signal".into(),
        };
        let said = document::shown(String::from_utf8_lossy(finished.stderr.expose()).trim());
        if !said.is_empty() {
            error += &format!(": {said}");
        }
        return Err(error);
    }
    let document = document::object(finished.stdout.expose())?;
    match document.get("Version") {
        Some(Value::Number("1")) => {}
        // Some programs write the version as a string.
        Some(Value::Text(version)) if version == "1" => {}
        Some(Value::Number(other)) => return Err(format!("sent Version {}, expected 1", snippet(other))),
        _ => return Err("sent no Version, expected 1".into()),
    }
    document::credentials(&document, "SessionToken", Some(now))
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {} of {}", self.program, self.origin)
    }
}

impl FindCredentials for Process {
    fn start<'c>(&'c self, _: Session<'c>, _: Moment) -> Next<'c> {
        let then = |result: Result<Finished, String>, now: Moment| {
            let finished = result.map_err(|error| document::shown(&error));
            let found = finished.and_then(|finished| credentials(&finished, now.wall));
            found.map(Action::Done).map_err(|error| self.problem(error))
        };
        let Self { program, arguments, origin, .. } = self;
        Ok(Action::RunProcess { program, arguments, origin, then: Box::new(then) })
    }
}
