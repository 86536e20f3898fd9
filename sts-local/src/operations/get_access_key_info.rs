use sts_core::{GetAccessKeyInfo, identity};

use crate::{
    account::Caller,
    answer::{Refusal, Xml},
    call::Call,
};

pub(super) fn answer(call: &Call<'_>, _: &Caller) -> Result<Xml, Refusal> {
    let id = call.form.required("AccessKeyId");
    call.form.rebuild(GetAccessKeyInfo::new(id)).check(&["AccessKeyId"])?;
    // The key ids of sessions encode their account.
    let of_user = call.account.user(id).map(|_| call.account.id.clone());
    let account = of_user.or_else(|| identity::account_of(id));
    let mut xml = Xml::default();
    xml.text("Account", account.ok_or_else(|| Refusal::invalid(format!("No account is known for the key {id}")))?);
    Ok(xml)
}
