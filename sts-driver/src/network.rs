//! How a client connects: connect timeout, proxies and TLS.

use std::time::Duration;

use sts_core::{Route, TransportError, TransportErrorKind, http::Uri};

use crate::{
    proxy::{Proxies, Proxy, ProxyScheme},
    tls::Tls,
    transport::ProxyFailure,
};

/// Settings for connections.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Network {
    /// The timeout for connecting, from name resolution to the end of the TLS handshake; 3.1 s by default.
    pub connect_timeout: Duration,
    /// The proxies; none by default.
    pub proxies: Proxies,
    /// The root certificates and the client certificate.
    pub tls: Tls,
}

impl Network {
    /// The proxy for a request, if any.
    ///
    /// # Errors
    /// The drivers do not support this kind of proxy.
    pub fn proxy_for(&self, url: &Uri, route: Route) -> Result<Option<&Proxy>, TransportError> {
        let Some(proxy) = self.proxies.proxy_for(url).filter(|_| route == Route::ProxyAllowed) else { return Ok(None) };
        match proxy.scheme {
            ProxyScheme::Http | ProxyScheme::Https | ProxyScheme::Socks5 | ProxyScheme::Socks5h => Ok(Some(proxy)),
            ProxyScheme::Socks4 | ProxyScheme::Socks4a => {
                Err(ProxyFailure::of(proxy, TransportErrorKind::Permanent, "proxies of this kind are not supported"))
            }
        }
    }
}

impl Default for Network {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_millis(3100), proxies: Proxies::default(), tls: Tls::default() }
    }
}
