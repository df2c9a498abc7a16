//! Operators between values.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

use super::functions::Refusal;
use super::machine::Machine;
use super::syntax::Binary;
use super::time;
use super::value::{List, Value};

type Done<'a> = Result<Value<'a>, Refusal>;

fn wrong<T>(why: &str) -> Result<T, Refusal> {
    Err(Refusal::Wrong(why.to_owned()))
}

/// Said of numbers that do not fit.
const OVERFLOW: &str = "the number is out of range";

/// Turns a number's sign around.
pub(super) fn negate<'a>(value: &Value<'a>) -> Done<'a> {
    match value {
        Value::Int(value) => {
            value.checked_neg().map_or_else(|| wrong(OVERFLOW), |value| Ok(Value::Int(value)))
        }
        Value::Double(value) => Ok(Value::Double(-value)),
        Value::Duration(span) => {
            span.checked_neg().map_or_else(|| wrong(OVERFLOW), |span| Ok(Value::Duration(span)))
        }
        _ => Err(Refusal::NoOverload),
    }
}

/// Evaluates an operator.
pub(super) fn binary<'a>(
    machine: &mut Machine<'_>,
    operator: Binary,
    left: Value<'a>,
    right: Value<'a>,
) -> Done<'a> {
    match operator {
        // What Kubernetes adds refuses to be asked whether it is something else; whether it is not can be asked.
        Binary::Equal if is_added(&left) && is_other(&left, &right) => Err(Refusal::NoOverload),
        Binary::Equal => compared(machine, &left, &right).map(Value::Bool),
        Binary::NotEqual => compared(machine, &left, &right).map(|same| Value::Bool(!same)),
        Binary::Less => ordered(&left, &right, Ordering::is_lt),
        Binary::LessEqual => ordered(&left, &right, Ordering::is_le),
        Binary::Greater => ordered(&left, &right, Ordering::is_gt),
        Binary::GreaterEqual => ordered(&left, &right, Ordering::is_ge),
        Binary::In => within(machine, &left, &right),
        Binary::Add => add(machine, left, right),
        Binary::Subtract => subtract(&left, &right),
        Binary::Multiply => {
            arithmetic(&left, &right, i64::checked_mul, u64::checked_mul, |one, other| one * other)
        }
        Binary::Divide => match (&left, &right) {
            (_, Value::Int(0) | Value::Uint(0)) => wrong("division by zero"),
            _ => arithmetic(&left, &right, i64::checked_div, u64::checked_div, |one, other| one / other),
        },
        Binary::Remainder => match (&left, &right) {
            (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => wrong("division by zero"),
            (Value::Double(_), _) => Err(Refusal::NoOverload),
            _ => arithmetic(&left, &right, i64::checked_rem, u64::checked_rem, |one, other| one % other),
        },
    }
}

/// Tells whether a value is of a type that Kubernetes adds.
fn is_added(value: &Value<'_>) -> bool {
    matches!(
        value,
        Value::Url(_)
            | Value::Ip(_)
            | Value::Cidr(_)
            | Value::Semver(_)
            | Value::Quantity(_)
            | Value::Format(_)
    )
}

fn is_other(value: &Value<'_>, other: &Value<'_>) -> bool {
    !matches!(other, Value::Null) && value.type_name() != other.type_name()
}

/// Compares two values, however large they are.
fn compared(machine: &mut Machine<'_>, left: &Value<'_>, right: &Value<'_>) -> Result<bool, Refusal> {
    machine.elements(left.size().unwrap_or(0).min(right.size().unwrap_or(0)))?;
    Ok(left.equals(right))
}

fn ordered<'a>(left: &Value<'a>, right: &Value<'a>, is: fn(Ordering) -> bool) -> Done<'a> {
    match left.compare(right) {
        Some(ordering) => Ok(Value::Bool(is(ordering))),
        // What is no number is neither less nor greater.
        None if left.type_name() == "double" || right.type_name() == "double" => match (left, right) {
            (
                Value::Double(_) | Value::Int(_) | Value::Uint(_),
                Value::Double(_) | Value::Int(_) | Value::Uint(_),
            ) => wrong("NaN values cannot be ordered"),
            _ => Err(Refusal::NoOverload),
        },
        None => Err(Refusal::NoOverload),
    }
}

fn within<'a>(machine: &mut Machine<'_>, left: &Value<'a>, right: &Value<'a>) -> Done<'a> {
    machine.elements(right.size().unwrap_or(0))?;
    match right {
        Value::List(list) => Ok(Value::Bool(list.iter().any(|element| element.equals(left)))),
        Value::Map(map) => Ok(Value::Bool(map.get(left).is_some())),
        _ => Err(Refusal::NoOverload),
    }
}

fn add<'a>(machine: &mut Machine<'_>, left: Value<'a>, right: Value<'a>) -> Done<'a> {
    machine.bytes(length(&left) + length(&right))?;
    match (left, right) {
        (Value::String(left), Value::String(right)) => {
            Ok(Value::String(Cow::Owned(left.into_owned() + &right)))
        }
        (Value::Bytes(left), Value::Bytes(right)) => {
            Ok(Value::Bytes(left.iter().chain(right.iter()).copied().collect::<Rc<[u8]>>()))
        }
        (Value::List(left), Value::List(right)) => {
            machine.elements(left.len() + right.len())?;
            Ok(Value::List(List::Made(Rc::new(left.iter().chain(right.iter()).collect()))))
        }
        (Value::Duration(left), Value::Duration(right)) => {
            left.checked_add(right).map_or_else(|| wrong(OVERFLOW), |sum| Ok(Value::Duration(sum)))
        }
        (Value::Timestamp(moment), Value::Duration(span))
        | (Value::Duration(span), Value::Timestamp(moment)) => time::moment(moment + i128::from(span)),
        (left, right) => {
            arithmetic(&left, &right, i64::checked_add, u64::checked_add, |one, other| one + other)
        }
    }
}

fn length(value: &Value<'_>) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
}

fn subtract<'a>(left: &Value<'a>, right: &Value<'a>) -> Done<'a> {
    match (left, right) {
        (Value::Duration(left), Value::Duration(right)) => {
            left.checked_sub(*right).map_or_else(|| wrong(OVERFLOW), |rest| Ok(Value::Duration(rest)))
        }
        (Value::Timestamp(moment), Value::Duration(span)) => time::moment(moment - i128::from(*span)),
        (Value::Timestamp(left), Value::Timestamp(right)) => match i64::try_from(left - right) {
            Ok(span) => Ok(Value::Duration(span)),
            Err(_) => wrong(OVERFLOW),
        },
        _ => arithmetic(left, right, i64::checked_sub, u64::checked_sub, |one, other| one - other),
    }
}

fn arithmetic<'a>(
    left: &Value<'a>,
    right: &Value<'a>,
    int: fn(i64, i64) -> Option<i64>,
    uint: fn(u64, u64) -> Option<u64>,
    double: fn(f64, f64) -> f64,
) -> Done<'a> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => {
            int(*left, *right).map_or_else(|| wrong(OVERFLOW), |value| Ok(Value::Int(value)))
        }
        (Value::Uint(left), Value::Uint(right)) => {
            uint(*left, *right).map_or_else(|| wrong(OVERFLOW), |value| Ok(Value::Uint(value)))
        }
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(double(*left, *right))),
        _ => Err(Refusal::NoOverload),
    }
}
