//! A finding that passes, and what lets it.

use super::Diagnostic;

/// A finding that passes.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    /// The finding.
    pub finding: Diagnostic,
    /// What lets it pass.
    pub by: PassedBy,
    /// Why, in the words of whoever wrote that down.
    pub reason: String,
}

/// What lets a finding pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassedBy {
    /// A waiver of the platform.
    Waiver,
    /// A comment of the owner.
    Ignore,
    /// The baseline: it was there before.
    Baseline,
}

impl PassedBy {
    /// Returns the lowercase name, as the JSON output spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiver => "waiver",
            Self::Ignore => "ignore",
            Self::Baseline => "baseline",
        }
    }
}
