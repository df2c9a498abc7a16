//! The baseline: findings that were there when a fleet began to be looked at. They do not count, and may only get fewer.
//!
//! A finding is known again by its code, its API, its file and its message without numbers, not by its line, so that an edit
//! elsewhere in the file changes nothing. Where several look the same, their count is kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Code, Diagnostic, Location, Severity, WaivedBy, count};

/// The version of the file; it rises when a reader of the old one would go wrong.
const VERSION: u32 = 1;

/// The most bytes of a baseline that are read.
pub const MAX_BASELINE: u64 = 32 << 20;

/// A finding of the baseline that is no more.
pub static FIXED_BASELINE_ENTRY: Code = Code::new(
    "fixed-baseline-entry",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../docs/rules/fixed-baseline-entry.md"),
);

/// What makes findings the same. The order is that of the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Key {
    path: Box<str>,
    code: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api: Option<Box<str>>,
    message: Box<str>,
}

/// An entry as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    path: Box<str>,
    code: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api: Option<Box<str>>,
    message: Box<str>,
    count: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBaseline {
    version: u32,
    findings: Vec<RawEntry>,
}

/// How many findings of each kind are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    known: BTreeMap<Key, usize>,
    /// Where entries stand in the file, of those that have a line of their own.
    places: BTreeMap<Key, Range<usize>>,
}

/// What a baseline did to findings.
#[derive(Debug, PartialEq, Eq)]
pub struct Covered {
    /// Which of the findings it covers, in their order.
    pub covered: Vec<bool>,
    /// How many of each kind were covered.
    found: BTreeMap<Key, usize>,
}

/// Which findings can be known to be gone.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Tells it of a code and an API.
    pub is_known: &'a dyn Fn(&str, Option<&str>) -> bool,
}

impl Key {
    fn of(finding: &Diagnostic) -> Self {
        Self {
            path: (*finding.primary.path).into(),
            code: finding.code.name.into(),
            api: finding.api.as_deref().map(Into::into),
            message: without_numbers(&finding.message).into(),
        }
    }
}

/// Writes `#` for each number of a message: counts and sizes change without making another finding of it.
fn without_numbers(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    for c in message.chars() {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            c => out.push(c),
        }
    }
    out
}

impl Baseline {
    /// Reads a file.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let raw: RawBaseline = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if raw.version != VERSION {
            return Err(format!("it is of version {}, and version {VERSION} can be read", raw.version));
        }
        let mut known = BTreeMap::new();
        for entry in raw.findings {
            let RawEntry { path, code, api, message, count } = entry;
            // A merge may leave an entry of each side.
            let kept = known.entry(Key { path, code, api, message }).or_insert(0_usize);
            *kept = (*kept).max(count);
        }
        let mut places = BTreeMap::new();
        let mut start = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let text = line.trim_ascii().strip_suffix(b",").unwrap_or(line.trim_ascii());
            if let Ok(RawEntry { path, code, api, message, .. }) = serde_json::from_slice(text) {
                let indent = line.len() - line.trim_ascii_start().len();
                places.insert(Key { path, code, api, message }, start + indent..start + indent + text.len());
            }
            start += line.len();
        }
        Ok(Self { known, places })
    }

    /// Takes all findings that may be in a baseline.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Diagnostic>) -> Self {
        let mut known = BTreeMap::new();
        for finding in findings.into_iter().filter(|finding| may_be_known(finding)) {
            *known.entry(Key::of(finding)).or_insert(0) += 1;
        }
        Self { known, places: BTreeMap::new() }
    }

    /// Tells how many findings it knows.
    pub fn len(&self) -> usize {
        self.known.values().sum()
    }

    /// Tells whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Finds which of the findings are known. Where there are more of a kind than are known, the first ones are.
    pub fn cover<'a>(&self, findings: impl IntoIterator<Item = &'a Diagnostic>) -> Covered {
        let mut found = BTreeMap::new();
        let mut is_covered = |finding: &Diagnostic| {
            let key = Key::of(finding);
            let most = self.known.get(&key).copied().unwrap_or(0);
            if most == 0 || !may_be_known(finding) {
                return false;
            }
            let so_far = found.entry(key).or_insert(0_usize);
            let covers = *so_far < most;
            *so_far += usize::from(covers);
            covers
        };
        let covered = findings.into_iter().map(&mut is_covered).collect();
        Covered { covered, found }
    }

    /// Takes out what is no more, as far as that can be known. Nothing is ever added.
    #[must_use]
    pub fn lowered(&self, covered: &Covered, scope: Scope<'_>) -> Self {
        let lowered = self.known.iter().filter_map(|(key, most)| {
            let found = covered.found.get(key).copied().unwrap_or(0);
            let kept = if (scope.is_known)(&key.code, key.api.as_deref()) { found } else { *most };
            (kept > 0).then(|| (key.clone(), kept))
        });
        Self { known: lowered.collect(), places: BTreeMap::new() }
    }

    /// Says which entries are no more, or fewer than they were, in the file `path`.
    pub fn gone(&self, covered: &Covered, scope: Scope<'_>, path: &str) -> Vec<Diagnostic> {
        let path: Arc<str> = path.into();
        let lowered = self.lowered(covered, scope);
        let fewer = self.known.iter().filter_map(|(key, most)| {
            let less = most - lowered.known.get(key).copied().unwrap_or(0);
            (less > 0).then_some((key, less))
        });
        let finding = |(key, less): (&Key, usize)| {
            let place = self.places.get(key);
            let location = place.map_or_else(
                || Location::file(path.clone()),
                |place| Location::at(path.clone(), place.clone()),
            );
            let what = format!("{} `{}` in `{}`", count(less, "known finding"), key.code, key.path);
            let verb = if less == 1 { "is" } else { "are" };
            let message = format!("{what} {verb} no more: {}", key.message);
            let finding = Diagnostic::new(&FIXED_BASELINE_ENTRY, location, message)
                .label("fixed")
                .help("run `onramp lint` with `--update-baseline`, so that it cannot come back");
            Diagnostic { api: key.api.as_deref().map(Into::into), ..finding }
        };
        fewer.map(finding).collect()
    }

    /// Writes the file: a line for each entry, so that two changes of it seldom meet.
    pub fn to_json(&self) -> String {
        let mut out = format!("{{\n  \"version\": {VERSION},\n  \"findings\": [");
        for (index, (key, count)) in self.known.iter().enumerate() {
            let Key { path, code, api, message } = key.clone();
            let entry = RawEntry { path, code, api, message, count: *count };
            // Texts and a number are always JSON.
            let entry = serde_json::to_string(&entry).unwrap_or_default();
            let _ = write!(out, "{}\n    {entry}", if index == 0 { "" } else { "," });
        }
        out.push_str(if self.known.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        out
    }
}

