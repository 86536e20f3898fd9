//! The agent of a container: ECS tasks and EKS Pod Identity.
//! [Container credentials](https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html)

use alloc::{
    format,
    string::{String, ToString},
};
use core::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};
use http::Uri;

use crate::{error::PlanError, location::Variable};
use sts_core::{
    Secret,
    host::{ip_address, is_loopback},
    text::without_secrets,
};

/// Where the agent of a container is, and how it is asked.
#[derive(Clone)]
#[non_exhaustive]
pub struct Container {
    /// The agent's address, which has passed the check of hosts.
    pub uri: Uri,
    /// What it wants to see, if anything.
    pub authorization: Option<Authorization>,
}

/// What the agent wants to see.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Authorization {
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN`
    Token(Secret),
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`; read anew each time.
    File(String),
}

impl Container {
    /// What is said when there is none.
    pub(crate) const UNSET: &str =
        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set";

    /// Reads `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, else `AWS_CONTAINER_CREDENTIALS_FULL_URI`, and
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, else `AWS_CONTAINER_AUTHORIZATION_TOKEN`; `None` when neither URI is set.
    ///
    /// # Errors
    /// The URI is none, or one where a token or credentials would travel unencrypted to a host that is not the container's own.
    pub fn from_env(variable: Variable<'_>) -> Result<Option<Self>, PlanError> {
        const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
        const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        let uri = if let Some(path) = variable(RELATIVE) {
            // Without the slash, what follows would still belong to the host's name.
            if !path.starts_with('/') {
                return Err(PlanError::environment(format!("{RELATIVE} is {path:?}, expected a path from /")));
            }
            parse(RELATIVE, &format!("http://169.254.170.2{path}"))?
        } else if let Some(text) = variable(FULL) {
            let uri = parse(FULL, &text)?;
            check(&uri).map_err(|problem| {
                PlanError::environment(format!("{FULL} is {}: {problem}", without_secrets(&text)))
            })?;
            uri
        } else {
            return Ok(None);
        };
        let file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(Authorization::File);
        let token = || Some(Authorization::Token(variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")?.into()));
        Ok(Some(Self { uri, authorization: file.or_else(token) }))
    }

    /// Without the query, which may be what the agent knows its container by.
    pub(crate) fn shown_uri(&self) -> String {
        without_secrets(&self.uri.to_string())
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

fn parse(name: &str, text: &str) -> Result<Uri, PlanError> {
    text.parse().map_err(|error| PlanError::environment(format!("{name} is {:?}: {error}", without_secrets(text))))
}

/// Over plain HTTP, only the machine itself and the agents' own addresses.
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
        Container::from_env(&|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_string()))
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
            // Names that begin or end like one of them.
            ("http://169.254.170.2.evil.example/", OWN),
            ("http://localhost.evil.example/", OWN),
            ("http://evil-localhost/", OWN),
            ("http://localhost./", OWN),
            ("http://127.0.0.1./", OWN),
            ("http://169.254.170.2%2eevil.example/", NO_URL),
            // Addresses in other clothes: resolvers understand some of them.
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
            // A host before the host.
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
        for path in ["/@evil.example/", "//evil.example/", "/?x=http://evil.example", "/#@evil.example"] {
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
            // The host ends where the query begins.
            ("http://127.0.0.1?@evil.example/", "127.0.0.1"),
            ("http://127.0.0.1#@evil.example/", "127.0.0.1"),
        ] {
            let found = from_env(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)]).unwrap().unwrap();
            assert_eq!(found.uri.authority().unwrap(), authority);
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
