//! What waivers let pass, and what is wrong with the files of exceptions themselves.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Outcome;
use crate::diagnostic::{Diagnostic, Severity, Sink, WaivedBy};
use crate::exceptions::Exceptions;
use crate::platform::LoadedPlatform;
use crate::policy::{self, ExceptionsContext};

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
    /// Takes out what is waived, and adds what is wrong with the repo's own exceptions, which no waiver covers. Only
    /// where `all` findings of the fleet are there can one be said to be unused.
    pub(super) fn apply(&self, outcome: &mut Outcome, all: bool, mut sink: Sink) {
        policy::sort(&mut outcome.findings);
        let unread: BTreeSet<Arc<str>> = outcome.findings.iter().filter_map(hides).collect();
        let applied = self.others.unwrap_or(self.own).apply(&mut outcome.findings, self.today);
        outcome.waived = applied.waived;
        let context = ExceptionsContext {
            exceptions: self.own,
            platform: self.platform,
            apis: self.apis,
            today: self.today,
            used: (all && self.others.is_none()).then_some(&applied.used),
            unread: &unread,
        };
        policy::check_exceptions(&context, &mut sink);
        outcome.findings.extend(sink.into_findings());
        policy::sort(&mut outcome.findings);
    }
}

/// Returns the API that could not be looked at as a whole for a finding; no name for what belongs to none.
fn hides(finding: &Diagnostic) -> Option<Arc<str>> {
    let hides = finding.code.waived_by == WaivedBy::Never && finding.severity == Severity::Error;
    hides.then(|| finding.api.clone().unwrap_or_default())
}
