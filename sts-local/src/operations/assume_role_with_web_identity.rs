use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use sts_core::{AssumeRoleWithWebIdentity, PolicyDescriptor};

use super::Call;
use crate::{
    account::Role,
    answer::{Refusal, Xml},
    form::{Form, set},
};

pub(super) fn answer(call: &Call<'_>) -> Result<Xml, Refusal> {
    let form = call.form;
    form.check(&read(form)?, &["RoleArn", "RoleSessionName", "WebIdentityToken"])?;
    let role = call.role()?;
    let claims = Claims::accept(call)?;

    let host = claims.issuer.strip_prefix("https://").unwrap_or(&claims.issuer);
    let principal = format!("arn:aws:iam::{}:oidc-provider/{host}", call.sts.account);
    // An external id is a condition that such a call cannot meet.
    let is_admitted = |role: &&Role| role.admits(&[&principal], None);
    let role = role
        .filter(is_admitted)
        .ok_or_else(|| Refusal::access_denied("Not authorized to perform sts:AssumeRoleWithWebIdentity"))?;
    let mut xml = call.assume(role, None, claims.source_identity.as_deref())?;
    xml.text("SubjectFromWebIdentityToken", &claims.subject);
    xml.text("Provider", &claims.issuer);
    xml.text("Audience", &claims.audience);
    Ok(xml)
}

fn read(form: &Form) -> Result<AssumeRoleWithWebIdentity<'_>, Refusal> {
    let token = form.required("WebIdentityToken");
    let policy_arns = form.list("PolicyArns", |policy| PolicyDescriptor::new(policy.field("arn")));
    let operation = AssumeRoleWithWebIdentity::new(form.required("RoleArn"), form.required("RoleSessionName"), token);
    let operation = set(operation, form.get("ProviderId"), AssumeRoleWithWebIdentity::provider_id);
    let operation = set(operation, policy_arns, AssumeRoleWithWebIdentity::policy_arns);
    let operation = set(operation, form.get("Policy"), AssumeRoleWithWebIdentity::policy);
    let operation = set(operation, form.number("DurationSeconds")?, AssumeRoleWithWebIdentity::duration_seconds);
    let token_size = form.number("MinimumSessionTokenSize")?;
    Ok(set(operation, token_size, AssumeRoleWithWebIdentity::minimum_session_token_size))
}

/// What an OpenID Connect token says. Its signature is not checked.
struct Claims {
    subject: String,
    issuer: String,
    audience: String,
    source_identity: Option<String>,
}

impl Claims {
    fn accept(call: &Call<'_>) -> Result<Self, Refusal> {
        let claims = decode(call.form.required("WebIdentityToken")).ok_or_else(|| {
            invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
        })?;
        let missing = |name| invalid(format!("Missing a required claim: {name}"));
        let text = |name| claims.get(name).and_then(Value::as_str).map(String::from);
        let (issuer, subject) =
            (text("iss").ok_or_else(|| missing("iss"))?, text("sub").ok_or_else(|| missing("sub"))?);
        let audiences: Vec<&str> = match claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut audience = *audiences.first().ok_or_else(|| missing("aud"))?;
        // A fraction of a second is legal; RFC 7519 §2, NumericDate.
        let end = claims.get("exp").and_then(Value::as_f64).ok_or_else(|| missing("exp"))?;

        if let Some(providers) = &call.sts.providers {
            let provider = providers.iter().find(|provider| provider.issuer == issuer);
            let provider = provider
                .ok_or_else(|| invalid(format!("No OpenIDConnect provider found in your account for {issuer}")))?;
            let is_expected = |audience: &&str| provider.audiences.iter().any(|expected| expected == audience);
            audience =
                audiences.iter().copied().find(is_expected).ok_or_else(|| invalid("Incorrect token audience"))?;
        }
        let now = call.now.unix_timestamp();
        #[expect(clippy::cast_precision_loss, reason = "exact until the year 9999")]
        if end <= now as f64 {
            let text =
                format!("Token expired: current date/time {now} must be before the expiration date/time{end:.0}");
            return Err(Refusal::bad_request("ExpiredTokenException", text));
        }
        let source_identity = text("https://aws.amazon.com/source_identity");
        Ok(Self { subject, issuer, audience: audience.to_owned(), source_identity })
    }
}

fn decode(token: &str) -> Option<Map<String, Value>> {
    let parts: Vec<&str> = token.split('.').collect();
    let [_, claims, _] = parts[..] else { return None };
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::bad_request("InvalidIdentityToken", text)
}
