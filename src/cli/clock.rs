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
        moment::date(i64::try_from(since.as_secs() / SECONDS_OF_A_DAY).unwrap_or(i64::MAX))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_by_hand_is_checked() {
        assert_eq!(parse("2026-07-01"), Ok("2026-07-01".to_owned()));
        for wrong in ["2026-7-1", "2026-13-01", "20260701", "2026-07-32", "2026-02-29", "+026-07-01", "today"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
