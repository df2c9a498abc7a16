//! Whether fixes did what they were made for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::{Key, key};
use crate::diagnostic::{Diagnostic, Severity};
use crate::policy;
use crate::snapshot::ONBOARDING;
use crate::yaml::{Node, Span, Value};

/// A value that a fix opened: its file, and its bytes there.
pub(super) type Opened = (Arc<str>, Range<usize>);

/// The files whose fixes did no good, each with the reason.
pub(super) type Verdict = BTreeMap<Arc<str>, String>;

/// Compares what was found before a round with what is found after it. What lies within a value that a fix opened, by
/// giving its key a name that is known, could not be looked at before.
pub(super) fn of(
    chosen: &[Diagnostic],
    before: &[Diagnostic],
    after: &[Diagnostic],
    opened: &[Opened],
) -> Verdict {
    let is_opened = |finding: &&Diagnostic| {
        let place = finding.primary.span.as_ref();
        place.is_some_and(|place| {
            let within = |value: &Range<usize>| {
                value.start <= place.start && place.end <= value.end && place.len() < value.len()
            };
            opened.iter().any(|(path, value)| *path == finding.primary.path && within(value))
        })
    };
    let unopened: Vec<Diagnostic> = after.iter().filter(|finding| !is_opened(finding)).cloned().collect();
    let unopened = count(&unopened);
    let (before, after) = (count(before), count(after));
    let chosen_by_key = count(chosen);
    let mut verdict = Verdict::new();
    for finding in chosen {
        let key = key(finding);
        let there =
            |findings: &BTreeMap<Key, (usize, Severity)>| findings.get(&key).map_or(0, |found| found.0);
        if there(&after) + there(&chosen_by_key) > there(&before) {
            blame(&mut verdict, finding, "the finding would still be there");
        }
        // What could not be looked at before is no fault of the fix.
        let stage = policy::stage(finding.code);
        let place = group(&finding.primary.path);
        let new = unopened.iter().find(|(other, (number, severity))| {
            *severity == Severity::Error
                && group(&other.1) == place
                && policy::code(other.0).is_some_and(|code| policy::stage(code) <= stage)
                && before.get(*other).map_or(0, |found| found.0) < *number
        });
        if let Some(((code, ..), _)) = new {
            blame(&mut verdict, finding, &format!("it would bring `{code}`"));
        }
    }
    // A fix of several files is taken back whole.
    loop {
        let reaches = |finding: &&Diagnostic| is_bad(&verdict, finding);
        let missing: Vec<Arc<str>> = chosen
            .iter()
            .filter(reaches)
            .flat_map(paths)
            .filter(|path| !verdict.contains_key(path))
            .collect();
        if missing.is_empty() {
            return verdict;
        }
        verdict
            .extend(missing.into_iter().map(|path| (path, "another of its edits does no good".to_owned())));
    }
}

/// Finds the value of the key that starts at a byte.
pub(super) fn value_at(node: &Node, at: usize) -> Option<Range<usize>> {
    let range = |span: Span| span.start as usize..span.end as usize;
    match &node.value {
        Value::Map(entries) => entries.iter().find_map(|entry| {
            let is_key = range(entry.key_span).contains(&at);
            if is_key { Some(range(entry.node.span)) } else { value_at(&entry.node, at) }
        }),
        Value::Seq(items) => items.iter().find_map(|item| value_at(item, at)),
        _ => None,
    }
}

/// Tells whether a fix is taken back.
pub(super) fn is_bad(verdict: &Verdict, finding: &Diagnostic) -> bool {
    paths(finding).iter().any(|path| verdict.contains_key(path))
}

/// Tells whether the fix of a finding touches a file.
pub(super) fn touches(finding: &Diagnostic, path: &Arc<str>) -> bool {
    paths(finding).contains(path)
}

fn paths(finding: &Diagnostic) -> BTreeSet<Arc<str>> {
    finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.path.clone()).collect()
}

fn blame(verdict: &mut Verdict, finding: &Diagnostic, why: &str) {
    for path in paths(finding) {
        verdict.entry(path).or_insert_with(|| why.to_owned());
    }
}

fn count(findings: &[Diagnostic]) -> BTreeMap<Key, (usize, Severity)> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        counts.entry(key(finding)).or_insert((0, finding.severity)).0 += 1;
    }
    counts
}

/// Returns what stands for the files that are read together: the directory of an API, or the file itself.
fn group(path: &str) -> &str {
    let below = path.strip_prefix(ONBOARDING).and_then(|rest| rest.strip_prefix('/'));
    match below.and_then(|below| below.find('/')) {
        Some(end) => &path[..=ONBOARDING.len() + end],
        None => path,
    }
}
