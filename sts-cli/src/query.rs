//! `--query`: [JMESPath](https://jmespath.org/specification.html), applied to the output before it is formatted.

use jmespath::{
    Context, JmespathError, Rcvar, Runtime, Variable,
    ast::Ast,
    functions::{
        AbsFn, ArgumentType, CeilFn, CustomFunction, FloorFn, Function, LengthFn, MergeFn, Signature, SumFn, ToNumberFn,
    },
    interpret,
};
use serde::de::IgnoredAny;
use serde_json::Number;
use std::{
    collections::HashMap,
    mem,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{failure::Failure, value::Value};

#[derive(Clone)]
pub(crate) struct Query {
    expression: String,
    ast: Ast,
}

impl FromStr for Query {
    type Err = String;

    fn from_str(expression: &str) -> Result<Self, String> {
        // The parser is recursive, and the stack is limited.
        if expression.bytes().filter(u8::is_ascii_punctuation).count() > MAX_OPERATORS {
            return Err(format!("more than {MAX_OPERATORS} operators"));
        }
        let expression = with_quoted_literals(expression);
        let mut ast = jmespath::parse(&expression).map_err(|error| explained(&error))?;
        prepare(&mut ast);
        Ok(Self { expression, ast })
    }
}

const MAX_OPERATORS: usize = 256;

/// Quotes each literal that is not valid JSON. The AWS CLI reads it as a text: `` `abc` `` is `` `"abc"` ``.
fn with_quoted_literals(expression: &str) -> String {
    let is_json = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
    let (mut quoted, mut rest) = (String::new(), expression);
    while let Some(start) = rest.find(['`', '\'', '"']) {
        let (before, token) = rest.split_at(start);
        let Some(end) = end_of_token(token) else { break };
        let (token, after) = token.split_at(end);
        quoted += before;
        rest = after;
        let literal = token.strip_prefix('`').and_then(|token| token.strip_suffix('`'));
        let text = literal.map(|literal| format!("\"{}\"", literal.trim_start()));
        match (literal, text) {
            (Some(literal), Some(text)) if !is_json(&unescaped(literal)) && is_json(&unescaped(&text)) => {
                quoted += &format!("`{text}`");
            }
            _ => quoted += token,
        }
    }
    quoted + rest
}

/// The end of a token that begins with its delimiter; `None` if it is not closed. A backslash escapes any character.
fn end_of_token(token: &str) -> Option<usize> {
    let mut characters = token.char_indices();
    let (_, delimiter) = characters.next()?;
    while let Some((index, character)) = characters.next() {
        if character == delimiter {
            return Some(index + character.len_utf8());
        }
        if character == '\\' {
            characters.next();
        }
    }
    None
}

/// The text that the parser reads between backticks.
fn unescaped(literal: &str) -> String {
    literal.replace("\\`", "`")
}

impl Query {
    pub(crate) fn apply(&self, value: &Value) -> Result<Value, Failure> {
        let orders = Arc::new(Orders::default());
        let runtime = runtime(&orders);
        let result = Variable::from_serializable(value).and_then(|sent| {
            let sent = Rcvar::new(sent);
            orders.note_sent(&sent, value);
            interpret(&sent, &self.ast, &mut Context::new(&self.expression, &runtime))
        });
        let result = result.map_err(|error| {
            Failure::usage(format!("Bad value for --query {}: {}", self.expression, explained(&error)))
        })?;
        Ok(orders.restore(&result))
    }
}

/// The error's message, and an arrow to its position.
fn explained(error: &JmespathError) -> String {
    let JmespathError { offset, expression, reason, .. } = error;
    format!("{reason} at character {}\n{expression}\n{}^", offset + 1, " ".repeat(*offset))
}

/// Replaces projections of objects by calls of [`PROJECTED`], and multi-select hashes by calls of [`ORDERED`].
fn prepare(expression: &mut Ast) {
    for part in parts(expression) {
        prepare(part);
    }
    let offset = match expression {
        Ast::ObjectValues { offset, .. } | Ast::MultiHash { offset, .. } => *offset,
        _ => return,
    };
    let (name, args) = match mem::replace(expression, Ast::Identity { offset }) {
        Ast::ObjectValues { node, .. } => (PROJECTED, vec![*node]),
        hash => (ORDERED, vec![Ast::Literal { offset, value: Rcvar::new(keys(&hash)) }, hash]),
    };
    *expression = Ast::Function { offset, name: name.into(), args };
}

/// The keys of a multi-select hash.
fn keys(hash: &Ast) -> Variable {
    let Ast::MultiHash { elements, .. } = hash else { return Variable::Null };
    Variable::Array(elements.iter().map(|pair| Rcvar::new(Variable::String(pair.key.clone()))).collect())
}

fn parts(expression: &mut Ast) -> Vec<&mut Ast> {
    match expression {
        Ast::MultiHash { elements, .. } => elements.iter_mut().map(|pair| &mut pair.value).collect(),
        Ast::MultiList { elements: nodes, .. } | Ast::Function { args: nodes, .. } => nodes.iter_mut().collect(),
        Ast::Comparison { lhs, rhs, .. }
        | Ast::Condition { predicate: lhs, then: rhs, .. }
        | Ast::Projection { lhs, rhs, .. }
        | Ast::And { lhs, rhs, .. }
        | Ast::Or { lhs, rhs, .. }
        | Ast::Subexpr { lhs, rhs, .. } => vec![lhs, rhs],
        Ast::Expref { ast: node, .. }
        | Ast::Flatten { node, .. }
        | Ast::Not { node, .. }
        | Ast::ObjectValues { node, .. } => vec![node],
        Ast::Field { .. } | Ast::Identity { .. } | Ast::Index { .. } | Ast::Literal { .. } | Ast::Slice { .. } => {
            vec![]
        }
    }
}

/// The function that replaces `*` on an object. No expression can contain this name.
const PROJECTED: &str = "*";
/// The function that records the key order of a multi-select hash. No expression can contain this name.
const ORDERED: &str = "{}";

/// The functions of JMESPath. This file replaces those that show or create an object's order, since the crate sorts members by key, and
/// those that return numbers.
fn runtime(orders: &Arc<Orders>) -> Runtime {
    let mut runtime = Runtime::new();
    runtime.register_builtin_functions();
    let mut register = |name: &str, arguments: Vec<ArgumentType>, function: fn(&[Rcvar], &Orders) -> Rcvar| {
        let orders = Arc::clone(orders);
        let call = move |arguments: &[Rcvar], _: &mut Context<'_>| Ok(function(arguments, &orders));
        let signature = Signature::new(arguments, None);
        runtime.register_function(name, Box::new(CustomFunction::new(signature, Box::new(call))));
    };
    let values = |arguments: &[Rcvar], orders: &Orders| match &*arguments[0] {
        Variable::Object(_) => {
            Rcvar::new(Variable::Array(orders.members(&arguments[0]).into_iter().map(|(_, value)| value).collect()))
        }
        _ => Rcvar::new(Variable::Null),
    };
    register(PROJECTED, vec![ArgumentType::Any], values);
    register("values", vec![ArgumentType::Object], values);
    register("keys", vec![ArgumentType::Object], |arguments, orders| {
        let key = |(key, _)| Rcvar::new(Variable::String(key));
        Rcvar::new(Variable::Array(orders.members(&arguments[0]).into_iter().map(key).collect()))
    });
    register(ORDERED, vec![ArgumentType::Any, ArgumentType::Any], |arguments, orders| {
        let keys = arguments[0].as_array().into_iter().flatten();
        orders.note(&arguments[1], keys.filter_map(|key| key.as_string().cloned()));
        Rcvar::clone(&arguments[1])
    });
    register("to_string", vec![ArgumentType::Any], |arguments, orders| {
        if arguments[0].is_string() {
            return Rcvar::clone(&arguments[0]);
        }
        let json = serde_json::to_string(&orders.restore(&arguments[0])).expect("keys are texts");
        Rcvar::new(Variable::String(json))
    });
    let (merge, merged) = (MergeFn::new(), Arc::clone(orders));
    let call = move |arguments: &[Rcvar], context: &mut Context<'_>| {
        let object = merge.evaluate(arguments, context)?;
        merged.note(&object, arguments.iter().flat_map(|part| merged.members(part)).map(|(key, _)| key));
        Ok(object)
    };
    runtime.register_function("merge", Box::new(call));
    let calculations: [(&str, Box<dyn Function>); 6] = [
        ("abs", Box::new(AbsFn::new())),
        ("ceil", Box::new(CeilFn::new())),
        ("floor", Box::new(FloorFn::new())),
        ("length", Box::new(LengthFn::new())),
        ("sum", Box::new(SumFn::new())),
        ("to_number", Box::new(ToNumberFn::new())),
    ];
    for (name, function) in calculations {
        let call =
            move |arguments: &[Rcvar], context: &mut Context<'_>| function.evaluate(arguments, context).map(whole);
        runtime.register_function(name, Box::new(call));
    }
    runtime
}

