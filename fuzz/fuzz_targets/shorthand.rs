//! The AWS CLI's shorthand: any text is members or an error, and members that are written with quotes read back.
#![no_main]

use libfuzzer_sys::fuzz_target;

// The program is no library; this file of it stands alone but for one function.
#[path = "../../sts-cli/src/shorthand.rs"]
mod shorthand;

mod argument {
    /// Instead of the file that an argument names.
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
