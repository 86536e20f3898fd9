use crate::{
    account::Caller,
    answer::{Refusal, Xml},
    call::Call,
};

#[expect(clippy::unnecessary_wraps, reason = "other operations can fail")]
pub(super) fn answer(_: &Call<'_>, caller: &Caller) -> Result<Xml, Refusal> {
    let mut xml = Xml::default();
    xml.text("Arn", &caller.arn);
    xml.text("UserId", &caller.user_id);
    xml.text("Account", caller.account_id());
    Ok(xml)
}
