//! Single sign-on with IAM Identity Center: a token that `aws sso login` leaves in a file, renewed while that is possible, and exchanged
//! for a role's credentials.
//! [Provider](https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html),
//! [`CreateToken`](https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html),
//! [`GetRoleCredentials`](https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html)

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;
use http::{HeaderName, Method, Request, header};
use time::{Duration, UtcDateTime};

use crate::{
    document,
    location::{Platform, below_home},
    origin::Origin,
    question::secret_header,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::{Digest, Sha1};
use sts_core::{
    Body, Credentials, Secret,
    json::{Value, write_string},
    timestamp,
};

/// Single sign-on with IAM Identity Center.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sso {
    /// `sso_session`: the section with region and start URL; `None` in older profiles, whose tokens are not renewed.
    pub session: Option<String>,
    /// `sso_account_id`
    pub account_id: Option<String>,
    /// `sso_role_name`
    pub role_name: Option<String>,
    /// `sso_region`
    pub region: String,
    /// `sso_start_url`
    pub start_url: String,
    /// The file in which the token is, where the AWS CLI keeps it too; `None` when the user's home folder is not known.
    pub token_file: Option<String>,
    /// The endpoint of the access portal, which gives credentials for the token.
    pub portal: String,
    /// The endpoint that renews tokens.
    pub oidc: String,
    /// Who says so.
    pub origin: Origin,
}

impl fmt::Display for Sso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "single sign-on at {} of {}", self.start_url, self.origin)
    }
}

impl Sso {
    /// What a user does about a token that is not there or of no use any more.
    pub(crate) fn login(&self) -> String {
        match &self.origin {
            Origin::Profile { name, .. } => format!("aws sso login --profile {name}"),
            Origin::Environment => "aws sso login".to_owned(),
        }
    }

    /// `GetRoleCredentials`; `None` when the profile names no role.
    pub(crate) fn credentials_uri(&self) -> Option<String> {
        let (role, account) = (encoded(self.role_name.as_ref()?), encoded(self.account_id.as_ref()?));
        Some(format!("{}/federation/credentials?role_name={role}&account_id={account}", self.portal))
    }

    pub(crate) fn credentials_request(&self, token: &Secret) -> Result<Request<Body>, String> {
        const TOKEN: HeaderName = HeaderName::from_static("x-amz-sso_bearer_token");
        let uri = self.credentials_uri().ok_or("names no role")?;
        let request = Request::builder().uri(uri).header(TOKEN, secret_header(token.expose())?);
        request.body(Body::default()).map_err(|error| error.to_string())
    }
}

/// As the value of a query: all but what RFC 3986 calls unreserved is escaped.
fn encoded(text: &str) -> impl fmt::Display {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED)
}

/// What the file of a token holds.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) access: Secret,
    pub(crate) end: UtcDateTime,
    renewal: Option<Renewal>,
}

/// What it takes to renew a token.
#[derive(Debug)]
struct Renewal {
    refresh_token: Secret,
    client_id: String,
    client_secret: Secret,
    /// When the client is no longer known, as it is written.
    registered_until: String,
}

