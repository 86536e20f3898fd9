//! The plan: determines the configured sources of credentials, in order, from environment and profiles. Runs nothing.
//!
//! The default chain is that of the AWS SDK for Rust. The first of these that is configured is used:
//! 1. `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`
//! 2. the profile: the requested one, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE` (as in the AWS CLI, unlike the SDK), or `default`
//! 3. `AWS_WEB_IDENTITY_TOKEN_FILE` with `AWS_ROLE_ARN`
//! 4. `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `AWS_CONTAINER_CREDENTIALS_FULL_URI`
//! 5. the EC2 instance's metadata, unless `AWS_EC2_METADATA_DISABLED` is `true`
//!
//! If the program requests a profile, as with `--profile`, 1 and 3 are skipped. **An invalid configuration is an error; it is never
//! skipped.**
//!
//! ```
//! use sts_credentials::{location::Platform, plan::Plan, profile::Profiles};
//!
//! let mut profiles = Profiles::default();
//! profiles.read_config("~/.aws/config", "\
//! [profile audit]
//! role_arn = arn:aws:iam::123456789012:role/audit
//! source_profile = me
//! mfa_serial = arn:aws:iam::123456789012:mfa/me
//! ");
//! profiles.read_credentials("~/.aws/credentials", "\
//! [me]
//! aws_access_key_id = AKIAIOSFODNN7EXAMPLE
//! aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
//! ");
//! let plan = Plan::new(Platform::Unix, &|_| None, &profiles, Some("audit"))?;
//! assert_eq!(plan.to_string(), "\
//! 1. access key AKIAIOSFODNN7EXAMPLE of profile `me` (~/.aws/credentials line 2)
//! 2. assume role arn:aws:iam::123456789012:role/audit of profile `audit` (~/.aws/config line 2), with a code of MFA device \
//! arn:aws:iam::123456789012:mfa/me
//! passed over: the environment's keys and web identity, since a profile is asked for
//! ");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::{borrow::ToOwned, collections::BTreeSet, format, string::String, vec, vec::Vec};
use core::fmt;

use sts_core::environment::{Environment, PROFILE};

use crate::{
    error::{PlanError, PlanErrorKind},
    location::{Platform, Variable},
    origin::Origin,
    profile::Profiles,
    settings::Settings,
    source::Source,
    sources::{
        container::{self, Container},
        instance_metadata::{self, InstanceMetadata},
        keys::{self, Keys},
        login,
        process::{self, Process},
        role::{self, Base, Role},
        sso::{self, Sso},
        web_identity::{self, WebIdentity},
    },
};

/// The sources of credentials, in order: each source after the first uses the credentials of the previous one. `Display` describes the
/// plan, including what was skipped and why, without secrets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// At least one; all but the first are [`Source::AssumeRole`].
    pub sources: Vec<Source>,
    /// Descriptions of what the plan skips, with the reason: sources earlier in the default chain that are not configured, later sources
    /// that are, and unused settings of a profile.
    pub passed_over: Vec<String>,
}

impl Plan {
    /// The plan of the default chain. `profile` is the profile that the program requests, if any.
    ///
    /// # Errors
    /// A source's configuration is invalid, or no source is configured.
    pub fn new(
        platform: Platform,
        variable: Variable<'_>,
        profiles: &Profiles,
        profile: Option<&str>,
    ) -> Result<Self, PlanError> {
        let mut passed_over = Vec::new();
        let planner = Planner { platform, variable, profiles };
        let sources = planner.default_chain(profile, &mut passed_over)?;
        passed_over.extend(planner.unreadable());
        Ok(Self { sources, passed_over })
    }

    /// The plan of one profile, without the rest of the default chain. The environment is used only if the profile refers to it.
    ///
    /// # Errors
    /// The profile is not defined, configures no credentials, or is invalid.
    pub fn of_profile(
        platform: Platform,
        variable: Variable<'_>,
        profiles: &Profiles,
        profile: &str,
    ) -> Result<Self, PlanError> {
        let mut passed_over = Vec::new();
        let planner = Planner { platform, variable, profiles };
        let sources = planner.profile(profile, &mut passed_over)?;
        let sources =
            sources.ok_or_else(|| PlanError::new(PlanErrorKind::NotConfigured, without_credentials(profile)))?;
        passed_over.extend(planner.unreadable());
        Ok(Self { sources, passed_over })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, source) in self.sources.iter().enumerate() {
            writeln!(f, "{}. {source}", index + 1)?;
        }
        self.passed_over.iter().try_for_each(|reason| writeln!(f, "passed over: {reason}"))
    }
}

