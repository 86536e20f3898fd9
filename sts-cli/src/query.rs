//! `--query`: [JMESPath](https://jmespath.org/specification.html), applied to the output before it is formatted.

use jmespath::{Expression, JmespathError, Variable, ast::Ast};
use std::str::FromStr;

use crate::{failure::Failure, output::Value};

#[derive(Clone)]
pub(crate) struct Query(Expression<'static>);

impl FromStr for Query {
    type Err = String;

    fn from_str(expression: &str) -> Result<Self, String> {
        // The parser calls itself for each level, and the stack has an end.
        if expression.bytes().filter(u8::is_ascii_punctuation).count() > MAX_OPERATORS {
            return Err(format!("more than {MAX_OPERATORS} operators"));
        }
        jmespath::compile(expression).map(Self).map_err(|error| explained(&error))
    }
}

const MAX_OPERATORS: usize = 256;

impl Query {
    pub(crate) fn apply(&self, value: &Value) -> Result<Value, Failure> {
        let result = self.0.search(value).map_err(|error| {
            Failure::usage(format!("Bad value for --query {}: {}", self.0.as_str(), explained(&error)))
        })?;
        let mut orders = Vec::new();
        written_orders(self.0.as_ast(), &mut orders);
        sent_orders(value, &mut orders);
        Ok(restore(&result, &orders))
    }
}

/// What is wrong, and an arrow that points to it.
fn explained(error: &JmespathError) -> String {
    let JmespathError { offset, expression, reason, .. } = error;
    format!("{reason} at character {}\n{expression}\n{}^", offset + 1, " ".repeat(*offset))
}

/// The crate sorts members by key. The AWS CLI keeps an output's members in the order of the API model and a
/// multi-select hash's in the order of the expression, so a result whose keys are those of either gets its order back.
fn restore(result: &Variable, orders: &[Vec<&str>]) -> Value {
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
            let mut members: Vec<_> =
                members.iter().map(|(key, value)| (key.clone(), restore(value, orders))).collect();
            let position = |order: &Vec<&str>, key: &str| order.iter().position(|known| *known == key);
            let same = |order: &&Vec<&str>| {
                order.len() == members.len() && members.iter().all(|(key, _)| position(order, key).is_some())
            };
            if let Some(order) = orders.iter().find(same) {
                members.sort_by_key(|(key, _)| position(order, key));
            }
            Value::Structure(members)
        }
    }
}

/// The keys of every structure in an output.
fn sent_orders<'a>(value: &'a Value, orders: &mut Vec<Vec<&'a str>>) {
    if let Value::Structure(members) = value {
        orders.push(members.iter().map(|(key, _)| key.as_str()).collect());
        for (_, value) in members {
            sent_orders(value, orders);
        }
    }
}

/// The keys of every multi-select hash in an expression.
fn written_orders<'a>(expression: &'a Ast, orders: &mut Vec<Vec<&'a str>>) {
    let parts: Vec<&Ast> = match expression {
        Ast::MultiHash { elements, .. } => {
            orders.push(elements.iter().map(|pair| pair.key.as_str()).collect());
            elements.iter().map(|pair| &pair.value).collect()
        }
        Ast::MultiList { elements: nodes, .. } | Ast::Function { args: nodes, .. } => nodes.iter().collect(),
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
    };
    for part in parts {
        written_orders(part, orders);
    }
}
