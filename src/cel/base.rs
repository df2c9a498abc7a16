//! Functions of CEL itself: sizes, types and conversions.

use std::borrow::Cow;
use std::rc::Rc;

use super::functions::Refusal;
use super::machine::Machine;
use super::time;
use super::value::Value;

type Done<'a> = Result<Value<'a>, Refusal>;

fn wrong<T>(why: &str) -> Result<T, Refusal> {
    Err(Refusal::Wrong(why.to_owned()))
}

/// Said of numbers that do not fit.
const OVERFLOW: &str = "the number is out of range";

pub(super) fn size<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    if let [Value::String(text)] = args {
        machine.bytes(text.len())?;
    }
    match args {
        [value] => value
            .size()
            .map(|size| Value::Int(i64::try_from(size).unwrap_or(i64::MAX)))
            .ok_or(Refusal::NoOverload),
        _ => Err(Refusal::NoOverload),
    }
}

pub(super) fn type_of<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    match args {
        [value] => Ok(Value::Type(value.type_name())),
        _ => Err(Refusal::NoOverload),
    }
}

/// Forgets the type.
pub(super) fn same<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    args.first().cloned().ok_or(Refusal::NoOverload)
}

#[expect(clippy::cast_possible_truncation, reason = "the range is looked at before")]
pub(super) fn int<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    /// The first number beyond 64 bits with a sign.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    let number = match args {
        [Value::Int(value)] => Some(*value),
        [Value::Uint(value)] => i64::try_from(*value).ok(),
        [Value::Double(value)] => (*value > -BEYOND && *value < BEYOND).then_some(*value as i64),
        [Value::String(text)] => match parse_int(text) {
            Some(value) => Some(value),
            None => return wrong("the text is no whole number"),
        },
        [Value::Timestamp(moment)] => i64::try_from(moment.div_euclid(time::SECOND)).ok(),
        [Value::Duration(span)] => Some(*span),
        _ => return Err(Refusal::NoOverload),
    };
    number.map_or_else(|| wrong(OVERFLOW), |value| Ok(Value::Int(value)))
}

/// Reads a whole number as Go does: an underscore is none, a plus is fine.
fn parse_int(text: &str) -> Option<i64> {
    text.parse().ok()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is looked at before")]
pub(super) fn uint<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    /// The first number beyond 64 bits.
    const BEYOND: f64 = 18_446_744_073_709_551_616.0;
    let number = match args {
        [Value::Uint(value)] => Some(*value),
        [Value::Int(value)] => u64::try_from(*value).ok(),
        [Value::Double(value)] => (*value >= 0.0 && *value < BEYOND).then_some(*value as u64),
        [Value::String(text)] => {
            match text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten() {
                Some(value) => Some(value),
                None => return wrong("the text is no whole number"),
            }
        }
        _ => return Err(Refusal::NoOverload),
    };
    number.map_or_else(|| wrong(OVERFLOW), |value| Ok(Value::Uint(value)))
}

#[expect(clippy::cast_precision_loss, reason = "what the conversion is")]
pub(super) fn double<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    match args {
        [Value::Double(value)] => Ok(Value::Double(*value)),
        [Value::Int(value)] => Ok(Value::Double(*value as f64)),
        [Value::Uint(value)] => Ok(Value::Double(*value as f64)),
        [Value::String(text)] => match text.parse() {
            Ok(value) => Ok(Value::Double(value)),
            Err(_) => wrong("the text is no number"),
        },
        _ => Err(Refusal::NoOverload),
    }
}

pub(super) fn bool<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    match args {
        [Value::Bool(value)] => Ok(Value::Bool(*value)),
        [Value::String(text)] => match &**text {
            "1" | "t" | "true" | "TRUE" | "True" | "T" => Ok(Value::Bool(true)),
            "0" | "f" | "false" | "FALSE" | "False" | "F" => Ok(Value::Bool(false)),
            _ => wrong("the text is neither true nor false"),
        },
        _ => Err(Refusal::NoOverload),
    }
}

pub(super) fn string<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let text = match args {
        [Value::String(text)] => return Ok(Value::String(text.clone())),
        [Value::Bool(value)] => value.to_string(),
        [Value::Int(value)] => value.to_string(),
        [Value::Uint(value)] => value.to_string(),
        [Value::Double(value)] => show_double(*value),
        [Value::Bytes(bytes)] => {
            machine.bytes(bytes.len())?;
            match String::from_utf8(bytes.to_vec()) {
                Ok(text) => text,
                Err(_) => return wrong("the bytes are no text"),
            }
        }
        [Value::Timestamp(moment)] => time::show_moment(*moment),
        [Value::Duration(span)] => time::show_span(*span),
        [Value::Ip(ip)] => ip.to_string(),
        [Value::Cidr(cidr)] => cidr.to_string(),
        _ => return Err(Refusal::NoOverload),
    };
    Ok(Value::text(text))
}

/// Writes a number as Go's `%g` does: the fewest digits that read back the same, with an exponent where that is below -4 or
/// above 5.
pub(super) fn show_double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let exponent: i32 =
        scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    if value != 0.0 && !(-4..6).contains(&exponent) {
        let digits = scientific.split_once('e').map_or("", |(digits, _)| digits);
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    value.to_string()
}

pub(super) fn bytes<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    match args {
        [Value::Bytes(bytes)] => Ok(Value::Bytes(bytes.clone())),
        [Value::String(text)] => {
            machine.bytes(text.len())?;
            Ok(Value::Bytes(Rc::from(text.as_bytes())))
        }
        _ => Err(Refusal::NoOverload),
    }
}

/// Makes a text of a value, as macros for messages want it.
pub(super) fn text_of<'a>(value: &Value<'a>) -> Option<Cow<'a, str>> {
    match value {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}