/// Tells whether a finding may be in a baseline: what cannot be read cannot be known.
fn may_be_known(finding: &Diagnostic) -> bool {
    finding.code.waived_by != WaivedBy::Never && finding.code != &FIXED_BASELINE_ENTRY
}

#[cfg(test)]
mod tests {
    use super::*;

    static CODE: Code = Code::new("some-code", Severity::Error, WaivedBy::Platform, "");
    static FIRM: Code = Code::unreadable("firm-code", "");

    fn finding(code: &'static Code, line: usize, message: &str) -> Diagnostic {
        let mut finding = Diagnostic::new(code, Location::at("a.yaml", line..line + 1), message);
        finding.api = Some("a".into());
        finding
    }

    const ALL: Scope<'static> = Scope { is_known: &|_, _| true };

    #[test]
    fn a_finding_is_known_wherever_it_stands() {
        let before = [
            finding(&CODE, 3, "`x` has 12 of 3"),
            finding(&CODE, 9, "`x` has 1 of 3"),
            finding(&CODE, 4, "`y`"),
        ];
        let baseline = Baseline::of(&before);
        assert_eq!(baseline.len(), 3);
        let read = Baseline::parse(baseline.to_json().as_bytes()).unwrap();
        assert_eq!(read.known, baseline.known);
        let after = [
            finding(&CODE, 70, "`x` has 5 of 9"),
            finding(&CODE, 71, "`z`"),
            finding(&CODE, 72, "`x` has 6 of 9"),
            finding(&CODE, 73, "`x` has 7 of 9"),
        ];
        let covered = read.cover(&after);
        assert_eq!(covered.covered, [true, false, true, false]);
        let gone = read.gone(&covered, ALL, "baseline.json");
        assert_eq!(gone.len(), 1);
        assert_eq!(gone[0].message, "1 known finding `some-code` in `a.yaml` is no more: `y`");
        let text = baseline.to_json();
        assert_eq!(text[gone[0].primary.span.clone().unwrap()].chars().next(), Some('{'));
        assert!(text[gone[0].primary.span.clone().unwrap()].contains("`y`"));
    }

    #[test]
    fn it_only_gets_less() {
        let two = [finding(&CODE, 1, "x"), finding(&CODE, 2, "x"), finding(&CODE, 3, "y")];
        let baseline = Baseline::of(&two);
        let now = [finding(&CODE, 1, "x"), finding(&CODE, 1, "new")];
        let covered = baseline.cover(&now);
        let lowered = baseline.lowered(&covered, ALL);
        assert_eq!(lowered.len(), 1);
        assert_eq!(lowered.cover(&now).covered, [true, false]);
        // What was not looked at stays.
        let none = Scope { is_known: &|_, _| false };
        assert_eq!(baseline.lowered(&covered, none).len(), 3);
        assert_eq!(baseline.gone(&covered, none, "b"), []);
    }

    #[test]
    fn what_nobody_may_waive_is_never_known() {
        let firm = [finding(&FIRM, 1, "x")];
        assert!(Baseline::of(&firm).is_empty());
        let text = Baseline::of(&[finding(&CODE, 1, "x")]).to_json().replace("some-code", "firm-code");
        assert_eq!(Baseline::parse(text.as_bytes()).unwrap().cover(&firm).covered, [false]);
    }

    #[test]
    fn a_file_that_is_none_says_why() {
        assert!(Baseline::parse(b"[]").is_err());
        assert!(Baseline::parse(b"{\"version\":2,\"findings\":[]}").unwrap_err().contains("version 2"));
        assert_eq!(Baseline::parse(Baseline::default().to_json().as_bytes()), Ok(Baseline::default()));
    }
}
