//! The hosts of URLs: what is a label of a name, what an address, and what is this machine.

use alloc::{borrow::Cow, format};
use core::net::IpAddr;
use http::uri::Authority;

/// Whether a text can be a part of a host name: letters, digits and inner hyphens, at most 63
/// ([RFC 1123](https://www.rfc-editor.org/rfc/rfc1123#page-13)).
pub fn is_host_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether a URL's host is this machine, whatever a resolver says.
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || ip_address(host).is_some_and(|address| address.to_canonical().is_loopback())
}

/// The address that a URL's host is, written plainly: what else some resolvers take for one (`0x7f.1`, `2130706433`) is a trick.
pub fn ip_address(host: &str) -> Option<IpAddr> {
    match inside_brackets(host) {
        Some(host) => host.parse().map(IpAddr::V6).ok(),
        None => host.parse().ok(),
    }
}

/// A URL's host without the brackets of an IPv6 address.
pub fn without_brackets(host: &str) -> &str {
    inside_brackets(host).unwrap_or(host)
}

/// A name or address as a URL's host: an IPv6 address in brackets.
pub fn bracketed(host: &str) -> Cow<'_, str> {
    if host.contains(':') { format!("[{host}]").into() } else { host.into() }
}

fn inside_brackets(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}

/// What a client sends as `Host` for a URL's scheme and authority: in lower case, without a user's name, an empty port or the scheme's own.
pub(crate) fn host_header<'r>(scheme: Option<&str>, authority: &'r Authority) -> Cow<'r, str> {
    let (text, host) = (authority.as_str(), authority.host());
    let text = text.rsplit_once('@').map_or(text, |(_, rest)| rest);
    let port = text.strip_prefix(host).and_then(|rest| rest.strip_prefix(':'));
    let is_own = matches!((scheme, authority.port_u16()), (Some("https"), Some(443)) | (Some("http"), Some(80)));
    let text = if is_own || port.is_some_and(str::is_empty) { host } else { text };
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}
