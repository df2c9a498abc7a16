//! What the base says of changes, and cannot be read.
//!
//! A freeze that cannot be read would hold for nothing, and a broken platform.yaml would lift the budget. Neither happens in
//! silence: the check fails until it is mended.

use super::Files;
use crate::diagnostic::{Diagnostic, Location, Severity};

/// Turns what was found while the base was read into findings of the check. What the change itself touches is left out, so
/// that it can be mended, for which the platform has to agree; and so is what is `known` to be wrong in the head, too.
pub(super) fn of_base(findings: Vec<Diagnostic>, files: &Files, known: &[Diagnostic]) -> Vec<Diagnostic> {
    let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
    let is_mended =
        |finding: &Diagnostic| files.around.iter().any(|file| *file.path == *finding.primary.path);
    let is_known = |finding: &Diagnostic| {
        let same = |other: &Diagnostic| {
            (other.code, &other.primary.path, &other.message)
                == (finding.code, &finding.primary.path, &finding.message)
        };
        known.iter().any(same)
    };
    let left = findings.into_iter().filter(|found| is_error(found) && !is_mended(found) && !is_known(found));
    // A place in a file of the base is none in the head's.
    let told = left.map(|found| {
        Diagnostic::new(
            found.code,
            Location::file(found.primary.path),
            format!("on the base, which says what a change may do: {}", found.message),
        )
        .help("mend it on the base: as long as it cannot be read, nobody knows what holds")
    });
    told.collect()
}
