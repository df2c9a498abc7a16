//! Freezes: when nothing is released.

use std::sync::Arc;

use serde::Deserialize;

use super::{Pattern, Written, read};
use crate::diagnostic::Sink;
use crate::moment::Moment;
use crate::schema::FREEZES;

/// A time in which nothing is released.
#[derive(Clone, Debug)]
pub struct Freeze {
    /// Where.
    pub environments: Vec<Box<str>>,
    /// Of which APIs; empty for all of them.
    pub apis: Vec<Pattern>,
    /// Its first second.
    pub from: Moment,
    /// The second after its last one.
    pub until: Moment,
    /// Why.
    pub reason: Box<str>,
    /// Where it is written.
    pub written: Written,
}

/// A freeze as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawFreeze {
    environments: Vec<Box<str>>,
    #[serde(default)]
    apis: Vec<String>,
    from: String,
    until: String,
    reason: Box<str>,
}

impl Freeze {
    /// Tells whether it holds for an API in an environment at a moment.
    pub fn holds(&self, api: &str, environment: &str, now: Moment) -> bool {
        self.environments.iter().any(|name| **name == *environment)
            && (self.apis.is_empty() || self.apis.iter().any(|pattern| pattern.fits(api)))
            && self.from <= now
            && now < self.until
    }
}

/// Reads the freezes of one file.
pub(super) fn parse(path: &Arc<str>, bytes: Vec<u8>, sink: &mut Sink) -> Vec<Freeze> {
    let mut freezes = Vec::new();
    for (raw, written) in read::entries::<RawFreeze>(path, bytes, &FREEZES, "freezes", sink) {
        // The schema has read them once.
        let (Ok(from), Ok(until)) = (Moment::start(&raw.from), Moment::end(&raw.until)) else { continue };
        let patterns = raw.apis.iter().enumerate();
        let apis = patterns
            .filter_map(|(index, text)| read::pattern(text, &written, &["apis", &index.to_string()], sink));
        let apis: Vec<Pattern> = apis.collect();
        // Without the patterns that cannot be read none would be left, and it would hold for all.
        if apis.is_empty() && !raw.apis.is_empty() {
            continue;
        }
        let RawFreeze { environments, reason, .. } = raw;
        freezes.push(Freeze { environments, apis, from, until, reason, written });
    }
    freezes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freeze_holds_in_its_time_and_place() {
        let mut sink = Sink::default();
        let text = "\
            apiVersion: onramp/v1\n\
            freezes:\n\
            - { environments: [prod], from: \"2026-12-20\", until: \"2026-12-31\", reason: year end }\n\
            - environments: [staging, prod]\n  apis: [\"pay*\"]\n  from: \"2027-03-01T18:00:00+01:00\"\n  \
              until: \"2027-03-01T20:00:00Z\"\n  reason: move of the database\n";
        let freezes = parse(&"freezes/a.yaml".into(), text.into(), &mut sink);
        assert_eq!(sink.into_findings(), []);
        let at = |text: &str| Moment::start(text).unwrap();
        let [year_end, move_] = &freezes[..] else { panic!("{freezes:?}") };
        assert!(year_end.holds("orders", "prod", at("2026-12-20")));
        assert!(year_end.holds("orders", "prod", at("2026-12-31T23:59:59Z")));
        assert!(!year_end.holds("orders", "prod", at("2027-01-01")));
        assert!(!year_end.holds("orders", "prod", at("2026-12-19T23:59:59Z")));
        assert!(!year_end.holds("orders", "staging", at("2026-12-24")));
        assert!(move_.holds("payments", "staging", at("2027-03-01T17:00:00Z")));
        assert!(!move_.holds("payments", "staging", at("2027-03-01T16:59:59Z")));
        assert!(!move_.holds("payments", "staging", at("2027-03-01T20:00:00Z")));
        assert!(!move_.holds("orders", "staging", at("2027-03-01T18:00:00Z")));
    }
}
