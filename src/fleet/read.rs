//! Reading an API: its metadata.yaml, and the restarts that the records of its releases ask for.

use std::sync::Arc;

use super::foreign::missing_metadata;
use super::{ONBOARDING, base_name, metadata_path};
use crate::diagnostic::{Diagnostic, Location, Sink};
use crate::metadata::{self, Metadata};
use crate::platform::LoadedPlatform;
use crate::record::{INVALID_RECORD, RELEASES, Record};
use crate::snapshot::{Entry, Kind, Snapshot, SnapshotError};
use crate::yaml;

/// Reads the metadata.yaml of an API's directory. One that is not there is a finding.
pub(super) fn read_metadata(
    snapshot: &Snapshot,
    platform: &LoadedPlatform,
    directory: &str,
    sink: &mut Sink,
) -> Result<Option<Metadata>, SnapshotError> {
    let path: Arc<str> = metadata_path(base_name(directory)).into();
    let Some(bytes) = snapshot.read_listed(&path, metadata::MAX_BYTES)? else {
        sink.push(missing_metadata(directory));
        return Ok(None);
    };
    Ok(metadata::read(&path, bytes, platform, sink))
}

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
