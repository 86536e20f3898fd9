//! The instance metadata service of EC2, version 2.
//! [Settings](https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html)

use alloc::{borrow::ToOwned, boxed::Box, format, string::String};
use core::{fmt, time::Duration};

use http::{HeaderName, HeaderValue, Method, Request, StatusCode, header};
use sts_core::{
    Body, Moment, Route, TransportErrorKind,
    endpoint::{EndpointError, check_url},
    environment::{Environment, Setting},
    json::Value,
};

use super::document;
use crate::{
    error::{PlanError, Problem},
    machine::{Action, Answer, Exchange, FindCredentials, Next, Session},
};

/// The address of the instance metadata service, and the limits of its requests.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InstanceMetadata {
    /// The service's URL, without a trailing slash.
    pub endpoint: String,
    /// The time limit of an attempt.
    pub timeout: Duration,
    /// The maximum number of attempts per request; `None` means 3, but 1 for the first request if it gets no response.
    pub max_attempts: Option<u32>,
}

/// The hint for an unreachable endpoint.
pub(crate) const DISABLED_TEXT: &str = "AWS_EC2_METADATA_DISABLED is true";

// Like the AWS CLI, treats anything else as `false`.
static DISABLED: Setting<bool> =
    Setting::new(&["AWS_EC2_METADATA_DISABLED"], None, |text| Some(text.eq_ignore_ascii_case("true")), "true or false");
static ENDPOINT: Setting<String> = Setting::new(
    &["AWS_EC2_METADATA_SERVICE_ENDPOINT"],
    Some("ec2_metadata_service_endpoint"),
    endpoint,
    "an http or https URL without user name, query and fragment",
);
static MODE: Setting<&str> = Setting::new(
    &["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"],
    Some("ec2_metadata_service_endpoint_mode"),
    endpoint_of_mode,
    "IPv4 or IPv6",
);
static TIMEOUT: Setting<u32> = Setting::new(
    &["AWS_METADATA_SERVICE_TIMEOUT"],
    Some("metadata_service_timeout"),
    positive,
    "a whole number of seconds from 1",
);
static NUM_ATTEMPTS: Setting<u32> = Setting::new(
    &["AWS_METADATA_SERVICE_NUM_ATTEMPTS"],
    Some("metadata_service_num_attempts"),
    positive,
    "a whole number from 1",
);

fn endpoint(text: &str) -> Option<String> {
    // The service speaks plain HTTP, also at a custom address.
    matches!(check_url(text), Ok(()) | Err(EndpointError::Http(_))).then(|| text.trim_end_matches('/').to_owned())
}

fn endpoint_of_mode(text: &str) -> Option<&'static str> {
    const MODES: [(&str, &str); 2] = [("IPv4", "http://169.254.169.254"), ("IPv6", "http://[fd00:ec2::254]")];
    MODES.into_iter().find(|(mode, _)| mode.eq_ignore_ascii_case(text)).map(|(_, endpoint)| endpoint)
}

fn positive(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number > 0)
}

const SERVICE: &str = "the instance metadata service";
const TOKEN_PATH: &str = "/latest/api/token";
const ROLES_PATH: &str = "/latest/meta-data/iam/security-credentials/";

impl InstanceMetadata {
    /// Reads these settings; `None` if the service is disabled.
    ///
    /// | variable | property of the profile |
    /// |---|---|
    /// | `AWS_EC2_METADATA_DISABLED` | |
    /// | `AWS_EC2_METADATA_SERVICE_ENDPOINT` | `ec2_metadata_service_endpoint` |
    /// | `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`: `IPv4` or `IPv6` | `ec2_metadata_service_endpoint_mode` |
    /// | `AWS_METADATA_SERVICE_TIMEOUT`: seconds, 1 when not set | `metadata_service_timeout` |
    /// | `AWS_METADATA_SERVICE_NUM_ATTEMPTS` | `metadata_service_num_attempts` |
    ///
    /// # Errors
    /// A setting is invalid.
    pub fn from_env(environment: Environment<'_>) -> Result<Option<Self>, PlanError> {
        if environment.get(&DISABLED)? == Some(true) {
            return Ok(None);
        }
        let endpoint = match environment.get(&ENDPOINT)? {
            Some(endpoint) => endpoint,
            None => environment.get(&MODE)?.unwrap_or("http://169.254.169.254").to_owned(),
        };
        let timeout = Duration::from_secs(environment.get(&TIMEOUT)?.unwrap_or(1).into());
        Ok(Some(Self { endpoint, timeout, max_attempts: environment.get(&NUM_ATTEMPTS)? }))
    }

