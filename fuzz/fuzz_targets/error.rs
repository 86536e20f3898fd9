//! A refusal, written as XML in one of three forms, reads back.
#![no_main]

use std::sync::LazyLock;

use http::{Response, StatusCode};
use libfuzzer_sys::fuzz_target;
use sts_core::*;
use time::UtcDateTime;

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::builder().region("us-east-1").max_attempts(1).validate(false).build().unwrap());

fuzz_target!(|input: (u16, u8, &str, &str, &str)| {
    let (status, form, code, message, id) = input;
    let Ok(status) = StatusCode::from_u16(status) else { return };
    // XML has no way to say U+0000, and the secret of a quoted request is not repeated.
    if [code, message, id].iter().any(|text| text.contains('\0') || text.contains("x-amz-security-token:")) {
        return;
    }
    let error = format!("<Error><Code>{}</Code><Message>{}</Message></Error>", escape(code), escape(message));
    let id_element = format!("<RequestId>{}</RequestId>", escape(id));
    let body = match form % 3 {
        0 => format!("<ErrorResponse>{error}{id_element}</ErrorResponse>"),
        1 => format!("<Response><Errors>{error}</Errors>{id_element}</Response>"),
        _ => error.replace("</Error>", &format!("{id_element}</Error>")),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;

    let (learned, now) = (Learned::new(0), UtcDateTime::UNIX_EPOCH);
    let call = Call::new(&AssumeRoleWithWebIdentity::new("", "", ""), &CONFIG, &learned, None);
    let Step::Transmit(_, call) = call.start::<()>(now) else { unreachable!("nothing is validated") };
    let Step::Done(Err(Error::Service(error))) = call.receive(Ok::<_, Lost<()>>(response), now) else {
        unreachable!("it is refused")
    };
    let code = if code.trim().is_empty() { "Unknown" } else { code.trim() };
    assert_eq!(error.wire_code, beginning(code, 128));
    assert_eq!(error.message, beginning(message.trim(), 8192));
    assert_eq!(error.metadata.request_id, Some(beginning(id, 256)).filter(|id| !id.is_empty()));
    assert_eq!(error.metadata.status, status);
    assert!(error.to_string().contains(&error.message));
});

fn escape(text: &str) -> String {
    text.chars().map(|c| format!("&#x{:X};", u32::from(c))).collect()
}

fn beginning(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
