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
    if let Some(step) = step {
        let step = step.parse::<u32>().map_err(|_| format!("the step of the {noun} is no number"))?;
        if step == 0 {
            return Err(format!("the step of the {noun} is 0"));
        }
        if last.is_none() {
            end = field.greatest;
        }
    }
    if start < field.least || end > field.greatest {
        return Err(format!("the {noun} is from {} to {}", field.least, field.greatest));
    }
    if start > end { Err(format!("the range of the {noun} runs backwards")) } else { Ok(()) }
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
    use super::parse;

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
