//! Which texts go-yaml v2 would read as something else if they had no quotes: `resolve.go`, and the numbers to base 60
//! of `encode.go`.

/// Whether a text without quotes is read as a boolean, null, number, point in time, or number to base 60.
pub(super) fn is_more_than_text(text: &str) -> bool {
    match text.bytes().next() {
        None => true,
        Some(b'0'..=b'9' | b'+' | b'-') => {
            is_word(text) || is_time(text) || is_number(text) || is_sexagesimal(text)
        }
        Some(b'.') => is_word(text) || is_float_behind_a_point(text),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => is_word(text),
        Some(_) => false,
    }
}

fn is_word(text: &str) -> bool {
    matches!(
        text,
        "y" | "Y"
            | "yes"
            | "Yes"
            | "YES"
            | "true"
            | "True"
            | "TRUE"
            | "on"
            | "On"
            | "ON"
            | "n"
            | "N"
            | "no"
            | "No"
            | "NO"
            | "false"
            | "False"
            | "FALSE"
            | "off"
            | "Off"
            | "OFF"
            | "~"
            | "null"
            | "Null"
            | "NULL"
            | ".nan"
            | ".NaN"
            | ".NAN"
            | ".inf"
            | ".Inf"
            | ".INF"
            | "+.inf"
            | "+.Inf"
            | "+.INF"
            | "-.inf"
            | "-.Inf"
            | "-.INF"
    )
}

fn is_number(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let binary = match plain.strip_prefix("-0b") {
        Some(digits) if !digits.starts_with(['+', '-']) => Some(format!("-{digits}")),
        Some(_) => None,
        None => plain.strip_prefix("0b").map(ToOwned::to_owned),
    };
    is_integer(&plain) || is_float(&plain) || binary.is_some_and(|digits| fits(&digits, 2))
}

/// What `strconv.ParseInt` or `ParseUint` takes with the base that the text says.
fn is_integer(text: &str) -> bool {
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (&text[..1], digits),
        None => ("", text),
    };
    if digits.starts_with(['+', '-']) {
        return false;
    }
    let (digits, base) = match digits.as_bytes() {
        [b'0', b'b' | b'B', _, ..] => (&digits[2..], 2),
        [b'0', b'o' | b'O', _, ..] => (&digits[2..], 8),
        [b'0', b'x' | b'X', _, ..] => (&digits[2..], 16),
        [b'0', _, ..] => (&digits[1..], 8),
        _ => (digits, 10),
    };
    !digits.starts_with(['+', '-']) && fits(&format!("{sign}{digits}"), base)
}

/// Whether digits with or without a sign are an integer of 64 bits; without, one more bit.
fn fits(digits: &str, base: u32) -> bool {
    let unsigned = !digits.starts_with('+') && u64::from_str_radix(digits, base).is_ok();
    unsigned || i64::from_str_radix(digits, base).is_ok()
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, where it is finite.
fn is_float(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && is_finite(text)
}

/// What `strconv.ParseFloat` takes of a text that starts with a point: `_` stands between digits.
fn is_float_behind_a_point(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let separates = |(at, byte): (usize, &u8)| *byte != b'_' || (digit(at - 1) && digit(at + 1));
    bytes.iter().enumerate().skip(1).all(separates) && is_finite(&text.replace('_', ""))
}

/// Rust reads the decimal floats that Go reads, and these words, which are excluded by how a text starts.
fn is_finite(text: &str) -> bool {
    text.parse().is_ok_and(f64::is_finite)
}

/// A number to base 60, such as `12:30` or `190:20:30.15`: `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`.
fn is_sexagesimal(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let is_first = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_digit())
            && part.bytes().all(|b| b.is_ascii_digit() || b == b'_')
    };
    let is_further = |part: &str| match part.as_bytes() {
        [units] => units.is_ascii_digit(),
        [tens, units] => (b'0'..=b'5').contains(tens) && units.is_ascii_digit(),
        _ => false,
    };
    whole.contains(':')
        && parts.next().is_some_and(is_first)
        && parts.all(is_further)
        && fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_')
}

/// A day, or a day and a time, as Go's `time.Parse` takes it with the four layouts of go-yaml.
fn is_time(text: &str) -> bool {
    let mut rest = Rest(text);
    let Some(year) = rest.digits(4, 4).filter(|_| rest.is('-')) else { return false };
    let Some(month) = rest.digits(1, 2).filter(|_| rest.is('-')) else { return false };
    let Some(day) = rest.digits(1, 2) else { return false };
    if !(1..=12).contains(&month) || day < 1 || day > days_in(month, year) {
        return false;
    }
    let zoned = rest.is('T') || rest.is('t');
    // A blank of a layout takes any number of them, and none at the end.
    let blank = !zoned && rest.is(' ');
    rest.0 = if blank { rest.0.trim_start_matches(' ') } else { rest.0 };
    match (zoned, blank) {
        (true, _) => rest.clock() && rest.zone() && rest.0.is_empty(),
        (false, true) => rest.clock() && rest.0.is_empty(),
        (false, false) => rest.0.is_empty(),
    }
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// What is left to be read of a text.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    /// Takes this character, if it is the next one.
    fn is(&mut self, character: char) -> bool {
        let stripped = self.0.strip_prefix(character);
        self.0 = stripped.unwrap_or(self.0);
        stripped.is_some()
    }

    /// Takes a number of so many digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let length = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        if length < least { None } else { digits.parse().ok() }
    }

    /// Takes hours, minutes, seconds, and a fraction of any length.
    fn clock(&mut self) -> bool {
        let taken = self.digits(1, 2).is_some_and(|hour| hour < 24)
            && self.is(':')
            && self.digits(1, 2).is_some_and(|minute| minute < 60)
            && self.is(':')
            && self.digits(1, 2).is_some_and(|second| second < 60);
        if taken
            && let [b'.' | b',', digit, ..] = self.0.as_bytes()
            && digit.is_ascii_digit()
        {
            self.0 = self.0[1..].trim_start_matches(|c: char| c.is_ascii_digit());
        }
        taken
    }

    /// Takes `Z` or the distance from it. Go allows 24 hours and 60 minutes.
    fn zone(&mut self) -> bool {
        self.is('Z')
            || (self.is('+') || self.is('-'))
                && self.digits(2, 2).is_some_and(|hours| hours <= 24)
                && self.is(':')
                && self.digits(2, 2).is_some_and(|minutes| minutes <= 60)
    }
}
