use base64::{Engine, prelude::BASE64_STANDARD};
use sts_core::{AssumeRoleWithSaml, ErrorCode, identity::session_name, timestamp};

use crate::{
    account::Role,
    answer::{Refusal, Xml},
    call::Call,
    form::Element,
    saml::Assertion,
};

/// The prefix that AWS omits from `SubjectType`.
const FORMAT_PREFIX: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";

pub(super) fn answer(call: &Call<'_>) -> Result<Xml, Refusal> {
    let form = call.form;
    let (arn, provider) = (form.required("RoleArn"), form.required("PrincipalArn"));
    form.rebuild(AssumeRoleWithSaml::new(arn, provider, form.required("SAMLAssertion")))
        .set(form.list("PolicyArns", Element::policy), AssumeRoleWithSaml::policy_arns)
        .set(form.get("Policy"), AssumeRoleWithSaml::policy)
        .set(form.number("DurationSeconds")?, AssumeRoleWithSaml::duration_seconds)
        .set(form.number("MinimumSessionTokenSize")?, AssumeRoleWithSaml::minimum_session_token_size)
        .check(&["RoleArn", "PrincipalArn", "SAMLAssertion"])?;
    let role = call.role(arn)?;
    let assertion = Assertion::decode(form.required("SAMLAssertion"))
        .ok_or_else(|| Refusal::invalid_token("Your request included an invalid SAML response"))?;
    let name = check(&assertion, call)?;
    let issuer = required(&assertion, "Issuer", "/Assertion/Issuer")?;
    let subject = required(&assertion, "NameID", "/Subject/NameID")?;
    let recipient = required(&assertion, "Recipient", "/SubjectConfirmationData@Recipient")?;

    // Role and provider may come in either order.
    let pairs = [format!("{arn},{provider}"), format!("{provider},{arn}")];
    let is_named =
        assertion.all("/SAML/Attributes/Role/AttributeValue").any(|pair| pairs.iter().any(|one| one == pair));
    let is_admitted = |role: &&Role| is_named && role.admits(&[provider], None);
    let denied = || Refusal::access_denied("Not authorized to perform sts:AssumeRoleWithSAML");
    let role = role.filter(is_admitted).ok_or_else(denied)?;
    let mut xml = call.assume(role, name, assertion.get("/SAML/Attributes/SourceIdentity/AttributeValue"))?;
    xml.text("Subject", subject);
    let format = assertion.get("/Subject/NameID@Format");
    xml.optional("SubjectType", format.map(|format| format.strip_prefix(FORMAT_PREFIX).unwrap_or(format)));
    xml.text("Issuer", issuer);
    xml.text("Audience", recipient);
    let friendly_name = provider.rsplit('/').next().unwrap_or_default();
    // Looks like AWS's value, which is a SHA-1 hash.
    let hash = call.account.mint.hash("name qualifier", &format!("{issuer}{}/{friendly_name}", call.account.id));
    xml.text("NameQualifier", BASE64_STANDARD.encode(&hash[..20]));
    Ok(xml)
}

/// Checks that the response is valid now, and returns the session name.
fn check<'a>(assertion: &'a Assertion, call: &Call<'_>) -> Result<&'a str, Refusal> {
    if assertion.get("/Status/StatusCode@Value").is_some_and(|status| !status.ends_with(":Success")) {
        let text = "The identity provider reported that authentication failed";
        return Err(Refusal::new(ErrorCode::IdpRejectedClaim, text));
    }
    for end in assertion.all("@NotOnOrAfter") {
        let end = timestamp::parse(end)
            .ok_or_else(|| Refusal::invalid_token("NotOnOrAfter in AuthnResponse is not a time"))?;
        if end <= call.now {
            let text = "Token must be redeemed within 5 minutes of issuance";
            return Err(Refusal::new(ErrorCode::ExpiredTokenException, text));
        }
    }
    required(assertion, "NotOnOrAfter", "/SubjectConfirmationData@NotOnOrAfter")?;
    let name = required(assertion, "RoleSessionName", "/SAML/Attributes/RoleSessionName/AttributeValue")?;
    if session_name(name) != name {
        return Err(Refusal::invalid_token("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"));
    }
    Ok(name)
}

fn required<'a>(assertion: &'a Assertion, name: &str, path: &str) -> Result<&'a str, Refusal> {
    assertion.get(path).ok_or_else(|| Refusal::invalid_token(format!("{name} is required in AuthnResponse")))
}
