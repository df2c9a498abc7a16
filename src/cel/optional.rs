//! Functions on values that may be none.

use super::functions::Refusal;
use super::machine::Machine;
use super::value::Value;

type Done<'a> = Result<Value<'a>, Refusal>;

pub(super) fn of<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    args.first().cloned().map(Value::some).ok_or(Refusal::NoOverload)
}

pub(super) fn of_non_zero<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let value = args.first().ok_or(Refusal::NoOverload)?;
    Ok(if value.is_zero() { Value::Optional(None) } else { Value::some(value.clone()) })
}

#[expect(clippy::unnecessary_wraps, reason = "functions are of one type")]
pub(super) fn none<'a>(_: &mut Machine<'_>, _: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Optional(None))
}

pub(super) fn has_value<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    match args {
        [Value::Optional(inner)] => Ok(Value::Bool(inner.is_some())),
        _ => Err(Refusal::NoOverload),
    }
}

pub(super) fn value<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    match args {
        [Value::Optional(Some(inner))] => Ok((**inner).clone()),
        [Value::Optional(None)] => Err(Refusal::Wrong("the optional value is none".to_owned())),
        _ => Err(Refusal::NoOverload),
    }
}

pub(super) fn or<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    match args {
        [one @ Value::Optional(inner), other @ Value::Optional(_)] => {
            Ok(if inner.is_some() { one.clone() } else { other.clone() })
        }
        // What is no optional value is there.
        [Value::Optional(_), _] => Err(Refusal::NoOverload),
        [one, _] => Ok(one.clone()),
        _ => Err(Refusal::NoOverload),
    }
}

pub(super) fn or_value<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    match args {
        [Value::Optional(Some(inner)), _] => Ok((**inner).clone()),
        [Value::Optional(None), other] => Ok(other.clone()),
        [one, _] => Ok(one.clone()),
        _ => Err(Refusal::NoOverload),
    }
}
