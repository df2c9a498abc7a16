//! What waivers and owners let pass, and what is wrong with the exceptions themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Outcome;
use crate::diagnostic::{Diagnostic, Passed, PassedBy, Severity, Sink, WaivedBy};
use crate::exceptions::{Exceptions, Ignore};
use crate::platform::LoadedPlatform;
use crate::policy::{self, ExceptionsContext, Ignored};

/// The exceptions that a run goes by.
pub(super) struct Waiving<'a> {
    /// Those of the repo.
    pub(super) own: &'a Exceptions,
    /// Those that hold in their place.
    pub(super) others: Option<&'a Exceptions>,
    pub(super) platform: &'a LoadedPlatform,
    pub(super) apis: &'a [String],
    pub(super) today: &'a str,
}

impl Waiving<'_> {
    /// Takes out what is waived or ignored, and adds what is wrong with the repo's own exceptions, which no waiver covers.
    /// Only where `all` findings of the fleet are there can a waiver be said to be unused.
    pub(super) fn apply(
        &self,
        outcome: &mut Outcome,
        ignores: Vec<(Arc<str>, Ignore)>,
        all: bool,
        mut sink: Sink,
    ) {
        policy::sort(&mut outcome.findings);
        let unread: BTreeSet<Arc<str>> = outcome.findings.iter().filter_map(hides).collect();
        let begin = |(api, ignore)| Ignored { api, ignore, used: BTreeSet::new(), all_known: false };
        let mut ignores: Vec<Ignored> = ignores.into_iter().map(begin).collect();
        let by_owners = ignore(&mut ignores, &mut outcome.findings);
        let holding = self.others.unwrap_or(self.own);
        let mut applied = holding.apply(&mut outcome.findings, self.today);
        // A waiver of what its owner ignores as well is of use.
        let mut both = by_owners.iter().map(|passed| passed.finding.clone()).collect();
        applied.used.extend(holding.apply(&mut both, self.today).used);
        applied.passed.extend(by_owners);
        outcome.waived = applied.passed.len();
        outcome.passed = applied.passed;
        // Where an error is open, nothing is rendered, and rules on what is rendered find nothing.
        let with_errors: BTreeSet<Arc<str>> = outcome.findings.iter().filter_map(stops).collect();
        for ignored in &mut ignores {
            let stopped = |name: &str| with_errors.contains(name) || unread.contains(name);
            ignored.all_known = !stopped(&ignored.api) && !stopped("");
        }
        let context = ExceptionsContext {
            exceptions: self.own,
            platform: self.platform,
            apis: self.apis,
            today: self.today,
            used: (all && self.others.is_none()).then_some(&applied.used),
            unread: &unread,
            stopped: &with_errors,
            ignores: &ignores,
        };
        policy::check_exceptions(&context, &mut sink);
        outcome.findings.extend(sink.into_findings());
        policy::sort(&mut outcome.findings);
    }
}

/// Takes the findings out that comments of owners cover.
fn ignore(ignores: &mut [Ignored], findings: &mut Vec<Diagnostic>) -> Vec<Passed> {
    let mut passed = Vec::new();
    if ignores.is_empty() {
        return passed;
    }
    let mut by_file: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (index, ignored) in ignores.iter().enumerate() {
        by_file.entry(ignored.ignore.location.path.clone()).or_default().push(index);
    }
    findings.retain(|finding| {
        let mut reasons = Vec::new();
        for index in by_file.get(&finding.primary.path).into_iter().flatten() {
            let Ignored { ignore, used, .. } = &mut ignores[*index];
            if let Some(code) = ignore.covers(finding) {
                used.insert(code);
                reasons.push(ignore.reason.to_string());
            }
        }
        let covered = !reasons.is_empty();
        if covered {
            let (finding, reason) = (finding.clone(), reasons.join("; "));
            passed.push(Passed { finding, by: PassedBy::Ignore, reason });
        }
        !covered
    });
    passed
}

/// Returns the API that could not be looked at as a whole for a finding; no name for what belongs to none.
fn hides(finding: &Diagnostic) -> Option<Arc<str>> {
    let hides = finding.code.waived_by == WaivedBy::Never && finding.severity == Severity::Error;
    hides.then(|| finding.api.clone().unwrap_or_default())
}

/// Returns the API that is not rendered for a finding.
fn stops(finding: &Diagnostic) -> Option<Arc<str>> {
    (finding.severity == Severity::Error).then(|| finding.api.clone().unwrap_or_default())
}
