use sts_core::GetFederationToken;

use crate::{
    account::{Caller, Kind},
    answer::{Refusal, Xml},
    call::Call,
    form::Element,
};

pub(super) fn answer(call: &Call<'_>, caller: &Caller) -> Result<Xml, Refusal> {
    let form = call.form;
    let name = form.required("Name");
    // Before the other constraints, since it has its own error code.
    call.check_tags()?;
    form.rebuild(GetFederationToken::new(name))
        .set(form.get("Policy"), GetFederationToken::policy)
        .set(form.list("PolicyArns", Element::policy), GetFederationToken::policy_arns)
        .set(form.number("DurationSeconds")?, GetFederationToken::duration_seconds)
        .set(form.list("Tags", Element::tag), GetFederationToken::tags)
        .set(form.number("MinimumSessionTokenSize")?, GetFederationToken::minimum_session_token_size)
        .check(&["Name"])?;

    let packed = call.packed_policy_size()?;
    let account = caller.account_id();
    let arn = format!("arn:aws:sts::{account}:federated-user/{name}");
    let session = Caller::new(Kind::FederatedUser, format!("{account}:{name}"), arn);
    let mut xml = Xml::default();
    xml.group("FederatedUser", |xml| {
        xml.text("FederatedUserId", &session.user_id);
        xml.text("Arn", &session.arn);
    });
    call.issue(&mut xml, session, form.number("DurationSeconds")?.unwrap_or(43_200))?;
    xml.optional("PackedPolicySize", packed);
    Ok(xml)
}
