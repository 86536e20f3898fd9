//! Hosts of URLs: labels, IP addresses and loopback detection.

use alloc::{borrow::Cow, format};
use core::net::IpAddr;
use http::uri::Authority;

/// Whether a text is a valid host label: 1 to 63 letters, digits and inner hyphens
/// ([RFC 1123](https://www.rfc-editor.org/rfc/rfc1123#page-13)).
pub fn is_host_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether a URL's host is this machine: `localhost` or a loopback address. No name resolution takes place.
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || ip_address(host).is_some_and(|address| address.to_canonical().is_loopback())
}

/// The IP address in a URL's host. Only the standard notations count; forms that some resolvers accept (`0x7f.1`, `2130706433`) do not.
pub fn ip_address(host: &str) -> Option<IpAddr> {
    match inside_brackets(host) {
        Some(host) => host.parse().map(IpAddr::V6).ok(),
        None => host.parse().ok(),
    }
}

/// The host without the brackets of an IPv6 address.
pub fn without_brackets(host: &str) -> &str {
    inside_brackets(host).unwrap_or(host)
}

/// A name or address as the host of a URL, with brackets around an IPv6 address.
pub fn bracketed(host: &str) -> Cow<'_, str> {
    if host.contains(':') { format!("[{host}]").into() } else { host.into() }
}

fn inside_brackets(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}

/// The `Host` header for a URL: in lower case, without user name, and without a port that is empty or the scheme's default.
pub(crate) fn host_header<'r>(scheme: Option<&str>, authority: &'r Authority) -> Cow<'r, str> {
    let text = authority.as_str();
    // Nearly all are, and to look at each byte without an early end is done for many at a time.
    let is_plain =
        text.bytes().fold(true, |plain, byte| plain & matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'));
    if is_plain {
        return Cow::Borrowed(text);
    }
    let (host, rest) = (authority.host(), text.rsplit_once('@').map_or(text, |(_, rest)| rest));
    let port = rest.strip_prefix(host).and_then(|rest| rest.strip_prefix(':'));
    let is_own = matches!((scheme, authority.port_u16()), (Some("https"), Some(443)) | (Some("http"), Some(80)));
    let shown = if is_own || port.is_some_and(str::is_empty) { host } else { rest };
    if shown.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(shown.to_ascii_lowercase())
    } else {
        Cow::Borrowed(shown)
    }
}
