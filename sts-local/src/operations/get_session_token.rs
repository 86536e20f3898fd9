use sts_core::GetSessionToken;

use crate::{
    account::{Caller, Kind},
    answer::{Refusal, Xml},
    call::Call,
};

pub(super) fn answer(call: &Call<'_>, caller: &Caller) -> Result<Xml, Refusal> {
    call.check_mfa()?;
    let form = call.form;
    form.rebuild(GetSessionToken::new())
        .set(form.number("DurationSeconds")?, GetSessionToken::duration_seconds)
        .set(form.get("SerialNumber"), GetSessionToken::serial_number)
        .set(form.get("TokenCode"), GetSessionToken::token_code)
        .set(form.number("MinimumSessionTokenSize")?, GetSessionToken::minimum_session_token_size)
        .check(&[])?;

    let session = Caller { kind: Kind::UserSession, ..caller.clone() };
    let mut xml = Xml::default();
    call.issue(&mut xml, session, form.number("DurationSeconds")?.unwrap_or(43_200))?;
    Ok(xml)
}
