//! Dates and times of day, as yaml.v3 reads and JSON writes them.

/// Reads `2024-01-05`, `2024-1-5T7:30:00Z` and their like, and returns the point in time as RFC 3339 writes it; nothing
/// where there is no such day or second.
pub(super) fn rfc3339(text: &str) -> Option<String> {
    let (date, clock) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((&text[at..=at], &text[at + 1..]))),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    let (year, month, day) = (number(year)?, short(month)?, short(day)?);
    if !(1..=12).contains(&month) || !(1..=days(year, month)).contains(&day) {
        return None;
    }
    let clock = match clock {
        None => "00:00:00Z".to_owned(),
        Some((separator, clock)) => time(clock, separator != " ")?,
    };
    Some(format!("{year:04}-{month:02}-{day:02}T{clock}"))
}

/// Reads a time of day; behind a `T` it has a zone, behind a blank it has none.
fn time(text: &str, zoned: bool) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(text.len());
    let (clock, zone) = text.split_at(end);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':');
    let (hour, minute, second) = (short(parts.next()?)?, short(parts.next()?)?, short(parts.next()?)?);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let zone = match (zoned, zone) {
        (true, "Z") | (false, "") => "Z".to_owned(),
        (true, zone) => offset(zone)?,
        (false, _) => return None,
    };
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || fraction.len() > 9 {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{hour:02}:{minute:02}:{second:02}{point}{fraction}{zone}"))
}

/// Reads `+02:00`; no difference is `Z`.
fn offset(text: &str) -> Option<String> {
    let (hours, minutes) = text.strip_prefix(['+', '-'])?.split_once(':')?;
    let canonical = hours.len() == 2 && minutes.len() == 2 && number(hours)? <= 24 && number(minutes)? < 60;
    if number(hours)? == 0 && number(minutes)? == 0 {
        return Some("Z".to_owned());
    }
    canonical.then(|| text.to_owned())
}

fn number(digits: &str) -> Option<u32> {
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| all)
}

/// Reads one or two digits.
fn short(digits: &str) -> Option<u32> {
    number(digits).filter(|_| digits.len() <= 2)
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `kustomize build` prints them.
    #[test]
    fn dates_are_points_in_time() {
        for (text, read) in [
            ("2001-01-01", Some("2001-01-01T00:00:00Z")),
            ("2001-1-2", Some("2001-01-02T00:00:00Z")),
            ("2001-01-01T07:30:00Z", Some("2001-01-01T07:30:00Z")),
            ("2001-01-01t7:30:00.500+02:00", Some("2001-01-01T07:30:00.5+02:00")),
            ("2001-01-01 07:30:00", Some("2001-01-01T07:30:00Z")),
            ("2001-02-29", None),
            ("2001-01-01 07:30:00 +1", None),
        ] {
            assert_eq!(rfc3339(text).as_deref(), read, "{text}");
        }
    }
}
