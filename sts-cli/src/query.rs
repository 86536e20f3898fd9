//! `--query`: [JMESPath](https://jmespath.org/specification.html), applied to the output before it is formatted.

use jmespath::{
    Context, Expression, JmespathError, Rcvar, Runtime, Variable,
    ast::Ast,
    functions::{ArgumentType, CustomFunction, Signature},
};
use std::{collections::BTreeMap, mem, str::FromStr, sync::Arc};

use crate::{failure::Failure, output::Value};

#[derive(Clone)]
pub(crate) struct Query {
    expression: String,
    ast: Ast,
    /// The keys of every multi-select hash in the expression.
    orders: Vec<Vec<String>>,
}

impl FromStr for Query {
    type Err = String;

    fn from_str(expression: &str) -> Result<Self, String> {
        // The parser calls itself for each level, and the stack has an end.
        if expression.bytes().filter(u8::is_ascii_punctuation).count() > MAX_OPERATORS {
            return Err(format!("more than {MAX_OPERATORS} operators"));
        }
        let mut ast = jmespath::parse(expression).map_err(|error| explained(&error))?;
        let mut orders = Vec::new();
        prepare(&mut ast, &mut orders);
        Ok(Self { expression: expression.into(), ast, orders })
    }
}

const MAX_OPERATORS: usize = 256;

impl Query {
    pub(crate) fn apply(&self, value: &Value) -> Result<Value, Failure> {
        let mut orders = self.orders.clone();
        sent_orders(value, &mut orders);
        let orders = Arc::new(orders);
        let runtime = runtime(&orders);
        let expression = Expression::new(&self.expression, self.ast.clone(), &runtime);
        let result = expression.search(value).map_err(|error| {
            Failure::usage(format!("Bad value for --query {}: {}", self.expression, explained(&error)))
        })?;
        Ok(restore(&result, &orders))
    }
}

/// What is wrong, and an arrow that points to it.
fn explained(error: &JmespathError) -> String {
    let JmespathError { offset, expression, reason, .. } = error;
    format!("{reason} at character {}\n{expression}\n{}^", offset + 1, " ".repeat(*offset))
}

/// Finds the keys of every multi-select hash, and makes calls of [`PROJECTED`] of projections of objects.
fn prepare(expression: &mut Ast, orders: &mut Vec<Vec<String>>) {
    if let Ast::MultiHash { elements, .. } = expression {
        orders.push(elements.iter().map(|pair| pair.key.clone()).collect());
    }
    for part in parts(expression) {
        prepare(part, orders);
    }
    if let Ast::ObjectValues { offset, node } = expression {
        let node = mem::replace(&mut **node, Ast::Identity { offset: *offset });
        *expression = Ast::Function { offset: *offset, name: PROJECTED.into(), args: vec![node] };
    }
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

/// The keys of every structure in an output.
fn sent_orders(value: &Value, orders: &mut Vec<Vec<String>>) {
    if let Value::Structure(members) = value {
        orders.push(members.iter().map(|(key, _)| key.clone()).collect());
        for (_, value) in members {
            sent_orders(value, orders);
        }
    }
}

/// What `*` means for an object. No expression can name it so.
const PROJECTED: &str = "*";

/// The functions of JMESPath. Those that show an object's order are ours: the crate sorts members by key.
fn runtime(orders: &Arc<Vec<Vec<String>>>) -> Runtime {
    let mut runtime = Runtime::new();
    runtime.register_builtin_functions();
    let mut register = |name: &str, argument, function: fn(&Variable, &[Vec<String>]) -> Variable| {
        let orders = Arc::clone(orders);
        let call = move |arguments: &[Rcvar], _: &mut Context<'_>| Ok(Rcvar::new(function(&arguments[0], &orders)));
        let signature = Signature::new(vec![argument], None);
        runtime.register_function(name, Box::new(CustomFunction::new(signature, Box::new(call))));
    };
    register(PROJECTED, ArgumentType::Any, values);
    register("values", ArgumentType::Object, values);
    register("keys", ArgumentType::Object, |object, orders| match object {
        Variable::Object(members) => {
            let key = |(key, _): (&String, _)| Rcvar::new(Variable::String(key.clone()));
            Variable::Array(in_order(members, orders).into_iter().map(key).collect())
        }
        _ => Variable::Null,
    });
    register("to_string", ArgumentType::Any, |value, orders| match value {
        Variable::String(text) => Variable::String(text.clone()),
        value => Variable::String(serde_json::to_string(&restore(value, orders)).expect("keys are texts")),
    });
    runtime
}

fn values(object: &Variable, orders: &[Vec<String>]) -> Variable {
    match object {
        Variable::Object(members) => {
            Variable::Array(in_order(members, orders).into_iter().map(|(_, value)| Rcvar::clone(value)).collect())
        }
        _ => Variable::Null,
    }
}

/// A result as it is printed, its members in their order.
fn restore(result: &Variable, orders: &[Vec<String>]) -> Value {
    match result {
        Variable::Null | Variable::Expref(_) => Value::Null,
        Variable::Bool(value) => Value::Bool(*value),
        // Every number that was calculated is a float: a whole one is a whole number again.
        Variable::Number(number) => {
            let whole = number.as_f64().and_then(|float| float.to_string().parse::<i64>().ok());
            Value::Number(whole.map_or_else(|| number.clone(), Into::into))
        }
        Variable::String(text) => Value::Text(text.clone()),
        Variable::Array(elements) => Value::List(elements.iter().map(|element| restore(element, orders)).collect()),
        Variable::Object(members) => {
            let members = in_order(members, orders).into_iter();
            Value::Structure(members.map(|(key, value)| (key.clone(), restore(value, orders))).collect())
        }
    }
}

/// The AWS CLI keeps an output's members in the order of the API model and a multi-select hash's in the order of the expression, so an object
/// whose keys are those of either gets its order back.
fn in_order<'a>(members: &'a BTreeMap<String, Rcvar>, orders: &[Vec<String>]) -> Vec<(&'a String, &'a Rcvar)> {
    let same = |order: &&Vec<String>| order.len() == members.len() && members.keys().all(|key| order.contains(key));
    match orders.iter().find(same) {
        Some(order) => order.iter().filter_map(|key| members.get_key_value(key)).collect(),
        None => members.iter().collect(),
    }
}
