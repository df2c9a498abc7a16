//! Reading all APIs to take something out of each, without rules.

use rayon::prelude::*;

use super::{api_names, read_metadata, sorted};
use crate::diagnostic::{Diagnostic, Sink};
use crate::platform::{self, LoadedPlatform};
use crate::policy::{self, ApiContext};
use crate::snapshot::{ONBOARDING, Snapshot, SnapshotError};

/// What [`gather`] took out of a fleet.
#[derive(Debug)]
pub struct Gathered<T> {
    /// What was taken out of each API that could be read, by name.
    pub values: Vec<T>,
    /// The platform's side, where it could be read.
    pub platform: Option<LoadedPlatform>,
    /// How many APIs there are.
    pub apis: usize,
    /// Why the rest could not be read, in the order of the report.
    pub findings: Vec<Diagnostic>,
}

/// Reads all APIs, and keeps of each what `take` wants of it. Rules are not checked, and files beside
/// a metadata.yaml are not looked at.
///
/// # Errors
/// Fails where the repo itself cannot be listed; a single file that cannot be read is a finding.
pub fn gather<T: Send>(
    snapshot: &Snapshot,
    take: impl Fn(&ApiContext<'_>) -> T + Sync,
) -> Result<Gathered<T>, SnapshotError> {
    let mut sink = Sink::default();
    let names = api_names(snapshot, &mut sink)?;
    let platform = platform::read(snapshot, &mut sink).unwrap_or_else(|error| {
        sink.push(error.diagnostic());
        None
    });
    let Some(platform) = platform else {
        return Ok(Gathered {
            values: Vec::new(),
            platform: None,
            apis: names.len(),
            findings: sorted(sink),
        });
    };
    let one = |name: &String| {
        let mut sink = Sink::default();
        let directory = format!("{ONBOARDING}/{name}");
        let metadata = read_metadata(snapshot, &platform, &directory, &mut sink).unwrap_or_else(|error| {
            sink.push(error.diagnostic());
            None
        });
        let value = metadata
            .map(|metadata| take(&ApiContext::of_metadata(name, &directory, &metadata, &platform, snapshot)));
        (value, sink.into_findings())
    };
    let results: Vec<_> = names.par_iter().map(one).collect();
    let mut findings = sink.into_findings();
    let mut values = Vec::new();
    for (value, found) in results {
        values.extend(value);
        findings.extend(found);
    }
    policy::sort(&mut findings);
    Ok(Gathered { values, platform: Some(platform), apis: names.len(), findings })
}
