//! Numbers as kustomize prints them: written as JSON by Go, read by go-yaml, and printed.

use serde_json::Number;

/// The text of a number.
pub(super) fn text(number: &Number) -> String {
    // An integer of 64 bits is printed as it is.
    match number.as_f64() {
        Some(float) if number.is_f64() => float_text(float),
        _ => number.to_string(),
    }
}

/// A float: as an integer where it is one of 64 bits, else as Go's `%g` with as many digits as it needs.
fn float_text(float: f64) -> String {
    let decimal = float.to_string();
    if let Ok(integer) = decimal.parse::<i64>() {
        return integer.to_string();
    }
    if decimal.parse::<u64>().is_ok() {
        return decimal;
    }
    let scientific = format!("{float:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return decimal };
    match exponent.parse::<i32>() {
        // Where Go may write as many digits as it likes, it decides as if they were six.
        Ok(exponent) if !(-4..6).contains(&exponent) => scientific_text(digits, exponent),
        _ => decimal,
    }
}

fn scientific_text(digits: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}
