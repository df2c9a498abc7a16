//! Days and moments as files write them, as numbers that can be compared.

use std::fmt;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A moment: seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// Reads where a period begins: a moment (RFC 3339), or a day (`YYYY-MM-DD`, in UTC), of which it is the first
    /// second.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn start(text: &str) -> Result<Self, String> {
        if text.len() == 10 { day(text).map(|day| Self(day * DAY)) } else { moment(text) }
    }

    /// Reads where a period is over: a moment, or a day, which belongs to the period as a whole.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn end(text: &str) -> Result<Self, String> {
        if text.len() == 10 { day(text).map(|day| Self((day + 1) * DAY)) } else { moment(text) }
    }
}

impl fmt::Display for Moment {
    /// Writes it as RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, of_day) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        write!(f, "{}T{:02}:{:02}:{:02}Z", date(days), of_day / 3_600, of_day / 60 % 60, of_day % 60)
    }
}

/// Returns the date of a day counted from 1970-01-01, as `YYYY-MM-DD`.
///
/// Years are taken from March on, so that a leap day is the last day of one.
/// Source: <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
pub fn date(days: i64) -> String {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Reads `YYYY-MM-DD` as the number of days since 1970-01-01.
///
/// # Errors
/// Says what is wrong with the text.
pub fn day(text: &str) -> Result<i64, String> {
    let wrong = || "it is not written as YYYY-MM-DD".to_owned();
    let [year, month, day] = numbers(text, [4, 2, 2], b"--").ok_or_else(wrong)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return Err(format!("there is no month {month}")),
    };
    if !(1..=days).contains(&day) {
        return Err(format!("the month has no day {day}"));
    }
    // Years are taken from March on, so that a leap day is the last day of one.
    // Source: <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>.
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    Ok(year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468)
}

/// Reads a moment of RFC 3339, such as `2026-12-20T18:00:00+01:00`.
fn moment(text: &str) -> Result<Moment, String> {
    let wrong = || "it is written neither as YYYY-MM-DD nor as YYYY-MM-DDThh:mm:ssZ".to_owned();
    let (date, rest) = text.split_at_checked(10).ok_or_else(wrong)?;
    let (time, zone) =
        rest.strip_prefix(['T', 't']).and_then(|rest| rest.split_at_checked(8)).ok_or_else(wrong)?;
    let [hours, minutes, seconds] = numbers(time, [2, 2, 2], b"::").ok_or_else(wrong)?;
    // A fraction of a second decides nothing here.
    let zone = match zone.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            (zone.len() < fraction.len()).then_some(zone).ok_or_else(wrong)?
        }
        None => zone,
    };
    let offset = match zone.split_at_checked(1) {
        Some(("Z" | "z", "")) => 0,
        Some((sign @ ("+" | "-"), offset)) => {
            let [hours, minutes] = numbers(offset, [2, 2], b":").ok_or_else(wrong)?;
            if hours > 23 || minutes > 59 {
                return Err("there is no such offset".to_owned());
            }
            (hours * 3_600 + minutes * 60) * if sign == "-" { -1 } else { 1 }
        }
        _ => return Err("it does not say from which clock: end it with `Z` for UTC, or `+01:00`".to_owned()),
    };
    // A leap second counts as the second after it.
    if hours > 23 || minutes > 59 || seconds > 60 {
        return Err("there is no such time of day".to_owned());
    }
    Ok(Moment(day(date)? * DAY + hours * 3_600 + minutes * 60 + seconds - offset))
}

/// Reads numbers of fixed lengths with one byte between each two.
fn numbers<const N: usize>(text: &str, lengths: [usize; N], between: &[u8]) -> Option<[i64; N]> {
    let mut rest = text.as_bytes();
    let mut found = [0; N];
    for (index, length) in lengths.into_iter().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(&between[index - 1..index])?;
        }
        let (digits, after) = rest.split_at_checked(length)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        found[index] = digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
        rest = after;
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_numbers() {
        let days = ["1970-01-01", "1970-03-01", "2000-01-01", "2000-02-29", "2024-02-29", "2026-07-01"];
        let expected = [0, 59, 10_957, 11_016, 19_782, 20_635];
        assert_eq!(days.map(|text| day(text).unwrap()), expected);
        for wrong in ["2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-04-31", "2026-01-00"] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "2026-1-01", "2026/01/01", "+026-01-01", "2026-01-011", "2026-01-0é"] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn days_and_moments_are_written_as_they_are_read() {
        let dates = [0, 59, 10_957, 11_016, 19_782, 20_635].map(date);
        let expected = ["1970-01-01", "1970-03-01", "2000-01-01", "2000-02-29", "2024-02-29", "2026-07-01"];
        assert_eq!(dates, expected);
        for text in ["1969-12-31T23:59:59Z", "2026-11-21T08:05:09Z"] {
            assert_eq!(Moment::start(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn moments_know_their_clock() {
        let noon = Moment::start("1970-01-02T12:00:00Z").unwrap();
        assert_eq!(noon, Moment(DAY + 43_200));
        for same in ["1970-01-02T13:30:00+01:30", "1970-01-02t04:00:00.123-08:00", "1970-01-02T12:00:00z"] {
            assert_eq!(Moment::start(same), Ok(noon), "{same}");
            assert_eq!(Moment::end(same), Ok(noon), "{same}");
        }
        for wrong in [
            "1970-01-02T12:00:00",
            "1970-01-02 12:00:00Z",
            "1970-01-02T24:00:00Z",
            "1970-01-02T12:00Z",
            "1970-01-02T12:00:00.Z",
            "1970-01-02T12:00:00+1:00",
            "1970-01-02T12:00:00+24:00",
            "1970-01-02T12:00:00ZZ",
            "1970-01-0éT12:00:00Z",
            "today",
        ] {
            assert!(Moment::start(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_day_belongs_to_its_period() {
        assert_eq!(Moment::start("1970-01-02"), Ok(Moment(DAY)));
        assert_eq!(Moment::end("1970-01-02"), Ok(Moment(2 * DAY)));
    }
}
