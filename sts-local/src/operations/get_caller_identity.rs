use super::Call;
use crate::{
    account::Caller,
    answer::{Refusal, Xml},
};

#[expect(clippy::unnecessary_wraps, reason = "other operations can fail")]
pub(super) fn answer(call: &Call<'_>, caller: &Caller) -> Result<Xml, Refusal> {
    let mut xml = Xml::result();
    xml.text("Arn", &caller.arn);
    xml.text("UserId", &caller.user_id);
    xml.text("Account", &call.sts.account);
    Ok(xml)
}
