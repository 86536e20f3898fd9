//! `--cli-input-json`: a command's members as a JSON object.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A command's members, from a JSON object.
pub(crate) fn members<C: DeserializeOwned>(json: &str) -> Result<C, String> {
    // The library's own error about another type would show the value.
    let Value::Object(object) = serde_json::from_str(json).map_err(|error| error.to_string())? else {
        return Err("expected an object".into());
    };
    // One by one, since the errors do not name the invalid member.
    for (key, value) in &object {
        let member = Map::from_iter([(key.clone(), value.clone())]);
        C::deserialize(Value::Object(member)).map_err(|error| format!("{key}: {}", in_words(&error)))?;
    }
    // From the text, where duplicate members are still visible.
    from_json(json)
}

pub(crate) fn from_json<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| in_words(&error))
}

/// Rewords an error in JSON terms instead of Rust terms. Type errors omit the value, which may be a secret.
pub(crate) fn in_words(error: &serde_json::Error) -> String {
    let error = error.to_string();
    // The last occurrence: the value may contain the phrase, too.
    let Some((what, expected)) = error.rsplit_once(", expected ").filter(|(what, _)| what.starts_with("invalid "))
    else {
        return error;
    };
    // The position in the text, if the error has one.
    let (expected, place) = expected.split_at(expected.find(" at line ").unwrap_or(expected.len()));
    match expected {
        "u32" if what.starts_with("invalid value") => format!("not in 0..={}{place}", u32::MAX),
        "u32" => format!("expected a whole number{place}"),
        "a sequence" => format!("expected a list{place}"),
        name if name.starts_with("struct ") => format!("expected an object{place}"),
        _ => format!("expected {expected}{place}"),
    }
}
