use sts_core::GetSessionToken;

use super::Call;
use crate::{
    account::{Caller, Kind},
    answer::{Refusal, Xml},
    form::set,
};

pub(super) fn answer(call: &Call<'_>, caller: &Caller) -> Result<Xml, Refusal> {
    let form = call.form;
    if caller.kind != Kind::User {
        return Err(Refusal::access_denied("Cannot call GetSessionToken with session credentials"));
    }
    call.check_mfa()?;
    let seconds = form.number("DurationSeconds")?;
    let operation = set(GetSessionToken::new(), seconds, GetSessionToken::duration_seconds);
    let operation = set(operation, form.get("SerialNumber"), GetSessionToken::serial_number);
    let operation = set(operation, form.get("TokenCode"), GetSessionToken::token_code);
    let token_size = form.number("MinimumSessionTokenSize")?;
    form.check(&set(operation, token_size, GetSessionToken::minimum_session_token_size), &[])?;

    let session = Caller { kind: Kind::UserSession, ..caller.clone() };
    let mut xml = Xml::result();
    call.issue(&mut xml, session, seconds.unwrap_or(43_200))?;
    Ok(xml)
}
