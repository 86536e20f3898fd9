//! Single sign-on with IAM Identity Center. Reads the token that `aws sso login` stores in a file, renews it if possible, and exchanges it
//! for a role's credentials.
//! [Provider](https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html),
//! [`CreateToken`](https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html),
//! [`GetRoleCredentials`](https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html)

use alloc::{
    borrow::ToOwned,
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use http::{HeaderName, Method, Request, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::{Digest, Sha1};
use sts_core::{
    Body, Credentials, Moment, Route, Secret,
    endpoint::{EndpointError, check_url, regional},
    environment::{Service, USE_DUALSTACK_ENDPOINT, USE_FIPS_ENDPOINT},
    host::is_host_label,
    json::{Value, write_string},
    timestamp,
};
use time::{Duration, UtcDateTime};

use super::document;
use crate::{
    error::{PlanError, Problem},
    location::below_home,
    machine::{Action, Answer, Exchange, FindCredentials, Next, Session},
    origin::Origin,
    profile::Section,
    settings::Settings,
    words,
};

/// Single sign-on with IAM Identity Center.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sso {
    /// `sso_session`: the section with region and start URL; `None` in older profiles, whose tokens are not renewed.
    pub session: Option<String>,
    /// `sso_account_id`
    pub account_id: String,
    /// `sso_role_name`
    pub role_name: String,
    /// `sso_region`
    pub region: String,
    /// `sso_start_url`
    pub start_url: String,
    /// The token's file, shared with the AWS CLI; `None` if the user's home folder is unknown.
    pub token_file: Option<String>,
    /// The endpoint of the access portal, which exchanges the token for credentials.
    pub portal: String,
    /// The endpoint that renews tokens.
    pub oidc: String,
    /// The origin of the configuration.
    pub origin: Origin,
}

/// The properties that select single sign-on in a profile. The other properties alone only configure a session for bearer tokens.
pub(crate) const PROPERTIES: [&str; 2] = ["sso_account_id", "sso_role_name"];
/// The properties that provide a token, but no credentials.
pub(crate) const TOKEN_ONLY: [&str; 2] = ["sso_session", "sso_start_url"];

const TOKEN_SERVICE: &str = "the token service";
const PORTAL: &str = "the access portal";

impl Sso {
    /// The profile's single sign-on, if it has one.
    pub(crate) fn from_profile(profile: &Settings<'_>) -> Result<Option<Self>, PlanError> {
        let [account, role] = PROPERTIES;
        let pair =
            |set, missing| Err(profile.error(set, format!("if `{set}` is set, then `{missing}` must also be set")));
        let (account_id, role_name) = match (profile.owned(account), profile.owned(role)) {
            (None, None) => return Ok(None),
            (Some(_), None) => return pair(account, role),
            (None, Some(_)) => return pair(role, account),
            (Some(account_id), Some(role_name)) => (account_id, role_name),
        };
        let session = profile.owned("sso_session");
        let section = session.as_deref().map(|name| session_section(profile, name)).transpose()?;
        let first = ["sso_session", "sso_account_id"].into_iter().find(|name| profile.property(name).is_some());
        let first = first.unwrap_or(account);
        let member = |name| member(profile, section, first, name);
        let (region, start_url) = (member("sso_region")?, member("sso_start_url")?);
        // The region becomes part of the host name that receives the token.
        if !is_host_label(&region) {
            let property = if profile.property("sso_region").is_some() { "sso_region" } else { first };
            return Err(profile.error(property, format!("sso_region is {region:?}, which is not a region")));
        }
        let endpoint = |service, name| endpoint(profile, &region, first, service, name);
        let (portal, oidc) = (endpoint(Service::Sso, "portal.sso")?, endpoint(Service::SsoOidc, "oidc")?);
        let file = hex::encode(Sha1::digest(session.as_deref().unwrap_or(&start_url))) + ".json";
        let environment = profile.variables;
        let variable = |name: &str| environment.variable(name);
        let token_file = below_home(profile.platform, &variable, &[".aws", "sso", "cache", &file]);
        let origin = profile.origin(first);
        Ok(Some(Self { session, account_id, role_name, region, start_url, token_file, portal, oidc, origin }))
    }

    /// The error for a missing or unusable token: the user must sign in.
    fn sign_in(&self, error: String) -> Problem {
        let command = match &self.origin {
            Origin::Profile { name, .. } => format!("aws sso login --profile {}", words::quoted(name)),
            Origin::Environment => "aws sso login".to_owned(),
        };
        Problem::SignIn { error, command }
    }

    /// Calls `CreateToken`, then [`get_credentials`](Self::get_credentials). If renewal fails, the old token is used until it expires.
    fn renew<'c>(&'c self, token: Token, renewal: Renewal, session: Session<'c>) -> Next<'c> {
        let body = object(&[
            ("clientId", &renewal.client_id),
            ("clientSecret", renewal.client_secret.expose()),
            ("grantType", "refresh_token"),
            ("refreshToken", renewal.refresh_token.expose()),
        ]);
        let request = Request::builder()
            .method(Method::POST)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, body.len());
        let uri = format!("{}/token", self.oidc);
        exchange(TOKEN_SERVICE, request, uri, Body::new(body.into_bytes()), session, move |answer, now| {
            let renewed = answer.and_then(|answer| {
                let renewed = self.renewed(&renewal, &answer, now.wall);
                renewed.map_err(|error| self.sign_in(format!("{TOKEN_SERVICE} {error}")))
            });
            match renewed {
                Ok((access, file)) => {
                    let next = self.get_credentials(&access, session)?;
                    Ok(match &self.token_file {
                        Some(path) => Action::WriteFile(path, file, Box::new(next)),
                        None => next,
                    })
                }
                Err(_) if token.end > now.wall => self.get_credentials(&token.access, session),
                Err(problem) => Err(problem),
            }
        })
    }

    /// The new token and the new content of its file; the error follows the name of the token service.
    fn renewed(&self, renewal: &Renewal, answer: &Answer<'_>, now: UtcDateTime) -> Result<(Secret, Secret), String> {
        if answer.status != StatusCode::OK {
            return Err(document::refusal(answer.status, answer.body));
        }
        let document = document::object(answer.body)?;
        let access = document::text(&document, "accessToken")?.ok_or("sent no accessToken")?;
        let life = match document.get("expiresIn") {
            Some(Value::Number(seconds)) => seconds.parse().ok(),
            _ => None,
        };
        let end = timestamp::format(timestamp::later(now, Duration::seconds(life.ok_or("sent no expiresIn")?)));
        let mut members = Vec::from([
            ("startUrl", self.start_url.as_str()),
            ("region", &self.region),
            ("accessToken", access),
            ("expiresAt", &end),
            ("clientId", &renewal.client_id),
            ("clientSecret", renewal.client_secret.expose()),
            ("registrationExpiresAt", &renewal.registered_until),
        ]);
        // Without a new refresh token, the token cannot be renewed again.
        members.extend(document::text(&document, "refreshToken")?.map(|token| ("refreshToken", token)));
        Ok((access.into(), object(&members).into()))
    }

    /// `GetRoleCredentials`
    fn get_credentials<'c>(&'c self, access: &Secret, session: Session<'c>) -> Next<'c> {
        const TOKEN: HeaderName = HeaderName::from_static("x-amz-sso_bearer_token");
        let token = document::secret_header(access.expose());
        let token = token.map_err(|reason| self.sign_in(format!("{PORTAL} cannot be asked with {reason}")))?;
        let (role, account) = (encoded(&self.role_name), encoded(&self.account_id));
        let uri = format!("{}/federation/credentials?role_name={role}&account_id={account}", self.portal);
        let request = Request::builder().header(TOKEN, token);
        exchange(PORTAL, request, uri, Body::default(), session, move |answer, now| {
            let Answer { status, body } = answer?;
            match status {
                StatusCode::OK => credentials(body, now.wall).map(Action::Done).map_err(|error| problem(PORTAL, error)),
                StatusCode::UNAUTHORIZED => Err(self.sign_in(format!("{PORTAL} {}", document::refusal(status, body)))),
                _ => Err(problem(PORTAL, document::refusal(status, body))),
            }
        })
    }
}

