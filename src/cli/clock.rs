//! What day it is: the only place that asks.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Global;
use crate::moment::{self, Moment};

const SECONDS_OF_A_DAY: u64 = 86_400;

/// Returns the day that rules about dates go by, as `YYYY-MM-DD`: the one that `--today` says, or
/// today's in UTC.
#[expect(clippy::disallowed_methods, reason = "the day comes in here, and rendering does not see it")]
pub(super) fn today(global: &Global) -> String {
    global.today.clone().unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        date(since.as_secs() / SECONDS_OF_A_DAY)
    })
}

/// Returns the moment that freezes are held against: now, or the first second of the day that `--today` says.
#[expect(clippy::disallowed_methods, reason = "the time comes in here, and rendering does not see it")]
pub(super) fn now(global: &Global) -> Moment {
    if let Some(Ok(moment)) = global.today.as_deref().map(Moment::start) {
        return moment;
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Checks a day that is given by hand.
pub(super) fn parse(text: &str) -> Result<String, String> {
    moment::day(text).map(|_| text.to_owned())
}

/// Returns the date of a day counted from 1970-01-01.
///
/// Years are taken from March on, so that a leap day is the last day of one.
/// Source: <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
fn date(days: u64) -> String {
    let days = days + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        let dates = [0, 59, 10_957, 11_016, 19_782, 20_635].map(date);
        let expected = ["1970-01-01", "1970-03-01", "2000-01-01", "2000-02-29", "2024-02-29", "2026-07-01"];
        assert_eq!(dates, expected);
    }

    #[test]
    fn a_day_by_hand_is_checked() {
        assert_eq!(parse("2026-07-01"), Ok("2026-07-01".to_owned()));
        for wrong in ["2026-7-1", "2026-13-01", "20260701", "2026-07-32", "2026-02-29", "+026-07-01", "today"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
