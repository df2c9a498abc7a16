//! Where stages put findings and go on.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Diagnostic, Severity};

/// Severities set by platform.yaml, by code name; `None` switches a code off.
pub type Levels = BTreeMap<Box<str>, Option<Severity>>;

/// Collects findings. A stage that can blame the user takes a sink and goes on.
#[derive(Debug, Default)]
pub struct Sink {
    findings: Vec<Diagnostic>,
    levels: Arc<Levels>,
}

impl Sink {
    /// Makes a sink that applies `levels` to what it is given.
    pub fn new(levels: Arc<Levels>) -> Self {
        Self { findings: Vec::new(), levels }
    }

    /// Takes a finding, at the severity that the platform gives its code.
    ///
    /// A code that nobody may waive keeps its severity: what cannot be read cannot be allowed.
    pub fn push(&mut self, mut finding: Diagnostic) {
        if finding.code.waived_by != super::WaivedBy::Never {
            match self.levels.get(finding.code.name) {
                Some(Some(severity)) => finding.severity = *severity,
                Some(None) => return,
                None => {}
            }
        }
        self.findings.push(finding);
    }

    /// Tells whether a finding of severity error was taken.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Tells whether a finding of severity error was taken after the first `mark` ones.
    pub fn errors_since(&self, mark: usize) -> bool {
        self.findings.iter().skip(mark).any(|finding| finding.severity == Severity::Error)
    }

    /// Tells how many findings were taken.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Tells whether nothing was taken.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Returns the findings so far, in the order they were taken.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// Returns the findings in the order they were taken.
    pub fn into_findings(self) -> Vec<Diagnostic> {
        self.findings
    }
}
