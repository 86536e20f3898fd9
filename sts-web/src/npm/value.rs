//! Between JavaScript's values and the wire.

use js_sys::{Array, Date, Object, Reflect};
use sts_core::{
    query::{Query, ToQuery},
    validate::Rule,
    xml::{Element, FromXml, ParseError},
};
use time::UtcDateTime;
use wasm_bindgen::JsValue;

use super::model::{Member, OPERATIONS, Shape};
use crate::fetch::set;

/// A property of an object, if it is set.
pub(crate) fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// A property as text, whatever it is.
pub(crate) fn text(object: &JsValue, name: &str) -> Option<String> {
    get(object, name).map(|value| to_text(&value))
}

/// An object with the members of an operation's input.
pub(crate) struct Input<'v>(pub(crate) &'static [Member], pub(crate) &'v JsValue);

impl ToQuery for Input<'_> {
    fn to_query(&self, query: &mut Query) {
        for (name, shape) in self.0 {
            if let Some(value) = get(self.1, name) {
                query.put(name, &Value(*shape, value), Rule::Any);
            }
        }
    }
}

struct Value(Shape, JsValue);

impl ToQuery for Value {
    fn to_query(&self, query: &mut Query) {
        match self.0 {
            Shape::Structure(members) => Input(members, &self.1).to_query(query),
            Shape::List(shape) if Array::is_array(&self.1) => {
                let values = Array::from(&self.1);
                values.iter().map(|value| Self(*shape, value)).collect::<Vec<_>>().to_query(query);
            }
            // No operation takes a map.
            _ => to_text(&self.1).to_query(query),
        }
    }
}

/// An operation's result as an object. It knows the operation by the element's name, so that one type serves all.
pub(crate) struct Output(pub(crate) JsValue);

impl FromXml for Output {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        let name = x.name().strip_suffix("Result").unwrap_or_default();
        let model = OPERATIONS.iter().find(|model| model.name == name);
        model.map_or_else(|| Err(x.error("unknown result")), |model| Ok(Self(structure(model.output, x)?)))
    }
}

fn structure(members: &[Member], x: Element<'_, '_>) -> Result<JsValue, ParseError> {
    let object = Object::new();
    for (name, shape) in members {
        if let Some(child) = x.child(name) {
            set(&object, name, &read(*shape, child)?);
        }
    }
    Ok(object.into())
}

fn read(shape: Shape, x: Element<'_, '_>) -> Result<JsValue, ParseError> {
    Ok(match shape {
        Shape::Text => x.text().into(),
        Shape::Number => f64::from(u32::from_xml(x)?).into(),
        Shape::Time => date(UtcDateTime::from_xml(x)?),
        Shape::List(shape) => {
            let values = x.children().filter(|child| child.name() == "member").map(|child| read(*shape, child));
            values.collect::<Result<Array, _>>()?.into()
        }
        Shape::Map => {
            let map = Object::new();
            for entry in x.children().filter(|child| child.name() == "entry") {
                if let (Some(key), Some(value)) = (entry.child("key"), entry.child("value")) {
                    set(&map, key.text(), &value.text().into());
                }
            }
            map.into()
        }
        Shape::Structure(members) => structure(members, x)?,
    })
}

fn date(time: UtcDateTime) -> JsValue {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds are exact for 200,000 years")]
    let milliseconds = (time.unix_timestamp_nanos() / 1_000_000) as f64;
    Date::new(&milliseconds.into()).into()
}

/// `String(value)`
fn to_text(value: &JsValue) -> String {
    value.as_string().unwrap_or_else(|| Array::of1(value).join("").into())
}
