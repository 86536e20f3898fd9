//! `--generate-cli-skeleton`: a command's members without values.

use serde::{
    Deserialize, Deserializer,
    de::{
        IntoDeserializer, Visitor,
        value::{Error, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use std::iter;
use sts_blocking::core::xml::{Document, FromXml, ParseError};

use crate::value::Value;

/// The JSON that `--cli-input-json` accepts for this type, with every member.
pub(crate) fn input<'de, T: Deserialize<'de>>() -> Result<Value, Error> {
    let mut skeleton = Value::Null;
    T::deserialize(Recorder(&mut skeleton))?;
    Ok(skeleton)
}

/// An output in which each member's value is its own name.
pub(crate) fn output<T: FromXml>() -> Result<T, ParseError> {
    let element = |name: &str, content: &str| format!("<{name}>{content}</{name}>");
    let texts = TEXTS.split(' ').map(|name| element(name, name));
    let numbers = NUMBERS.split(' ').map(|name| element(name, "0"));
    let time = element("Expiration", "1970-01-01T00:00:00Z");
    // The key that botocore uses.
    let map = element("IdentityProvider", "<entry><key>KeyName</key><value/></entry>");
    let members: String = texts.chain(numbers).chain([time, map]).collect();
    let with = |names: &str, content: &str| names.split(' ').map(|name| element(name, content)).collect::<String>();
    let structures = with(STRUCTURES, &(with(PARTS, &members) + &members));
    // Unknown members are ignored, so one document fits every output.
    T::from_xml(Document::parse(element("Result", &(members + &structures)).as_bytes())?.root())
}

const TEXTS: &str = "AccessKeyId Account Arn AssumedPrincipal AssumedRoleId Audience DecodedMessage FederatedProviderArn \
    FederatedUserId Issuer NameQualifier Provider ScopedSessionId SecretAccessKey SessionToken SourceIdentity Subject \
    SubjectFromWebIdentityToken SubjectType UserId WebIdentityToken";
const NUMBERS: &str = "PackedPolicySize ScopedPoliciesCount SessionTokenSize SessionTokenUtilization";
const STRUCTURES: &str = "AssumedRoleUser Credentials FederatedUser SessionInfo TrustedIdentityPropagationContext";
/// Structures inside other structures.
const PARTS: &str = "OriginIdentity TransactionContext";

/// A deserializer that returns empty values, and records the requested members.
struct Recorder<'a>(&'a mut Value);

impl<'de> Deserializer<'de> for Recorder<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.0 = Value::Text(String::new());
        visitor.visit_str("")
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.0 = 0.into();
        visitor.visit_u32(0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut element = Value::Null;
        let value = visitor.visit_seq(SeqDeserializer::new(iter::once(Recorder(&mut element))))?;
        *self.0 = Value::List(vec![element]);
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut members: Vec<_> = fields.iter().map(|name| (String::from(*name), Value::Null)).collect();
        let recorders = iter::zip(fields, &mut members).map(|(name, (_, value))| (*name, Recorder(value)));
        let value = visitor.visit_map(MapDeserializer::new(recorders))?;
        *self.0 = Value::Structure(members);
        Ok(value)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct
        tuple tuple_struct map enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for Recorder<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
