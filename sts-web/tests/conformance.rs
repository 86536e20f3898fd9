//! The npm package against the API model, which `conformance/fetch` brings: it knows every operation, member and error.
//!
//! The model is not part of this repository, so a plain `cargo test` does not run this: `cargo test -p sts-web --test conformance`.

use std::fmt::Write;

use sts_conformance::{Model, model};
use sts_core::operation::Auth;

#[path = "../src/npm/model.rs"]
mod npm;

use npm::{Member, OPERATIONS, Shape};

const SCRIPTS: [(&str, &str); 2] = [
    ("js/src/operations.js", include_str!("../js/src/operations.js")),
    ("js/index.d.ts", include_str!("../js/index.d.ts")),
];

/// The model in `src/npm/model.rs` is the API's, member by member and in its order.
#[test]
fn every_member_is_known() {
    let api = Model::read();
    let (own, expected): (Vec<_>, Vec<_>) =
        (OPERATIONS.iter().map(|own| own.name).collect(), api.operations().collect());
    assert_eq!(own, expected, "sts-web/src/npm/model.rs has other operations than the API model");
    for own in &OPERATIONS {
        // https://docs.aws.amazon.com/STS/latest/APIReference: these two "do not require the use of AWS security credentials".
        let is_unsigned = matches!(own.name, "AssumeRoleWithSAML" | "AssumeRoleWithWebIdentity");
        assert_eq!(own.auth == Auth::None, is_unsigned, "{}", own.name);
        for (what, members, expected) in
            [("input", own.input, api.input(own.name)), ("output", own.output, api.output(own.name))]
        {
            let (mut seen, mut wanted) = (String::new(), String::new());
            describe(members, &mut seen);
            expect(&api, expected, &mut wanted);
            assert_eq!(seen, wanted, "sts-web/src/npm/model.rs: the {what} of {}", own.name);
        }
    }
}

/// The names that the scripts need, as they have no other source.
#[test]
fn every_name_is_in_the_scripts() {
    let api = Model::read();
    let mut missing = Vec::new();
    for operation in api.operations() {
        for (file, text) in SCRIPTS {
            let word =
                if file.ends_with(".js") { format!("\"{operation}\"") } else { format!("class {operation}Command ") };
            if !text.contains(&word) {
                missing.push(format!("{file} has not {operation}"));
            }
        }
        for (interface, members) in
            [("Request", api.members(api.input(operation))), ("Response", api.members(api.output(operation)))]
        {
            let start = format!("export interface {operation}{interface} {{");
            let body = SCRIPTS[1].1.split_once(&start).and_then(|(_, rest)| rest.split_once('}'));
            let body = body.map_or("", |(body, _)| body);
            let absent = members.filter(|(name, _)| !body.contains(&format!("  {name}")));
            missing.extend(absent.map(|(name, _)| format!("js/index.d.ts: {operation}{interface} has not {name}")));
        }
    }
    for code in api.error_codes() {
        if !SCRIPTS[0].1.contains(&format!("\"{code}\"")) {
            missing.push(format!("js/src/operations.js has not {code}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// `Tags:[Key:text Value:text ] `
fn describe(members: &[Member], text: &mut String) {
    for (name, shape) in members {
        let _ = write!(text, "{name}:");
        describe_shape(*shape, text);
    }
}

fn describe_shape(shape: Shape, text: &mut String) {
    match shape {
        Shape::Text => *text += "text ",
        Shape::Number => *text += "number ",
        Shape::Time => *text += "time ",
        Shape::Map => *text += "map ",
        Shape::List(element) => {
            *text += "list of ";
            describe_shape(*element, text);
        }
        Shape::Structure(members) => {
            *text += "[";
            describe(members, text);
            *text += "] ";
        }
    }
}

/// The same of the API's model.
fn expect(api: &Model, structure: &model::Shape, text: &mut String) {
    for (name, shape) in api.members(structure) {
        let _ = write!(text, "{name}:");
        expect_shape(api, shape, text);
    }
}

fn expect_shape(api: &Model, shape: &model::Shape, text: &mut String) {
    match shape.kind {
        model::Kind::String => *text += "text ",
        model::Kind::Integer => *text += "number ",
        model::Kind::Timestamp => *text += "time ",
        model::Kind::Map => *text += "map ",
        model::Kind::List => {
            *text += "list of ";
            expect_shape(api, api.element(shape), text);
        }
        model::Kind::Structure => {
            *text += "[";
            expect(api, shape, text);
            *text += "] ";
        }
    }
}