/// The section that the profile's `sso_session` names.
fn session_section<'a>(profile: &Settings<'a>, name: &str) -> Result<&'a Section, PlanError> {
    let Some(section) = profile.profiles.sso_session(name) else {
        let profile_name = profile.profile_name();
        let problem = format!("sso-session named `{name}` (referenced by profile `{profile_name}`) was not found");
        return Err(profile.error("sso_session", problem));
    };
    match section.error() {
        Some(error) => Err(PlanError::unreadable(profile.profile_name(), error)),
        None => Ok(section),
    }
}

/// A setting from the session's section or, if the profile names no session, from the profile.
fn member(profile: &Settings<'_>, section: Option<&Section>, first: &str, name: &str) -> Result<String, PlanError> {
    let own = profile.property(name);
    let value = match section {
        None => own,
        Some(section) => {
            let shared = section.get(name).filter(|value| !value.is_empty());
            // For older programs, the AWS CLI writes it in both places.
            if own.is_some() && own != shared {
                let problem = "can only be specified in the [sso-session] config when a session name is given";
                return Err(profile.error(name, format!("`{name}` {problem}")));
            }
            shared
        }
    };
    value.map(str::to_owned).ok_or_else(|| profile.error(first, format!("`{name}` was missing")))
}

/// The URL of a service that receives the token, without a trailing slash.
fn endpoint(
    profile: &Settings<'_>,
    region: &str,
    first: &str,
    service: Service,
    name: &str,
) -> Result<String, PlanError> {
    let environment = profile.environment();
    let Some(found) = environment.endpoint_url(service)? else {
        let use_fips = environment.get(&USE_FIPS_ENDPOINT)?.unwrap_or_default();
        let use_dual_stack = environment.get(&USE_DUALSTACK_ENDPOINT)?.unwrap_or_default();
        return Ok(regional(name, region, use_fips, use_dual_stack));
    };
    let url = found.value;
    match check_url(&url) {
        Ok(()) => Ok(url.trim_end_matches('/').to_owned()),
        Err(EndpointError::Http(_)) => {
            let problem =
                format!("endpoint {url:?} is plain HTTP to another machine, and gets the token of single sign-on");
            Err(profile.error(first, problem))
        }
        Err(error) => Err(profile.error(first, error.to_string())),
    }
}

