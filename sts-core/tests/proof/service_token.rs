//! Tokens that databases, caches and brokers take as passwords.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sts_core::proof::{ProofError, Service, ServiceToken};
use time::{UtcDateTime, macros::utc_datetime};

use crate::{NOW, credentials};

const REGION: &str = "eu-central-1";
const LIFETIME: Duration = Duration::from_secs(900);

fn token(service: Service<'_>, session_token: Option<&str>) -> String {
    let token = ServiceToken::new(service, &credentials(session_token), REGION, NOW).unwrap();
    token.token.expose().to_owned()
}

/// What botocore 1.44.8 makes of these (`generate_db_auth_token`, `generate_db_connect_auth_token`, and for the caches its
/// `SigV4QueryAuth`), its clock stopped at that time: the signature without and with a session token. `.ci/compare-service-tokens` has
/// hundreds more.
#[test]
fn is_what_botocore_makes() {
    let dsql = |admin, expires| Service::Dsql { host: "c.dsql.eu-central-1.on.aws", admin, expires };
    let rds = |host, port, user| Service::Rds { host, port, user };
    let cache = |cache, serverless| Service::ElastiCache { cache, user: "app", serverless };
    for (service, start, name, expires, plain, with_token) in [
        (
            rds("Db.abc.eu-central-1.rds.amazonaws.com", 5432, "app user@x"),
            "Db.abc.eu-central-1.rds.amazonaws.com:5432/?Action=connect&DBUser=app%20user%40x",
            "rds-db",
            900,
            "31be07642c0053c4e4f156dfa7040e49fadea1c831cadf62cb2d20b528d3dac7",
            "f2e48791af6ec5d99317443642e7f2be8714c6d87fa3ccc00f7418c348d244ea",
        ),
        (
            rds("db", 443, "a"),
            "db:443/?Action=connect&DBUser=a",
            "rds-db",
            900,
            "2e3a531c01ea28d135c3ae1ca3208e5e9e0043574cec30aaa249a0fb30d97adb",
            "c680fb21e49f2eb3a3a401f618a291abce4d2f4f608b3b8a69194b28a413472e",
        ),
        (
            dsql(false, LIFETIME),
            "c.dsql.eu-central-1.on.aws/?Action=DbConnect",
            "dsql",
            900,
            "b7da668627645090d2e1b7f30c3f3b6820642461f648a10f8a7557fbc8a42a9d",
            "fc7596a0ae968d970b62d4bbe25f3d6a8e2a33d259c6b310cb18823ceede43da",
        ),
        (
            dsql(true, Duration::from_secs(3600)),
            "c.dsql.eu-central-1.on.aws/?Action=DbConnectAdmin",
            "dsql",
            3600,
            "b4295e598d310de777fc0cc60ea8d1e254a3d4622d286e4a81f4eb84c2d4736f",
            "7126730bbfe3d8354a75a81d27351cfb3978f82a7b03034d63e8091ed73ff392",
        ),
        (
            cache("My-Cache", false),
            "my-cache/?Action=connect&User=app",
            "elasticache",
            900,
            "ce3511a8cfb54dd49ef16fa184bd007b5c2dc46e43f9cad2e3ff77681db05f03",
            "7fce747703bdf83ce81bb669ecd4247bf4fa21545d9c584e5e0de9be8ae3d31f",
        ),
        (
            cache("my-cache", true),
            "my-cache/?Action=connect&User=app&ResourceType=ServerlessCache",
            "elasticache",
            900,
            "1ada48d4e3dc485431c730b0bfc4f86b6d87a9f831f61a571685c5639db300c3",
            "d89964bfbace0e8504ff62b785e4fe0b0dd945f0d7112c8ce20eca1989ef4153",
        ),
        (
            Service::MemoryDb { cluster: "My-Cluster", user: "app" },
            "my-cluster/?Action=connect&User=app",
            "memorydb",
            900,
            "6b5d6afce3589040cdbf0cfead5157b72907e2286604730d5937c2592645b9ae",
            "5d8cd79fe05412f5aeb78fe3261f13c3a4476e2838e716d12e54b5125fc6d67f",
        ),
    ] {
        let made = |parameter: &str, signature: &str| {
            format!(
                "{start}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261123%2Feu-central-1%2F{name}%2Faws4_request&\
                 X-Amz-Date=20261123T030000Z&X-Amz-Expires={expires}&X-Amz-SignedHeaders=host{parameter}&X-Amz-Signature={signature}"
            )
        };
        assert_eq!(token(service, None), made("", plain));
        assert_eq!(token(service, Some("TOKEN+/=")), made("&X-Amz-Security-Token=TOKEN%2B%2F%3D", with_token));
    }
}

