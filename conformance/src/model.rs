//! The API model of STS, as botocore ships it.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use crate::read;

/// The operations and the shapes of their inputs, outputs and errors.
#[derive(Deserialize)]
pub struct Model {
    operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

impl Model {
    /// The model of the release that `requirements.txt` names.
    pub fn read() -> Self {
        let path = "model/service-2.json";
        serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The operations' names, as `AssumeRoleWithSAML`.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.operations.keys().map(String::as_str)
    }

    /// The structure that is an operation's input.
    pub fn input(&self, operation: &str) -> &Shape {
        self.shape(&self.operation(operation).input)
    }

    /// The structure that is an operation's output.
    pub fn output(&self, operation: &str) -> &Shape {
        self.shape(&self.operation(operation).output)
    }

    /// The members of a structure, in the model's order.
    pub fn members<'m>(&'m self, structure: &'m Shape) -> impl Iterator<Item = (&'m str, &'m Shape)> {
        structure.members.0.iter().map(|(name, member)| (name.as_str(), self.shape(member)))
    }

    /// The shape of a list's elements.
    pub fn element(&self, list: &Shape) -> &Shape {
        self.shape(list.member.as_ref().unwrap_or_else(|| panic!("a list without elements")))
    }

    /// The codes of all errors, as they are on the wire.
    pub fn error_codes(&self) -> impl Iterator<Item = &str> {
        self.shapes.values().filter_map(|shape| shape.error.as_ref()).map(|error| error.code.as_str())
    }

    fn operation(&self, name: &str) -> &Operation {
        self.operations.get(name).unwrap_or_else(|| panic!("the model has no operation {name}"))
    }

    fn shape(&self, reference: &Reference) -> &Shape {
        let name = &reference.shape;
        self.shapes.get(name).unwrap_or_else(|| panic!("the model has no shape {name}"))
    }
}

/// The type of a member, and its limits.
#[derive(Deserialize)]
pub struct Shape {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The least value, length, or number of elements.
    pub min: Option<u64>,
    /// The largest value, length, or number of elements.
    pub max: Option<u64>,
    /// A regular expression.
    pub pattern: Option<String>,
    /// The values that it can have.
    #[serde(rename = "enum")]
    pub values: Option<Vec<String>>,
    /// Whether it is a secret.
    #[serde(default)]
    pub sensitive: bool,
    #[serde(default)]
    members: Ordered<Reference>,
    member: Option<Reference>,
    error: Option<ErrorCode>,
}

/// The types that STS has.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs)]
pub enum Kind {
    Integer,
    List,
    Map,
    String,
    Structure,
    Timestamp,
}

#[derive(Deserialize)]
struct Operation {
    input: Reference,
    output: Reference,
}

#[derive(Deserialize)]
struct Reference {
    shape: String,
}

#[derive(Deserialize)]
struct ErrorCode {
    code: String,
}

/// A JSON object in the order in which it is written.
struct Ordered<T>(Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Ordered<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}
