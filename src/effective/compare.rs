//! Two views of a repo against each other: which APIs can differ, what they build to, and what changes.
//!
//! One API is one unit of parallel work. Its objects are there while it is looked at, and gone afterwards.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Overlay;
use super::change::{ObjectChange, changes};
use super::risk::Risk;
use super::unit::{Unit, units};
use crate::diagnostic::{Diagnostic, Sink};
use crate::kustomize::Object;
use crate::snapshot::{Snapshot, SnapshotError};

/// One state of an environment.
#[derive(Clone, Copy, Debug)]
pub enum Side<'a> {
    /// The environment is not there.
    Absent,
    /// It cannot be built, which is a finding.
    Broken,
    /// What it builds to.
    Built(&'a [Object]),
}

/// What changes of one unit in one environment.
#[derive(Debug)]
pub struct EnvironmentChange<'a> {
    /// The environment: the name of the overlay's directory.
    pub environment: &'a str,
    /// As it was.
    pub before: Side<'a>,
    /// As it will be.
    pub after: Side<'a>,
    /// What changes; empty where a side is broken, since nobody knows.
    pub objects: Vec<ObjectChange<'a>>,
}

/// What changes of one unit whose files differ. Environments in which nothing changes are among them.
#[derive(Debug)]
pub struct UnitChange<'a> {
    /// Whose overlays.
    pub unit: &'a Unit,
    /// All environments of either side, by name.
    pub environments: Vec<EnvironmentChange<'a>>,
}

/// What a comparison found.
#[derive(Debug)]
pub struct Compared<T> {
    /// What was kept of each unit whose files differ, APIs first, by name.
    pub units: Vec<(Unit, T)>,
    /// Why something of the head cannot be built.
    pub findings: Vec<Diagnostic>,
    /// Why something of the base cannot be built; places are places in the base.
    pub base_findings: Vec<Diagnostic>,
    /// How many APIs there are on either side.
    pub total: usize,
}

/// Compares what two views of a repo build to, and keeps of each unit whose files differ what `each` makes of it.
///
/// With `only`, just these APIs are looked at, and no namespaces. Units whose directories are the same are not built: what
/// a unit builds to depends on its directory alone.
///
/// # Errors
/// If one of the repos cannot be listed. What is wrong with a single unit is a finding.
pub fn compare<T: Send>(
    base: &Snapshot,
    head: &Snapshot,
    only: Option<&[String]>,
    each: impl Fn(&UnitChange<'_>) -> T + Sync,
) -> Result<Compared<T>, SnapshotError> {
    let units = units(&[base, head], only)?;
    let results: Vec<_> = units.par_iter().map(|unit| compare_unit(base, head, unit, &each)).collect();
    let apis = units.iter().filter(|unit| matches!(unit, Unit::Api(_))).count();
    let mut compared =
        Compared { units: Vec::new(), findings: Vec::new(), base_findings: Vec::new(), total: apis };
    for (unit, result) in units.into_iter().zip(results) {
        let Some(result) = result else { continue };
        compared.units.push((unit, result.kept));
        compared.findings.extend(result.findings);
        compared.base_findings.extend(result.base_findings);
    }
    Ok(compared)
}

/// What is kept of a unit.
struct Looked<T> {
    kept: T,
    findings: Vec<Diagnostic>,
    base_findings: Vec<Diagnostic>,
}

fn compare_unit<T>(
    base: &Snapshot,
    head: &Snapshot,
    unit: &Unit,
    each: &impl Fn(&UnitChange<'_>) -> T,
) -> Option<Looked<T>> {
    if unit.directories(&[base, head]).iter().all(|directory| head.is_same(base, directory)) {
        return None;
    }
    let (mut sink, mut base_sink) = (Sink::default(), Sink::default());
    let (old, new) = (unit.build(base, &mut base_sink), unit.build(head, &mut sink));
    let mut environments: BTreeMap<&str, (Side<'_>, Side<'_>)> = BTreeMap::new();
    for overlay in old.iter().flatten() {
        environments.insert(&overlay.environment, (overlay.side(), Side::Absent));
    }
    for overlay in new.iter().flatten() {
        environments.entry(&overlay.environment).or_insert((Side::Absent, Side::Absent)).1 = overlay.side();
    }
    let environments = environments.into_iter().map(|(environment, (before, after))| {
        // Overlays that cannot be listed may hold anything.
        let before = if old.is_none() { Side::Broken } else { before };
        let after = if new.is_none() { Side::Broken } else { after };
        EnvironmentChange { environment, before, after, objects: objects(before, after) }
    });
    let change = UnitChange { unit, environments: environments.collect() };
    let kept = each(&change);
    Some(Looked { kept, findings: unit.tag(sink), base_findings: unit.tag(base_sink) })
}

fn objects<'a>(before: Side<'a>, after: Side<'a>) -> Vec<ObjectChange<'a>> {
    match (before, after) {
        (Side::Broken, _) | (_, Side::Broken) => Vec::new(),
        (before, after) => changes(before.objects(), after.objects()),
    }
}

impl Overlay {
    fn side(&self) -> Side<'_> {
        self.objects.as_deref().map_or(Side::Broken, Side::Built)
    }
}

impl<'a> Side<'a> {
    /// Returns the objects; nothing where the environment is absent or broken.
    pub fn objects(self) -> Option<&'a [Object]> {
        match self {
            Self::Built(objects) => Some(objects),
            Self::Absent | Self::Broken => None,
        }
    }
}

impl EnvironmentChange<'_> {
    /// Returns the most severe risk of its changes; nothing where there is no change.
    pub fn risk(&self) -> Option<Risk> {
        self.objects.iter().map(|change| change.risk).max()
    }

    /// Tells whether a side cannot be built, so that nobody knows what changes.
    pub fn is_unknown(&self) -> bool {
        matches!(self.before, Side::Broken) || matches!(self.after, Side::Broken)
    }
}
