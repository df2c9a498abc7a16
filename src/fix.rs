//! Fixes applied: findings in, new texts of files out.
//!
//! A round puts the edits of all fixes that do not touch each other into the texts, and everything is checked again. A fix
//! stays where its finding is gone and nothing new stands in the way at the stage that the fix is about; what stood behind
//! a finding that kept the file from being read may show. Otherwise the file gets its old text back, its fixes are tried
//! one at a time, and the one that does no good is left out and named. Nothing is written here.

mod splice;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::change::{Change, ChangeSet, is_generated};
use crate::diagnostic::{Code, Diagnostic, Safety};
use crate::fleet::Outcome;
use crate::snapshot::{ONBOARDING, Snapshot, SnapshotError};
use crate::yaml::{self, Source, SourceId, codes};
use splice::Splices;

/// How often everything is checked again. Two rounds do for nearly every repo; what needs more than this goes round in
/// circles.
const MOST_ROUNDS: usize = 40;
/// The most bytes of a file that is mended.
const MOST_BYTES: u64 = 4 << 20;

/// Looks at a repo: what it finds is mended.
pub type Lint<'a> = &'a dyn Fn(&Snapshot) -> Result<Outcome, SnapshotError>;

/// What to mend.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The APIs whose files may be touched; nothing for all files.
    pub only: Option<&'a [String]>,
    /// The codes whose findings are mended.
    pub codes: &'a dyn Fn(&Code) -> bool,
    /// The fixes that are applied: safe ones, or all.
    pub safety: Safety,
}

/// What fixes did.
#[derive(Debug, Default)]
pub struct Fixed {
    /// What is left to be found.
    pub outcome: Outcome,
    /// The files as they are and as they should be.
    pub changes: ChangeSet,
    /// How many findings fixes took away.
    pub fixed: usize,
    /// Findings whose fix did no good, each with what was wrong with it.
    pub left_out: Vec<(Diagnostic, String)>,
}

/// What is known of the files that fixes touch.
#[derive(Default)]
struct Work {
    texts: BTreeMap<Arc<str>, Text>,
    /// Files whose fixes are tried one at a time.
    one_by_one: BTreeSet<Arc<str>>,
    /// Findings whose fix did no good.
    refused: BTreeSet<Key>,
    fixed: usize,
    left_out: Vec<(Diagnostic, String)>,
}

/// A file that fixes touch.
struct Text {
    old: String,
    new: String,
}

