use serde_json::Value;
use sts_core::{AssumeRoleWithWebIdentity, ErrorCode};

use crate::{
    account::Role,
    answer::{Refusal, Xml},
    call::Call,
    form::Element,
    jwt,
};

pub(super) fn answer(call: &Call<'_>) -> Result<Xml, Refusal> {
    let form = call.form;
    let (arn, name, token) =
        (form.required("RoleArn"), form.required("RoleSessionName"), form.required("WebIdentityToken"));
    form.rebuild(AssumeRoleWithWebIdentity::new(arn, name, token))
        .set(form.get("ProviderId"), AssumeRoleWithWebIdentity::provider_id)
        .set(form.list("PolicyArns", Element::policy), AssumeRoleWithWebIdentity::policy_arns)
        .set(form.get("Policy"), AssumeRoleWithWebIdentity::policy)
        .set(form.number("DurationSeconds")?, AssumeRoleWithWebIdentity::duration_seconds)
        .set(form.number("MinimumSessionTokenSize")?, AssumeRoleWithWebIdentity::minimum_session_token_size)
        .check(&["RoleArn", "RoleSessionName", "WebIdentityToken"])?;
    let role = call.role(arn)?;
    let claims = Claims::accept(call)?;

    let host = claims.issuer.strip_prefix("https://").unwrap_or(&claims.issuer);
    let principal = format!("arn:aws:iam::{}:oidc-provider/{host}", call.account.id);
    // The call cannot have an external id, so a role that requires one refuses it.
    let is_admitted = |role: &&Role| role.admits(&[&principal], None);
    let role = role
        .filter(is_admitted)
        .ok_or_else(|| Refusal::access_denied("Not authorized to perform sts:AssumeRoleWithWebIdentity"))?;
    let mut xml = call.assume(role, name, claims.source_identity.as_deref())?;
    xml.text("SubjectFromWebIdentityToken", &claims.subject);
    xml.text("Provider", &claims.issuer);
    xml.text("Audience", &claims.audience);
    Ok(xml)
}

/// The claims of an OpenID Connect token.
struct Claims {
    subject: String,
    issuer: String,
    audience: String,
    source_identity: Option<String>,
}

impl Claims {
    fn accept(call: &Call<'_>) -> Result<Self, Refusal> {
        let claims = jwt::read(call.form.required("WebIdentityToken")).ok_or_else(|| {
            Refusal::invalid_token(
                "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
            )
        })?;
        let missing = |name| Refusal::invalid_token(format!("Missing a required claim: {name}"));
        let text = |name| claims.get(name).and_then(Value::as_str).map(String::from);
        let (issuer, subject) =
            (text("iss").ok_or_else(|| missing("iss"))?, text("sub").ok_or_else(|| missing("sub"))?);
        let audiences: Vec<&str> = match claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut audience = *audiences.first().ok_or_else(|| missing("aud"))?;
        let end = jwt::end(&claims).ok_or_else(|| missing("exp"))?;

        if let Some(providers) = &call.account.providers {
            let provider = providers.iter().find(|provider| provider.issuer == issuer);
            let provider = provider.ok_or_else(|| {
                Refusal::invalid_token(format!("No OpenIDConnect provider found in your account for {issuer}"))
            })?;
            let is_expected = |audience: &&str| provider.audiences.iter().any(|expected| expected == audience);
            audience = audiences
                .iter()
                .copied()
                .find(is_expected)
                .ok_or_else(|| Refusal::invalid_token("Incorrect token audience"))?;
        }
        if jwt::has_ended(end, call.now) {
            let now = call.now.unix_timestamp();
            let text =
                format!("Token expired: current date/time {now} must be before the expiration date/time{end:.0}");
            return Err(Refusal::new(ErrorCode::ExpiredTokenException, text));
        }
        let source_identity = text("https://aws.amazon.com/source_identity");
        Ok(Self { subject, issuer, audience: audience.to_owned(), source_identity })
    }
}
