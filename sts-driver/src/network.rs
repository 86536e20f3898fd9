//! How a client connects: how long that may take, through which proxies, and whom it trusts.

use std::time::Duration;

use sts_core::{Route, TransportError, TransportErrorKind, http::Uri};

use crate::{
    proxy::{Proxies, Proxy, ProxyScheme},
    tls::Tls,
    transport::ProxyFailure,
};

/// How a client connects.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Network {
    /// How long connecting may take, from looking the name up to the end of TLS; 3.1 s by default.
    pub connect_timeout: Duration,
    /// Which requests go through a proxy; none by default.
    pub proxies: Proxies,
    /// Whom the client trusts, and who it says it is.
    pub tls: Tls,
}

impl Network {
    /// The proxy that a request goes through, if any.
    ///
    /// # Errors
    /// It is of a kind that the drivers do not speak to.
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