/// What a finding is known by when its place has moved.
type Key = (&'static str, Arc<str>, String);

fn key(finding: &Diagnostic) -> Key {
    (finding.code.name, finding.primary.path.clone(), finding.message.clone())
}

/// Applies the fixes of what `lint` finds, until there is none left. The snapshot then holds the new texts.
///
/// # Errors
/// Fails where the repo cannot be read.
pub fn fix(snapshot: &mut Snapshot, wanted: &Wanted<'_>, lint: Lint<'_>) -> Result<Fixed, SnapshotError> {
    let mut work = Work::default();
    let mut outcome = lint(snapshot)?;
    for _ in 0..MOST_ROUNDS {
        let chosen = work.choose(snapshot, wanted, &outcome.findings);
        if chosen.is_empty() {
            break;
        }
        let before = work.apply(snapshot, &chosen)?;
        let next = lint(snapshot)?;
        let verdict = verdict::of(&chosen, &outcome.findings, &next.findings, &work.opened(&chosen));
        work.fixed += chosen.iter().filter(|finding| !verdict::is_bad(&verdict, finding)).count();
        if verdict.is_empty() {
            outcome = next;
            continue;
        }
        work.take_back(snapshot, &chosen, &verdict, before)?;
        outcome = lint(snapshot)?;
    }
    let touched = work.texts.into_iter().filter(|(_, text)| text.old != text.new);
    let changes = touched
        .map(|(path, text)| Change { path: path.to_string(), old: Some(text.old), new: Some(text.new) })
        .collect();
    Ok(Fixed { outcome, changes: ChangeSet { changes }, fixed: work.fixed, left_out: work.left_out })
}

impl Work {
    /// Picks the findings whose fixes are applied in one round.
    fn choose(
        &mut self,
        snapshot: &Snapshot,
        wanted: &Wanted<'_>,
        findings: &[Diagnostic],
    ) -> Vec<Diagnostic> {
        let mut splices = Splices::default();
        let mut busy: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut chosen = Vec::new();
        let others = findings.iter().filter(|other| other.code != &codes::AMBIGUOUS_SCALAR);
        let said: BTreeSet<(&str, usize)> = others.filter_map(place).collect();
        for finding in findings {
            let Some(fix) = &finding.fix else { continue };
            let unwanted = fix.safety == Safety::Unsafe && wanted.safety == Safety::Safe;
            if unwanted
                || !(wanted.codes)(finding.code)
                || fix.edits.is_empty()
                || self.refused.contains(&key(finding))
            {
                continue;
            }
            // What a schema says of the value knows more than that readers differ about it.
            let ambiguous = finding.code == &codes::AMBIGUOUS_SCALAR;
            if ambiguous && place(finding).is_some_and(|at| said.contains(&at)) {
                continue;
            }
            let may_touch = |path: &Arc<str>| {
                is_selected(wanted.only, path) && !(self.one_by_one.contains(path) && busy.contains(path))
            };
            if !fix.edits.iter().all(|edit| may_touch(&edit.path))
                || !fix.edits.iter().all(|edit| self.load(snapshot, &edit.path))
            {
                continue;
            }
            let texts = |path: &Arc<str>| self.texts.get(path).map_or("", |text| text.new.as_str());
            if fix.is_at_alias(|path| Some(texts(path))) {
                continue;
            }
            if splices.take(fix, &texts) {
                busy.extend(fix.edits.iter().map(|edit| edit.path.clone()));
                chosen.push(finding.clone());
            }
        }
        chosen
    }

    /// Reads a file that a fix touches; false where it is no text of people's own.
    fn load(&mut self, snapshot: &Snapshot, path: &Arc<str>) -> bool {
        if self.texts.contains_key(path) {
            return true;
        }
        let Ok(Some(bytes)) = snapshot.read(path, MOST_BYTES) else { return false };
        if is_generated(&bytes) {
            return false;
        }
        let Ok(old) = String::from_utf8(bytes) else { return false };
        self.texts.insert(path.clone(), Text { new: old.clone(), old });
        true
    }

    /// Puts the edits of fixes into the texts, and returns the texts that were there.
    fn apply(
        &mut self,
        snapshot: &mut Snapshot,
        chosen: &[Diagnostic],
    ) -> Result<BTreeMap<Arc<str>, String>, SnapshotError> {
        let fixes = chosen.iter().filter_map(|finding| finding.fix.as_ref());
        let mut before = BTreeMap::new();
        for (path, edits) in splice::by_file(fixes) {
            let Some(text) = self.texts.get_mut(&path) else { continue };
            let new = splice::apply(&text.new, &edits);
            snapshot.lay(&path, new.clone().into_bytes())?;
            before.insert(path, std::mem::replace(&mut text.new, new));
        }
        Ok(before)
    }

    /// Finds the values whose keys were given a name by fixes that are applied.
    fn opened(&self, chosen: &[Diagnostic]) -> Vec<verdict::Opened> {
        let fixes = chosen.iter().filter_map(|finding| finding.fix.as_ref());
        let mut opened = Vec::new();
        for (path, edits) in splice::by_file(fixes) {
            let Some(text) = self.texts.get(&path).map(|text| text.new.clone()) else { continue };
            let source = Source { id: SourceId(0), path: path.to_string().into(), text };
            let documents = yaml::documents(&source);
            let (mut added, mut removed) = (0, 0);
            for edit in edits {
                let at = edit.span.start + added - removed;
                added += edit.text.len();
                removed += edit.span.len();
                let value = documents.iter().find_map(|document| {
                    let value = verdict::value_at(document.node.as_ref()?, at.checked_sub(document.start)?)?;
                    Some(document.start + value.start..document.start + value.end)
                });
                let value = value.filter(|_| !edit.text.is_empty());
                opened.extend(value.map(|value| (path.clone(), value)));
            }
        }
        opened
    }

    /// Gives files their texts back whose fixes did no good.
    fn take_back(
        &mut self,
        snapshot: &mut Snapshot,
        chosen: &[Diagnostic],
        verdict: &verdict::Verdict,
        before: BTreeMap<Arc<str>, String>,
    ) -> Result<(), SnapshotError> {
        for (path, old) in before {
            let Some(why) = verdict.get(&path) else { continue };
            snapshot.lay(&path, old.clone().into_bytes())?;
            if let Some(text) = self.texts.get_mut(&path) {
                text.new = old;
            }
            let mut here = chosen.iter().filter(|finding| verdict::touches(finding, &path));
            match (here.next(), here.next()) {
                (Some(alone), None) if self.refused.insert(key(alone)) => {
                    self.left_out.push((alone.clone(), why.clone()));
                }
                _ => drop(self.one_by_one.insert(path)),
            }
        }
        Ok(())
    }
}

/// Returns where a finding starts.
fn place(finding: &Diagnostic) -> Option<(&str, usize)> {
    Some((&*finding.primary.path, finding.primary.span.as_ref()?.start))
}

/// Tells whether a file may be touched where only some APIs are meant.
fn is_selected(only: Option<&[String]>, path: &str) -> bool {
    let of = |api: &String| {
        path.strip_prefix(ONBOARDING)
            .and_then(|rest| rest.strip_prefix('/')?.strip_prefix(api.as_str()))
            .is_some_and(|rest| rest.starts_with('/'))
    };
    only.is_none_or(|only| only.iter().any(of))
}

#[cfg(test)]
mod tests;
