//! Any text in the AWS CLI's shorthand becomes members or an error, and quoted members read back.
#![no_main]

use libfuzzer_sys::fuzz_target;

// The program is not a library. This file needs only one other function of it.
#[path = "../../sts-cli/src/shorthand.rs"]
mod shorthand;

mod argument {
    /// Replaces the function that loads an argument's file.
    pub(crate) fn load(argument: &str) -> Result<std::borrow::Cow<'_, str>, String> {
        if argument.starts_with("file://") { Err("there are no files".into()) } else { Ok(argument.into()) }
    }
}

fuzz_target!(|text: &str| {
    let Ok(members) = shorthand::parse(text).map_err(sts_fuzz::is_told) else { return };
    for quote in ['"', '\''] {
        let quoted: Vec<_> = members.iter().map(|(key, value)| format!("{key} = {}", quoted(value, quote))).collect();
        assert_eq!(shorthand::parse(&quoted.join(" , ")).as_ref(), Ok(&members), "{quoted:?}");
    }
});

fn quoted(value: &str, quote: char) -> String {
    let escaped = value.replace('\\', r"\\").replace(quote, &format!(r"\{quote}"));
    format!("{quote}{escaped}{quote}")
}