fn exchange<'c>(
    from: &'static str,
    request: http::request::Builder,
    uri: String,
    body: Body,
    session: Session<'c>,
    then: impl FnOnce(Result<Answer<'_>, Problem>, Moment) -> Next<'c> + Send + 'c,
) -> Next<'c> {
    const MAX_ATTEMPTS: u32 = 3;
    let request = request.uri(&*uri).body(body);
    let request = request.map_err(|error| problem(from, format!("cannot be asked at {uri}: {error}")))?;
    Ok(Action::Send(Box::new(Exchange {
        request,
        shown_uri: uri,
        route: Route::ProxyAllowed,
        timeout: session.client.config().attempt_timeout(),
        max_attempts: MAX_ATTEMPTS,
        max_unanswered: MAX_ATTEMPTS,
        then: Box::new(then),
        attempts: 0,
    })))
}

fn problem(from: &'static str, error: String) -> Problem {
    Problem::Answer { from, error }
}

/// Percent-encodes a query value: all characters except RFC 3986's unreserved ones.
fn encoded(text: &str) -> impl fmt::Display {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED)
}

/// The content of a token file.
#[derive(Debug)]
struct Token {
    access: Secret,
    end: UtcDateTime,
}

/// The inputs of a token renewal.
#[derive(Debug)]
struct Renewal {
    refresh_token: Secret,
    client_id: String,
    client_secret: Secret,
    /// When the client registration expires, as in the file.
    registered_until: String,
}

