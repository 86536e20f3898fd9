//! The address of a container's credentials agent.
// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]

use sts_core::environment::Environment;
use sts_credentials::sources::container::Container;

const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

fn address(environment: &[(&str, &str)]) -> Result<Option<String>, String> {
    let variable = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    match Container::from_env(Environment::new(&variable)) {
        Ok(container) => Ok(container.map(|container| container.uri.to_string())),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn none_unless_a_variable_is_set() {
    assert_eq!(address(&[]), Ok(None));
}

#[test]
fn a_relative_address_is_of_the_agent_of_ecs() {
    for path in ["/v2/credentials/4f1d", "/v2/credentials?id=4f1d&x=1"] {
        assert_eq!(address(&[(RELATIVE, path)]), Ok(Some(format!("http://169.254.170.2{path}"))));
    }
}

#[test]
fn the_relative_address_takes_precedence() {
    let environment = [(FULL, "http://127.0.0.1:51679/full"), (RELATIVE, "/relative")];
    assert_eq!(address(&environment), Ok(Some("http://169.254.170.2/relative".to_owned())));
}

#[test]
fn full_addresses() {
    for url in [
        "https://agent.example.com/credentials",
        "https://agent.example.com:8443/credentials",
        // This machine.
        "http://localhost:51679/credentials",
        "http://127.0.0.1:51679/credentials",
        "http://[::1]:51679/credentials",
        // The agents of ECS, and of EKS over IPv4 and IPv6.
        "http://169.254.170.2/credentials",
        "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials",
    ] {
        assert_eq!(address(&[(FULL, url)]), Ok(Some(url.to_owned())));
    }
}

#[test]
fn what_is_refused() {
    for (url, part) in [
        ("/credentials", "host"),
        // Credentials would be sent in the clear.
        ("http://agent.example.com/credentials", "agent.example.com"),
        ("http://169.254.170.3/credentials", "169.254.170.3"),
    ] {
        let error = address(&[(FULL, url)]).unwrap_err();
        assert!(error.contains(part) && error.contains(FULL), "{error}");
    }
}
