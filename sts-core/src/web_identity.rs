//! Claims of web identity tokens.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use core::fmt;
use time::{SignedDuration, UtcDateTime};

use crate::{json::Value, text::debug_in_words, timestamp};

/// The claims of a web identity token, a [JSON web token](https://www.rfc-editor.org/rfc/rfc7519#section-4.1). Nothing is verified: use
/// them for clear error messages before a call, not to make trust decisions.
///
/// ```
/// use sts_core::web_identity::Claims;
/// use time::macros::utc_datetime;
///
/// // {"iss":"https://oidc.example.com","sub":"system:serviceaccount:default:app","aud":["sts.amazonaws.com"],"exp":1795402800}
/// let token = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL29pZGMuZXhhbXBsZS5jb20iLCJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6ZGVmYXVs\
///              dDphcHAiLCJhdWQiOlsic3RzLmFtYXpvbmF3cy5jb20iXSwiZXhwIjoxNzk1NDAyODAwfQ.";
/// let claims = Claims::peek(token)?;
/// assert_eq!(claims.subject.as_deref(), Some("system:serviceaccount:default:app"));
/// assert_eq!(claims.check(utc_datetime!(2026-11-23 02:59)), Ok(()));
/// assert_eq!(
///     claims.check(utc_datetime!(2026-11-23 03:03)).unwrap_err().to_string(),
///     "the web identity token of https://oidc.example.com expired 3 min ago"
/// );
/// # Ok::<(), sts_core::web_identity::TokenError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// `iss`: the issuer.
    pub issuer: Option<String>,
    /// `sub`: the subject.
    pub subject: Option<String>,
    /// `aud`: the intended recipients.
    pub audience: Vec<String>,
    /// `exp`: when it expires.
    pub expiration: Option<UtcDateTime>,
}

impl Claims {
    /// Reads the claims of a token in compact form, `header.payload.signature`.
    ///
    /// # Errors
    /// The token does not have this form, or its payload is not a JSON object.
    pub fn peek(token: &str) -> Result<Self, TokenError> {
        let parts: Vec<&str> = token.split('.').collect();
        let [_, payload, _] = parts[..] else { return Err(TokenError::Form(FormProblem::Parts)) };
        let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenError::Form(FormProblem::Base64))?;
        let payload = core::str::from_utf8(&payload).map_err(|_| TokenError::Form(FormProblem::Utf8))?;
        let claims = Value::parse(payload).map_err(|_| TokenError::Form(FormProblem::Json))?;
        if !matches!(claims, Value::Object(_)) {
            return Err(TokenError::Form(FormProblem::Object));
        }
        let text = |name| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let audience = match claims.get("aud") {
            Some(Value::Text(one)) => [one.to_string()].into(),
            Some(Value::List(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let expiration = match claims.get("exp") {
            Some(Value::Number(seconds)) => {
                Some(timestamp::parse(seconds).ok_or(TokenError::Form(FormProblem::Expiration))?)
            }
            _ => None,
        };
        Ok(Self { issuer: text("iss"), subject: text("sub"), audience, expiration })
    }

    /// Checks that the token has not expired, according to its `exp`.
    ///
    /// # Errors
    /// The token has expired. The error contains the issuer and the time since.
    pub fn check(&self, now: UtcDateTime) -> Result<(), TokenError> {
        match self.expiration {
            Some(end) if end <= now => Err(TokenError::Expired { issuer: self.issuer.clone(), ago: now - end }),
            _ => Ok(()),
        }
    }
}

/// What is wrong with a web identity token. The token itself is not shown.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// It is not a JSON web token.
    Form(FormProblem),
    /// It has expired.
    Expired {
        /// Who issued it.
        issuer: Option<String>,
        /// How long ago.
        ago: SignedDuration,
    },
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(problem) => write!(f, "the web identity token is not a JSON web token: {problem}"),
            Self::Expired { issuer, ago } => {
                f.write_str("the web identity token")?;
                if let Some(issuer) = issuer {
                    write!(f, " of {issuer}")?;
                }
                match ago.whole_seconds() {
                    seconds @ ..120 => write!(f, " expired {seconds} s ago"),
                    seconds @ 120..7200 => write!(f, " expired {} min ago", seconds / 60),
                    seconds => write!(f, " expired {} h ago", seconds / 3600),
                }
            }
        }
    }
}

impl core::error::Error for TokenError {}

debug_in_words!(TokenError);

/// Why a text is not a JSON web token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FormProblem {
    /// It does not have three parts, separated by dots.
    Parts,
    /// Its payload is not base64url.
    Base64,
    /// Its payload is not UTF-8.
    Utf8,
    /// Its payload is not JSON.
    Json,
    /// Its payload is not a JSON object.
    Object,
    /// Its `exp` is not a time.
    Expiration,
}

impl fmt::Display for FormProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parts => "it does not have three parts",
            Self::Base64 => "its payload is not base64url",
            Self::Utf8 => "its payload is not UTF-8",
            Self::Json => "its payload is not JSON",
            Self::Object => "its payload is not an object",
            Self::Expiration => "its exp is not a time",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn peek(payload: &str) -> Result<Claims, TokenError> {
        Claims::peek(&format!("e30.{}.", BASE64_URL_SAFE_NO_PAD.encode(payload)))
    }

    #[test]
    fn claims_of_every_form() {
        let claims = peek(r#"{"aud":"a","exp":1.5,"sub":7}"#).unwrap();
        assert_eq!((claims.audience, claims.subject, claims.issuer), (["a".to_owned()].into(), None, None));
        assert_eq!(claims.expiration.unwrap().unix_timestamp(), 1);
        assert_eq!(peek("{}").unwrap().check(UtcDateTime::UNIX_EPOCH), Ok(()));
    }

    #[test]
    fn what_is_no_token_says_why() {
        for (token, problem) in [
            ("", FormProblem::Parts),
            ("a.b.c.d", FormProblem::Parts),
            ("a.=.c", FormProblem::Base64),
            ("a._w.c", FormProblem::Utf8),
            ("a.e.c", FormProblem::Base64),
            ("a.e3.c", FormProblem::Base64),
        ] {
            assert_eq!(Claims::peek(token), Err(TokenError::Form(problem)), "{token}");
        }
        assert_eq!(peek(r#"{"exp":1e9}"#), Err(TokenError::Form(FormProblem::Expiration)));
        assert_eq!(peek("{"), Err(TokenError::Form(FormProblem::Json)));
        assert_eq!(peek("[]"), Err(TokenError::Form(FormProblem::Object)));
    }
}
