//! The form writer against an independent decoder.

use proptest::{
    collection::{btree_map, vec},
    prelude::*,
};
use sts_core::{
    query::{Query, ToQuery},
    validate::Rule,
};

use crate::cases;

/// Anything that an input can hold.
#[derive(Clone, Debug)]
enum Value {
    Text(String),
    Number(u32),
    List(Vec<Value>),
    Structure(Vec<(String, Value)>),
    Absent,
}

impl ToQuery for Value {
    fn to_query(&self, query: &mut Query) {
        match self {
            Self::Text(text) => text.as_str().to_query(query),
            Self::Number(number) => number.to_query(query),
            Self::List(list) => list.to_query(query),
            Self::Structure(members) => {
                for (name, value) in members {
                    query.put(name, value, Rule::Any);
                }
            }
            Self::Absent => None::<u32>.to_query(query),
        }
    }
}

fn structures() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => any::<String>().prop_map(Value::Text),
        1 => any::<u32>().prop_map(Value::Number),
        1 => Just(Value::Absent),
    ];
    let value = leaf
        .prop_recursive(3, 24, 5, |inner| prop_oneof![vec(inner.clone(), 0..5).prop_map(Value::List), members(inner)]);
    members(value)
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    btree_map("[A-Za-z][A-Za-z0-9]{0,9}", value, 0..5)
        .prop_map(|members| Value::Structure(members.into_iter().collect()))
}

/// The rules of awsQuery, as pairs: <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>
fn pairs(name: &str, value: &Value, pairs_so_far: &mut Vec<(String, String)>) {
    match value {
        Value::Absent => {}
        Value::Text(text) => pairs_so_far.push((name.into(), text.clone())),
        Value::Number(number) => pairs_so_far.push((name.into(), number.to_string())),
        Value::List(list) if list.is_empty() => pairs_so_far.push((name.into(), String::new())),
        Value::List(list) => {
            for (index, value) in list.iter().enumerate() {
                pairs(&format!("{name}.member.{}", index + 1), value, pairs_so_far);
            }
        }
        Value::Structure(members) => {
            for (member, value) in members {
                let name = if name.is_empty() { member.clone() } else { format!("{name}.{member}") };
                pairs(&name, value, pairs_so_far);
            }
        }
    }
}

/// Reads a form back; `None` where a byte stands that must be encoded.
fn decode(form: &str) -> Option<Vec<(String, String)>> {
    form.split('&')
        .map(|field| {
            let (name, value) = field.split_once('=')?;
            Some((decode_part(name)?, decode_part(value)?))
        })
        .collect()
}

fn decode_part(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'%' => {
                let [high, low, tail @ ..] = rest else { return None };
                bytes.push(digit(*high)? * 16 + digit(*low)?);
                rest = tail;
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => bytes.push(*first),
            _ => return None,
        }
    }
    String::from_utf8(bytes).ok()
}

/// Upper-case hexadecimal, RFC 3986 §2.1.
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_is_written_reads_back(input in structures()) {
        let mut query = Query::new("GetFortune", "2011-06-15");
        input.to_query(&mut query);
        let body = query.finish_unchecked();
        let mut expected =
            vec![("Action".into(), "GetFortune".into()), ("Version".into(), "2011-06-15".into())];
        pairs("", &input, &mut expected);
        prop_assert_eq!(decode(std::str::from_utf8(body.expose()).unwrap()), Some(expected));
    }

    #[test]
    fn what_breaks_no_rule_is_the_same_with_and_without_validation(input in structures()) {
        let write = |mut query: Query| {
            input.to_query(&mut query);
            query.finish().unwrap()
        };
        let checked = write(Query::new("GetFortune", "2011-06-15"));
        let unchecked = write(Query::unchecked("GetFortune", "2011-06-15"));
        prop_assert_eq!(checked.expose(), unchecked.expose());
    }
}

#[test]
fn without_validation_nothing_is_refused() {
    let mut query = Query::unchecked("GetFortune", "2011-06-15");
    query.put("Name", "too long", Rule::length(1, 2));
    query.refuse("Name", None, "Member must not be");
    assert!(query.finish().is_ok());
}

#[test]
fn the_decoder_refuses_what_must_be_encoded() {
    for wrong in ["a=b c", "a=b+c", "a=*", "a=%2f", "a=%2", "a=/", "a", "a=b=c", "a=\u{e9}", "a=%C3"] {
        assert_eq!(decode(wrong), None, "{wrong}");
    }
    assert_eq!(decode("a=%C3%A9~"), Some(vec![("a".into(), "\u{e9}~".into())]));
}
