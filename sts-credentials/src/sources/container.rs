//! The agent of a container: ECS tasks and EKS Pod Identity.
//! [Container credentials](https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html)

use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
};
use core::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use http::{Request, StatusCode, Uri, header};
use sts_core::{
    Body, Moment, Route, Secret,
    environment::Environment,
    host::{ip_address, is_loopback},
    text::without_secrets,
};

use super::document;
use crate::{
    error::{PlanError, Problem},
    machine::{Action, Answer, Exchange, FindCredentials, Next, Session},
    origin::Origin,
};

/// The agent of a container: its URI and authorization.
#[derive(Clone)]
#[non_exhaustive]
pub struct Container {
    /// The agent's URI. Its host has been checked.
    pub uri: Uri,
    /// The authorization that the agent requires, if any.
    pub authorization: Option<Authorization>,
}

/// The source of the `Authorization` header.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Authorization {
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN`
    Token(Secret),
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`; read anew each time.
    File(String),
}

/// The variables that configure an agent, in order of precedence.
pub(crate) const VARIABLES: [&str; 2] = [RELATIVE, FULL];
const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
/// The hint for an unreachable endpoint.
pub(crate) const UNSET: &str =
    "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set";

/// botocore's timeout; the agent of EKS Pod Identity calls a service itself.
const TIMEOUT: Duration = Duration::from_secs(2);
const MAX_ATTEMPTS: u32 = 3;
const AGENT: &str = "the container's agent";

impl Container {
    /// Reads `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, else `AWS_CONTAINER_CREDENTIALS_FULL_URI`, and
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, else `AWS_CONTAINER_AUTHORIZATION_TOKEN`; `None` if neither URI is set.
    ///
    /// # Errors
    /// The URI is invalid, or a token or credentials would go unencrypted to a host outside the container.
    pub fn from_env(environment: Environment<'_>) -> Result<Option<Self>, PlanError> {
        let variable = |name| environment.variable(name);
        let uri = if let Some(path) = variable(RELATIVE) {
            // Without the slash, the text would extend the host name.
            if !path.starts_with('/') {
                return Err(invalid(format!("{RELATIVE} is {path:?}, expected a path from /")));
            }
            parse(RELATIVE, &path, &format!("http://169.254.170.2{path}"))?
        } else if let Some(text) = variable(FULL) {
            let uri = parse(FULL, &text, &text)?;
            check(&uri).map_err(|problem| invalid(format!("{FULL} is {}: {problem}", without_secrets(&text))))?;
            uri
        } else {
            return Ok(None);
        };
        let file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(Authorization::File);
        let token = || Some(Authorization::Token(variable(TOKEN)?.into()));
        Ok(Some(Self { uri, authorization: file.or_else(token) }))
    }

    /// The URI without its query, which may identify the container to the agent.
    fn shown_uri(&self) -> String {
        without_secrets(&self.uri.to_string())
    }

    /// Sends the request with a token, if there is one, and its origin.
    fn ask<'c>(&self, token: Option<(&str, &str)>) -> Next<'c> {
        let problem = |error| Problem::Answer { from: AGENT, error };
        let mut request = Request::new(Body::default());
        *request.uri_mut() = self.uri.clone();
        if let Some((token, origin)) = token {
            let token = document::secret_header(token)
                .map_err(|reason| problem(format!("cannot be asked with {reason} ({origin})")))?;
            request.headers_mut().insert(header::AUTHORIZATION, token);
        }
        let then = move |answer: Result<Answer<'_>, Problem>, now: Moment| {
            let Answer { status, body } = answer?;
            if status != StatusCode::OK {
                return Err(problem(document::refusal(status, body)));
            }
            let found =
                document::object(body).and_then(|object| document::credentials(&object, "Token", Some(now.wall)));
            found.map(Action::Done).map_err(problem)
        };
        Ok(Action::Send(Box::new(Exchange {
            request,
            shown_uri: self.shown_uri(),
            route: Route::Direct,
            timeout: TIMEOUT,
            max_attempts: MAX_ATTEMPTS,
            max_unanswered: MAX_ATTEMPTS,
            then: Box::new(then),
            attempts: 0,
        })))
    }
}

