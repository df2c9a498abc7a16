//! Moments and spans of time, in UTC.
//!
//! Source: <https://github.com/google/cel-spec/blob/master/doc/langdef.md#timezones>; other time zones than UTC would need
//! their tables and are not known here.

use std::fmt::Write as _;

use super::functions::Refusal;
use super::machine::Machine;
use super::value::Value;

type Done<'a> = Result<Value<'a>, Refusal>;

/// Nanoseconds in a second.
pub(super) const SECOND: i128 = 1_000_000_000;
const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;
/// The first and the last moment: the years 1 to 9999.
const MOMENTS: std::ops::RangeInclusive<i128> = -62_135_596_800 * SECOND..=253_402_300_800 * SECOND - 1;

fn wrong<T>(why: &str) -> Result<T, Refusal> {
    Err(Refusal::Wrong(why.to_owned()))
}

/// Makes a moment of nanoseconds since 1970.
pub(super) fn moment<'a>(nanos: i128) -> Done<'a> {
    if MOMENTS.contains(&nanos) { Ok(Value::Timestamp(nanos)) } else { wrong("the moment is out of range") }
}

/// A day, and the nanoseconds in it.
struct Civil {
    year: i128,
    month: i128,
    day: i128,
    rest: i128,
}

/// Returns the days from 1970 to a day. Source: <https://howardhinnant.github.io/date_algorithms.html>.
fn days(year: i128, month: i128, day: i128) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil(nanos: i128) -> Civil {
    let shifted = nanos.div_euclid(DAY) + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    Civil {
        year: year + era * 400 + i128::from(month <= 2),
        month,
        day: of_year - (153 * from_march + 2) / 5 + 1,
        rest: nanos.rem_euclid(DAY),
    }
}

/// Reads the digits at the start of a text.
fn digits(text: &str, count: usize) -> Option<(i128, &str)> {
    let head = text.get(..count).filter(|head| head.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((head.parse().ok()?, &text[count..]))
}

fn read_date(text: &str) -> Option<(i128, &str)> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let found = days(year, month, day);
    let back = civil(found * DAY);
    // A day that does not exist comes back as another.
    ((back.month, back.day) == (month, day)).then_some((found * DAY, rest))
}

/// Reads a moment as RFC 3339 writes it.
fn read_moment(text: &str) -> Option<i128> {
    let (date, rest) = read_date(text)?;
    let (hour, rest) = digits(rest.strip_prefix('T')?, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (second, mut rest) = digits(rest.strip_prefix(':')?, 2)?;
    let mut nanos = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let kept: String = fraction[..length].chars().chain("000000000".chars()).take(9).collect();
        nanos = kept.parse().ok().filter(|_| length > 0)?;
        rest = &fraction[length..];
    }
    let offset = if rest == "Z" {
        0
    } else {
        let sign = if rest.starts_with('-') { -1 } else { 1 };
        let (hours, rest) = digits(rest.strip_prefix(['+', '-'])?, 2)?;
        let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
        if !rest.is_empty() || hours > 23 || minutes > 59 {
            return None;
        }
        sign * (hours * HOUR + minutes * MINUTE)
    };
    let fits = hour < 24 && minute < 60 && second < 60;
    fits.then_some(date + hour * HOUR + minute * MINUTE + second * SECOND + nanos - offset)
}

/// Reads a span as Go does: `1h30m`.
#[expect(clippy::cast_possible_truncation, reason = "the bounds are looked at before")]
fn read_span(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut sum: i128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|end| *end > 0)?;
        let (number, after) = rest.split_at(end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let unit = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => SECOND,
            "m" => MINUTE,
            "h" => HOUR,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.contains('.') || whole.is_empty() && fraction.is_empty() || number.len() > 30 {
            return None;
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        sum = sum.checked_add(whole.checked_mul(unit)?)?;
        let mut part = unit;
        for digit in fraction.bytes() {
            sum += part * i128::from(digit - b'0') / 10;
            part /= 10;
        }
        rest = after;
    }
    let sum = if negative { -sum } else { sum };
    (i128::from(i64::MIN)..=i128::from(i64::MAX)).contains(&sum).then_some(sum as i64)
}

