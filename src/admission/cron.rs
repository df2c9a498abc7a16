//! Schedules of a CronJob: the grammar of `robfig/cron`, `ParseStandard`.

/// A field of a schedule: its noun, its bounds, and names for its values from the least on.
struct Field {
    noun: &'static str,
    least: u32,
    greatest: u32,
    names: &'static [&'static str],
}

const FIELDS: &[Field] = &[
    Field { noun: "minute", least: 0, greatest: 59, names: &[] },
    Field { noun: "hour", least: 0, greatest: 23, names: &[] },
    Field { noun: "day of the month", least: 1, greatest: 31, names: &[] },
    Field {
        noun: "month",
        least: 1,
        greatest: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Field {
        noun: "day of the week",
        least: 0,
        greatest: 6,
        names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    },
];

/// Checks a schedule without a time zone.
///
/// # Errors
/// Says what is wrong, as a fragment.
pub(super) fn parse(text: &str) -> Result<(), String> {
    if text.starts_with('@') {
        return descriptor(text);
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!("it has {} fields, and a schedule has 5", fields.len()));
    }
    fields.iter().zip(FIELDS).try_for_each(|(text, field)| {
        text.split(',').filter(|part| !part.is_empty()).try_for_each(|part| range(part, field))
    })
}

/// Tells whether a schedule that can be read ever comes: the 31st of February does not.
pub(super) fn comes(text: &str) -> bool {
    /// The days of each month, in a leap year.
    const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [_, _, days, months, weekdays] = fields[..] else { return true };
    // Where both kinds of days are named, one of them is enough; a step takes the star its meaning.
    let is_any = |text: &str| {
        text.split(',').any(|part| {
            let (range, step) = part.split_once('/').unwrap_or((part, "1"));
            matches!(range.split('-').next(), Some("*" | "?")) && matches!(step.parse(), Ok(0 | 1))
        })
    };
    if !is_any(weekdays) {
        return true;
    }
    let holds = |text: &str, field: &Field, value: u32| {
        text.split(',').filter(|part| !part.is_empty()).any(|part| {
            bounds(part, field).is_ok_and(|(start, end, step)| {
                (start..=end).contains(&value) && (value - start).is_multiple_of(step.max(1))
            })
        })
    };
    (1..=12).zip(DAYS).any(|(month, last)| {
        holds(months, &FIELDS[3], month) && (1..=last).any(|day| holds(days, &FIELDS[2], day))
    })
}

fn descriptor(text: &str) -> Result<(), String> {
    let known = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    match text.strip_prefix("@every ") {
        Some(period) if is_duration(period) => Ok(()),
        Some(_) => Err("what follows `@every` is no duration such as `1h30m`".to_owned()),
        None if known.contains(&text) => Ok(()),
        None => Err("it is not known by that name".to_owned()),
    }
}

/// `time.ParseDuration`.
fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        if !number.bytes().any(|byte| byte.is_ascii_digit()) || number.matches('.').count() > 1 {
            return false;
        }
        let unit = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        if !matches!(&after[..unit], "ns" | "us" | "µs" | "μs" | "ms" | "s" | "m" | "h") {
            return false;
        }
        rest = &after[unit..];
    }
    true
}

/// `getRange`: a value, a range, either with a step.
fn range(part: &str, field: &Field) -> Result<(), String> {
    bounds(part, field).map(drop)
}

/// Reads a range: its first value, its last one, and its step.
fn bounds(part: &str, field: &Field) -> Result<(u32, u32, u32), String> {
    let noun = field.noun;
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (part, None),
    };
    let (first, last) = match range.split_once('-') {
        Some((first, last)) => (first, Some(last)),
        None => (range, None),
    };
    let (start, mut end) = if matches!(first, "*" | "?") {
        (field.least, field.greatest)
    } else {
        let start = value(first, field)?;
        (start, last.map_or(Ok(start), |last| value(last, field))?)
    };
    let mut by = 1;
    if let Some(step) = step {
        let step = step.parse::<u32>().map_err(|_| format!("the step of the {noun} is no number"))?;
        if step == 0 {
            return Err(format!("the step of the {noun} is 0"));
        }
        if last.is_none() {
            end = field.greatest;
        }
        by = step;
    }
    if start < field.least || end > field.greatest {
        return Err(format!("the {noun} is from {} to {}", field.least, field.greatest));
    }
    if start > end { Err(format!("the range of the {noun} runs backwards")) } else { Ok((start, end, by)) }
}

/// `parseIntOrName`.
fn value(text: &str, field: &Field) -> Result<u32, String> {
    let named = field.names.iter().position(|name| name.eq_ignore_ascii_case(text));
    if let Some(place) = named.and_then(|place| u32::try_from(place).ok()) {
        return Ok(field.least + place);
    }
    text.parse().map_err(|_| format!("the {} is no number", field.noun))
}

#[cfg(test)]
mod tests {
    use super::{comes, parse};

    #[test]
    fn a_day_that_no_month_has_never_comes() {
        for never in ["0 0 31 2 *", "0 0 30 FEB ?", "5 4 31 4,6,9,11 *", "0 0 30-31 2 *", "0 0 31 */2 */1"] {
            assert!(parse(never).is_ok());
            assert_eq!(comes(never), never == "0 0 31 */2 */1", "{never}");
        }
        for often in [
            "0 0 29 2 *",
            "0 0 31 * *",
            "0 0 31 2 MON",
            "0 0 31 2 */2",
            "0 0 31 2,3 *",
            "0 0 */31 2 *",
            "0 0 1 1 *",
            "@daily",
            "@every 1h",
        ] {
            assert!(parse(often).is_ok() && comes(often), "{often}");
        }
    }

    #[test]
    fn schedules_are_those_of_the_server() {
        for good in [
            "* * * * *",
            "*/5 0-23/2 1,15 JAN-mar MON",
            "0 0 * * ?",
            "5/15 * * * *",
            "@daily",
            "@every 1h30m",
            "@every 1.5h",
            "  0 0 1 1 0 ",
            "*-3 * * * *",
        ] {
            assert_eq!(parse(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "5-1 * * * *",
            "*/0 * * * *",
            "*/x * * * *",
            "1-2-3 * * * *",
            "1/2/3 * * * *",
            "MON * * * *",
            "-1 * * * *",
            "@never",
            "@every",
            "@every day",
            "@every 5",
            "0 0 L * *",
            "0 0 * * 5#2",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
