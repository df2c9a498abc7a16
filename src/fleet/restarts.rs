//! Restarts that the records of releases ask for.

use super::ONBOARDING;
use crate::diagnostic::{Diagnostic, Location, Sink};
use crate::metadata::Metadata;
use crate::record::{INVALID_RECORD, RELEASES, Record};
use crate::snapshot::{Entry, Kind, Snapshot, SnapshotError};
use crate::yaml;

/// Takes over the restarts of an API, so that rendering keeps them.
pub(super) fn take_over(
    snapshot: &Snapshot,
    api: &str,
    entries: &[Entry],
    metadata: &mut Metadata,
    sink: &mut Sink,
) -> Result<(), SnapshotError> {
    let directory = format!("{ONBOARDING}/{api}/{RELEASES}/");
    for entry in entries.iter().filter(|entry| entry.kind == Kind::File) {
        let name = entry.path.strip_prefix(&directory).and_then(|name| name.strip_suffix(".yaml"));
        let Some(environment) = name else { continue };
        let bytes = snapshot.read_entry(entry, yaml::MAX_BYTES as u64)?.unwrap_or_default();
        match Record::parse(&entry.path, bytes) {
            Ok(record) => {
                if let Some(restart) = record.restart {
                    metadata.restart(environment, &restart.time);
                }
            }
            Err(why) => sink.push(
                Diagnostic::new(
                    &INVALID_RECORD,
                    Location::file(&*entry.path),
                    format!("this is no record of releases: {why}"),
                )
                .help("take it back from git's history; `onramp bump-image` writes it and nobody else"),
            ),
        }
    }
    Ok(())
}