/// The variables that follow the profile in the default chain, in order.
const LATER: [&str; 3] = [web_identity::VARIABLE, container::VARIABLES[0], container::VARIABLES[1]];
/// The properties that select a source in a profile, in order of precedence.
const PROPERTIES: [&[&str]; 6] = [
    &role::PROPERTIES,
    &web_identity::PROPERTIES,
    &sso::PROPERTIES,
    &login::PROPERTIES,
    &process::PROPERTIES,
    &keys::PROPERTIES,
];

#[derive(Clone, Copy)]
struct Planner<'a> {
    platform: Platform,
    variable: Variable<'a>,
    profiles: &'a Profiles,
}

impl<'a> Planner<'a> {
    fn environment(self) -> Environment<'a> {
        Environment::new(self.variable)
    }

    fn default_chain(self, asked_for: Option<&str>, passed_over: &mut Vec<String>) -> Result<Vec<Source>, PlanError> {
        let environment = self.environment();
        let from_variable = environment.get(&PROFILE)?;
        if asked_for.is_some() {
            passed_over.push("the environment's keys and web identity, since a profile is asked for".to_owned());
        } else if let Some(keys) = Keys::from_env(environment)? {
            passed_over.extend(self.default_profile(from_variable.as_deref()));
            passed_over.extend(self.later(PROFILE.variables));
            // Only the profile's settings are needed here, and an undefined profile has none.
            let undefined = from_variable.filter(|name| self.profiles.profile(name).is_none());
            passed_over.extend(undefined.map(|name| self.with_hint(format!("profile `{name}` is not defined"), &name)));
            passed_over.extend(self.later(&LATER));
            return Ok(vec![Source::Keys(keys)]);
        } else {
            passed_over.push("keys in the environment: AWS_ACCESS_KEY_ID is not set".to_owned());
        }

        if asked_for.is_none() && PROFILE.variables.iter().all(|name| environment.variable(name).is_some()) {
            passed_over.push("AWS_DEFAULT_PROFILE, since AWS_PROFILE takes precedence over it".to_owned());
        }
        let named = asked_for.or(from_variable.as_deref());
        let name = named.unwrap_or("default");
        if named.is_none() && self.profiles.profile(name).is_none() {
            passed_over.push(format!("profile `{name}`: it is not defined"));
        } else if let Some(sources) = self.profile(name, passed_over)? {
            // For a requested profile, the first entry already covers the web identity. A profile may select the container itself.
            let later = if asked_for.is_some() { &LATER[1..] } else { &LATER[..] };
            if !matches!(sources.first(), Some(Source::Container(_))) {
                passed_over.extend(self.later(later));
            }
            // A requested profile may use the environment's keys, contrary to the first entry.
            let uses_environment =
                matches!(&sources[..], [Source::Keys(keys), ..] if keys.origin == Origin::Environment);
            if asked_for.is_some() && uses_environment {
                passed_over[0] = "the environment's web identity, since a profile is asked for".into();
            }
            return Ok(sources);
        } else {
            passed_over.push(without_credentials(name));
        }

        if asked_for.is_none() {
            if let Some(source) = WebIdentity::from_env(environment)? {
                passed_over.extend(self.later(&LATER[1..]));
                return Ok(vec![Source::WebIdentity(source)]);
            }
            passed_over.push("web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set".to_owned());
        }

        if let Some(container) = Container::from_env(environment)? {
            return Ok(vec![Source::Container(container)]);
        }
        passed_over.push(format!("container: {}", container::UNSET));

        let settings = Settings::new(self.platform, self.variable, self.profiles, Some(name))?;
        match InstanceMetadata::from_env(settings.environment())? {
            Some(metadata) => Ok(vec![Source::InstanceMetadata(metadata)]),
            None => Err(PlanError::new(
                PlanErrorKind::NotConfigured,
                format!(
                    "no source of credentials is configured: {}; instance metadata: {}",
                    passed_over.join("; "),
                    instance_metadata::DISABLED_TEXT
                ),
            )),
        }
    }

    /// The variables that are set, without checking their unused values.
    fn later(self, variables: &[&str]) -> impl Iterator<Item = String> {
        let set = variables.iter().filter(move |name| self.environment().variable(name).is_some());
        set.map(|name| format!("{name}, which comes after what is used"))
    }

    /// The profile `default`, if keys in the environment take precedence over it.
    fn default_profile(self, from_variable: Option<&str>) -> Option<String> {
        let section = self.profiles.profile("default").filter(|_| from_variable.is_none())?;
        let mut properties = PROPERTIES.iter().flat_map(|properties| properties.iter());
        let property = properties.find(|name| section.get(name).is_some_and(|value| !value.is_empty()))?;
        let origin = Origin::Profile { name: "default".to_owned(), location: section.location(property).cloned() };
        Some(format!("{origin}, which comes after what is used"))
    }

    /// The sources of a profile; `None` if it configures no credentials.
    fn profile(self, name: &str, passed_over: &mut Vec<String>) -> Result<Option<Vec<Source>>, PlanError> {
        if self.profiles.profile(name).is_none() {
            return Err(self.not_defined(name));
        }
        let mut current = Settings::new(self.platform, self.variable, self.profiles, Some(name))?;
        let mut visited = vec![current.clone()];
        let mut known = BTreeSet::from([name]);
        let mut roles = Vec::new();
        let base = loop {
            // A source profile with its own keys provides these keys.
            if visited.len() > 1
                && let Some(keys) = Keys::from_profile(&current)?
            {
                break Some(Source::Keys(keys));
            }
            let Some((role, base)) = Role::from_profile(&current)? else { break base(&current)? };
            roles.push(Source::AssumeRole(role));
            match base {
                Base::Named(source) => break Some(self.named_source(&current, source)?),
                // The role is assumed with the profile's own keys.
                Base::Profile(next) if next == current.profile_name() => {
                    break Keys::from_profile(&current)?.map(Source::Keys);
                }
                Base::Profile(next) if !known.insert(next) => {
                    let names: Vec<_> = visited.iter().map(Settings::profile_name).collect();
                    let loops = format!("profile formed an infinite loop: {}, {next}", names.join(", "));
                    return Err(current.error("source_profile", loops));
                }
                Base::Profile(next) => {
                    let Some(section) = self.profiles.profile(next) else {
                        let from = current.profile_name();
                        let problem = format!("could not find source profile {next} referenced from {from}");
                        return Err(current.error("source_profile", problem));
                    };
                    current = current.with_profile(next, section)?;
                    visited.push(current.clone());
                }
            }
        };
        for profile in &visited {
            passed_over.extend(token_only(profile));
        }
        let Some(base) = base else {
            let none = PlanError::new(PlanErrorKind::NotConfigured, without_credentials(current.profile_name()));
            return if roles.is_empty() { Ok(None) } else { Err(none) };
        };
        let sources: Vec<_> = core::iter::once(base).chain(roles.into_iter().rev()).collect();
        check_durations(&sources)?;
        // Each profile uses the credentials of the next one; the last profile is the first source.
        for (index, profile) in visited.iter().enumerate() {
            passed_over.extend(unused(profile, &sources[..sources.len() - index]));
        }
        Ok(Some(sources))
    }

    fn named_source(self, profile: &Settings<'_>, name: &str) -> Result<Source, PlanError> {
        let error =
            |problem: &str| profile.error("credential_source", format!("credential_source is {name}, {problem}"));
        match name {
            "Environment" => Keys::from_env(self.environment())?
                .map(Source::Keys)
                .ok_or_else(|| error("but AWS_ACCESS_KEY_ID is not set")),
            "EcsContainer" => Container::from_env(self.environment())?
                .map(Source::Container)
                .ok_or_else(|| error(&format!("but {}", container::UNSET))),
            "Ec2InstanceMetadata" => InstanceMetadata::from_env(profile.environment())?
                .map(Source::InstanceMetadata)
                .ok_or_else(|| error(&format!("but {}", instance_metadata::DISABLED_TEXT))),
            _ => Err(error("expected Environment, Ec2InstanceMetadata or EcsContainer")),
        }
    }

    fn not_defined(self, name: &str) -> PlanError {
        let problem = if self.profiles.profile_names().next().is_none() {
            format!("no profiles were defined, and profile `{name}` is asked for")
        } else {
            format!("profile `{name}` is not defined")
        };
        PlanError::new(PlanErrorKind::UndefinedProfile, self.with_hint(problem, name))
    }

    /// A hint for a common mistake: `[dev]` instead of `[profile dev]`.
    fn with_hint(self, problem: String, profile: &str) -> String {
        match self.profiles.ignored().iter().find_map(|ignored| ignored.hint(profile)) {
            Some(hint) => format!("{problem}; {hint}"),
            None => problem,
        }
    }

    /// A warning about invalid lines in unused profiles.
    fn unreadable(self) -> impl Iterator<Item = String> {
        const MAX: usize = 10;
        let errors = self.profiles.errors().iter().take(MAX);
        errors.map(|error| format!("{}, which cannot be read: {}", error.location, error.problem))
    }
}

