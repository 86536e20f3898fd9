use serde_json::{Map, Value, json};
use sts_core::{ErrorCode, GetWebIdentityToken};
use time::{SignedDuration, format_description::well_known::Rfc3339};

use crate::{
    account::Caller,
    answer::{Refusal, Xml},
    call::Call,
    form::Element,
    jwt,
};

/// The maximum size of the claims, in bytes. AWS does not publish its limit.
const MAX_PAYLOAD: usize = 8192;

pub(super) fn answer(call: &Call<'_>, caller: &Caller) -> Result<Xml, Refusal> {
    let form = call.form;
    let audiences = form.list("Audience", Element::text).unwrap_or_default();
    let algorithm = form.required("SigningAlgorithm");
    // Before the other constraints, since it has its own error code.
    call.check_tags()?;
    form.rebuild(GetWebIdentityToken::new(audiences.iter().copied(), algorithm))
        .set(form.number("DurationSeconds")?, GetWebIdentityToken::duration_seconds)
        .set(form.get("Scope"), GetWebIdentityToken::scope)
        .set(form.get("SubjectMode"), GetWebIdentityToken::subject_mode)
        .set(form.list("Tags", Element::tag), GetWebIdentityToken::tags)
        .check(&["Audience", "SigningAlgorithm"])?;
    if !matches!(algorithm, "RS256" | "ES384") {
        return Err(Refusal::invalid(format!("{algorithm} is not one of RS256, ES384")));
    }
    if form.get("SubjectMode") == Some("OriginIdentity") {
        return Err(Refusal::invalid("The calling session has no trusted identity propagation context"));
    }

    let seconds = form.number("DurationSeconds")?.unwrap_or(300);
    let expiration = call.whole_now().saturating_add(SignedDuration::seconds(seconds.into()));
    if caller.expiration.is_some_and(|end| end < expiration) {
        let text = "The requested token duration would extend the session beyond its original expiration time";
        return Err(Refusal::new(ErrorCode::SessionDurationEscalationException, text));
    }
    let (mint, account) = (&call.account.mint, caller.account_id());
    let mut aws = json!({ "aws_account": account, "principal_id": caller.principal });
    if let Some(tags) = form.list("Tags", |tag| (tag.field("Key").to_owned(), tag.field("Value").into())) {
        aws["request_tags"] = tags.into_iter().collect::<Map<_, _>>().into();
    }
    let claims = json!({
        "iss": format!("https://{}.tokens.sts.global.api.aws", mint.uuid("issuer", account)),
        "aud": if let [one] = audiences[..] { one.into() } else { Value::from(audiences) },
        "sub": caller.principal,
        "iat": call.now.unix_timestamp(),
        "exp": expiration.unix_timestamp(),
        "jti": mint.draw_uuid("token"),
        "https://sts.amazonaws.com/": aws,
    });
    let claims = claims.to_string();
    if claims.len() > MAX_PAYLOAD {
        let text = "The requested token payload size exceeds the maximum allowed size";
        return Err(Refusal::new(ErrorCode::JwtPayloadSizeExceededException, text));
    }
    let mut xml = Xml::default();
    xml.text("WebIdentityToken", jwt::write(algorithm, &claims, &mint.hash("signature", &claims)));
    xml.text("Expiration", expiration.format(&Rfc3339).unwrap_or_default());
    Ok(xml)
}
