//! `'%s is %d'.format([...])`.
//!
//! Source: `ext/strings.go` of cel-go, version 0.23, with its signs `s d f e b x X o %`.

use std::fmt::Write as _;

use super::functions::Refusal;
use super::machine::Machine;
use super::value::Value;
use super::{base, time};

/// The most digits behind a point.
const MOST_PRECISION: usize = 64;

fn wrong<T>(why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Wrong(why.into()))
}

/// Counts the signs that a value belongs to.
pub(super) fn signs(pattern: &str) -> Result<usize, Refusal> {
    let mut count = 0;
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' || chars.next_if_eq(&'%').is_some() {
            continue;
        }
        if chars.next_if_eq(&'.').is_some() {
            while chars.next_if(char::is_ascii_digit).is_some() {}
        }
        match chars.next() {
            Some('s' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o') => count += 1,
            Some(other) => return wrong(format!("`%{other}` is no sign of a format")),
            None => return wrong("a sign is missing behind `%`"),
        }
    }
    Ok(count)
}

pub(super) fn format<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Result<Value<'a>, Refusal> {
    let [Value::String(pattern), Value::List(values)] = args else { return Err(Refusal::NoOverload) };
    let mut out = String::new();
    let mut next = 0;
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        if chars.peek() == Some(&'%') {
            chars.next();
            out.push('%');
            continue;
        }
        let mut precision = None;
        if chars.peek() == Some(&'.') {
            chars.next();
            let mut digits = String::new();
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            let number = digits.parse().ok().filter(|number| *number <= MOST_PRECISION);
            precision = Some(number.map_or_else(|| wrong("the precision is no number up to 64"), Ok)?);
        }
        let Some(sign) = chars.next() else { return wrong("a sign is missing behind `%`") };
        let Some(value) = values.get(next) else { return wrong(format!("there is no value {next} for it")) };
        next += 1;
        let start = out.len();
        write(machine, &mut out, sign, precision, &value)?;
        machine.bytes(out.len() - start)?;
    }
    machine.bytes(pattern.len())?;
    Ok(Value::text(out))
}

fn write(
    machine: &mut Machine<'_>,
    out: &mut String,
    sign: char,
    precision: Option<usize>,
    value: &Value<'_>,
) -> Result<(), Refusal> {
    let bad = || wrong(format!("`%{sign}` is not for a value of type {}", value.type_name()));
    let _ = match (sign, value) {
        ('s', value) => return show(machine, out, value, false),
        ('d', Value::Int(value)) => write!(out, "{value}"),
        ('d', Value::Uint(value)) => write!(out, "{value}"),
        ('d' | 'f' | 'e', Value::Double(value)) if !value.is_finite() => {
            out.push_str(&special(*value));
            Ok(())
        }
        ('f', value) => match number(value) {
            Some(value) => {
                grouped(out, &format!("{value:.*}", precision.unwrap_or(6)));
                Ok(())
            }
            None => return bad(),
        },
        ('e', value) => match number(value) {
            Some(value) => {
                // Whatever the precision: the library of the API server has it so.
                let text = format!("{value:.6e}");
                let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                let exponent: i32 = exponent.parse().unwrap_or(0);
                // The library writes it in the manner of English print.
                let sign = if exponent < 0 { "⁻" } else { "" };
                let raised: String = format!("{:02}", exponent.abs()).chars().map(raised).collect();
                write!(out, "{digits}×10{sign}{raised}")
            }
            None => return bad(),
        },
        ('b', Value::Bool(value)) => write!(out, "{}", u8::from(*value)),
        ('b' | 'x' | 'X' | 'o', Value::Int(value)) => {
            if *value < 0 {
                out.push('-');
            }
            whole(out, sign, value.unsigned_abs())
        }
        ('b' | 'x' | 'X' | 'o', Value::Uint(value)) => whole(out, sign, *value),
        ('x' | 'X', Value::String(text)) => hex(out, sign, text.as_bytes()),
        ('x' | 'X', Value::Bytes(bytes)) => hex(out, sign, bytes),
        _ => return bad(),
    };
    Ok(())
}

/// Writes a digit above the line.
fn raised(digit: char) -> char {
    digit.to_digit(10).and_then(|digit| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit as usize)).unwrap_or(digit)
}

/// Puts commas between the thousands.
fn grouped(out: &mut String, number: &str) {
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |number| ("-", number));
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    out.push_str(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(rest);
}

fn special(value: f64) -> String {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
    .to_owned()
}

fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Double(value) => Some(*value),
        _ => None,
    }
}

fn whole(out: &mut String, sign: char, value: u64) -> std::fmt::Result {
    match sign {
        'b' => write!(out, "{value:b}"),
        'x' => write!(out, "{value:x}"),
        'X' => write!(out, "{value:X}"),
        _ => write!(out, "{value:o}"),
    }
}

fn hex(out: &mut String, sign: char, bytes: &[u8]) -> std::fmt::Result {
    bytes.iter().try_for_each(|byte| match sign {
        'x' => write!(out, "{byte:02x}"),
        _ => write!(out, "{byte:02X}"),
    })
}

/// Writes any value; texts within others have quotes.
fn show(machine: &mut Machine<'_>, out: &mut String, value: &Value<'_>, within: bool) -> Result<(), Refusal> {
    machine.step(1)?;
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => out.push_str(&value.to_string()),
        Value::Uint(value) => out.push_str(&value.to_string()),
        Value::Double(value) if !value.is_finite() => out.push_str(&special(*value)),
        Value::Double(value) => out.push_str(&base::show_double(*value)),
        Value::String(text) if within => {
            out.push('"');
            out.push_str(text);
            out.push('"');
        }
        Value::String(text) => out.push_str(text),
        Value::Bytes(bytes) => out.push_str(&String::from_utf8_lossy(bytes)),
        Value::Type(name) => out.push_str(name),
        Value::Duration(span) => out.push_str(&time::show_span(*span)),
        Value::Timestamp(moment) => out.push_str(&time::show_moment(*moment)),
        Value::List(list) => {
            out.push('[');
            for (index, element) in list.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                show(machine, out, &element, true)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            let mut parts = Vec::new();
            for (key, value) in map.iter() {
                let mut part = String::new();
                show(machine, &mut part, &key, true)?;
                part.push(':');
                show(machine, &mut part, &value, true)?;
                parts.push(part);
            }
            parts.sort();
            out.push('{');
            out.push_str(&parts.join(", "));
            out.push('}');
        }
        other => return wrong(format!("`%s` is not for a value of type {}", other.type_name())),
    }
    Ok(())
}