impl FindCredentials for Container {
    fn start<'c>(&'c self, _: Session<'c>, _: Moment) -> Next<'c> {
        match &self.authorization {
            None => self.ask(None),
            Some(Authorization::Token(token)) => self.ask(Some((token.expose(), TOKEN))),
            Some(Authorization::File(path)) => {
                let then = move |token: Result<&str, String>, _| {
                    let token = token.map_err(|error| Problem::File { path: path.clone(), error })?;
                    self.ask(Some((token, path)))
                };
                Ok(Action::ReadFile(path, Box::new(then)))
            }
        }
    }
}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { authorization, .. } = self;
        f.debug_struct("Container").field("uri", &self.shown_uri()).field("authorization", authorization).finish()
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ask the container's agent at {}", self.shown_uri())
    }
}

/// Parses a URI from this variable.
fn parse(name: &str, value: &str, uri: &str) -> Result<Uri, PlanError> {
    let error = |problem: &dyn fmt::Display| invalid(format!("{name} is {:?}: {problem}", without_secrets(value)));
    // A fragment is never sent, so the text after it would be lost.
    if value.contains('#') {
        return Err(error(&"a fragment, from # on, has no place in it"));
    }
    uri.parse().map_err(|problem: http::uri::InvalidUri| error(&problem))
}

fn invalid(problem: String) -> PlanError {
    PlanError::invalid(problem, Origin::Environment)
}

