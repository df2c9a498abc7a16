//! What a plain scalar means, and to whom: the one place that `parse` and `emit` share.
//!
//! A reader of YAML 1.2 has three booleans' worth of words, one octal and no dates. The readers of
//! Kubernetes (sigs.k8s.io/yaml over goyaml.v2), of Kustomize (yaml.v3) and of Python each keep a
//! different part of YAML 1.1. [`resolve`] answers with a value only where all of them agree.

mod timestamp;

use serde_json::{Number, Value as Json};

/// What a plain scalar says.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer, or a float within range.
    Number(Number),
    /// Infinity or not-a-number, which JSON cannot say.
    NonFinite,
    /// Text, to every reader.
    Text,
    /// One thing to some readers, another to others.
    Ambiguous(Ambiguity),
}

/// How the readings of a plain scalar differ. Each is given in Markdown: `` `true` ``, `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguity {
    /// What some readers see.
    pub some: String,
    /// What others see.
    pub others: String,
    /// Ways to write the readings that are not text, in code marks, joined by "or"; `None` where there is none.
    pub instead: Option<String>,
}

/// Says how the readings of a plain scalar differ, if they do.
pub fn ambiguity(text: &str) -> Option<Ambiguity> {
    match resolve(text) {
        Scalar::Ambiguous(ambiguity) => Some(ambiguity),
        _ => None,
    }
}

/// Says what a plain scalar means.
pub fn resolve(text: &str) -> Scalar {
    // Nothing else starts a scalar that any reader takes for more than text.
    let Some(first) = text.bytes().next() else { return Scalar::Null };
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        b'~' | b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' => word(text),
        b'=' if text == "=" => ambiguous("a YAML 1.1 default marker", "text", None),
        b'<' if text == "<<" => ambiguous("a YAML 1.1 merge marker", "text", None),
        _ => Scalar::Text,
    }
}

/// Reads a plain scalar as `kubectl` does, wherever others read it otherwise: by `resolve.go` of goyaml.v2, and then as
/// JSON, which has no points in time.
pub(super) fn as_kubernetes(text: &str) -> Json {
    if !matches!(resolve(text), Scalar::Ambiguous(_)) {
        return text.into();
    }
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return true.into(),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return false.into(),
        _ => {}
    }
    let bare: String = text.chars().filter(|c| *c != '_').collect();
    let digits = bare.strip_prefix(['+', '-']).unwrap_or(&bare);
    let negative = bare.starts_with('-');
    let based_number = match radix_of(digits) {
        Some((radix, rest)) => based(rest, radix, negative),
        None if is_decimal(digits) && digits.len() > 1 && digits.starts_with('0') => {
            based(digits, 8, negative)
        }
        None if is_decimal(digits) => decimal(&bare),
        None => None,
    };
    let float = || is_float(digits).then(|| bare.parse().ok().and_then(Number::from_f64)).flatten();
    based_number.or_else(float).map_or_else(|| text.into(), Json::Number)
}

/// Reads a plain scalar as kustomize does, wherever others read it otherwise: by `resolve.go` of yaml.v3, and then as
/// JSON. `on` is text there, `0755` is 493, and a day is its first second.
pub fn as_kustomize(text: &str) -> Json {
    if !matches!(resolve(text), Scalar::Ambiguous(_)) {
        return text.into();
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return text.into();
    }
    if is_date(text) {
        return timestamp::rfc3339(text).map_or_else(|| text.into(), Json::String);
    }
    as_kubernetes(text)
}

/// Tells whether kustomize reads a plain scalar as the text that it is.
pub fn is_text_to_kustomize(text: &str) -> bool {
    match resolve(text) {
        Scalar::Text => true,
        Scalar::Ambiguous(_) => text != "<<" && !is_date(text) && as_kustomize(text) == text,
        Scalar::Null | Scalar::Bool(_) | Scalar::Number(_) | Scalar::NonFinite => false,
    }
}

fn word(text: &str) -> Scalar {
    match text {
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            ambiguous("`true`", "text", Some("`true`".to_owned()))
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            ambiguous("`false`", "text", Some("`false`".to_owned()))
        }
        _ => Scalar::Text,
    }
}

/// Reads what starts with a digit, a sign or a point.
fn number(text: &str) -> Scalar {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Scalar::NonFinite;
    }
    if is_date(text) {
        return ambiguous("a point in time", "text", None);
    }
    if is_sexagesimal(text) {
        return numeric_or_text(base_60(text));
    }
    // goyaml drops every underscore before it looks; Python keeps to underscores after a digit. The
    // union of the two is what some reader takes for a number.
    let bare: String = text.chars().filter(|c| *c != '_').collect();
    let underscored = bare.len() != text.len();
    if underscored && text.starts_with("._") {
        return Scalar::Text;
    }
    let digits = bare.strip_prefix(['+', '-']).unwrap_or(&bare);
    let negative = bare.starts_with('-');
    if is_decimal(digits) {
        let plain = decimal(&bare);
        if digits.len() > 1 && digits.starts_with('0') {
            return leading_zero(digits, negative, underscored);
        }
        return if underscored { numeric_or_text(plain) } else { plain.map_or(Scalar::Text, Scalar::Number) };
    }
    if let Some((radix, rest)) = radix_of(digits) {
        // goyaml takes a second sign there: `0b-1` is -1 to `kubectl`.
        if radix == 2 && rest.strip_prefix(['+', '-']).is_some_and(is_decimal) {
            return numeric_or_text(None);
        }
        if !rest.chars().all(|c| c.is_digit(radix)) {
            return Scalar::Text;
        }
        // Python takes `0x_` for a number and then stumbles over it.
        if rest.is_empty() {
            return if underscored && radix != 8 { numeric_or_text(None) } else { Scalar::Text };
        }
        let value = based(rest, radix, negative);
        // Only `0x1f` is the same number to all, and only while it fits.
        return match value {
            Some(value) if text.starts_with("0x") && !underscored => Scalar::Number(value),
            value => numeric_or_text(value),
        };
    }
    if is_float(digits) {
        let Ok(value) = bare.parse::<f64>() else { return Scalar::Text };
        let value = Number::from_f64(value);
        return match value {
            None => Scalar::NonFinite,
            Some(value) if underscored => numeric_or_text(Some(value)),
            Some(value) => Scalar::Number(value),
        };
    }
    Scalar::Text
}

