//! Functions on lists: those of Kubernetes, and sets.

use std::cmp::Ordering;

use super::functions::Refusal;
use super::machine::Machine;
use super::operators;
use super::syntax::Binary;
use super::value::{List, Value};

type Done<'a> = Result<Value<'a>, Refusal>;

fn list<'v, 'a>(machine: &mut Machine<'_>, args: &'v [Value<'a>]) -> Result<&'v List<'a>, Refusal> {
    let Some(Value::List(list)) = args.first() else { return Err(Refusal::NoOverload) };
    machine.elements(list.len())?;
    Ok(list)
}

pub(super) fn is_sorted<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let list = list(machine, args)?;
    let pairs = list.iter().zip(list.iter().skip(1));
    for (one, next) in pairs {
        if order(&one, &next)? == Ordering::Greater {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

pub(super) fn sum<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let list = list(machine, args)?;
    let mut elements = list.iter();
    let Some(first) = elements.next() else { return Ok(Value::Int(0)) };
    if !matches!(first, Value::Int(_) | Value::Uint(_) | Value::Double(_) | Value::Duration(_)) {
        return Err(Refusal::NoOverload);
    }
    elements.try_fold(first, |sum, next| operators::binary(machine, Binary::Add, sum, next))
}

pub(super) fn min<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    best(list(machine, args)?, Ordering::Less)
}

pub(super) fn max<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    best(list(machine, args)?, Ordering::Greater)
}

/// Compares two elements. Of those that have an order, but none with each other, neither is before the other.
fn order(one: &Value<'_>, other: &Value<'_>) -> Result<Ordering, Refusal> {
    let has_order = |value: &Value<'_>| {
        matches!(
            value,
            Value::Bool(_)
                | Value::Int(_)
                | Value::Uint(_)
                | Value::Double(_)
                | Value::String(_)
                | Value::Bytes(_)
                | Value::Duration(_)
                | Value::Timestamp(_)
        )
    };
    match one.compare(other) {
        Some(ordering) => Ok(ordering),
        None if has_order(one) && has_order(other) => Ok(Ordering::Equal),
        None => Err(Refusal::NoOverload),
    }
}

fn best<'a>(list: &List<'a>, wanted: Ordering) -> Done<'a> {
    let mut best: Option<Value<'a>> = None;
    for next in list.iter() {
        let better = match &best {
            None => true,
            Some(best) => order(&next, best)? == wanted,
        };
        if better {
            best = Some(next);
        }
    }
    best.ok_or_else(|| Refusal::Wrong("the list is empty".to_owned()))
}

pub(super) fn index_of<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let list = list(machine, args)?;
    let item = args.get(1).ok_or(Refusal::NoOverload)?;
    Ok(place(list.iter().position(|element| element.equals(item))))
}

pub(super) fn last_index_of<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let list = list(machine, args)?;
    let item = args.get(1).ok_or(Refusal::NoOverload)?;
    Ok(place(
        (0..list.len()).rev().find(|index| list.get(*index).is_some_and(|element| element.equals(item))),
    ))
}

fn place(index: Option<usize>) -> Value<'static> {
    Value::Int(index.and_then(|index| i64::try_from(index).ok()).unwrap_or(-1))
}

fn sets<'v, 'a>(
    machine: &mut Machine<'_>,
    args: &'v [Value<'a>],
) -> Result<(&'v List<'a>, &'v List<'a>), Refusal> {
    let [Value::List(one), Value::List(other)] = args else { return Err(Refusal::NoOverload) };
    machine.elements(one.len().saturating_mul(other.len()))?;
    Ok((one, other))
}

/// Tells whether each element of the second list is in the first.
fn holds<'a>(one: &List<'a>, other: &List<'a>) -> bool {
    other.iter().all(|wanted| one.iter().any(|element| element.equals(&wanted)))
}

pub(super) fn set_contains<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let (one, other) = sets(machine, args)?;
    Ok(Value::Bool(holds(one, other)))
}

pub(super) fn set_equivalent<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let (one, other) = sets(machine, args)?;
    Ok(Value::Bool(holds(one, other) && holds(other, one)))
}

pub(super) fn set_intersects<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let (one, other) = sets(machine, args)?;
    Ok(Value::Bool(other.iter().any(|wanted| one.iter().any(|element| element.equals(&wanted)))))
}
