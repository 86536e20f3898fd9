use sts_core::{GetAccessKeyInfo, identity};

use super::{Call, Caller, Refusal, Xml};

pub(super) fn answer(call: &Call<'_>, _: &Caller) -> Result<Xml, Refusal> {
    let id = call.form.required("AccessKeyId");
    call.form.rebuild(GetAccessKeyInfo::new(id)).check(&["AccessKeyId"])?;
    let known = call.sts.find(id).map(|(_, owner)| owner.account().to_owned());
    let account = known.or_else(|| identity::account_of(id));
    let mut xml = Xml::default();
    xml.text("Account", account.ok_or_else(|| Refusal::invalid(format!("No account is known for the key {id}")))?);
    Ok(xml)
}