    /// The first of three requests.
    fn get_token(&self) -> Next<'_> {
        const TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
        let request = Request::builder().method(Method::PUT).header(TTL, 21_600).header(header::CONTENT_LENGTH, 0);
        self.ask(request, TOKEN_PATH, true, |answer, _| {
            let Answer { status, body } = answer.map_err(explained)?;
            if status != StatusCode::OK {
                let mut reason = document::refusal(status, body);
                if matches!(status.as_u16(), 403..=405) {
                    reason += "; instance metadata is switched off, or is of version 1 only, and this client speaks version 2";
                }
                return Err(problem(reason));
            }
            let token = document::secret_header(text(body)).map_err(|reason| problem(format!("sent {reason}")))?;
            self.get_role(token)
        })
    }

    fn get_role(&self, token: HeaderValue) -> Next<'_> {
        let request = with_token(&token);
        self.ask(request, ROLES_PATH, false, move |answer, _| {
            let Answer { status, body } = answer?;
            let role = text(body).lines().next().unwrap_or_default();
            if is_without_role(status, body) {
                return Err(problem("has no role for this instance".to_owned()));
            }
            if status != StatusCode::OK {
                return Err(problem(document::refusal(status, body)));
            }
            // The name becomes part of a path.
            if !role.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
                return Err(problem("sent a text that is not a role's name".to_owned()));
            }
            self.get_credentials(&token, role)
        })
    }

    fn get_credentials(&self, token: &HeaderValue, role: &str) -> Next<'_> {
        self.ask(with_token(token), &format!("{ROLES_PATH}{role}"), false, |answer, _| {
            let Answer { status, body } = answer?;
            if status != StatusCode::OK {
                return Err(problem(document::refusal(status, body)));
            }
            let document = document::object(body).map_err(problem)?;
            match document.get("Code").and_then(Value::as_str) {
                None | Some("Success") => {}
                Some(code) => return Err(problem(format!("refused with {code}{}", document::message(&document)))),
            }
            // The service returns expired credentials while it cannot renew them, and AWS then accepts them.
            document::credentials(&document, "Token", None).map(Action::Done).map_err(problem)
        })
    }

    fn ask<'c>(
        &self,
        request: http::request::Builder,
        path: &str,
        is_first: bool,
        then: impl FnOnce(Result<Answer<'_>, Problem>, Moment) -> Next<'c> + Send + 'c,
    ) -> Next<'c> {
        let shown_uri = self.endpoint.clone() + path;
        let request = request.uri(&*shown_uri).body(Body::default());
        let request = request.map_err(|error| problem(format!("cannot be asked at {shown_uri}: {error}")))?;
        let max_attempts = self.max_attempts.unwrap_or(3);
        // Most machines without credentials are not instances, so the first request must fail fast.
        let max_unanswered = if is_first { self.max_attempts.unwrap_or(1) } else { max_attempts };
        Ok(Action::Send(Box::new(Exchange {
            request,
            shown_uri,
            route: Route::Direct,
            timeout: self.timeout,
            max_attempts,
            max_unanswered,
            then: Box::new(then),
            attempts: 0,
        })))
    }
}

fn with_token(token: &HeaderValue) -> http::request::Builder {
    const TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
    Request::builder().header(TOKEN, token)
}

fn problem(error: String) -> Problem {
    Problem::Answer { from: SERVICE, error }
}

fn text(body: &[u8]) -> &str {
    core::str::from_utf8(body).map(str::trim).unwrap_or_default()
}

/// Whether the instance has no role: the service's own 404 page, or an empty list. Other 404 responses come from another server.
fn is_without_role(status: StatusCode, body: &[u8]) -> bool {
    match status {
        StatusCode::OK => text(body).is_empty(),
        StatusCode::NOT_FOUND => text(body).is_empty() || text(body).contains("404 - Not Found"),
        _ => false,
    }
}

/// Adds a hint for containers: the response to the first request does not pass the router between container and instance.
fn explained(problem: Problem) -> Problem {
    match problem {
        Problem::NoResponse { uri, error, .. } if error.kind == TransportErrorKind::Timeout => {
            let hint =
                "in a container on an instance, this needs the instance's metadata option HttpPutResponseHopLimit of 2";
            Problem::NoResponse { uri, error, hint: Some(hint) }
        }
        problem => problem,
    }
}

impl fmt::Display for InstanceMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ask the EC2 instance metadata service at {}", self.endpoint)
    }
}

impl FindCredentials for InstanceMetadata {
    fn start<'c>(&'c self, _: Session<'c>, _: Moment) -> Next<'c> {
        self.get_token()
    }
}
