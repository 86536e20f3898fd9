//! `--output text`: lines for `cut`, `awk` and `read`.

use std::{borrow::Cow, collections::BTreeSet};

use crate::value::Value;

/// Formats a value. A structure is a line with its name in capitals (except the outermost) and its scalars, sorted by key. Its lists and
/// structures follow. Tabs separate values.
pub(super) fn write(value: &Value) -> String {
    let mut text = String::new();
    block(value, None, None, &mut text);
    text
}

/// `columns`: the keys on the lines of one list's structures, present or not.
fn block(value: &Value, name: Option<&str>, columns: Option<&BTreeSet<&str>>, out: &mut String) {
    match value {
        Value::Structure(_) => {
            let (scalars, parts) = value.sorted();
            let own = keys([value]);
            let columns = columns.unwrap_or(&own);
            let cell = |column: &&str| {
                let found = scalars.iter().find(|(key, _)| key == column);
                found.and_then(|(_, value)| value.scalar()).unwrap_or_default()
            };
            if !columns.is_empty() {
                let name = name.map(|name| name.to_uppercase().into());
                line(name.into_iter().chain(columns.iter().map(cell)), out);
            }
            for (key, value) in parts {
                block(value, Some(key), None, out);
            }
        }
        Value::List(elements) if elements.iter().any(|element| matches!(element, Value::Structure(_))) => {
            let columns = keys(elements);
            for element in elements {
                block(element, name, Some(&columns), out);
            }
        }
        Value::List(elements) => {
            let mut scalars = elements.iter().filter_map(Value::scalar).peekable();
            if let Some(name) = name {
                scalars.for_each(|scalar| line([name.to_uppercase().into(), scalar], out));
            } else if scalars.peek().is_some() {
                line(scalars, out);
            }
            for element in elements.iter().filter(|element| element.scalar().is_none()) {
                block(element, name, None, out);
            }
        }
        scalar => line(scalar.scalar(), out),
    }
}

/// The keys of all scalars in these structures.
fn keys<'a>(structures: impl IntoIterator<Item = &'a Value>) -> BTreeSet<&'a str> {
    structures.into_iter().flat_map(|structure| structure.sorted().0).map(|(key, _)| key).collect()
}

fn line<'a>(cells: impl IntoIterator<Item = Cow<'a, str>>, out: &mut String) {
    out.push_str(&cells.into_iter().collect::<Vec<_>>().join("\t"));
    out.push('\n');
}