/// Writes the digits behind the point of a second, without needless zeros.
fn fraction(nanos: i128) -> String {
    if nanos == 0 { String::new() } else { format!(".{nanos:09}").trim_end_matches('0').to_owned() }
}

pub(super) fn show_moment(nanos: i128) -> String {
    let at = civil(nanos);
    let (hours, minutes) = (at.rest / HOUR, at.rest / MINUTE % 60);
    let (seconds, rest) = (at.rest / SECOND % 60, at.rest % SECOND);
    let (year, month, day) = (at.year, at.month, at.day);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}{}Z", fraction(rest))
}

pub(super) fn show_span(span: i64) -> String {
    let nanos = i128::from(span);
    let mut out = String::new();
    if nanos < 0 {
        out.push('-');
    }
    let nanos = nanos.abs();
    let _ = write!(out, "{}{}s", nanos / SECOND, fraction(nanos % SECOND));
    out
}

/// Tells whether a text is a day.
pub(super) fn is_date(text: &str) -> bool {
    read_date(text).is_some_and(|(_, rest)| rest.is_empty())
}

/// Tells whether a text is a moment.
pub(super) fn is_date_time(text: &str) -> bool {
    read_moment(&text.to_ascii_uppercase()).is_some()
}

pub(super) fn duration<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    match args {
        [Value::Duration(span)] => Ok(Value::Duration(*span)),
        [Value::String(text)] => read_span(text)
            .map_or_else(|| wrong("the text is no span of time"), |span| Ok(Value::Duration(span))),
        _ => Err(Refusal::NoOverload),
    }
}

pub(super) fn timestamp<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    match args {
        [Value::Timestamp(nanos)] => Ok(Value::Timestamp(*nanos)),
        [Value::Int(seconds)] => moment(i128::from(*seconds) * SECOND),
        [Value::String(text)] => read_moment(text).map_or_else(|| wrong("the text is no moment"), moment),
        _ => Err(Refusal::NoOverload),
    }
}

/// Asks something of a moment or a span.
fn ask<'a>(
    args: &[Value<'a>],
    of_moment: impl FnOnce(i128) -> i128,
    of_span: impl FnOnce(i128) -> i128,
) -> Done<'a> {
    let number = match args {
        [Value::Timestamp(nanos)] => of_moment(*nanos),
        [Value::Duration(span)] => of_span(i128::from(*span)),
        _ => return Err(Refusal::NoOverload),
    };
    Ok(Value::Int(i64::try_from(number).unwrap_or(i64::MAX)))
}

fn of_moment<'a>(args: &[Value<'a>], of: impl FnOnce(Civil) -> i128) -> Done<'a> {
    ask(args, |nanos| of(civil(nanos)), |span| span)
}

pub(super) fn year<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    of_moment(args, |at| at.year)
}

pub(super) fn month<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    of_moment(args, |at| at.month - 1)
}

pub(super) fn date<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    of_moment(args, |at| at.day)
}

pub(super) fn day_of_month<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    of_moment(args, |at| at.day - 1)
}

pub(super) fn day_of_week<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    // The first of January 1970 was a Thursday.
    ask(args, |nanos| (nanos.div_euclid(DAY) + 4).rem_euclid(7), |span| span)
}

pub(super) fn day_of_year<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    of_moment(args, |at| days(at.year, at.month, at.day) - days(at.year, 1, 1))
}

pub(super) fn hours<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    ask(args, |nanos| nanos.rem_euclid(DAY) / HOUR, |span| span / HOUR)
}

pub(super) fn minutes<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    ask(args, |nanos| nanos.rem_euclid(HOUR) / MINUTE, |span| span / MINUTE)
}

pub(super) fn seconds<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    ask(args, |nanos| nanos.rem_euclid(MINUTE) / SECOND, |span| span / SECOND)
}

pub(super) fn milliseconds<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    ask(args, |nanos| nanos.rem_euclid(SECOND) / 1_000_000, |span| span / 1_000_000)
}
