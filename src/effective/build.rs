//! All overlays of a repo, built.

use rayon::prelude::*;

use super::Overlay;
use super::unit::{Unit, units};
use crate::diagnostic::{Diagnostic, Sink};
use crate::snapshot::{Snapshot, SnapshotError};

/// All overlays of a repo.
#[derive(Debug)]
pub struct Built<T> {
    /// What was kept of each API and namespace, by name.
    pub units: Vec<(Unit, T)>,
    /// Why something cannot be built, in the same order.
    pub findings: Vec<Diagnostic>,
}

/// Builds every overlay of every API and namespace, and keeps of each of them what `each` makes of its overlays, which
/// are sorted by environment. Of a unit whose overlays cannot be listed there are none.
///
/// # Errors
/// If the repo cannot be listed. What is wrong with a single unit is a finding.
pub fn build_all<T: Send>(
    snapshot: &Snapshot,
    each: impl Fn(&Unit, &[Overlay]) -> T + Sync,
) -> Result<Built<T>, SnapshotError> {
    let units = units(&[snapshot], None)?;
    let one = |unit: &Unit| {
        let mut sink = Sink::default();
        let overlays = unit.build(snapshot, &mut sink).unwrap_or_default();
        (each(unit, &overlays), unit.tag(sink))
    };
    let results: Vec<_> = units.par_iter().map(one).collect();
    let mut built = Built { units: Vec::new(), findings: Vec::new() };
    for (unit, (kept, findings)) in units.into_iter().zip(results) {
        built.units.push((unit, kept));
        built.findings.extend(findings);
    }
    Ok(built)
}
