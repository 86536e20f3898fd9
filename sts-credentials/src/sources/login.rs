//! Sessions of `aws login`.

use alloc::format;

use crate::{error::PlanError, settings::Settings, words};

/// The property that selects a sign-in session in a profile.
pub(crate) const PROPERTIES: [&str; 1] = ["login_session"];

/// Refuses a profile with a sign-in session. The session selects the user's identity, so no other source may replace it.
pub(crate) fn refuse(profile: &Settings<'_>) -> Result<(), PlanError> {
    let [property] = PROPERTIES;
    if profile.property(property).is_none() {
        return Ok(());
    }
    let command = format!("aws configure export-credentials --profile {}", words::quoted(profile.profile_name()));
    let problem = format!(
        "{property} names a session of `aws login`, which this client cannot use itself; another profile can, with \
         `credential_process = {command}`"
    );
    Err(profile.error(property, problem))
}
