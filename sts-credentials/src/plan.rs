//! Which credentials are meant: environment and profiles in, an ordered list of sources out. Nothing is run.
//!
//! The default chain is that of the AWS SDK for Rust: the first of these that is configured.
//! 1. `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`
//! 2. the profile: the one asked for, else `AWS_PROFILE`, else `AWS_DEFAULT_PROFILE` (which the SDK does not read, but the AWS CLI), else `default`
//! 3. `AWS_WEB_IDENTITY_TOKEN_FILE` with `AWS_ROLE_ARN`
//! 4. `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `AWS_CONTAINER_CREDENTIALS_FULL_URI`
//! 5. the EC2 instance's metadata, unless `AWS_EC2_METADATA_DISABLED` is `true`
//!
//! When a profile is asked for by the program, as with `--profile`, 1 and 3 are passed over. **What is configured wrongly is an error;
//! it is never passed over.**
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

use alloc::{
    borrow::ToOwned,
    boxed::Box,
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::fmt;

use crate::{
    container::Container,
    error::PlanError,
    instance_metadata::InstanceMetadata,
    location::{PROFILE_VARIABLES, Platform, Variable, profile_from_env},
    origin::Origin,
    process::Process,
    profile::{Profiles, Section},
    sso::{self, Sso},
    words,
};
use sts_core::{
    Credentials,
    endpoint::{EndpointError, check_url, regional},
    host::is_host_label,
};

/// Where credentials come from, step by step: the first source makes credentials, each further one makes others with those of the one
/// before. `Display` says it in words, and what was passed over and why; it shows no secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// At least one; all but the first are [`Source::AssumeRole`].
    pub sources: Vec<Source>,
    /// What comes earlier in the default chain and is not configured, what comes later and is, and what a profile has besides and is not
    /// used, with the reason.
    pub passed_over: Vec<String>,
}

impl Plan {
    /// Finds out which source is meant. `profile` is the profile that the program asks for, if it does.
    ///
    /// # Errors
    /// A source is configured, but wrongly; or no source is configured.
    pub fn new(
        platform: Platform,
        variable: Variable<'_>,
        profiles: &Profiles,
        profile: Option<&str>,
    ) -> Result<Self, PlanError> {
        let mut passed_over = Vec::new();
        let sources = Planner { platform, variable, profiles }.default_chain(profile, &mut passed_over)?;
        passed_over.extend(unreadable(profiles));
        Ok(Self { sources, passed_over })
    }

    /// Only what a profile says, without the rest of the default chain; the environment is asked when the profile says so.
    ///
    /// # Errors
    /// The profile is not there, says nothing about credentials, or says what makes no sense.
    pub fn of_profile(
        platform: Platform,
        variable: Variable<'_>,
        profiles: &Profiles,
        profile: &str,
    ) -> Result<Self, PlanError> {
        let mut passed_over = Vec::new();
        let sources = Planner { platform, variable, profiles }.profile(profile, &mut passed_over)?;
        let sources = sources.ok_or_else(|| without_credentials(profile))?;
        passed_over.extend(unreadable(profiles));
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

/// One source of credentials. `Display` says what it does, without secrets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Source {
    /// An access key that is written down.
    Keys(Keys),
    /// `AssumeRole` with the credentials of the source before.
    AssumeRole(Role),
    /// `AssumeRoleWithWebIdentity` with the token in a file.
    WebIdentity(WebIdentity),
    /// A program that prints credentials.
    Process(Process),
    /// IAM Identity Center.
    Sso(Sso),
    /// The agent of ECS or of EKS Pod Identity.
    Container(Container),
    /// The instance metadata service of EC2.
    InstanceMetadata(InstanceMetadata),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys(keys) => write!(f, "access key {} of {}", keys.credentials.access_key_id, keys.origin),
            Self::AssumeRole(role) => role.fmt(f),
            Self::WebIdentity(role) => {
                write!(f, "assume role {} of {}, with the token in {}", role.role_arn, role.origin, role.token_file)
            }
            Self::Process(process) => process.fmt(f),
            Self::Sso(sso) => sso.fmt(f),
            Self::Container(container) => container.fmt(f),
            Self::InstanceMetadata(metadata) => metadata.fmt(f),
        }
    }
}

/// An access key that is written down.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Keys {
    /// The key.
    pub credentials: Credentials,
    /// `aws_account_id`: the key's account.
    pub account_id: Option<String>,
    /// Who says so.
    pub origin: Origin,
}

