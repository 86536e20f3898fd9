use sts_core::{ErrorCode, GetDelegatedAccessToken};

use crate::{
    account::Caller,
    answer::{Refusal, Xml},
    call::Call,
    jwt,
};

pub(super) fn answer(call: &Call<'_>, caller: &Caller) -> Result<Xml, Refusal> {
    let token = call.form.required("TradeInToken");
    call.form.rebuild(GetDelegatedAccessToken::new(token)).check(&["TradeInToken"])?;
    let claims = jwt::read(token);
    let claims = claims.as_ref().and_then(|claims| Some((claims.get("sub")?.as_str()?, jwt::end(claims)?)));
    let (principal, end) = claims.ok_or_else(|| Refusal::invalid("The trade-in token is invalid"))?;
    if jwt::has_ended(end, call.now) {
        return Err(Refusal::new(ErrorCode::ExpiredTradeInTokenException, "The trade-in token has expired"));
    }

    let denied = || Refusal::denied(caller, "GetDelegatedAccessToken", Some(principal));
    let role = call.role(principal)?.ok_or_else(denied)?;
    let mut xml = Xml::default();
    call.issue_credentials(&mut xml, role.session(call.account, "delegated"), 3600)?;
    xml.text("AssumedPrincipal", principal);
    Ok(xml)
}
