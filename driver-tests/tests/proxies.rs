//! Both drivers and real proxies, which `.ci/proxies` starts. Only these proxies can resolve `sts.test`.
#![allow(clippy::unwrap_used, reason = "these are tests through and through")]
#![allow(clippy::print_stdout, reason = "the table is for people, who ask for it with --nocapture")]

use std::{env, error::Error, iter};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, pem::PemObject},
};
use sts_async::{Config, GetCallerIdentity, transport::Tls};
use sts_local::{Listener, LocalSts};
use tokio::runtime::Runtime;

struct Service {
    plain: Listener,
    secure: Listener,
    tls: Tls,
    runtime: Runtime,
}

#[test]
fn both_drivers_get_through_and_say_why_not() {
    let service = Service::start();
    let [open, closed, user, password] = ["PROXIES", "PROXIES_CLOSED", "PROXY_USER", "PROXY_PASSWORD"]
        .map(|name| env::var(name).unwrap_or_else(|_| panic!("run by .ci/proxies, which sets {name}")));
    let mut wrong = Vec::new();
    for scheme in ["http", "https"] {
        let mut check = |proxy: &str, user: &str, no_proxy: &str, expected: &[&str]| {
            for (driver, outcome) in service.call(scheme, &format!("http://{user}{proxy}"), no_proxy) {
                let is_right = expected.iter().any(|words| outcome.contains(words))
                    // Only a call that reached the service knows the account.
                    && (outcome == "123456789012" || no_proxy.is_empty() && !outcome.contains(&password));
                let line = format!("{scheme:<5} {driver:<8} {user:<20} {proxy} {outcome}");
                println!("{line}");
                if !is_right {
                    wrong.push(line);
                }
            }
        };
        let account = "123456789012";
        // Tinyproxy sends the second one for a wrong password.
        let refusals = ["407 Proxy Authentication Required", "401 Unauthorized"]
            .map(|status| format!("the proxy answered {status}: it asks for a user name"));
        for proxy in open.split(' ') {
            check(proxy, "", "", &[account]);
            check(proxy, "anybody:at-all@", "", &[account]);
        }
        for proxy in closed.split(' ') {
            check(proxy, &format!("{user}:{password}@"), "", &[account]);
            check(proxy, &format!("{user}:not-{password}@"), "", &refusals.each_ref().map(|text| &**text));
            check(proxy, "", "", &[&refusals[0]]);
            if scheme == "http" {
                // The system's resolver resolves this to 127.0.0.1; the client does not.
                check(proxy, "", "0x7f000001", &[account]);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

impl Service {
    fn start() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["sts.test".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap().der().clone();
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let builder = ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into());
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = builder.with_single_cert(vec![certificate], key).unwrap();
        Self {
            plain: LocalSts::demo().serve(0).unwrap(),
            secure: LocalSts::demo().serve_tls(0, config.into()).unwrap(),
            tls: Tls::new().ca_bundle_pem(authority.pem().as_bytes()).unwrap(),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        }
    }

    /// The account in the reply to each driver's call, or the error.
    fn call(&self, scheme: &str, proxy: &str, no_proxy: &str) -> [(&'static str, String); 2] {
        let address = if scheme == "http" { self.plain.address() } else { self.secure.address() };
        let host = if no_proxy.is_empty() { "sts.test" } else { no_proxy };
        let config = Config::builder().region("us-east-1").allow_http(true);
        let config = config.endpoint_url(format!("{scheme}://{host}:{}", address.port()));
        let (mut blocking, mut asynchronous) = (sts_blocking::Client::builder(), sts_async::Client::builder());
        if !no_proxy.is_empty() {
            (blocking, asynchronous) = (blocking.no_proxy(no_proxy), asynchronous.no_proxy(no_proxy));
        }
        let (credentials, tls) = (LocalSts::demo_credentials(), &self.tls);
        let blocking = blocking.config(config.clone()).credentials(credentials.clone()).tls(tls.clone()).proxy(proxy);
        let asynchronous = asynchronous.config(config).credentials(credentials).tls(tls.clone()).proxy(proxy);
        let (blocking, asynchronous) = (blocking.build().unwrap(), asynchronous.build().unwrap());
        let me = GetCallerIdentity::new();
        [
            ("blocking", blocking.send(&me).map_or_else(|error| text(&error), |reply| reply.output.account)),
            (
                "async",
                self.runtime
                    .block_on(asynchronous.send(&me))
                    .map_or_else(|error| text(&error), |reply| reply.output.account),
            ),
        ]
    }
}

fn text(error: &(dyn Error + 'static)) -> String {
    let causes: Vec<_> = iter::successors(Some(error), |&error| error.source()).map(ToString::to_string).collect();
    causes.join(": ")
}