/// A role to be assumed with other credentials.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Role {
    /// `role_arn`
    pub role_arn: String,
    /// `role_session_name`; a name is made up when absent.
    pub role_session_name: Option<String>,
    /// `external_id`
    pub external_id: Option<String>,
    /// `duration_seconds`, 900 to 43200.
    pub duration_seconds: Option<u32>,
    /// `mfa_serial`: the device that is asked for a code.
    pub mfa_serial: Option<String>,
    /// Who says so.
    pub origin: Origin,
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

/// A role to be assumed with a web identity token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebIdentity {
    /// `role_arn`, `AWS_ROLE_ARN`
    pub role_arn: String,
    /// `web_identity_token_file`, `AWS_WEB_IDENTITY_TOKEN_FILE`; read anew each time, since its owner replaces it.
    pub token_file: String,
    /// `role_session_name`, `AWS_ROLE_SESSION_NAME`; a name is made up when absent.
    pub role_session_name: Option<String>,
    /// `duration_seconds`, 900 to 43200.
    pub duration_seconds: Option<u32>,
    /// Who says so.
    pub origin: Origin,
}

/// The variables behind the profile, in the default chain's order.
const LATER: [&str; 3] =
    ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
const KEYS: &str = "aws_access_key_id";
/// By which of its properties a profile says where credentials come from; what goes before is first.
const PROPERTIES: [&str; 6] =
    ["role_arn", "web_identity_token_file", "sso_session", "sso_start_url", "credential_process", KEYS];

#[derive(Clone, Copy)]
struct Planner<'a> {
    platform: Platform,
    variable: Variable<'a>,
    profiles: &'a Profiles,
}

impl<'a> Planner<'a> {
    fn default_chain(self, asked_for: Option<&str>, passed_over: &mut Vec<String>) -> Result<Vec<Source>, PlanError> {
        let from_variable = profile_from_env(self.variable);
        if asked_for.is_some() {
            passed_over.push("the environment's keys and web identity, since a profile is asked for".to_owned());
        } else if let Some(keys) = self.environment_keys()? {
            passed_over.extend(self.default_profile());
            passed_over.extend(self.later(&PROFILE_VARIABLES));
            // Nothing is wanted of it but settings, and those would count as not set.
            let undefined = from_variable.filter(|name| self.profiles.profile(name).is_none());
            passed_over.extend(undefined.map(|name| self.with_hint(format!("profile `{name}` is not defined"), &name)));
            passed_over.extend(self.later(&LATER));
            return Ok(vec![keys]);
        } else {
            passed_over.push("keys in the environment: AWS_ACCESS_KEY_ID is not set".to_owned());
        }

        if asked_for.is_none() && PROFILE_VARIABLES.iter().all(|name| self.variable(name).is_some()) {
            passed_over.push("AWS_DEFAULT_PROFILE, since AWS_PROFILE goes before it".to_owned());
        }
        let named = asked_for.or(from_variable.as_deref());
        let name = named.unwrap_or("default");
        if named.is_none() && self.profiles.profile(name).is_none() {
            passed_over.push(format!("profile `{name}`: it is not defined"));
        } else if let Some(sources) = self.profile(name, passed_over)? {
            // Of an asked-for profile it is said already that web identity does not count. A profile may name the container itself.
            let later = if asked_for.is_some() { &LATER[1..] } else { &LATER[..] };
            if !matches!(sources.first(), Some(Source::Container(_))) {
                passed_over.extend(self.later(later));
            }
            // Or the environment's keys, in spite of what was said of them.
            let uses_environment =
                matches!(&sources[..], [Source::Keys(keys), ..] if keys.origin == Origin::Environment);
            if asked_for.is_some() && uses_environment {
                passed_over[0] = "the environment's web identity, since a profile is asked for".into();
            }
            return Ok(sources);
        } else {
            passed_over.push(without_credentials(name).problem);
        }

        if asked_for.is_none() {
            if let Some(source) = self.environment_web_identity()? {
                passed_over.extend(self.later(&LATER[1..]));
                return Ok(vec![source]);
            }
            passed_over.push("web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set".to_owned());
        }

        if let Some(container) = Container::from_env(self.variable)? {
            return Ok(vec![Source::Container(container)]);
        }
        passed_over.push(format!("container: {}", Container::UNSET));

        match InstanceMetadata::from_env(self.variable, self.profiles.profile(name))? {
            Some(metadata) => Ok(vec![Source::InstanceMetadata(metadata)]),
            None => Err(PlanError::environment(format!(
                "no source of credentials is configured: {}; instance metadata: {}",
                passed_over.join("; "),
                InstanceMetadata::DISABLED
            ))),
        }
    }

