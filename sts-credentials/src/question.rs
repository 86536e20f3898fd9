//! The questions to those who give credentials beside STS, small HTTP requests: the agent of a container and the instance metadata service,
//! which are on the machine, and the portal of single sign-on.

use alloc::{
    borrow::ToOwned,
    boxed::Box,
    format,
    string::{String, ToString},
};
use core::time::Duration;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, header};
use time::UtcDateTime;

use crate::{
    container::Container,
    document,
    instance_metadata::InstanceMetadata,
    sso::{self, Sso},
};
use sts_core::{Body, Credentials, Secret, TransportErrorKind, json::Value, text::snippet};

/// A question, and how often it has been asked. Values of headers that are secrets are marked so, which hides them in `Debug`.
#[derive(Debug)]
pub(crate) struct Question<'c> {
    about: About<'c>,
    attempt: u32,
}

#[derive(Debug)]
enum About<'c> {
    Container(&'c Container, Option<HeaderValue>),
    /// The first of the three questions to the metadata service.
    Token(&'c InstanceMetadata),
    Role(&'c InstanceMetadata, HeaderValue),
    RoleCredentials(&'c InstanceMetadata, HeaderValue, String),
    Renewal(&'c Sso, Box<sso::Token>),
    SsoCredentials(&'c Sso, Secret),
}

/// What an answer leads to.
pub(crate) enum Next<'c> {
    Ask(Question<'c>),
    /// Keep the text in the file, then ask.
    Write(&'c str, Secret, Question<'c>),
    Done(Credentials),
    /// What the one who was asked did, to follow its name, and the command that helps, if there is one.
    Fail(String, Option<String>),
}

impl<'c> Question<'c> {
    pub(crate) const AGENT: &'static str = "the container's agent";
    /// How long an attempt may take. Who is asked is on this machine, or there is nobody.
    pub(crate) const LOCAL_TIMEOUT: Duration = Duration::from_secs(1);
    const MAX_ATTEMPTS: u32 = 3;

    pub(crate) fn of_container(container: &'c Container, token: Option<&str>) -> Result<Self, String> {
        let token = token.map(secret_header).transpose()?;
        Ok(Self::new(About::Container(container, token)))
    }

    pub(crate) fn of_instance(metadata: &'c InstanceMetadata) -> Self {
        Self::new(About::Token(metadata))
    }

    /// The token is renewed first if that is due.
    pub(crate) fn of_sso(sso: &'c Sso, token: sso::Token, now: UtcDateTime) -> Self {
        Self::new(if token.should_renew(now) {
            About::Renewal(sso, token.into())
        } else {
            About::SsoCredentials(sso, token.access)
        })
    }

    fn new(about: About<'c>) -> Self {
        Self { about, attempt: 1 }
    }

    /// How long to wait before the same question is asked again, unless that was often enough.
    pub(crate) fn retry(&mut self) -> Option<Duration> {
        let delay = Duration::from_millis(100 << self.attempt);
        self.attempt += 1;
        (self.attempt <= Self::MAX_ATTEMPTS).then_some(delay)
    }

    /// Who is asked, for messages.
    pub(crate) fn whom(&self) -> &'static str {
        match self.about {
            About::Container(..) => Self::AGENT,
            About::Token(_) | About::Role(..) | About::RoleCredentials(..) => "the instance metadata service",
            About::Renewal(..) => "the token service",
            About::SsoCredentials(..) => "the access portal",
        }
    }

    /// Whether who is asked is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        !matches!(self.about, About::Renewal(..) | About::SsoCredentials(..))
    }

    /// Whether a loss is worth another attempt. Where nobody answers the first question to the metadata service there is none, which is what
    /// most machines that come this far are like.
    pub(crate) fn may_retry(&self, kind: TransportErrorKind) -> bool {
        match kind {
            TransportErrorKind::Interrupted => true,
            TransportErrorKind::Connect | TransportErrorKind::Timeout => !matches!(self.about, About::Token(_)),
            _ => false,
        }
    }

    /// What to ask instead when there is no answer: the token that should be renewed is used as long as it lasts.
    pub(crate) fn or_else(self, now: UtcDateTime) -> Result<Self, Self> {
        match self.about {
            About::Renewal(sso, token) if token.end > now => Ok(Self::new(About::SsoCredentials(sso, token.access))),
            _ => Err(self),
        }
    }

    /// Whether the answer is none and may be another the next time.
    pub(crate) fn is_transient(status: StatusCode) -> bool {
        status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
    }

    fn uri(&self) -> String {
        match &self.about {
            About::Container(container, _) => container.uri.to_string(),
            About::Token(metadata) => metadata.endpoint.clone() + "/latest/api/token",
            About::Role(metadata, _) => metadata.endpoint.clone() + ROLES,
            About::RoleCredentials(metadata, _, role) => metadata.endpoint.clone() + ROLES + role,
            About::Renewal(sso, _) => sso.oidc.clone() + "/token",
            About::SsoCredentials(sso, _) => sso.credentials_uri().unwrap_or_default(),
        }
    }

    /// [`uri`](Self::uri), as it may be shown.
    pub(crate) fn shown_uri(&self) -> String {
        match &self.about {
            About::Container(container, _) => container.shown_uri(),
            _ => self.uri(),
        }
    }

    pub(crate) fn request(&self) -> Result<Request<Body>, String> {
        const TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
        const TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
        let request = Request::builder().uri(self.uri());
        let request = match &self.about {
            About::Container(_, None) => request,
            About::Container(_, Some(token)) => request.header(header::AUTHORIZATION, token),
            About::Token(_) => request.method(Method::PUT).header(TTL, 21_600).header(header::CONTENT_LENGTH, 0),
            About::Role(_, token) | About::RoleCredentials(_, token, _) => request.header(TOKEN, token),
            About::Renewal(sso, token) => return token.renewal_request(sso),
            About::SsoCredentials(sso, token) => return sso.credentials_request(token),
        };
        request.body(Body::default()).map_err(|error| error.to_string())
    }

    pub(crate) fn receive(self, now: UtcDateTime, status: StatusCode, body: &[u8]) -> Next<'c> {
        match self.read(now, status, body) {
            Ok(next) => next,
            Err(error) => match self.or_else(now) {
                Ok(question) => Next::Ask(question),
                Err(Self { about: About::Renewal(sso, _), .. }) => Next::Fail(error, Some(sso.login())),
                Err(Self { about: About::SsoCredentials(sso, _), .. }) if status == StatusCode::UNAUTHORIZED => {
                    Next::Fail(error, Some(sso.login()))
                }
                Err(_) => Next::Fail(error, None),
            },
        }
    }

    fn read(&self, now: UtcDateTime, status: StatusCode, body: &[u8]) -> Result<Next<'c>, String> {
        if status != StatusCode::OK {
            return Err(match self.about {
                About::Role(..) if status == StatusCode::NOT_FOUND => "has no role for this instance".to_owned(),
                _ => refusal(status, body),
            });
        }
        let text = || core::str::from_utf8(body).map(str::trim).unwrap_or_default();
        Ok(match &self.about {
            About::Container(..) => Next::Done(document::credentials(&document::object(body)?, "Token", Some(now))?),
            About::Token(metadata) => Next::Ask(Self::new(About::Role(metadata, secret_header(text())?))),
            About::Role(metadata, token) => {
                let role = text().lines().next().unwrap_or_default();
                // It becomes part of a path.
                if role.is_empty() || !role.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
                    return Err("sent what is no role's name".to_owned());
                }
                Next::Ask(Self::new(About::RoleCredentials(metadata, token.clone(), role.to_owned())))
            }
            About::RoleCredentials(..) => {
                let document = document::object(body)?;
                match document.get("Code").and_then(Value::as_str) {
                    None | Some("Success") => {}
                    Some(code) => return Err(format!("refused with {code}{}", message(&document))),
                }
                // The service goes on sending the last credentials when it cannot renew them, and what they are used for
                // accepts them then.
                Next::Done(document::credentials(&document, "Token", None)?)
            }
            About::Renewal(sso, token) => {
                let (access, file) = token.renewed(sso, body, now)?;
                let question = Self::new(About::SsoCredentials(sso, access));
                match &sso.token_file {
                    Some(path) => Next::Write(path, file, question),
                    None => Next::Ask(question),
                }
            }
            About::SsoCredentials(..) => Next::Done(sso::credentials(body, now)?),
        })
    }
}

const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

/// A value that `Debug` does not show.
pub(crate) fn secret_header(text: &str) -> Result<HeaderValue, String> {
    if text.is_empty() {
        return Err("sent an empty token".to_owned());
    }
    let mut value = HeaderValue::try_from(text).map_err(|_| "has a token that may not stand in a header".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

fn refusal(status: StatusCode, body: &[u8]) -> String {
    let document = document::object(body).unwrap_or(Value::Null);
    let code = ["code", "Code", "error"].into_iter().find_map(|name| document.get(name)?.as_str());
    let mut text = format!("answered HTTP {}", status.as_u16());
    if let Some(code) = code {
        text += &format!(", {}", snippet(code));
    }
    text + &message(&document)
}

fn message(document: &Value<'_>) -> String {
    let message = ["message", "Message", "error_description"].into_iter().find_map(|name| document.get(name)?.as_str());
    message.map_or_else(String::new, |message| format!(": {}", snippet(message)))
}
