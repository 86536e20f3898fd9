//! The form writer, by itself and through the typed operations.

use serde_json::Value;
use sts_conformance::{
    Model, json, json_lines, list,
    model::{Kind, Shape},
    number, protocol_case, text,
};
use sts_core::{
    Body,
    query::{Query, ToQuery},
    validate::Rule,
};

use crate::inputs::typed_body;

/// Any operation's input, written as the model describes it: holds the writer against inputs that the typed operations
/// cannot express, such as structures without their required members.
struct Modelled<'a> {
    model: &'a Model,
    shape: &'a Shape,
    value: &'a Value,
}

impl ToQuery for Modelled<'_> {
    fn to_query(&self, query: &mut Query) {
        match self.shape.kind {
            Kind::Structure => {
                for (name, shape) in self.model.members(self.shape) {
                    if let Some(value) = self.value.get(name) {
                        query.put(name, &Modelled { value, shape, ..*self }, Rule::Any);
                    }
                }
            }
            Kind::List => {
                let shape = self.model.element(self.shape);
                let elements: Vec<_> =
                    list(self.value).iter().map(|value| Modelled { value, shape, ..*self }).collect();
                elements.to_query(query);
            }
            Kind::Integer => number(self.value).to_query(query),
            _ => text(self.value).to_query(query),
        }
    }
}

/// botocore writes a space as `+`, as HTML forms do; awsQuery says `%20`. A literal plus is `%2B` in both.
fn expected_body(case: &Value) -> String {
    text(&case["body"]).replace('+', "%20")
}

#[test]
fn generated_requests_through_the_writer() {
    let model = Model::read();
    let cases = json_lines("generated-query/requests.jsonl");
    assert_eq!(cases.len(), 441);
    for case in &cases {
        let operation = text(&case["op"]);
        let mut query = Query::unchecked(operation, "2011-06-15");
        Modelled { model: &model, shape: model.input(operation), value: &case["input"] }.to_query(&mut query);
        assert_eq!(form(&query.finish_unchecked()), expected_body(case));
    }
}

/// Whether a structure lacks a member that the typed operations require.
fn is_incomplete(input: &Value) -> bool {
    let lacks = |list: &str, members: &[&str]| {
        let elements = input[list].as_array().map(Vec::as_slice).unwrap_or_default();
        elements.iter().any(|element| members.iter().any(|member| element.get(member).is_none()))
    };
    lacks("PolicyArns", &["arn"])
        || lacks("ProvidedContexts", &["ProviderArn", "ContextAssertion"])
        || lacks("Tags", &["Key", "Value"])
        || input.get("TaskPolicyArn").is_some_and(|policy| policy.get("arn").is_none())
}

#[test]
fn generated_requests_through_the_operations() {
    let mut compared = 0;
    for case in json_lines("generated-query/requests.jsonl") {
        if is_incomplete(&case["input"]) {
            continue;
        }
        let body = typed_body(text(&case["op"]), &case["input"], false).unwrap().unwrap();
        assert_eq!(form(&body), expected_body(&case));
        compared += 1;
    }
    // The others hold a structure without a member that `new` requires, and go through the writer alone.
    assert!(compared >= 300, "{compared}");
}

/// The cases of the Smithy protocol tests that apply: no floats, blobs, maps or flattened lists, which STS does not have.
#[test]
fn protocol_inputs() {
    struct Members(Vec<(&'static str, Form)>);
    enum Form {
        Text(&'static str),
        Number(u32),
        List(Vec<Form>),
        Structure(Members),
    }
    use Form::{List, Number, Structure, Text};
    impl ToQuery for Members {
        fn to_query(&self, query: &mut Query) {
            for (name, value) in &self.0 {
                query.put(name, value, Rule::Any);
            }
        }
    }
    impl ToQuery for Form {
        fn to_query(&self, query: &mut Query) {
            match self {
                Text(value) => value.to_query(query),
                Number(value) => value.to_query(query),
                List(value) => value.to_query(query),
                Structure(value) => value.to_query(query),
            }
        }
    }
    let structure = |members| Structure(Members(members));
    let inputs = [
        ("QueryEmptyInputAndEmptyOutput", vec![]),
        (
            "NestedStructures",
            vec![(
                "Nested",
                structure(vec![
                    ("StringArg", Text("foo")),
                    ("OtherArg", Text("true")),
                    ("RecursiveArg", structure(vec![("StringArg", Text("baz"))])),
                ]),
            )],
        ),
        ("QueryNoInputAndNoOutput", vec![]),
        ("QueryNoInputAndOutput", vec![]),
        (
            "QueryLists",
            vec![
                ("ListArg", List(vec![Text("foo"), Text("bar"), Text("baz")])),
                (
                    "ComplexListArg",
                    List(vec![structure(vec![("hi", Text("hello"))]), structure(vec![("hi", Text("hola"))])]),
                ),
            ],
        ),
        ("EmptyQueryLists", vec![("ListArg", List(vec![]))]),
        (
            "QueryNestedStructWithList",
            vec![("NestedWithList", structure(vec![("ListArg", List(vec![Text("A"), Text("B")]))]))],
        ),
        ("QuerySimpleInputParamsStrings", vec![("Foo", Text("val1")), ("Bar", Text("val2"))]),
        ("QuerySimpleInputParamsInteger", vec![("Bam", Number(10))]),
        ("QueryEnums", vec![("FooEnum", Text("Foo"))]),
    ];
    let cases = json("query-protocol/input.json");
    for (id, input) in inputs {
        let case = protocol_case(&cases, id);
        let expected = text(&case["serialized"]["body"]);
        let action = expected.strip_prefix("Action=").unwrap().split('&').next().unwrap();
        let mut query = Query::new(action, "2020-01-08");
        Members(input).to_query(&mut query);
        assert_eq!(form(&query.finish_unchecked()), expected, "{id}");
    }
}

fn form(body: &Body) -> &str {
    std::str::from_utf8(body.expose()).unwrap()
}
