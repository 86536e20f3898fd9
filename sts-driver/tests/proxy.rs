// In a test, a failed `unwrap` is a clear failure.
#![allow(clippy::unwrap_used)]
//! The proxy for each request: variables, URLs and exceptions, compared with curl 7.88 and Python's urllib.

use sts_core::{environment::Environment, http::Uri};
use sts_driver::proxy::{Proxies, ProxyError, ProxyScheme};

const STS: &str = "https://sts.eu-west-1.amazonaws.com/";

fn through(url: &str) -> Result<Proxies, ProxyError> {
    let mut proxies = Proxies::default();
    proxies.set(url).map(|()| proxies)
}

fn from_env(pairs: &[(&str, &str)]) -> Result<Proxies, ProxyError> {
    let mut proxies = Proxies::default();
    proxies.read(Environment::new(&|name| variable(pairs, name))).map(|()| proxies)
}

fn variable(pairs: &[(&str, &str)], name: &str) -> Option<String> {
    pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
}

/// The proxy for this URL, or the error.
fn route(proxies: Result<Proxies, ProxyError>, url: &str) -> String {
    match proxies {
        Ok(proxies) => proxies.proxy_for(&url.parse().unwrap()).map_or_else(|| "direct".into(), ToString::to_string),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_environment_names_a_proxy_for_each_scheme() {
    let both = |pairs: &[(&str, &str)]| {
        let plain = "http://sts.example/";
        format!("{} {}", route(from_env(pairs), STS), route(from_env(pairs), plain))
    };
    let (a, b) = ("http://a:1", "http://b:2");
    assert_eq!(both(&[]), "direct direct");
    assert_eq!(both(&[("HTTPS_PROXY", a), ("HTTP_PROXY", b)]), "http://a:1 http://b:2");
    // Lower case takes precedence, and means "no proxy" when it is empty.
    assert_eq!(both(&[("https_proxy", a), ("HTTPS_PROXY", b)]), "http://a:1 direct");
    assert_eq!(both(&[("http_proxy", a), ("HTTP_PROXY", b)]), "direct http://a:1");
    assert_eq!(both(&[("https_proxy", ""), ("HTTPS_PROXY", b), ("ALL_PROXY", b)]), "direct http://b:2");
    assert_eq!(both(&[("HTTPS_PROXY", "")]), "direct direct");
    assert_eq!(both(&[("all_proxy", a), ("ALL_PROXY", b)]), "http://a:1 http://a:1");
    assert_eq!(both(&[("ALL_PROXY", a), ("HTTP_PROXY", b)]), "http://a:1 http://b:2");
    // CVE-2016-1000110: in a CGI program, HTTP_PROXY is a header of the request.
    let cgi = ("REQUEST_METHOD", "GET");
    assert_eq!(both(&[cgi, ("HTTPS_PROXY", a), ("HTTP_PROXY", b)]), "http://a:1 direct");
    assert_eq!(both(&[cgi, ("http_proxy", a)]), "direct http://a:1");
    // The program's own settings take precedence; exceptions are a separate setting.
    let env = [("HTTPS_PROXY", "http://env:1"), ("NO_PROXY", "amazonaws.com")];
    let over_env = |url: Option<&str>, no_proxy: Option<&str>| {
        let mut proxies = url.map_or_else(Proxies::default, |url| through(url).unwrap());
        if let Some(list) = no_proxy {
            proxies.set_exceptions(list);
        }
        let mut filled = proxies.clone();
        filled.fill(&from_env(&env).unwrap());
        proxies.read(Environment::new(&|name| variable(&env, name))).unwrap();
        assert_eq!(route(Ok(filled), STS), route(Ok(proxies.clone()), STS));
        route(Ok(proxies), STS)
    };
    assert_eq!(over_env(Some("http://set:1"), Some("")), "http://set:1");
    assert_eq!(over_env(Some("http://set:1"), None), "direct");
    assert_eq!(over_env(None, None), "direct");
    assert_eq!(over_env(None, Some("other")), "http://env:1");
    let exceptions = [("HTTPS_PROXY", a), ("no_proxy", ""), ("NO_PROXY", "*")];
    assert_eq!(route(from_env(&exceptions), STS), "http://a:1");
}

/// The same as Go; curl and urllib would reach this machine through a proxy on another.
#[test]
fn what_is_on_this_machine_is_not_asked_for_elsewhere() {
    let proxied = |url| route(through("http://proxy:3128"), url);
    for url in
        ["http://127.0.0.1:4566", "http://127.9.9.9", "https://localhost", "https://[::1]:8443", "http://LocalHost"]
    {
        assert_eq!(proxied(url), "direct", "{url}");
    }
    for url in [STS, "http://169.254.1.1", "https://10.0.0.1", "https://localhost.example", "http://sts.amazonaws.com"]
    {
        assert_eq!(proxied(url), "http://proxy:3128", "{url}");
    }
    assert_eq!(proxied("ftp://sts.amazonaws.com"), "direct");
}

#[test]
fn exceptions() {
    // The same as curl. The same as urllib, except that it does not support blanks, networks and trailing dots.
    for (list, url, direct) in [
        ("*", "sts.amazonaws.com", true),
        ("", "sts.amazonaws.com", false),
        (",,", "sts.amazonaws.com", false),
        (".", "sts.amazonaws.com", false),
        ("sts.amazonaws.com", "sts.amazonaws.com", true),
        ("STS.AmazonAWS.com", "sts.amazonaws.com", true),
        ("sts.amazonaws.com", "STS.AMAZONAWS.COM", true),
        ("amazonaws.com", "sts.amazonaws.com", true),
        (".amazonaws.com", "sts.amazonaws.com", true),
        (".sts.amazonaws.com", "sts.amazonaws.com", true),
        ("azonaws.com", "sts.amazonaws.com", false),
        ("sts.amazonaws.com", "amazonaws.com", false),
        ("sts.amazonaws.com", "sts.amazonaws.com.evil.example", false),
        ("example.org,amazonaws.com", "sts.amazonaws.com", true),
        ("example.org, amazonaws.com", "sts.amazonaws.com", true),
        ("example.org amazonaws.com", "sts.amazonaws.com", true),
        ("amazonaws.com.", "sts.amazonaws.com", true),
        ("amazonaws.com", "sts.amazonaws.com.", true),
        ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.3", "10.1.2.34", false),
        ("2.3", "10.1.2.3", false),
        ("10.0.0.0/8", "10.1.2.3", true),
        ("10.0.0.0/8", "11.1.2.3", false),
        ("10.1.2.0/25", "10.1.2.127", true),
        ("10.1.2.0/25", "10.1.2.128", false),
        ("10.1.2.3/33", "10.1.2.3", false),
        ("10.0.0.0/8", "[fd00:ec2::1]", false),
        ("fd00:ec2::1", "[fd00:ec2::1]", true),
        ("sts.amazonaws.com:8443", "sts.amazonaws.com", false),
        // The same as urllib only.
        ("sts.amazonaws.com:8443", "sts.amazonaws.com:8443", true),
        ("sts.amazonaws.com:443", "sts.amazonaws.com:443", true),
        ("[fd00:ec2::1]", "[fd00:ec2::1]", true),
        // The same as Python's ipaddress.
        ("fd00:ec2::/32", "[fd00:ec2:1::1]", true),
        ("fd00:ec2::/32", "[fd00:ec3::1]", false),
        ("fd00::/8", "[fd00:ec2::1]", true),
        ("fd00::/8", "[fe00::1]", false),
        ("2001:db8::fff0/124", "[2001:db8::ffff]", true),
        ("2001:db8::fff0/124", "[2001:db8::ffef]", false),
        ("::/0", "[2001:db8::1]", true),
        ("0.0.0.0/0", "10.1.2.3", true),
        ("0.0.0.0/0", "sts.amazonaws.com", false),
        ("172.16.0.0/12", "172.31.255.255", true),
        ("172.16.0.0/12", "172.32.0.0", false),
        ("FD00:0EC2:0:0::1", "[fd00:ec2::1]", true),
        ("10.1.2.3", "[::ffff:10.1.2.3]", true),
        // Only one meaning is possible: the scheme's default port, an asterisk beside other entries or before a domain.
        ("sts.amazonaws.com:443", "sts.amazonaws.com", true),
        ("10.1.2.3:443", "10.1.2.3", true),
        ("10.1.2.3:80", "10.1.2.3", false),
        ("[fd00:ec2::1]:8443", "[fd00:ec2::1]:8443", true),
        ("[fd00:ec2::1]:8443", "[fd00:ec2::1]", false),
        ("*:8443", "sts.amazonaws.com:8443", true),
        ("*:8443", "sts.amazonaws.com", false),
        ("example.org,*", "sts.amazonaws.com", true),
        ("*.amazonaws.com", "sts.amazonaws.com", true),
        ("sts.amazonaws.com:http", "sts.amazonaws.com", false),
    ] {
        let expected = if direct { "direct" } else { "http://proxy:80" };
        let mut proxies = through("http://proxy").unwrap();
        proxies.set_exceptions(list);
        assert_eq!(route(Ok(proxies), &format!("https://{url}/")), expected, "{list:?} {url}");
    }
}

#[test]
fn a_proxy_is_a_url_with_defaults() {
    for (url, shown) in [
        ("proxy.example", "http://proxy.example:80"),
        ("proxy.example:3128", "http://proxy.example:3128"),
        ("http://proxy.example/", "http://proxy.example:80"),
        ("https://proxy.example", "https://proxy.example:443"),
        ("HTTPS://proxy.example", "https://proxy.example:443"),
        ("socks4://10.0.0.1", "socks4://10.0.0.1:1080"),
        ("socks4a://10.0.0.1:9", "socks4a://10.0.0.1:9"),
        ("socks5://proxy.example", "socks5://proxy.example:1080"),
        ("socks5h://[2001:db8::1]", "socks5h://[2001:db8::1]:1080"),
        ("[::1]:3128", "http://[::1]:3128"),
        ("user@proxy.example", "http://proxy.example:80"),
    ] {
        assert_eq!(route(through(url), STS), shown, "{url}");
    }
    let proxies = through("socks5h://[2001:db8::1]").unwrap();
    let proxy = proxies.proxy_for(&Uri::from_static(STS)).unwrap();
    assert_eq!((proxy.scheme, &*proxy.host, proxy.port), (ProxyScheme::Socks5h, "2001:db8::1", 1080));
    assert!(proxy.credentials.is_none() && proxy.basic_authorization().is_none());
}

/// User names and passwords are split like in urllib's `urlsplit` and `unquote`; the first value is the example of RFC 7617.
#[test]
fn credentials_are_decoded_and_shown_to_the_proxy_alone() {
    for (url, user, password, value) in [
        ("http://Aladdin:open%20sesame@p", "Aladdin", "open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        (
            "http://j%C3%B6rg%40corp:p%40ss%2Fw%3Ard%25@p:1",
            "j\u{f6}rg@corp",
            "p@ss/w:rd%",
            "asO2cmdAY29ycDpwQHNzL3c6cmQl",
        ),
        ("user@p", "user", "", "dXNlcjo="),
        ("http://user:p@ss@p", "user", "p@ss", "dXNlcjpwQHNz"),
    ] {
        let proxies = through(url).unwrap();
        let shown = format!("{proxies:?} {:?}", proxies.proxy_for(&Uri::from_static(STS)));
        assert!(shown.contains("[redacted]") && (password.is_empty() || !shown.contains(password)), "{shown}");
        let proxy = proxies.proxy_for(&Uri::from_static(STS)).unwrap();
        let (found_user, found_password) = proxy.credentials.as_ref().unwrap();
        assert_eq!((&**found_user, found_password.expose()), (user, password), "{url}");
        let header = proxy.basic_authorization().unwrap();
        assert_eq!(header, format!("Basic {value}"), "{url}");
        assert!(header.is_sensitive());
    }
}

#[test]
fn what_is_no_proxy_is_said_without_its_credentials() {
    let scheme = "its scheme is none of http, https, socks4, socks4a, socks5 and socks5h";
    for (url, shown, reason) in [
        ("ftp://u:hunter2@p", "ftp://…@p", scheme),
        ("socks://p", "socks://p", scheme),
        ("://p", "://p", scheme),
        ("http://", "http://", "it has no host"),
        ("http://u:hunter2@", "http://…@", "it has no host"),
        ("http://:3128", "http://:3128", "it has no host"),
        ("http://u:hunter2@p:99999", "http://…@p:99999", "its port is not a number from 1 to 65535"),
        ("http://p:0", "http://p:0", "its port is not a number from 1 to 65535"),
        ("p:x", "p:x", "its port is not a number from 1 to 65535"),
        ("http://p p", "http://p p", "its host is not a name"),
        ("http://p/path", "http://p/path", "it goes on behind host and port"),
        ("http://p?hunter2", "http://p…", "it goes on behind host and port"),
        ("http://u:hun/ter2@p", "http://…@p", "its user name or password is not percent-encoded"),
        ("http://u:hun#ter2@p", "http://…@p", "its user name or password is not percent-encoded"),
        ("http://u:%ff@p", "http://…@p", "its user name or password is not UTF-8"),
    ] {
        assert_eq!(route(through(url), STS), format!("proxy {shown:?} cannot be used: {reason}"));
        for name in ["https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"] {
            let error = route(from_env(&[(name, url)]), STS);
            assert_eq!(error, format!("{name} {shown:?} cannot be used: {reason}"));
        }
    }
}
