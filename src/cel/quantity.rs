//! `quantity()`: amounts of Kubernetes, with their sign.
//!
//! Source: `k8s.io/apimachinery/pkg/api/resource`, which keeps what fits into 64 bits as a number and a power of ten, and
//! anything else as a decimal of any length. Here all are nano-units in 128 bits, and what the first form would refuse as a
//! whole number is remembered.

use std::cmp::Ordering;

use super::functions::Refusal;
use super::machine::Machine;
use super::value::Value;

type Done<'a> = Result<Value<'a>, Refusal>;

/// An amount.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    /// In nano-units.
    nanos: i128,
    /// The power of ten of the short form; nothing in the long form.
    scale: Option<i32>,
}

/// Nano-units in one.
const NANO: i128 = 1_000_000_000;
/// The greatest amount, in nano-units.
const MOST: i128 = 9_223_372_036_854_775_807 * NANO;

/// What stands behind the number: the base and its exponent.
fn suffix(text: &str) -> Option<(u32, i32)> {
    const DECIMAL: &[(&str, i32)] = &[
        ("n", -9),
        ("u", -6),
        ("m", -3),
        ("", 0),
        ("k", 3),
        ("M", 6),
        ("G", 9),
        ("T", 12),
        ("P", 15),
        ("E", 18),
    ];
    const BINARY: &[(&str, i32)] = &[("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];
    let find = |table: &[(&str, i32)]| table.iter().find(|(name, _)| *name == text).map(|(_, power)| *power);
    if let Some(power) = find(DECIMAL) {
        return Some((10, power));
    }
    if let Some(power) = find(BINARY) {
        return Some((2, power));
    }
    let exponent = text.strip_prefix(['e', 'E'])?;
    exponent.parse::<i32>().ok().map(|exponent| (10, exponent))
}

impl Quantity {
    /// Reads an amount.
    fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, unit) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        // Kubernetes takes a unit or a sign without a number for zero.
        if fraction.contains('.') || text.is_empty() {
            return None;
        }
        let (base, exponent) = suffix(unit)?;
        let whole = whole.trim_start_matches('0');
        let digits = whole.len() + fraction.len();
        let short = if base == 10 {
            digits <= 18 && exponent - len(fraction) >= -9
        } else {
            fraction.is_empty() && 15 - len(whole) - exponent * 3 / 10 > 0
        };
        let nanos = nanos(whole, fraction, base, exponent);
        let scale = if base == 10 { exponent - len(fraction) } else { 0 };
        Some(Self { nanos: if negative { -nanos } else { nanos }, scale: short.then_some(scale) })
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }

    fn plus(self, other: Self) -> Self {
        let scale = match (self.scale, other.scale) {
            (_, Some(_)) if other.nanos == 0 => self.scale,
            (Some(_), _) if self.nanos == 0 => other.scale,
            (Some(one), Some(other)) => Some(one.min(other)),
            _ => None,
        };
        Self { nanos: self.nanos.saturating_add(other.nanos), scale }
    }

    /// Returns it as a whole number, if the short form can.
    fn whole(self) -> Option<i64> {
        self.scale.filter(|scale| *scale >= 0)?;
        i64::try_from(self.nanos / NANO).ok()
    }
}

fn len(text: &str) -> i32 {
    i32::try_from(text.len()).unwrap_or(i32::MAX)
}

/// Returns the nano-units of a number, rounded up, and no more than the greatest amount.
fn nanos(whole: &str, fraction: &str, base: u32, exponent: i32) -> i128 {
    // More digits than these mean more than the greatest amount, or less than a nano-unit.
    let kept: String = fraction.chars().take(30).collect();
    let lost = fraction.chars().skip(30).any(|c| c != '0');
    if whole.len() > 30 {
        return MOST;
    }
    let text = format!("{whole}{kept}");
    let Ok(digits) = (if text.is_empty() { "0" } else { &text }).parse::<u128>() else {
        // Sixty digits at the most: take fewer behind the point.
        return nanos(whole, &fraction[..8.min(fraction.len())], base, exponent);
    };
    if digits == 0 && !lost {
        return 0;
    }
    let (shift, factor) =
        if base == 2 { (9 - len(&kept), 1u128 << exponent) } else { (exponent + 9 - len(&kept), 1) };
    let scaled = if shift >= 0 {
        10u128
            .checked_pow(shift.unsigned_abs())
            .and_then(|power| digits.checked_mul(power)?.checked_mul(factor))
    } else {
        match (10u128.checked_pow(shift.unsigned_abs()), digits.checked_mul(factor)) {
            (Some(power), Some(digits)) => Some(digits.div_ceil(power)),
            (None, Some(_)) => Some(1),
            _ => None,
        }
    };
    scaled.and_then(|nanos| i128::try_from(nanos).ok()).map_or(MOST, |nanos| nanos.min(MOST))
}

fn two(args: &[Value<'_>]) -> Result<(Quantity, Quantity), Refusal> {
    match args {
        [Value::Quantity(one), Value::Quantity(other)] => Ok((*one, *other)),
        [Value::Quantity(one), Value::Int(other)] => {
            Ok((*one, Quantity { nanos: i128::from(*other) * NANO, scale: Some(0) }))
        }
        _ => Err(Refusal::NoOverload),
    }
}

fn pair(args: &[Value<'_>]) -> Result<Ordering, Refusal> {
    match args {
        [Value::Quantity(one), Value::Quantity(other)] => Ok(one.compare(other)),
        _ => Err(Refusal::NoOverload),
    }
}

fn single(args: &[Value<'_>]) -> Result<Quantity, Refusal> {
    match args {
        [Value::Quantity(quantity)] => Ok(*quantity),
        _ => Err(Refusal::NoOverload),
    }
}

pub(super) fn quantity<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(text)] = args else { return Err(Refusal::NoOverload) };
    machine.bytes(text.len())?;
    Quantity::parse(text)
        .map(Value::Quantity)
        .ok_or_else(|| Refusal::Wrong("the text is no quantity".to_owned()))
}

pub(super) fn is_quantity<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(text)] = args else { return Err(Refusal::NoOverload) };
    machine.bytes(text.len())?;
    Ok(Value::Bool(Quantity::parse(text).is_some()))
}

pub(super) fn sign<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Int(match single(args)?.nanos.signum() {
        -1 => -1,
        0 => 0,
        _ => 1,
    }))
}

pub(super) fn is_integer<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(single(args)?.whole().is_some()))
}

pub(super) fn as_integer<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    single(args)?
        .whole()
        .map(Value::Int)
        .ok_or_else(|| Refusal::Wrong("the quantity is no whole number of 64 bits".to_owned()))
}

#[expect(clippy::cast_precision_loss, reason = "what the function is")]
pub(super) fn as_float<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Double(single(args)?.nanos as f64 / NANO as f64))
}

pub(super) fn add<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let (one, other) = two(args)?;
    Ok(Value::Quantity(one.plus(other)))
}

pub(super) fn sub<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let (one, other) = two(args)?;
    Ok(Value::Quantity(one.plus(Quantity { nanos: -other.nanos, ..other })))
}

pub(super) fn is_greater<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(pair(args)?.is_gt()))
}

pub(super) fn is_less<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(pair(args)?.is_lt()))
}

pub(super) fn compare_to<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Int(pair(args)? as i64))
}
