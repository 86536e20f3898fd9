//! Presigned requests that databases, caches and brokers accept as passwords.

use alloc::{
    format,
    string::{String, ToString},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use core::time::Duration;
use http::{Request, Uri};
use time::{SignedDuration, UtcDateTime};

use super::error::ProofError;
use crate::{
    credentials::Credentials,
    error::Problem,
    form::Form,
    host::is_host_label,
    secret::Secret,
    sigv4::{SignError, Signer},
    timestamp,
};

/// The service that a [`ServiceToken`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service<'a> {
    /// A database of RDS or Aurora: [IAM database authentication](https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html).
    Rds {
        /// The endpoint's host name.
        host: &'a str,
        /// The endpoint's port.
        port: u16,
        /// The database user.
        user: &'a str,
    },
    /// A cluster of Aurora DSQL: [tokens](https://docs.aws.amazon.com/aurora-dsql/latest/userguide/SECTION_authentication-token.html).
    Dsql {
        /// The endpoint's host name.
        host: &'a str,
        /// Whether to connect as the role `admin`, instead of a custom role.
        admin: bool,
        /// How long the token can be used to connect, usually 15 minutes, at most a week.
        expires: Duration,
    },
    /// A cache of `ElastiCache`: [IAM authentication](https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html).
    ElastiCache {
        /// Name of the serverless cache, or id of the replication group.
        cache: &'a str,
        /// The user's id, which is its name.
        user: &'a str,
        /// Whether the cache is serverless.
        serverless: bool,
    },
    /// A cluster of `MemoryDB`: [IAM authentication](https://docs.aws.amazon.com/memorydb/latest/devguide/auth-iam.html).
    MemoryDb {
        /// Name of the cluster.
        cluster: &'a str,
        /// The user's name.
        user: &'a str,
    },
    /// The brokers of MSK: [IAM access control](https://docs.aws.amazon.com/msk/latest/developerguide/iam-access-control.html), as SASL/OAUTHBEARER token.
    Msk,
}

/// A presigned request that another service accepts as a password.
///
/// ```
/// use sts_core::{Credentials, proof::{Service, ServiceToken}};
/// use time::macros::utc_datetime;
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// let database = Service::Rds { host: "db.abc.eu-central-1.rds.amazonaws.com", port: 5432, user: "app" };
/// let now = utc_datetime!(2026-11-23 03:00);
/// let password = ServiceToken::new(database, &credentials, "eu-central-1", now)?;
/// assert!(password.token.expose().starts_with("db.abc.eu-central-1.rds.amazonaws.com:5432/?Action=connect&DBUser=app&"));
/// assert_eq!(password.expiration, utc_datetime!(2026-11-23 03:15));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServiceToken {
    /// The password.
    pub token: Secret,
    /// When the token stops working for new connections: when it expires or the credentials do. Open connections are not affected.
    pub expiration: UtcDateTime,
}

impl ServiceToken {
    /// Creates a token for a service in a region. Nothing is sent.
    ///
    /// # Errors
    /// The host is not a valid host name, the signed URL would be too long, or the lifetime of a DSQL token is less than a second or more
    /// than a week.
    pub fn new(
        service: Service<'_>,
        credentials: &Credentials,
        region: &str,
        now: UtcDateTime,
    ) -> Result<Self, ProofError> {
        let Call { host, parameters, signing_name, expires } = Call::of(service, region);
        if !host.split('.').all(is_host_label) {
            return Err(ProofError::Host);
        }
        let authority = if let Service::Rds { port, .. } = service { format!("{host}:{port}") } else { host };
        let mut target = Form::with_capacity(200);
        for (index, (name, value)) in parameters.into_iter().flatten().enumerate() {
            target.append(if index == 0 { b"/?" } else { b"&" });
            target.append(name.as_bytes());
            target.append(b"=");
            target.encode(value.as_bytes(), |_| ());
        }
        let url = [b"https://", authority.as_bytes(), target.as_bytes()].concat();
        let sign = |error| ProofError::Sign(Problem::Sign(error));
        let mut request = Request::new(());
        *request.uri_mut() = Uri::try_from(url).map_err(|_| sign(SignError::Uri))?;
        let signer = Signer::new(credentials, region, signing_name);
        let url = signer.presign(&request, b"", expires, now).map_err(sign)?;
        let token = match service {
            Service::Msk => BASE64_URL_SAFE_NO_PAD.encode(format!("{url}&User-Agent={USER_AGENT}")),
            // The host as given, with its port even if that is 443.
            _ => authority + &url.path_and_query().map_or(String::new(), ToString::to_string),
        };
        let end = timestamp::later(now, SignedDuration::try_from(expires).unwrap_or(SignedDuration::MAX));
        let expiration = credentials.expiration.map_or(end, |expiration| expiration.min(end));
        Ok(Self { token: token.into(), expiration })
    }
}

/// The user agent for the brokers' logs, percent-encoded.
const USER_AGENT: &str = concat!("sts-core%2F", env!("CARGO_PKG_VERSION"));
/// The lifetime of all tokens except DSQL's.
const LIFETIME: Duration = Duration::from_secs(900);

/// The request that a service expects to be presigned.
struct Call<'a> {
    host: String,
    parameters: [Option<(&'static str, &'a str)>; 3],
    signing_name: &'static str,
    expires: Duration,
}

impl<'a> Call<'a> {
    fn of(service: Service<'a>, region: &str) -> Self {
        let action = |action| Some(("Action", action));
        let (host, parameters, signing_name, expires) = match service {
            Service::Rds { host, user, .. } => {
                (host.into(), [action("connect"), Some(("DBUser", user)), None], "rds-db", LIFETIME)
            }
            Service::Dsql { host, admin, expires } => {
                let name = if admin { "DbConnectAdmin" } else { "DbConnect" };
                (host.into(), [action(name), None, None], "dsql", expires)
            }
            Service::ElastiCache { cache, user, serverless } => {
                let kind = serverless.then_some(("ResourceType", "ServerlessCache"));
                (cache.to_ascii_lowercase(), [action("connect"), Some(("User", user)), kind], "elasticache", LIFETIME)
            }
            Service::MemoryDb { cluster, user } => {
                (cluster.to_ascii_lowercase(), [action("connect"), Some(("User", user)), None], "memorydb", LIFETIME)
            }
            Service::Msk => {
                let host = format!("kafka.{region}.amazonaws.com");
                (host, [action("kafka-cluster:Connect"), None, None], "kafka-cluster", LIFETIME)
            }
        };
        Self { host, parameters, signing_name, expires }
    }
}
