//! The reader, by itself and through the typed operations.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sts_conformance::{json, json_lines, number, protocol_case, text};
use sts_core::{
    Error, ErrorCode, GetCallerIdentity,
    xml::{Document, Element, FromXml, ParseError},
};
use time::UtcDateTime;

use crate::{common::receive, data::rfc3339, outputs::typed_result};

#[test]
fn generated_responses() {
    let cases = json_lines("generated-query/responses.jsonl");
    assert_eq!(cases.len(), 275);
    let (mut outputs, mut errors, mut incomplete) = (0, 0, 0);
    for case in &cases {
        let mut expected = case["parsed"].clone();
        let metadata = expected.as_object_mut().unwrap().remove("ResponseMetadata").unwrap();
        let request_id = text(&metadata["RequestId"]);
        let status = u16::try_from(number(&case["status"])).unwrap();
        match typed_result(text(&case["op"]), status, text(&case["xml"])) {
            Ok((id, output)) => {
                // botocore keeps the offset, we keep the time.
                for pointer in ["/Credentials/Expiration", "/Expiration"] {
                    if let Some(expiration) = expected.pointer_mut(pointer) {
                        *expiration = json!(rfc3339(text(expiration)).unix_timestamp());
                    }
                }
                assert_eq!(id.as_deref(), Some(request_id));
                assert_eq!(without_empty(output), without_empty(expected));
                outputs += 1;
            }
            Err(Error::Service(error)) => {
                let expected = &expected["Error"];
                assert_eq!(error.code.as_str(), text(&expected["Code"]));
                assert!(!matches!(error.code, ErrorCode::Other(_)), "{} is modelled", error.code);
                assert_eq!(error.message, text(&expected["Message"]));
                assert_eq!(error.metadata.request_id.as_deref(), Some(request_id));
                errors += 1;
            }
            Err(error) => {
                // A member without which the output is useless is missing, and the error names it.
                let message = error.to_string();
                if message.contains("missing elements UserId, Account and Arn") {
                    assert_eq!(expected, json!({}));
                } else {
                    let (_, rest) = message.split_once("missing element ").unwrap_or_else(|| panic!("{message}"));
                    let member = rest.split(' ').next().unwrap();
                    assert!(NEEDED.contains(&member), "{message}");
                    assert!(!text(&case["xml"]).contains(&format!("<{member}>")), "{message}");
                }
                incomplete += 1;
            }
        }
    }
    println!("{outputs} outputs, {errors} errors, {incomplete} useless outputs");
    assert_eq!(errors, 35);
    assert!(outputs >= 100, "{outputs}");
}

/// What an output is useless without.
const NEEDED: [&str; 8] = [
    "Credentials",
    "AccessKeyId",
    "SecretAccessKey",
    "SessionToken",
    "Expiration",
    "WebIdentityToken",
    "DecodedMessage",
    "Account",
];

/// Without the texts that are empty when they are missing.
fn without_empty(mut output: Value) -> Value {
    let structures = ["", "/AssumedRoleUser", "/FederatedUser", "/SessionInfo"];
    for structure in structures {
        if let Some(Value::Object(members)) = output.pointer_mut(structure) {
            let names = ["AssumedRoleId", "FederatedUserId", "ScopedSessionId", "Arn", "Account", "UserId"];
            members.retain(|name, value| !(names.contains(&&**name) && value == ""));
        }
    }
    output
}