impl Token {
    /// Reads the file; the error follows its name.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let document = document::object(text.as_bytes()).map_err(|error| error.replacen("sent", "has", 1))?;
        let member = |name| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let required = |name| member(name).ok_or_else(|| format!("has no {name}"));
        let end = required("expiresAt")?;
        let renewal = || {
            Some(Renewal {
                refresh_token: member("refreshToken")?.into(),
                client_id: member("clientId")?.to_owned(),
                client_secret: member("clientSecret")?.into(),
                registered_until: member("registrationExpiresAt")?.to_owned(),
            })
        };
        Ok(Self {
            access: required("accessToken")?.into(),
            end: time(end).ok_or_else(|| format!("has an expiresAt that is no time: {end:?}"))?,
            renewal: renewal(),
        })
    }

    /// Whether it is time to renew the token, and possible. The AWS CLI does it in the last 15 minutes.
    pub(crate) fn should_renew(&self, now: UtcDateTime) -> bool {
        let registered = self.renewal.as_ref().and_then(|renewal| time(&renewal.registered_until));
        self.end - now < Duration::minutes(15) && registered.is_some_and(|end| end > now)
    }

    /// `CreateToken`
    pub(crate) fn renewal_request(&self, sso: &Sso) -> Result<Request<Body>, String> {
        let renewal = self.renewal.as_ref().ok_or("cannot renew the token")?;
        let body = object(&[
            ("clientId", &renewal.client_id),
            ("clientSecret", renewal.client_secret.expose()),
            ("grantType", "refresh_token"),
            ("refreshToken", renewal.refresh_token.expose()),
        ]);
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/token", sso.oidc))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, body.len());
        request.body(Body::new(body.into_bytes())).map_err(|error| error.to_string())
    }

    /// The new token that `CreateToken` answers, and the file that keeps it; the error follows "sent".
    pub(crate) fn renewed(&self, sso: &Sso, body: &[u8], now: UtcDateTime) -> Result<(Secret, Secret), String> {
        let document = document::object(body)?;
        let member = |name| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let access = member("accessToken").ok_or("sent no accessToken")?;
        let life = match document.get("expiresIn") {
            Some(Value::Number(seconds)) => seconds.parse().ok(),
            _ => None,
        };
        let end = timestamp::later(now, Duration::seconds(life.ok_or("sent no expiresIn")?));
        let renewal = self.renewal.as_ref().ok_or("sent a token that was not asked for")?;
        let end = timestamp::format(end);
        let mut members = Vec::from([
            ("startUrl", sso.start_url.as_str()),
            ("region", &sso.region),
            ("accessToken", access),
            ("expiresAt", &end),
            ("clientId", &renewal.client_id),
            ("clientSecret", renewal.client_secret.expose()),
            ("registrationExpiresAt", &renewal.registered_until),
        ]);
        // Without a new one, the token was renewed for the last time.
        members.extend(member("refreshToken").map(|token| ("refreshToken", token)));
        Ok((access.into(), object(&members).into()))
    }
}

/// Reads the answer to `GetRoleCredentials`; the error follows the portal's name.
pub(crate) fn credentials(body: &[u8], now: UtcDateTime) -> Result<Credentials, String> {
    let document = document::object(body)?;
    let found = document.get("roleCredentials").ok_or("sent no roleCredentials")?;
    let member = |name| document::text(found, name)?.ok_or_else(|| format!("sent no {name}"));
    let mut credentials = Credentials::new(member("accessKeyId")?, member("secretAccessKey")?);
    credentials.session_token = Some(member("sessionToken")?.into());
    let milliseconds = match found.get("expiration") {
        Some(Value::Number(text)) => text.parse::<i64>().ok(),
        _ => None,
    };
    let end = milliseconds.and_then(|time| UtcDateTime::from_unix_timestamp(time.div_euclid(1000)).ok());
    let end = end.ok_or("sent no expiration in milliseconds")?;
    if end <= now {
        return Err(format!("sent credentials that expired at {}", timestamp::format(end)));
    }
    Ok(credentials.expiration(end))
}

/// A time in the file. Older versions of the AWS CLI wrote `UTC` for `Z`.
fn time(text: &str) -> Option<UtcDateTime> {
    match text.strip_suffix("UTC") {
        Some(text) => timestamp::parse(&format!("{text}Z")),
        None => timestamp::parse(text),
    }
}

/// A JSON object of texts, in one piece of memory, so that nothing is left behind of the secrets in it.
fn object(members: &[(&str, &str)]) -> String {
    // An escaped character takes six.
    let mut json = String::with_capacity(members.iter().map(|(name, text)| name.len() + 6 * text.len() + 8).sum());
    for (index, (name, text)) in members.iter().enumerate() {
        json += if index == 0 { "{" } else { ", " };
        write_string(&mut json, name);
        json += ": ";
        write_string(&mut json, text);
    }
    json + "}"
}

/// `~/.aws/sso/cache/<SHA-1 of the session's name or start URL>.json`
pub(crate) fn token_file(platform: Platform, variable: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    let file = hex::encode(Sha1::digest(name)) + ".json";
    below_home(platform, variable, &[".aws", "sso", "cache", &file])
}
