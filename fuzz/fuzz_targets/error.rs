//! An error response, written as XML in one of three forms, reads back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sts_core::{Error, GetCallerIdentity};
use sts_fuzz::{attempt::attempt, refusal::Refusal};

fuzz_target!(|refusal: Refusal| {
    let Some(response) = refusal.to_response() else { return };
    let Err(Error::Service(error)) = attempt(&GetCallerIdentity::new(), response) else { panic!("no refusal") };
    let beginning = |text: &str, most| -> String { text.chars().take(most).collect() };
    let code = if refusal.code.trim().is_empty() { "Unknown" } else { refusal.code.trim() };
    assert_eq!(error.wire_code, beginning(code, 128));
    assert_eq!(error.message, beginning(refusal.message.trim(), 8192));
    assert_eq!(error.metadata.request_id, Some(beginning(refusal.id, 256)).filter(|id| !id.is_empty()));
    assert_eq!(error.metadata.status, refusal.status);
    assert!(error.to_string().contains(&error.message));
});
