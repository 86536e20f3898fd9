//! The proxy for each request, from the variables that curl, botocore and most other programs use.
//!
//! This module only decides. Each driver defines which kinds of proxies it supports.

use std::{fmt, net::IpAddr};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;
use sts_core::{
    Secret,
    environment::Environment,
    host::{bracketed, is_loopback, without_brackets},
    http::{HeaderValue, Uri, uri::Authority},
    text::without_secrets,
};
use zeroize::Zeroizing;

/// A proxy. `Debug` and `Display` show its URL without credentials.
#[derive(Clone)]
#[non_exhaustive]
pub struct Proxy {
    /// The protocol for talking to the proxy.
    pub scheme: ProxyScheme,
    /// The host name or IP address; an IPv6 address has no brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The user name and password, which may be empty.
    pub credentials: Option<(String, Secret)>,
}

impl Proxy {
    /// The value of `Proxy-Authorization` for [basic authentication](https://www.rfc-editor.org/rfc/rfc7617), marked as sensitive; `None`
    /// without credentials.
    pub fn basic_authorization(&self) -> Option<HeaderValue> {
        let (user, password) = self.credentials.as_ref()?;
        let plain = Zeroizing::new(format!("{user}:{}", password.expose()));
        let value = Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(plain.as_bytes())));
        let mut value = HeaderValue::from_str(&value).expect("base64 may stand in a header");
        value.set_sensitive(true);
        Some(value)
    }

    /// Parses `http://user:password@host:port`. The default scheme is `http`. The default port is 80, 443 for `https`, or 1080 for SOCKS.
    fn parse(url: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let scheme = ProxyScheme::ALL
            .into_iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(scheme))
            .ok_or("its scheme is none of http, https, socks4, socks4a, socks5 and socks5h")?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user_info, host) = match rest.rsplit_once('@') {
            Some((user_info, host)) => (Some(user_info), host),
            None => (None, rest),
        };
        if user_info.is_some_and(|user_info| user_info.contains(['/', '?', '#'])) {
            return Err("its user name or password is not percent-encoded");
        }
        if host.contains(['/', '?', '#']) {
            return Err("it goes on behind host and port");
        }
        if host.is_empty() || host.starts_with(':') {
            return Err("it has no host");
        }
        let authority: Authority = host.parse().map_err(|_| "its host is not a name")?;
        let port = match authority.as_str().strip_prefix(authority.host()).unwrap_or_default() {
            "" => scheme.default_port(),
            _ => authority.port_u16().filter(|port| *port > 0).ok_or("its port is not a number from 1 to 65535")?,
        };
        let credentials = match user_info {
            Some(user_info) => {
                let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
                Some((decode(user)?, decode(password)?.into()))
            }
            None => None,
        };
        Ok(Self { scheme, host: without_brackets(authority.host()).to_owned(), port, credentials })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme.as_str(), bracketed(&self.host), self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credentials = if self.credentials.is_some() { ", [redacted]" } else { "" };
        write!(f, "Proxy({self}{credentials})")
    }
}

/// The protocol for talking to a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProxyScheme {
    /// HTTP: `CONNECT` for HTTPS endpoints, forwarded requests for plain HTTP.
    Http,
    /// Like `Http`, over TLS.
    Https,
    /// SOCKS 4, for IPv4 addresses only.
    Socks4,
    /// SOCKS 4a, which also accepts names.
    Socks4a,
    /// SOCKS 5; the client resolves names.
    Socks5,
    /// SOCKS 5; the proxy resolves names.
    Socks5h,
}

impl ProxyScheme {
    const ALL: [Self; 6] = [Self::Http, Self::Https, Self::Socks4, Self::Socks4a, Self::Socks5, Self::Socks5h];

    /// The scheme in the proxy's URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks4 => "socks4",
            Self::Socks4a => "socks4a",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks4 | Self::Socks4a | Self::Socks5 | Self::Socks5h => 1080,
        }
    }
}

/// An error in a proxy URL.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyError {
    /// The variable, or `proxy` if the URL comes from elsewhere.
    name: &'static str,
    /// The URL, without user name and password.
    url: String,
    reason: &'static str,
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} cannot be used: {}", self.name, self.url, self.reason)
    }
}

impl std::error::Error for ProxyError {}

debug_in_words!(ProxyError);

/// The proxies of a client, and the rules for their use.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    http: Route,
    https: Route,
    exceptions: Option<Exceptions>,
}

/// The route to the endpoints of one scheme.
#[derive(Clone, Debug, Default)]
enum Route {
    #[default]
    Unset,
    Direct,
    Through(Proxy),
}

impl Proxies {
    /// The proxy for a request to this URL. `None` means a direct connection, as always for this machine.
    pub fn proxy_for(&self, uri: &Uri) -> Option<&Proxy> {
        let (route, default_port) = match uri.scheme_str()? {
            "http" => (&self.http, 80),
            "https" => (&self.https, 443),
            _ => return None,
        };
        let Route::Through(proxy) = route else { return None };
        let (host, port) = (uri.host()?, uri.port_u16().unwrap_or(default_port));
        let is_direct = is_loopback(host) || self.exceptions.as_ref().is_some_and(|list| list.contain(host, port));
        (!is_direct).then_some(proxy)
    }

    /// Sends all requests through this proxy, `http://user:password@host:port`. The scheme is `http` (default), `https`, `socks4`,
    /// `socks4a`, `socks5` or `socks5h`, if the driver supports it. The default port is 80, 443 for `https`, or 1080 for SOCKS. User name
    /// and password are percent-encoded.
    ///
    /// # Errors
    /// The URL is not a valid proxy URL.
    pub fn set(&mut self, url: &str) -> Result<(), ProxyError> {
        let proxy = parse("proxy", url)?;
        self.https = Route::Through(proxy.clone());
        self.http = Route::Through(proxy);
        Ok(())
    }