    /// Those of the variables that are set. What is not used is not looked at: it may be wrong.
    fn later(self, variables: &[&str]) -> impl Iterator<Item = String> {
        let set = variables.iter().filter(move |name| self.variable(name).is_some());
        set.map(|name| format!("{name}, which comes after what is used"))
    }

    /// The profile `default`, if it is what keys in the environment go before.
    fn default_profile(self) -> Option<String> {
        let profile = Profile { name: "default", section: self.profiles.profile("default")? };
        let property = PROPERTIES.into_iter().find(|name| profile.get(name).is_some())?;
        let is_meant = profile_from_env(self.variable).is_none();
        is_meant.then(|| format!("{}, which comes after what is used", profile.origin(property)))
    }

    /// An environment variable; an empty one counts as unset.
    fn variable(self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    fn environment_keys(self) -> Result<Option<Source>, PlanError> {
        let found = Credentials::from_env(self.variable).map_err(|error| PlanError::environment(error.to_string()))?;
        Ok(found.map(|credentials| {
            let account_id = self.variable("AWS_ACCOUNT_ID");
            Source::Keys(Keys { credentials, account_id, origin: Origin::Environment })
        }))
    }

    fn environment_web_identity(self) -> Result<Option<Source>, PlanError> {
        // AWS_ROLE_ARN alone is set for other purposes, too.
        let Some(token_file) = self.variable("AWS_WEB_IDENTITY_TOKEN_FILE") else { return Ok(None) };
        let Some(role_arn) = self.variable("AWS_ROLE_ARN") else {
            return Err(PlanError::environment(
                "AWS_WEB_IDENTITY_TOKEN_FILE is set in the environment but AWS_ROLE_ARN is not",
            ));
        };
        Ok(Some(Source::WebIdentity(WebIdentity {
            role_arn,
            token_file,
            role_session_name: self.variable("AWS_ROLE_SESSION_NAME"),
            duration_seconds: None,
            origin: Origin::Environment,
        })))
    }

    /// The sources that a profile names; `None` when it says nothing about credentials.
    fn profile(self, name: &'a str, passed_over: &mut Vec<String>) -> Result<Option<Vec<Source>>, PlanError> {
        let Some(section) = self.profiles.profile(name) else { return Err(self.not_defined(name)) };
        let mut current = Profile::new(name, section)?;
        let mut visited = vec![name];
        let mut known = BTreeSet::from([name]);
        let mut roles = Vec::new();
        let base = loop {
            // The keys of a profile that others build on are what it is there for.
            if visited.len() > 1
                && let Some(keys) = current.keys()?
            {
                break Some(keys);
            }
            let Some((role, source)) = self.assumed_role(current)? else { break self.base(current)? };
            roles.push(Source::AssumeRole(role));
            match source {
                RoleSource::Named(source) => break Some(*source),
                // The role is assumed with the profile's own keys.
                RoleSource::Profile(next) if next == current.name => break current.keys()?,
                RoleSource::Profile(next) if !known.insert(next) => {
                    let loops = format!("profile formed an infinite loop: {}, {next}", visited.join(", "));
                    return Err(current.error("source_profile", loops));
                }
                RoleSource::Profile(next) => {
                    let missing = || {
                        let problem = format!("could not find source profile {next} referenced from {}", current.name);
                        current.error("source_profile", problem)
                    };
                    current = Profile::new(next, self.profiles.profile(next).ok_or_else(missing)?)?;
                    visited.push(next);
                }
            }
        };
        let Some(base) = base else {
            return if roles.is_empty() { Ok(None) } else { Err(without_credentials(current.name)) };
        };
        let sources: Vec<_> = core::iter::once(base).chain(roles.into_iter().rev()).collect();
        check_durations(&sources)?;
        // Each further profile makes what the one before it builds on, the last one the first source.
        for (index, name) in visited.into_iter().enumerate() {
            let profile = self.profiles.profile(name).map(|section| Profile { name, section });
            passed_over
                .extend(profile.into_iter().flat_map(|profile| profile.unused(&sources[..sources.len() - index])));
        }
        Ok(Some(sources))
    }

    /// The role that a profile assumes with other credentials, and whose.
    fn assumed_role(self, profile: Profile<'a>) -> Result<Option<(Role, RoleSource<'a>)>, PlanError> {
        let Some(role_arn) = profile.get("role_arn") else { return Ok(None) };
        if profile.get("web_identity_token_file").is_some() {
            return Ok(None);
        }
        let source = match (profile.get("source_profile"), profile.get("credential_source")) {
            (Some(_), Some(_)) => {
                let both = "profile contained both source_profile and credential_source";
                return Err(profile.error("credential_source", both));
            }
            (Some(source), None) => RoleSource::Profile(source),
            (None, Some(source)) => RoleSource::Named(self.named_source(profile, source)?.into()),
            (None, None) => {
                let none = "with role_arn, the profile must contain `source_profile`, `credential_source` or \
                            `web_identity_token_file`";
                return Err(profile.error("role_arn", none));
            }
        };
        let role = Role {
            role_arn: role_arn.to_owned(),
            role_session_name: profile.owned("role_session_name"),
            external_id: profile.owned("external_id"),
            duration_seconds: profile.duration()?,
            mfa_serial: profile.owned("mfa_serial"),
            origin: profile.origin("role_arn"),
        };
        Ok(Some((role, source)))
    }

    fn named_source(self, profile: Profile<'_>, name: &str) -> Result<Source, PlanError> {
        let error =
            |problem: &str| profile.error("credential_source", format!("credential_source is {name}, {problem}"));
        match name {
            "Environment" => self.environment_keys()?.ok_or_else(|| error("but AWS_ACCESS_KEY_ID is not set")),
            "EcsContainer" => Container::from_env(self.variable)?
                .map(Source::Container)
                .ok_or_else(|| error(&format!("but {}", Container::UNSET))),
            "Ec2InstanceMetadata" => InstanceMetadata::from_env(self.variable, Some(profile.section))?
                .map(Source::InstanceMetadata)
                .ok_or_else(|| error(&format!("but {}", InstanceMetadata::DISABLED))),
            _ => Err(error("expected Environment, Ec2InstanceMetadata or EcsContainer")),
        }
    }

    /// The source that a profile names when it does not assume a role with other credentials.
    fn base(self, profile: Profile<'_>) -> Result<Option<Source>, PlanError> {
        if let Some(token_file) = profile.get("web_identity_token_file") {
            let Some(role_arn) = profile.owned("role_arn") else {
                let problem = "`role_arn` was missing, which goes with web_identity_token_file";
                return Err(profile.error("web_identity_token_file", problem));
            };
            return Ok(Some(Source::WebIdentity(WebIdentity {
                role_arn,
                token_file: token_file.to_owned(),
                role_session_name: profile.owned("role_session_name"),
                duration_seconds: profile.duration()?,
                origin: profile.origin("web_identity_token_file"),
            })));
        }
        if let Some(sso) = self.sso(profile)? {
            return Ok(Some(Source::Sso(sso)));
        }
        if let Some(line) = profile.get("credential_process") {
            let command = words::split(self.platform, line);
            return match command {
                Some(command) => Ok(Some(Source::Process(Process::new(command, profile.origin("credential_process"))))),
                None => Err(profile
                    .error("credential_process", "credential_process names no program, or a quote is not closed")),
            };
        }
        profile.keys()
    }

    fn sso(self, profile: Profile<'_>) -> Result<Option<Sso>, PlanError> {
        let [session, account_id, role_name] =
            ["sso_session", "sso_account_id", "sso_role_name"].map(|n| profile.owned(n));
        let [region, start_url] = ["sso_region", "sso_start_url"].map(|name| (name, profile.get(name)));
        let first = ["sso_session", "sso_account_id", "sso_role_name", "sso_region", "sso_start_url"]
            .into_iter()
            .find(|name| profile.get(name).is_some());
        let Some(first) = first else { return Ok(None) };
        let pair =
            |set, missing| Err(profile.error(set, format!("if `{set}` is set, then `{missing}` must also be set")));
        match (&account_id, &role_name) {
            (Some(_), None) => return pair("sso_account_id", "sso_role_name"),
            (None, Some(_)) => return pair("sso_role_name", "sso_account_id"),
            _ => {}
        }
        let section = match &session {
            None => None,
            Some(name) => Some(self.profiles.sso_session(name).ok_or_else(|| {
                let problem =
                    format!("sso-session named `{name}` (referenced by profile `{}`) was not found", profile.name);
                profile.error("sso_session", problem)
            })?),
        };
        if let Some(error) = section.and_then(Section::error) {
            return Err(PlanError::unreadable(profile.name, error));
        }
        let member = |(name, own): (&str, Option<&str>)| {
            let value = match section {
                None => own,
                Some(section) => {
                    let shared = section.get(name).filter(|value| !value.is_empty());
                    // The AWS CLI writes it in both places for older programs.
                    if own.is_some() && own != shared {
                        let problem = "can only be specified in the [sso-session] config when a session name is given";
                        return Err(profile.error(name, format!("`{name}` {problem}")));
                    }
                    shared
                }
            };
            value.map(str::to_owned).ok_or_else(|| profile.error(first, format!("`{name}` was missing")))
        };
        let (region, start_url) = (member(region)?, member(start_url)?);
        // It becomes part of the name of a host that gets the token.
        if !is_host_label(&region) {
            let location = if profile.get("sso_region").is_some() { "sso_region" } else { first };
            return Err(profile.error(location, format!("sso_region is {region:?}, which is not a region")));
        }
        let use_fips = self.is_on(profile, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
        let use_dual_stack = self.is_on(profile, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
        let endpoint = |service, id| {
            let Some(url) = self.service_url(profile, id) else {
                return Ok(regional(service, &region, use_fips, use_dual_stack));
            };
            match check_url(&url) {
                Err(EndpointError::Http(_)) => {
                    let problem = format!(
                        "endpoint {url:?} is plain HTTP to another machine, and gets the token of single sign-on"
                    );
                    Err(profile.error(first, problem))
                }
                Ok(()) => Ok(url.trim_end_matches('/').to_owned()),
                Err(error) => Err(profile.error(first, error.to_string())),
            }
        };
        Ok(Some(Sso {
            portal: endpoint("portal.sso", "sso")?,
            oidc: endpoint("oidc", "sso_oidc")?,
            token_file: sso::token_file(self.platform, self.variable, session.as_deref().unwrap_or(&start_url)),
            session,
            account_id,
            role_name,
            region,
            start_url,
            origin: profile.origin(first),
        }))
    }

    fn is_on(self, profile: Profile<'_>, variable: &str, key: &str) -> bool {
        let value = self.variable(variable).or_else(|| profile.owned(key));
        value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// An endpoint that is set for a service.
    /// [Service-specific endpoints](https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html)
    fn service_url(self, profile: Profile<'_>, id: &str) -> Option<String> {
        if self.is_on(profile, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") {
            return None;
        }
        let services = || self.profiles.services(profile.get("services")?)?.get_nested(id, "endpoint_url");
        self.variable(&format!("AWS_ENDPOINT_URL_{}", id.to_ascii_uppercase()))
            .or_else(|| self.variable("AWS_ENDPOINT_URL"))
            .or_else(|| services().filter(|url| !url.is_empty()).map(str::to_owned))
            .or_else(|| profile.owned("endpoint_url"))
    }

    fn not_defined(self, name: &str) -> PlanError {
        let problem = if self.profiles.profile_names().next().is_none() {
            format!("no profiles were defined, and profile `{name}` is asked for")
        } else {
            format!("profile `{name}` is not defined")
        };
        PlanError { problem: self.with_hint(problem, name), origin: Origin::Environment }
    }

    /// The one mistake that nearly everybody makes once.
    fn with_hint(self, problem: String, profile: &str) -> String {
        match self.profiles.ignored().iter().find_map(|ignored| ignored.hint(profile)) {
            Some(hint) => format!("{problem}; {hint}"),
            None => problem,
        }
    }
}

/// Whose credentials a role is assumed with.
enum RoleSource<'a> {
    Profile(&'a str),
    Named(Box<Source>),
}

#[derive(Clone, Copy)]
struct Profile<'a> {
    name: &'a str,
    section: &'a Section,
}

impl<'a> Profile<'a> {
    fn new(name: &'a str, section: &'a Section) -> Result<Self, PlanError> {
        match section.error() {
            None => Ok(Self { name, section }),
            Some(error) => Err(PlanError::unreadable(name, error)),
        }
    }

    /// A property; an empty one counts as unset.
    fn get(self, name: &str) -> Option<&'a str> {
        self.section.get(name).filter(|value| !value.is_empty())
    }

    fn owned(self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    fn origin(self, property: &str) -> Origin {
        Origin::Profile { name: self.name.to_owned(), location: self.section.location(property).cloned() }
    }

    fn error(self, property: &str, problem: impl Into<String>) -> PlanError {
        PlanError { problem: problem.into(), origin: self.origin(property) }
    }

    fn keys(self) -> Result<Option<Source>, PlanError> {
        let (id, secret) = (self.get("aws_access_key_id"), self.get("aws_secret_access_key"));
        let missing = |missing, present| {
            Err(self.error(present, format!("profile missing {missing}, which goes with {present}")))
        };
        let (id, secret) = match (id, secret) {
            (None, None) => return Ok(None),
            (Some(_), None) => return missing("aws_secret_access_key", "aws_access_key_id"),
            (None, Some(_)) => return missing("aws_access_key_id", "aws_secret_access_key"),
            (Some(id), Some(secret)) => (id, secret),
        };
        let mut credentials = Credentials::new(id, secret);
        credentials.session_token = self.get("aws_session_token").map(Into::into);
        let account_id = self.owned("aws_account_id");
        Ok(Some(Source::Keys(Keys { credentials, account_id, origin: self.origin("aws_access_key_id") })))
    }

    /// What the profile says about credentials beside what is used.
    fn unused(self, sources: &[Source]) -> impl Iterator<Item = String> {
        let used = match sources {
            [_, .., Source::AssumeRole(_)] => {
                ["role_arn", self.get("source_profile").filter(|p| *p == self.name).map_or("", |_| KEYS)]
            }
            [Source::WebIdentity(_)] => ["role_arn", "web_identity_token_file"],
            [Source::Sso(_)] => ["sso_session", "sso_start_url"],
            [Source::Process(_)] => ["credential_process", ""],
            _ => [KEYS, ""],
        };
        let first =
            PROPERTIES.into_iter().find(|key| used.contains(key) && self.get(key).is_some()).unwrap_or_default();
        let rest = PROPERTIES.into_iter().filter(move |key| !used.contains(key) && self.get(key).is_some());
        let rest = rest.map(move |key| format!("{key} of {}, since {first} goes before it", self.origin(key)));
        let is_token = matches!(sources, [Source::WebIdentity(_)]);
        let untold = ["external_id", "mfa_serial"].into_iter().filter(move |key| is_token && self.get(key).is_some());
        rest.chain(untold.map(move |key| format!("{key} of {}, which goes with no web identity", self.origin(key))))
    }

    fn duration(self) -> Result<Option<u32>, PlanError> {
        let Some(text) = self.get("duration_seconds") else { return Ok(None) };
        let seconds = text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
        seconds.map(Some).ok_or_else(|| {
            let problem = format!("duration_seconds is {text:?}, expected a whole number from 900 to 43200");
            self.error("duration_seconds", problem)
        })
    }
}

/// What to say of lines that cannot be read, in profiles that are not used.
fn unreadable(profiles: &Profiles) -> impl Iterator<Item = String> {
    const MAX: usize = 10;
    profiles
        .errors()
        .iter()
        .take(MAX)
        .map(|error| format!("{}, which cannot be read: {}", error.location, error.problem))
}

fn without_credentials(name: &str) -> PlanError {
    PlanError {
        problem: format!("profile `{name}` did not contain credential information"),
        origin: Origin::Environment,
    }
}

/// A role that is assumed with a role's credentials lasts an hour at most. What an instance or a container gets does not count as such.
/// [Role chaining](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining)
fn check_durations(sources: &[Source]) -> Result<(), PlanError> {
    for pair in sources.windows(2) {
        if let [Source::AssumeRole(_) | Source::WebIdentity(_) | Source::Sso(_), Source::AssumeRole(role)] = pair
            && let Some(seconds) = role.duration_seconds.filter(|seconds| *seconds > 3600)
        {
            let problem = format!(
                "duration_seconds is {seconds}, but a role that is assumed with the credentials of another role lasts 3600 s at most"
            );
            return Err(PlanError { problem, origin: role.origin.clone() });
        }
    }
    Ok(())
}