/// `0755` is octal to Kubernetes, decimal to YAML 1.2, text to a third; `08` is not even octal.
fn leading_zero(digits: &str, negative: bool, underscored: bool) -> Scalar {
    let octal = based(digits, 8, negative);
    let sign = if negative { "-" } else { "" };
    let decimal = decimal(&format!("{sign}{digits}"));
    match (octal, decimal) {
        (Some(octal), Some(decimal)) if octal != decimal && !underscored => ambiguous(
            &format!("`{octal}`"),
            &format!("`{decimal}`"),
            Some(format!("`{octal}` or `{decimal}`")),
        ),
        (octal, decimal) => numeric_or_text(octal.or(decimal)),
    }
}

/// A number to some and text to others.
fn numeric_or_text(value: Option<Number>) -> Scalar {
    match value {
        Some(value) => ambiguous(&format!("`{value}`"), "text", Some(format!("`{value}`"))),
        None => ambiguous("a number", "text", None),
    }
}

fn ambiguous(some: &str, others: &str, instead: Option<String>) -> Scalar {
    Scalar::Ambiguous(Ambiguity { some: some.to_owned(), others: others.to_owned(), instead })
}

fn is_decimal(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads digits with an optional sign: as an integer while it fits, else as a float.
fn decimal(text: &str) -> Option<Number> {
    let text = text.strip_prefix('+').unwrap_or(text);
    if let Ok(value) = text.parse::<i64>() {
        return Some(value.into());
    }
    if let Ok(value) = text.parse::<u64>() {
        return Some(value.into());
    }
    Number::from_f64(text.parse().ok()?)
}

/// Splits `0x1f`, `0o17` and `0b1`, in either case as Go takes them.
fn radix_of(digits: &str) -> Option<(u32, &str)> {
    let rest = digits.strip_prefix('0')?;
    let radix = match rest.bytes().next()? {
        b'x' | b'X' => 16,
        b'o' | b'O' => 8,
        b'b' | b'B' => 2,
        _ => return None,
    };
    Some((radix, &rest[1..]))
}

fn based(digits: &str, radix: u32, negative: bool) -> Option<Number> {
    let value = u64::from_str_radix(digits, radix).ok()?;
    if negative { i64::try_from(-i128::from(value)).ok().map(Number::from) } else { Some(value.into()) }
}

/// `\.[0-9]+|[0-9]+(\.[0-9]*)?` and an optional exponent.
fn is_float(digits: &str) -> bool {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole)
        && fraction.is_none_or(all_digits)
        && !(whole.is_empty() && fraction.is_none_or(str::is_empty))
        && exponent.is_none_or(|exponent| is_decimal(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// Base 60, as YAML 1.1 has it for times: `12:30`, `1:30:45.5`.
fn is_sexagesimal(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let Some((first, rest)) = whole.split_once(':') else { return false };
    first.starts_with(|c: char| c.is_ascii_digit())
        && digits(first)
        && digits(fraction)
        && rest.split(':').all(|part| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']))
}

/// Returns the number that base 60 makes: 750 for `12:30`. None where it does not fit or has a fraction.
fn base_60(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text).replace('_', "");
    let mut value = 0_i64;
    for part in unsigned.split(':') {
        value = value.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    Some(Number::from(if text.starts_with('-') { -value } else { value }))
}

/// `2024-01-05`, `2024-1-5`, and the same with a time of day behind it.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let end = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (day, time) = rest.split_at(end);
    if year.len() != 4 || !is_decimal(year) || !is_decimal(month) || !is_decimal(day) {
        return false;
    }
    if month.len() > 2 || day.len() > 2 {
        return false;
    }
    let Some(separator) = time.chars().next() else { return true };
    let clock = time[separator.len_utf8()..].trim_start_matches([' ', '\t']);
    // The zone and the fraction vary between readers; anything clock-like counts.
    matches!(separator, 'T' | 't' | ' ' | '\t')
        && clock.contains(':')
        && clock.starts_with(|c: char| c.is_ascii_digit())
        && clock
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | '+' | '-' | 'Z' | 'z' | ' ' | '\t'))
}

/// Tells whether every reader takes the plain scalar for text, and with a margin: readers exist that
/// take `tRue` or `NaN` for more.
pub(super) fn is_text_to_all(text: &str) -> bool {
    const WORDS: [&str; 13] =
        ["null", "true", "false", "yes", "no", "y", "n", "on", "off", "nan", "inf", "infinity", "~"];
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let unsigned = unsigned.strip_prefix('.').unwrap_or(unsigned);
    resolve(text) == Scalar::Text && !WORDS.iter().any(|word| unsigned.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests;