    /// Sets the hosts that bypass the proxy, separated by commas or blanks: a name, which includes its subdomains; an IP address or a range
    /// in CIDR notation; `*` for all hosts. A port after a name or address limits the entry to that port.
    pub fn set_exceptions(&mut self, list: &str) {
        self.exceptions = Some(Exceptions::parse(list));
    }

    /// Reads the settings that are not set yet from the environment. A variable that is set but empty means no proxy.
    ///
    /// | variable | setting |
    /// |---|---|
    /// | `https_proxy`, else `HTTPS_PROXY`, else `all_proxy`, else `ALL_PROXY` | proxy for HTTPS endpoints |
    /// | `http_proxy`, else `HTTP_PROXY` (not in a CGI program, where any HTTP client can set it), else as above | proxy for plain HTTP |
    /// | `no_proxy`, else `NO_PROXY` | see [`set_exceptions`](Self::set_exceptions) |
    ///
    /// # Errors
    /// A variable does not hold a valid proxy URL.
    pub fn read(&mut self, environment: Environment<'_>) -> Result<(), ProxyError> {
        let variable = |name| environment.variable_or_empty(name);
        let first = |names: &[&'static str]| names.iter().find_map(|name| Some((*name, variable(name)?)));
        let route = |names: &[&'static str]| match first(names) {
            None => Ok(Route::Unset),
            Some((_, url)) if url.is_empty() => Ok(Route::Direct),
            Some((name, url)) => parse(name, &url).map(Route::Through),
        };
        if matches!(self.https, Route::Unset) {
            self.https = route(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?;
        }
        if matches!(self.http, Route::Unset) {
            // Web servers pass the `Proxy` header of a request to CGI programs under this name: CVE-2016-1000110.
            let is_cgi = variable("REQUEST_METHOD").is_some();
            let upper = if is_cgi { "http_proxy" } else { "HTTP_PROXY" };
            self.http = route(&["http_proxy", upper, "all_proxy", "ALL_PROXY"])?;
        }
        if self.exceptions.is_none() {
            self.exceptions = first(&["no_proxy", "NO_PROXY"]).map(|(_, list)| Exceptions::parse(&list));
        }
        Ok(())
    }

    /// Copies the settings that are not set yet from `others`.
    pub fn fill(&mut self, others: &Self) {
        for (route, other) in [(&mut self.http, &others.http), (&mut self.https, &others.https)] {
            if matches!(route, Route::Unset) {
                *route = other.clone();
            }
        }
        if self.exceptions.is_none() {
            self.exceptions.clone_from(&others.exceptions);
        }
    }
}

fn decode(text: &str) -> Result<String, &'static str> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| "its user name or password is not UTF-8")?;
    Ok(text.into_owned())
}

fn parse(name: &'static str, url: &str) -> Result<Proxy, ProxyError> {
    Proxy::parse(url).map_err(|reason| ProxyError { name, url: without_secrets(url), reason })
}

/// The entries of `NO_PROXY`.
#[derive(Clone, Debug)]
struct Exceptions(Vec<Exception>);

#[derive(Clone, Debug)]
struct Exception {
    what: Pattern,
    port: Option<u16>,
}

#[derive(Clone, Debug)]
enum Pattern {
    All,
    /// Addresses that start with these bits.
    Network(IpAddr, u32),
    /// A host name, including its subdomains.
    Name(String),
}

impl Exceptions {
    fn parse(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
        Self(entries.filter_map(Exception::parse).collect())
    }

    fn contain(&self, host: &str, port: u16) -> bool {
        let address = without_brackets(host).parse().ok().map(|address: IpAddr| address.to_canonical());
        self.0.iter().any(|exception| {
            exception.port.is_none_or(|only| only == port)
                && match (&exception.what, address) {
                    (Pattern::All, _) => true,
                    (Pattern::Network(network, bits), Some(address)) => is_in(address, *network, *bits),
                    (Pattern::Name(name), None) => is_in_domain(host, name),
                    _ => false,
                }
        })
    }
}

impl Exception {
    /// `None` for an entry that is not a host. All implementations ignore such entries.
    fn parse(entry: &str) -> Option<Self> {
        if let Some(what) = network(entry) {
            return Some(Self { what, port: None });
        }
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (entry, None),
        };
        if let Some(what) = network(host) {
            return Some(Self { what, port });
        }
        // With or without a leading asterisk or dot, a domain includes its subdomains.
        let name = host.strip_prefix('*').unwrap_or(host).trim_matches('.');
        let what = match name {
            "" if host == "*" => Pattern::All,
            "" => return None,
            name => Pattern::Name(name.to_string()),
        };
        Some(Self { what, port })
    }
}

/// Parses an address, or a range in [CIDR notation](https://www.rfc-editor.org/rfc/rfc4632#section-3.1).
fn network(text: &str) -> Option<Pattern> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = without_brackets(address).parse().ok()?;
    let address = if bits.is_none() { address.to_canonical() } else { address };
    let all = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(all);
    (bits <= all).then_some(Pattern::Network(address, bits))
}

fn is_in(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (address.to_bits() ^ network.to_bits()).checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            (address.to_bits() ^ network.to_bits()).checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

fn is_in_domain(host: &str, domain: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let Some(start) = host.len().checked_sub(domain.len()) else { return false };
    let (before, end) = host.as_bytes().split_at(start);
    end.eq_ignore_ascii_case(domain.as_bytes()) && (before.is_empty() || before.ends_with(b"."))
}