/// Turns a whole float into an integer, since the crate returns all calculated numbers as floats.
fn whole(result: Rcvar) -> Rcvar {
    let whole = result.as_number().and_then(|float| float.to_string().parse::<i64>().ok());
    whole.map_or(result, |whole| Rcvar::new(Variable::Number(Number::from(whole))))
}

/// The order of each object's members, which the crate sorts by key. The AWS CLI keeps the order of the API model for outputs, and the
/// order of the expression for multi-select hashes.
#[derive(Default)]
struct Orders(Mutex<HashMap<usize, Order>>);

/// An object's keys. Keeping the object prevents another one from getting its address.
struct Order {
    keys: Vec<String>,
    _object: Rcvar,
}

impl Orders {
    /// Records an object's keys in order. Repeated keys are ignored.
    fn note(&self, object: &Rcvar, keys: impl Iterator<Item = String>) {
        let mut order = Order { keys: Vec::new(), _object: Rcvar::clone(object) };
        for key in keys {
            if !order.keys.contains(&key) {
                order.keys.push(key);
            }
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(address(object), order);
    }

    /// Records the orders of an output. `variable` was made from `value`.
    fn note_sent(&self, variable: &Rcvar, value: &Value) {
        match value {
            Value::Structure(members) => {
                self.note(variable, members.iter().map(|(key, _)| key.clone()));
                for (key, value) in members {
                    self.note_sent(&variable.get_field(key), value);
                }
            }
            Value::List(elements) => {
                for (index, value) in elements.iter().enumerate() {
                    self.note_sent(&variable.get_index(index), value);
                }
            }
            _ => {}
        }
    }

    /// The members of an object in their order. Object literals in the expression are sorted by key.
    fn members(&self, object: &Rcvar) -> Vec<(String, Rcvar)> {
        let Variable::Object(members) = &**object else { return Vec::new() };
        let member = |(key, value): (&String, &Rcvar)| (key.clone(), Rcvar::clone(value));
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&address(object)) {
            Some(Order { keys, .. }) => keys.iter().filter_map(|key| members.get_key_value(key)).map(member).collect(),
            None => members.iter().map(member).collect(),
        }
    }

    /// A result for printing, with its members in order.
    fn restore(&self, result: &Rcvar) -> Value {
        match &**result {
            Variable::Null | Variable::Expref(_) => Value::Null,
            Variable::Bool(value) => Value::Bool(*value),
            Variable::Number(number) => Value::Number(number.clone()),
            Variable::String(text) => Value::Text(text.clone()),
            Variable::Array(elements) => Value::List(elements.iter().map(|element| self.restore(element)).collect()),
            Variable::Object(_) => {
                let members = self.members(result).into_iter();
                Value::Structure(members.map(|(key, value)| (key, self.restore(&value))).collect())
            }
        }
    }
}

fn address(object: &Rcvar) -> usize {
    Arc::as_ptr(object).addr()
}
