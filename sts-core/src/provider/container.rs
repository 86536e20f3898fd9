//! The agent of a container: ECS tasks and EKS Pod Identity.
//! [Container credentials](https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html)

use alloc::{format, string::String};
use core::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};
use http::Uri;

use super::plan::{PlanError, Variable};
use crate::credentials::Secret;

/// Where the agent of a container is, and how it is asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Container {
    /// The agent's address, which has passed the check of hosts.
    pub uri: Uri,
    /// What it wants to see, if anything.
    pub authorization: Option<Authorization>,
}

/// What the agent wants to see.
#[derive(Clone, Debug)]
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
        } else if let Some(uri) = variable(FULL) {
            let uri = parse(FULL, &uri)?;
            check(&uri).map_err(|problem| PlanError::environment(format!("{FULL} is {uri}: {problem}")))?;
            uri
        } else {
            return Ok(None);
        };
        let file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(Authorization::File);
        let token = || Some(Authorization::Token(variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")?.into()));
        Ok(Some(Self { uri, authorization: file.or_else(token) }))
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ask the container's agent at {}", self.uri)
    }
}

fn parse(name: &str, text: &str) -> Result<Uri, PlanError> {
    text.parse().map_err(|error| PlanError::environment(format!("{name} is {text:?}: {error}")))
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
    let host = authority.host().trim_matches(['[', ']']);
    let address: Option<IpAddr> = host.parse().ok();
    let own = host.eq_ignore_ascii_case("localhost")
        || address.is_some_and(|address| address.is_loopback() || [ECS, EKS, EKS_V6].contains(&address));
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
    use alloc::string::ToString;

    fn from_env(pairs: &[(&str, &str)]) -> Result<Option<Container>, PlanError> {
        Container::from_env(&|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_string()))
    }

    #[test]
    fn only_the_containers_own_hosts() {
        for uri in [
            "http://169.254.169.254/latest/meta-data",
            "http://10.0.0.1/",
            "http://169.254.170.2.evil.example/",
            "http://localhost.evil.example/",
            "http://169.254.170.2@evil.example/",
            "http://[fd00:ec2::254]/",
            "http://2852039166/",
            "ftp://localhost/",
            "localhost",
        ] {
            let error = from_env(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)]).unwrap_err().to_string();
            assert!(error.starts_with("AWS_CONTAINER_CREDENTIALS_FULL_URI is "), "{error}");
        }
        for path in ["@evil.example/", ".evil.example/", ":80/", "credentials"] {
            let error = from_env(&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", path)]).unwrap_err().to_string();
            assert!(error.contains("expected a path from /"), "{error}");
        }
        for uri in ["http://127.0.0.2/", "http://[::1]:80/x", "https://evil.example/"] {
            assert!(from_env(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)]).unwrap().is_some(), "{uri}");
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