/// Parses a token file; the error follows the file's name.
fn parse(text: &str) -> Result<(Token, Option<Renewal>), String> {
    let document = document::object(text.as_bytes()).map_err(|error| has(&error))?;
    let member = |name| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let renewal = || {
        Some(Renewal {
            refresh_token: member("refreshToken")?.into(),
            client_id: member("clientId")?.to_owned(),
            client_secret: member("clientSecret")?.into(),
            registered_until: member("registrationExpiresAt")?.to_owned(),
        })
    };
    let end = document::time(&document, "expiresAt").map_err(|error| has(&error))?.ok_or("has no expiresAt")?;
    let access = member("accessToken").ok_or("has no accessToken")?.into();
    Ok((Token { access, end }, renewal()))
}

/// Rewords an error about a document for a file: "sent" becomes "has".
fn has(error: &str) -> String {
    error.replacen("sent", "has", 1)
}

/// The renewal, if it is due and possible. Like the AWS CLI, renews in the last 15 minutes.
fn due(token: &Token, renewal: Option<Renewal>, now: UtcDateTime) -> Option<Renewal> {
    let is_registered = |renewal: &Renewal| timestamp::parse(&renewal.registered_until).is_some_and(|end| end > now);
    renewal.filter(|renewal| token.end - now < Duration::minutes(15) && is_registered(renewal))
}

/// Parses the response to `GetRoleCredentials`; the error follows the portal's name.
fn credentials(body: &[u8], now: UtcDateTime) -> Result<Credentials, String> {
    let document = document::object(body)?;
    let found = document.get("roleCredentials").ok_or("sent no roleCredentials")?;
    let member = |name| document::text(found, name)?.ok_or_else(|| format!("sent no {name}"));
    let mut credentials = Credentials::new(member("accessKeyId")?, member("secretAccessKey")?);
    credentials.session_token = Some(member("sessionToken")?.into());
    let milliseconds = match found.get("expiration") {
        Some(Value::Number(text)) => text.parse::<i64>().ok(),
        _ => None,
    };
    let end = milliseconds.and_then(|time| UtcDateTime::from_unix_timestamp(time.div_euclid(1000)).ok());
    let end = end.ok_or("sent no expiration in milliseconds")?;
    if end <= now {
        return Err(format!("sent credentials that expired at {}", timestamp::format(end)));
    }
    Ok(credentials.expiration(end))
}

/// A JSON object of texts, built in one allocation, so that no copy of a secret remains in memory.
fn object(members: &[(&str, &str)]) -> String {
    // An escaped character takes six bytes.
    let mut json = String::with_capacity(members.iter().map(|(name, text)| name.len() + 6 * text.len() + 8).sum());
    for (index, (name, text)) in members.iter().enumerate() {
        json += if index == 0 { "{" } else { ", " };
        write_string(&mut json, name);
        json += ": ";
        write_string(&mut json, text);
    }
    json + "}"
}

impl fmt::Display for Sso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "single sign-on at {} of {}", self.start_url, self.origin)
    }
}

impl FindCredentials for Sso {
    fn start<'c>(&'c self, session: Session<'c>, _: Moment) -> Next<'c> {
        let Some(path) = &self.token_file else { return Err(Problem::NoHomeFolder) };
        let then = move |text: Result<&str, String>, now: Moment| {
            let text = text.map_err(|error| self.sign_in(format!("{path} cannot be read: {error}")))?;
            let (token, renewal) = parse(text).map_err(|error| self.sign_in(format!("{path} {error}")))?;
            match due(&token, renewal, now.wall) {
                Some(renewal) => self.renew(token, renewal, session),
                None if token.end > now.wall => self.get_credentials(&token.access, session),
                None => {
                    let end = timestamp::format(token.end);
                    Err(self.sign_in(format!("{path} has a token that expired at {end}")))
                }
            }
        };
        Ok(Action::ReadFile(path, Box::new(then)))
    }
}