/// The source of a profile that does not assume a role with other credentials.
fn base(profile: &Settings<'_>) -> Result<Option<Source>, PlanError> {
    if let Some(source) = WebIdentity::from_profile(profile)? {
        return Ok(Some(Source::WebIdentity(source)));
    }
    if let Some(source) = Sso::from_profile(profile)? {
        return Ok(Some(Source::Sso(source)));
    }
    login::refuse(profile)?;
    if let Some(source) = Process::from_profile(profile)? {
        return Ok(Some(Source::Process(source)));
    }
    Ok(Keys::from_profile(profile)?.map(Source::Keys))
}

/// A profile's session for bearer tokens, which is not a source.
fn token_only(profile: &Settings<'_>) -> Option<String> {
    let is_source = sso::PROPERTIES.iter().any(|name| profile.property(name).is_some());
    let name = sso::TOKEN_ONLY.into_iter().find(|name| profile.property(name).is_some() && !is_source)?;
    let [account, role] = sso::PROPERTIES;
    Some(format!("{name} of {}, which gives no credentials without {account} and {role}", profile.origin(name)))
}

/// The unused credential settings of a profile, apart from the last source.
fn unused(profile: &Settings<'_>, sources: &[Source]) -> Vec<String> {
    let uses_own_keys = profile.property("source_profile") == Some(profile.profile_name());
    let used: &[&[&str]] = match sources {
        [_, .., Source::AssumeRole(_)] if uses_own_keys => &[&role::PROPERTIES, &keys::PROPERTIES],
        [_, .., Source::AssumeRole(_)] => &[&role::PROPERTIES],
        [Source::WebIdentity(_)] => &[&role::PROPERTIES, &web_identity::PROPERTIES],
        [Source::Sso(_)] => &[&sso::PROPERTIES],
        [Source::Process(_)] => &[&process::PROPERTIES],
        [Source::Keys(_)] => &[&keys::PROPERTIES],
        _ => &[],
    };
    let first = |properties: &[&'static str]| properties.iter().copied().find(|name| profile.property(name).is_some());
    let winner = used.iter().find_map(|properties| first(properties)).unwrap_or_default();
    let rest = PROPERTIES.into_iter().filter(|properties| !used.contains(properties)).filter_map(first);
    let beside = |name| format!("{name} of {}, since {winner} takes precedence over it", profile.origin(name));
    let is_token = matches!(sources, [Source::WebIdentity(_)]);
    let no_member = ["external_id", "mfa_serial"].into_iter();
    let no_member = no_member.filter(|name| is_token && profile.property(name).is_some());
    let without = |name| format!("{name} of {}, which goes with no web identity", profile.origin(name));
    rest.map(beside).chain(no_member.map(without)).collect()
}

fn without_credentials(name: &str) -> String {
    format!("profile `{name}` did not contain credential information")
}

/// Limits a role session to an hour if it is assumed with another role's credentials. Roles of instances and containers do not count.
/// [Role chaining](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining)
fn check_durations(sources: &[Source]) -> Result<(), PlanError> {
    for pair in sources.windows(2) {
        if let [Source::AssumeRole(_) | Source::WebIdentity(_) | Source::Sso(_), Source::AssumeRole(role)] = pair
            && let Some(seconds) = role.duration_seconds.filter(|seconds| *seconds > 3600)
        {
            let problem = format!(
                "duration_seconds is {seconds}, but a role that is assumed with the credentials of another role lasts 3600 s at most"
            );
            return Err(PlanError::invalid(problem, role.origin.clone()));
        }
    }
    Ok(())
}
