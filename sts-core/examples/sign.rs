//! Signs what comes in as JSON lines, so that other signers can be compared with this one. See `.ci/compare-botocore-sigv4` and
//! `.ci/compare-eks-token` and `.ci/compare-service-tokens`.
//!
//! Every line is an object: `form` (`header`, `query`, `eks`, `rds`, `dsql`, `elasticache`, `memorydb`, `msk`, `google` or `snowflake`),
//! `access_key_id`, `secret_access_key`, `session_token` (or null), `region`, `time` (seconds since 1970); `service`, `method`, `url`,
//! `headers` (pairs), `body` and, presigned, `expires` (seconds) for the first two, and for tokens `host`, `user` and so on. What comes out is
//! one line each: the `Authorization` header's value, the URL, an `ExecCredential`, or the token.

use std::{
    error::Error,
    io::{BufRead, Write},
    time::Duration,
};

use http::{HeaderName, HeaderValue, Request};
use serde_json::Value;
use sts_core::{
    Config, Credentials, Secret,
    proof::{EksToken, Service, ServiceToken, google_cloud_token, snowflake_credential},
    sigv4::Signer,
};
use time::UtcDateTime;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer = answer(&serde_json::from_str(&line?)?)?;
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn answer(line: &Value) -> Result<String, Box<dyn Error>> {
    let text = |name: &str| line[name].as_str().ok_or_else(|| format!("{name} is missing"));
    let number = |name: &str| line[name].as_u64().ok_or_else(|| format!("{name} is missing"));
    let mut credentials = Credentials::new(text("access_key_id")?, text("secret_access_key")?);
    if let Some(token) = line["session_token"].as_str() {
        credentials = credentials.session_token(token);
    }
    let now = UtcDateTime::from_unix_timestamp(number("time")?.try_into()?)?;
    if text("form")? == "eks" {
        let config = Config::builder().region(text("region")?).build()?;
        let token = EksToken::new(&config, &credentials, text("cluster")?, now)?;
        return Ok(token.to_exec_credential("client.authentication.k8s.io/v1beta1").expose().to_owned());
    }

    if let Some(token) = token(line, &credentials, now)? {
        return Ok(token.expose().to_owned());
    }

    let mut request = Request::builder().method(text("method")?).uri(text("url")?).body(())?;
    for header in line["headers"].as_array().into_iter().flatten() {
        let (Some(name), Some(value)) = (header[0].as_str(), header[1].as_str()) else {
            return Err("a header is no pair".into());
        };
        let name = HeaderName::try_from(name)?;
        request.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes())?);
    }
    let payload = text("body")?.as_bytes();
    let signer = Signer::new(&credentials, text("region")?, text("service")?);
    if text("form")? == "query" {
        let expires = Duration::from_secs(number("expires")?);
        return Ok(signer.presign(&request, payload, expires, now)?.to_string());
    }
    signer.sign(&mut request, payload, now)?;
    Ok(request.headers()["authorization"].to_str()?.to_owned())
}

/// What other services and clouds take.
fn token(line: &Value, credentials: &Credentials, now: UtcDateTime) -> Result<Option<Secret>, Box<dyn Error>> {
    let text = |name: &str| line[name].as_str().unwrap_or_default();
    let (host, user, is_set) = (text("host"), text("user"), line["flag"] == true);
    let region = text("region");
    let service = match text("form") {
        "rds" => Service::Rds { host, port: u16::try_from(line["port"].as_u64().unwrap_or_default())?, user },
        "dsql" => Service::Dsql {
            host,
            admin: is_set,
            expires: Duration::from_secs(line["expires"].as_u64().unwrap_or_default()),
        },
        "elasticache" => Service::ElastiCache { cache: host, user, serverless: is_set },
        "memorydb" => Service::MemoryDb { cluster: host, user },
        "msk" => Service::Msk,
        form @ ("google" | "snowflake") => {
            let config = Config::builder().region(region).build()?;
            return Ok(Some(match form {
                "google" => google_cloud_token(&config, credentials, text("audience"), now)?,
                _ => snowflake_credential(&config, credentials, now)?,
            }));
        }
        _ => return Ok(None),
    };
    Ok(Some(ServiceToken::new(service, credentials, region, now)?.token))
}