/// Checks that plain HTTP only goes to this machine or to the agents' known addresses.
fn check(uri: &Uri) -> Result<(), &'static str> {
    const ECS: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2));
    const EKS: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23));
    const EKS_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23));

    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err("URI did not specify a host");
    };
    if authority.as_str().contains('@') {
        return Err("a user name has no place in it");
    }
    let port = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
    if !port.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
        return Err("its port is not a number from 1 to 65535");
    }
    let host = authority.host();
    let own = is_loopback(host) || ip_address(host).is_some_and(|address| [ECS, EKS, EKS_V6].contains(&address));
    match scheme {
        "https" => Ok(()),
        "http" if own => Ok(()),
        "http" => {
            Err("over plain HTTP, only loopback addresses, 169.254.170.2, 169.254.170.23 and fd00:ec2::23 are asked")
        }
        _ => Err("expected http or https"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_env(pairs: &[(&str, &str)]) -> Result<Option<Container>, PlanError> {
        Container::from_env(Environment::new(&|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_string())
        }))
    }

    #[test]
    fn only_the_containers_own_hosts() {
        const OWN: &str = "over plain HTTP, only loopback addresses";
        const NO_URL: &str = "invalid";
        for (uri, expected) in [
            ("http://169.254.169.254/latest/meta-data", OWN),
            ("http://10.0.0.1/", OWN),
            ("http://0.0.0.0/", OWN),
            ("http://[::]/", OWN),
            ("http://[fd00:ec2::254]/", OWN),
            // Names that begin or end like an allowed host.
            ("http://169.254.170.2.evil.example/", OWN),
            ("http://localhost.evil.example/", OWN),
            ("http://evil-localhost/", OWN),
            ("http://localhost./", OWN),
            ("http://127.0.0.1./", OWN),
            ("http://169.254.170.2%2eevil.example/", NO_URL),
            // Other notations of addresses, which some resolvers accept.
            ("http://2852039166/", OWN),
            ("http://2130706433/", OWN),
            ("http://0x7f000001/", OWN),
            ("http://0xa9.0xfe.0xaa.0x2/", OWN),
            ("http://0177.0.0.1/", OWN),
            ("http://127.1/", OWN),
            ("http://[::ffff:169.254.169.254]/", OWN),
            ("http://[::127.0.0.1]/", OWN),
            ("http://[127.0.0.1]/", OWN),
            ("http://::1/", NO_URL),
            ("http://%31%32%37.0.0.1/", NO_URL),
            // A user name that looks like a host.
            ("http://169.254.170.2@evil.example/", "a user name has no place in it"),
            ("http://u:hush@127.0.0.1/", "a user name has no place in it"),
            ("https://127.0.0.1:80@evil.example/", "a user name has no place in it"),
            ("http://127.0.0.1:0/", "its port is not a number from 1 to 65535"),
            ("http://127.0.0.1:65536/", "its port is not a number from 1 to 65535"),
            ("http://127.0.0.1:/", "its port is not a number from 1 to 65535"),
            ("http://127.0.0.1\\@evil.example/", NO_URL),
            ("http://127.0.0.1\r\nHost: evil.example/", NO_URL),
            ("http://127.0.0.1 evil.example/", NO_URL),
            ("http://ⓛocalhost/", NO_URL),
            ("ftp://localhost/", "expected http or https"),
            ("localhost", "URI did not specify a host"),
            ("/v1/credentials", "URI did not specify a host"),
        ] {
            let error = from_env(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)]).unwrap_err().to_string();
            assert!(error.starts_with("AWS_CONTAINER_CREDENTIALS_FULL_URI is "), "{error}");
            assert!(error.contains(expected) && !error.contains("hush"), "{uri}: {error}");
        }
        for path in ["@evil.example/", ".evil.example/", ":80/", "credentials"] {
            let error = from_env(&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", path)]).unwrap_err().to_string();
            assert!(error.contains("expected a path from /"), "{error}");
        }
        for path in ["/@evil.example/", "//evil.example/", "/?x=http://evil.example"] {
            let found = from_env(&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", path)]).unwrap().unwrap();
            assert_eq!(found.uri.authority().unwrap(), "169.254.170.2", "{path}");
        }
        for (uri, authority) in [
            ("http://127.0.0.1/", "127.0.0.1"),
            ("http://127.0.0.2/", "127.0.0.2"),
            ("http://LOCALHOST:8080/", "LOCALHOST:8080"),
            ("http://[::1]:80/x", "[::1]:80"),
            ("http://[::ffff:127.0.0.1]/", "[::ffff:127.0.0.1]"),
            ("http://[0:0:0:0:0:0:0:1]/", "[0:0:0:0:0:0:0:1]"),
            ("http://169.254.170.2/", "169.254.170.2"),
            ("http://169.254.170.23/", "169.254.170.23"),
            ("http://[fd00:ec2::23]/", "[fd00:ec2::23]"),
            ("https://evil.example/", "evil.example"),
            // The query ends the host.
            ("http://127.0.0.1?@evil.example/", "127.0.0.1"),
        ] {
            let found = from_env(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)]).unwrap().unwrap();
            assert_eq!(found.uri.authority().unwrap(), authority);
        }
    }

    /// A fragment would not be sent, so the request would go to another path.
    #[test]
    fn no_fragment() {
        for (name, uri) in [
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1#@evil.example/"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://h/#/creds"),
            ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/#@evil.example"),
            ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/creds?id=1#hush"),
        ] {
            let error = from_env(&[(name, uri)]).unwrap_err().to_string();
            assert!(error.ends_with("a fragment, from # on, has no place in it") && !error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn shows_no_query() {
        for uri in ["http://127.0.0.1/c?id=hush", "http://127.0.0.1?hush"] {
            let container = from_env(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)]).unwrap().unwrap();
            let shown = format!("{container} {container:?} {container:#?}");
            assert!(shown.matches("127.0.0.1").count() == 3 && !shown.contains("hush"), "{shown}");
        }
    }

    #[test]
    fn the_file_goes_before_the_token() {
        let uri = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c");
        let (file, token) =
            (("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "f"), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "t"));
        let found = |pairs: &[_]| from_env(pairs).unwrap().unwrap().authorization;
        assert!(matches!(found(&[uri, file, token]), Some(Authorization::File(file)) if file == "f"));
        assert!(matches!(found(&[uri, token]), Some(Authorization::Token(token)) if token.expose() == "t"));
        assert!(found(&[uri]).is_none());
    }
}
