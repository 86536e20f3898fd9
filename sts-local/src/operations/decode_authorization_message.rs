use sts_core::{DecodeAuthorizationMessage, ErrorCode};

use crate::{
    account::Caller,
    answer::{Refusal, Xml},
    call::Call,
};

pub(super) fn answer(call: &Call<'_>, _: &Caller) -> Result<Xml, Refusal> {
    let message = call.form.required("EncodedMessage");
    call.form.rebuild(DecodeAuthorizationMessage::new(message)).check(&["EncodedMessage"])?;
    let decoded = call.account.mint.open(message);
    let mut xml = Xml::default();
    xml.text(
        "DecodedMessage",
        decoded.ok_or_else(|| Refusal::new(ErrorCode::InvalidAuthorizationMessageException, "Message is not valid"))?,
    );
    Ok(xml)
}