/// The cases of the Smithy protocol tests that apply, by what their members are.
#[test]
fn protocol_outputs() {
    let cases = json("query-protocol/output.json");
    let result = |id: &str, read: fn(Element<'_, '_>) -> Value| {
        let case = protocol_case(&cases, id);
        let document = Document::parse(text(&case["response"]["body"]).as_bytes()).unwrap();
        let root = document.root();
        let name = root.name().strip_suffix("Response").unwrap();
        assert_eq!(read(root.child(&format!("{name}Result")).unwrap()), case["result"], "{id}");
    };
    fn get<T: FromXml>(x: Element<'_, '_>, name: &str) -> T {
        x.get(name).unwrap()
    }
    fn time(x: Element<'_, '_>, name: &str) -> Value {
        let time: UtcDateTime = get(x, name);
        if time.nanosecond() == 0 {
            json!(time.unix_timestamp())
        } else {
            json!(time.unix_timestamp_nanos() as f64 / 1e9)
        }
    }
    fn members<'d>(x: Element<'d, '_>) -> Vec<&'d str> {
        x.children().map(Element::text).collect()
    }
    result("QueryGreetingWithErrors", |x| json!({ "greeting": get::<String>(x, "greeting") }));
    result("QueryIgnoresWrappingXmlName", |x| json!({ "foo": get::<String>(x, "foo") }));
    result("QuerySimpleScalarProperties", |x| {
        json!({
            "stringValue": get::<String>(x, "stringValue"),
            "emptyStringValue": get::<String>(x, "emptyStringValue"),
            "byteValue": get::<u32>(x, "byteValue"),
            "shortValue": get::<u32>(x, "shortValue"),
            "integerValue": get::<u32>(x, "integerValue"),
            "longValue": get::<u32>(x, "longValue"),
            // STS has no booleans and no floats: their texts.
            "trueBooleanValue": get::<String>(x, "trueBooleanValue") == "true",
            "falseBooleanValue": get::<String>(x, "falseBooleanValue") == "true",
            "floatValue": get::<String>(x, "floatValue").parse::<f64>().unwrap(),
            "doubleValue": get::<String>(x, "DoubleDribble").parse::<f64>().unwrap(),
        })
    });
    result("QueryXmlNamespaces", |x| {
        let nested = x.child("nested").unwrap();
        json!({ "nested": { "foo": get::<String>(nested, "foo"), "values": members(nested.child("values").unwrap()) } })
    });
    result("QueryXmlEnums", |x| {
        json!({
            "fooEnum1": get::<String>(x, "fooEnum1"),
            "fooEnum2": get::<String>(x, "fooEnum2"),
            "fooEnum3": get::<String>(x, "fooEnum3"),
            "fooEnumList": members(x.child("fooEnumList").unwrap()),
            "fooEnumSet": members(x.child("fooEnumSet").unwrap()),
            "fooEnumMap": get::<BTreeMap<String, String>>(x, "fooEnumMap"),
        })
    });
    struct Greeting(String);
    impl FromXml for Greeting {
        fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
            x.get("hi").map(Self)
        }
    }
    let map = |x: Element<'_, '_>| {
        let greetings = get::<BTreeMap<String, Greeting>>(x, "myMap").into_iter();
        json!({ "myMap": greetings.map(|(key, Greeting(hi))| (key, json!({ "hi": hi }))).collect::<Value>() })
    };
    for id in ["QueryXmlMaps", "QueryXmlEmptyMaps", "QueryXmlEmptySelfClosedMaps"] {
        result(id, map);
    }
    result("QueryXmlTimestamps", |x| json!({ "normal": time(x, "normal") }));
    result("QueryXmlTimestampsWithDateTimeFormat", |x| json!({ "dateTime": time(x, "dateTime") }));
    result(
        "QueryXmlTimestampsWithDateTimeOnTargetFormat",
        |x| json!({ "dateTimeOnTarget": time(x, "dateTimeOnTarget") }),
    );
    result("QueryXmlTimestampsWithEpochSecondsFormat", |x| json!({ "epochSeconds": time(x, "epochSeconds") }));
    result(
        "QueryXmlTimestampsWithEpochSecondsOnTargetFormat",
        |x| json!({ "epochSecondsOnTarget": time(x, "epochSecondsOnTarget") }),
    );
    result("AwsQueryDateTimeWithNegativeOffset", |x| json!({ "datetime": time(x, "datetime") }));
    result("AwsQueryDateTimeWithPositiveOffset", |x| json!({ "datetime": time(x, "datetime") }));
    result("AwsQueryDateTimeWithFractionalSeconds", |x| json!({ "datetime": time(x, "datetime") }));
}

#[test]
fn protocol_errors() {
    let cases = json("query-protocol/output.json");
    for id in ["QueryInvalidGreetingError", "QueryCustomizedError", "QueryComplexError"] {
        let case = protocol_case(&cases, id);
        let response = &case["response"];
        let status = u16::try_from(number(&response["status_code"])).unwrap();
        let error = receive(&GetCallerIdentity::new(), status, text(&response["body"])).unwrap_err();
        let Error::Service(error) = error else { panic!("{id}: {error}") };
        assert_eq!(error.code.as_str(), text(&case["errorCode"]), "{id}");
        assert_eq!(error.message, case["errorMessage"].as_str().unwrap_or_default(), "{id}");
        assert_eq!(error.metadata.request_id.as_deref(), Some("foo-id"), "{id}");
        assert_eq!(error.metadata.status.as_u16(), status, "{id}");
    }
}
