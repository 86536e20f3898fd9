//! What a builder refuses to put together.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use sts_async::{BuildError, provider::Chain, transport::Tls};
use sts_core::{Config, ConfigBuilder, Credentials, TransportError, TransportErrorKind};

use crate::common::folder::Folder;

/// What both builders say, which is the same.
macro_rules! refusal {
    ($($method:ident($argument:expr)).*) => {{
        let blocking = sts_blocking::Client::builder()$(.$method($argument))*.build().unwrap_err();
        let asynchronous = sts_async::Client::builder()$(.$method($argument))*.build().unwrap_err();
        assert_eq!(blocking.to_string(), asynchronous.to_string());
        // What ends a program that returns it.
        assert_eq!(format!("{blocking:?}"), blocking.to_string());
        blocking.to_string()
    }};
}

fn config() -> ConfigBuilder {
    Config::builder().region("eu-west-1")
}

fn credentials() -> Credentials {
    Credentials::new("AKID", "s")
}

#[test]
fn settings_that_are_missing_or_wrong() {
    assert_eq!(refusal!(credentials(credentials())), "Invalid Configuration: Missing Region");
    let proxy = refusal!(config(config()).proxy("ftp://user:hunter2@proxy"));
    assert_eq!(
        proxy,
        "proxy \"ftp://…@proxy\" cannot be used: its scheme is none of http, https, socks4, socks4a, socks5 and socks5h"
    );
}

#[test]
fn methods_that_exclude_each_other() {
    let folder = Folder::new();
    let chain = || -> Chain { folder.load(Config::builder(), &[], None).unwrap() };
    assert_eq!(
        refusal!(chain(chain()).config(config())),
        "`config` and `chain` exclude each other: a chain has read its configuration; give settings that take precedence to `Chain::load`"
    );
    let blocking = |builder: sts_blocking::ClientBuilder| builder.build().unwrap_err().to_string();
    let asynchronous = |builder: sts_async::ClientBuilder| builder.build().unwrap_err().to_string();
    let error = || TransportError::new(TransportErrorKind::Permanent, "not sent");
    macro_rules! with_transport {
        ($($method:ident($($argument:expr)?)),*) => {$(
            let words = concat!("`", stringify!($method), "` and `transport` exclude each other: a transport connects in its own way");
            let builder = sts_blocking::Client::builder().config(config()).transport(move |_| Err(error()));
            assert_eq!(blocking(builder.$method($($argument)?)), words);
            let builder = sts_async::Client::builder().config(config()).transport(move |_| async move { Err(error()) });
            assert_eq!(asynchronous(builder.$method($($argument)?)), words);
        )*};
    }
    with_transport!(
        tls(Tls::new()),
        proxy("http://proxy"),
        no_proxy("*"),
        env_proxies(),
        connect_timeout(std::time::Duration::from_secs(1))
    );
    let words = "`credentials` and `provider` exclude each other: a client has one source of credentials";
    let builder = sts_blocking::Client::builder().config(config()).credentials(credentials());
    assert_eq!(blocking(builder.provider(|| Ok(credentials()))), words);
    let builder = sts_async::Client::builder().config(config()).credentials(credentials());
    assert_eq!(asynchronous(builder.provider(|| async { Ok(credentials()) })), words);
}

/// Those of a chain are for who has no others.
#[test]
fn credentials_take_precedence_over_those_of_a_chain() {
    let folder = Folder::new();
    let variables = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let chain = || folder.load(Config::builder(), &variables, None).unwrap();
    let key = |found: Option<Arc<Credentials>>| found.unwrap().access_key_id.clone();
    let builder = || sts_blocking::Client::builder().chain(chain());
    assert_eq!(key(builder().build().unwrap().find_credentials().unwrap()), "AKIDENV");
    assert_eq!(key(builder().credentials(credentials()).build().unwrap().find_credentials().unwrap()), "AKID");
}

/// A process has one default, so that this is a process of its own.
#[test]
fn a_cryptography_without_tls_is_an_error() {
    const NAME: &str = "STS_TEST_USELESS_PROVIDER";
    if std::env::var_os(NAME).is_none() {
        let test = "builder::a_cryptography_without_tls_is_an_error";
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let output = child.args([test, "--exact", "--nocapture"]).env(NAME, "1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    CryptoProvider { cipher_suites: Vec::new(), ..ring::default_provider() }.install_default().unwrap();
    let words = "the process's default cryptography cannot be used";
    for result in [
        sts_blocking::Client::builder().config(config()).build().map(drop),
        sts_async::Client::builder().config(config()).build().map(drop),
        sts_blocking::Client::builder().config(config()).tls(Tls::new()).build().map(drop),
        sts_async::Client::builder().config(config()).tls(Tls::new()).build().map(drop),
    ] {
        let error: BuildError = result.unwrap_err();
        assert_eq!(error.to_string(), words);
    }
}