/// What aws-msk-iam-sasl-signer-python 1.0.2 makes, but for its name behind the signature.
#[test]
fn is_what_the_signer_for_msk_makes() {
    for (session_token, parameter, signature) in [
        (None, "", "c0caf3b151653173a9395726899a87386c734821c0ae92b95f4361a622d895f2"),
        (
            Some("TOKEN+/="),
            "&X-Amz-Security-Token=TOKEN%2B%2F%3D",
            "8754f3b30ec8fd14059f3677308dd99d360e261cd8729243db4a6cbe2c7307a1",
        ),
    ] {
        let url = BASE64_URL_SAFE_NO_PAD.decode(token(Service::Msk, session_token)).unwrap();
        assert_eq!(
            String::from_utf8(url).unwrap(),
            format!(
                "https://kafka.eu-central-1.amazonaws.com/?Action=kafka-cluster%3AConnect&X-Amz-Algorithm=AWS4-HMAC-SHA256&\
                 X-Amz-Credential=AKIDEXAMPLE%2F20261123%2Feu-central-1%2Fkafka-cluster%2Faws4_request&X-Amz-Date=20261123T030000Z&\
                 X-Amz-Expires=900&X-Amz-SignedHeaders=host{parameter}&X-Amz-Signature={signature}&User-Agent=sts-core%2F{}",
                env!("CARGO_PKG_VERSION")
            )
        );
    }
}

#[test]
fn a_token_ends_with_its_credentials() {
    let end = |service, expiration: Option<UtcDateTime>| {
        let mut credentials = credentials(Some("TOKEN"));
        credentials.expiration = expiration;
        ServiceToken::new(service, &credentials, REGION, NOW).unwrap().expiration
    };
    let dsql = |seconds| Service::Dsql { host: "h", admin: false, expires: Duration::from_secs(seconds) };
    assert_eq!(end(Service::Msk, None), utc_datetime!(2026-11-23 03:15));
    assert_eq!(end(Service::Msk, Some(utc_datetime!(2026-11-23 03:05))), utc_datetime!(2026-11-23 03:05));
    assert_eq!(end(Service::Msk, Some(utc_datetime!(2026-11-23 09:00))), utc_datetime!(2026-11-23 03:15));
    assert_eq!(end(dsql(604_800), None), utc_datetime!(2026-11-30 03:00));
}

#[test]
fn what_is_no_host_gets_no_token() {
    let new = |service| ServiceToken::new(service, &credentials(None), REGION, NOW).map(drop);
    for host in ["", "a/b", "a?b", "a#b", "user@a", "a:1", "a b", "a_b", ".a", "a.", "-a", "[::1]", "\u{e9}"] {
        for service in [
            Service::Rds { host, port: 5432, user: "app" },
            Service::Dsql { host, admin: false, expires: LIFETIME },
            Service::ElastiCache { cache: host, user: "app", serverless: false },
            Service::MemoryDb { cluster: host, user: "app" },
        ] {
            assert_eq!(new(service), Err(ProofError::Host), "{host}");
        }
    }
    let elsewhere = ServiceToken::new(Service::Msk, &credentials(None), "eu/west", NOW).unwrap_err();
    assert_eq!(elsewhere.to_string(), "the host is not a host name");
    for seconds in [0, 604_801] {
        assert!(new(Service::Dsql { host: "h", admin: true, expires: Duration::from_secs(seconds) }).is_err());
    }
}
