//! What a cluster gets: the objects that the committed overlays build to, and what a change of the repo changes of them.

mod build;
mod change;
mod compare;
mod field;
mod group;
mod id;
mod list;
mod path;
mod placeholder;
mod pod;
mod risk;
mod secret;
mod shape;
#[cfg(test)]
mod tests;
mod unit;

pub use build::{Built, build_all};
pub use change::{ObjectChange, changes};
pub use compare::{Compared, EnvironmentChange, Side, UnitChange, compare};
pub use field::{FieldChange, is_restart};
pub use group::{Changed, Collector, Count, Group, GroupedChange, Groups, Kept, Member, Unknown};
pub use id::Id;
pub use list::{name_of, position};
pub use path::{Path, Step, Taken};
pub use placeholder::show;
pub use risk::{RISKS, Risk, is_immutable};
pub use secret::without_secrets;
pub use shape::{Difference, Lines, Shape, Value};
pub use unit::Unit;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::diagnostic::Sink;
use crate::kustomize::{self, Builder, Files, Object};
use crate::render::{Drafts, GENERATED_DIRECTORIES};
use crate::snapshot::{Entry, Snapshot, SnapshotError};

/// One API in one environment, as it is committed.
#[derive(Debug)]
pub struct Overlay {
    /// The environment: the name of the overlay's directory.
    pub environment: Arc<str>,
    /// Its objects in the order of kustomize; nothing where it cannot be built, which is a finding.
    pub objects: Option<Vec<Object>>,
}

/// The files that an API's overlays may be made of: those in its directory. kustomize would let them name the directories of
/// others; then a change there would change what this API is, unseen by whoever looks at its own directory.
#[derive(Debug)]
pub struct Own<'a> {
    snapshot: &'a Snapshot,
    directory: &'a str,
    /// What lies in the directory. It is listed once, and what is not there is not asked for.
    entries: BTreeMap<Box<str>, Entry>,
    /// What takes the place of the generated files; nothing where those that are there count.
    rendered: Option<&'a Drafts>,
    /// Whether rendered files are handed over as they are, without being written and read again.
    as_values: bool,
}

impl<'a> Own<'a> {
    /// Holds builds to a directory, such as `onboarding/payments`.
    ///
    /// # Errors
    /// If the directory cannot be listed.
    pub fn new(snapshot: &'a Snapshot, directory: &'a str) -> Result<Self, SnapshotError> {
        let entries =
            snapshot.walk(directory)?.into_iter().map(|entry| (entry.path.clone(), entry)).collect();
        Ok(Self { snapshot, directory, entries, rendered: None, as_values: false })
    }

    /// Lays rendered files over those that are there, which are listed already, and of which no generated one is read any
    /// more.
    pub fn rendered(
        snapshot: &'a Snapshot,
        directory: &'a str,
        listed: &[Entry],
        drafts: &'a Drafts,
    ) -> Self {
        let kept = listed.iter().filter(|entry| {
            let below = entry.path.strip_prefix(directory).and_then(|path| path.strip_prefix('/'));
            let first = below.and_then(|below| below.split('/').next()).unwrap_or_default();
            !GENERATED_DIRECTORIES.contains(&first)
        });
        let entries = kept.map(|entry| (entry.path.clone(), entry.clone())).collect();
        Self { snapshot, directory, entries, rendered: Some(drafts), as_values: true }
    }

    /// Reads rendered files as text from now on, in which a finding has a place.
    #[must_use]
    pub fn as_text(self) -> Self {
        Self { as_values: false, ..self }
    }
}

impl Files for Own<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SnapshotError> {
        if !path.strip_prefix(self.directory).is_some_and(|below| below.starts_with('/')) {
            return Err(SnapshotError::OutsideDirectory {
                path: path.into(),
                directory: self.directory.into(),
            });
        }
        if let Some(text) = self.rendered.and_then(|drafts| drafts.text(path)) {
            return Ok(Some(text.into_bytes()));
        }
        if let Some(entry) = self.entries.get(path) {
            return self.snapshot.read_entry(entry, kustomize::MAX_BYTES);
        }
        // What lies behind a link is not listed.
        let mut parents = path.match_indices('/').filter_map(|(slash, _)| self.entries.get(&path[..slash]));
        parents.try_for_each(Entry::plain).map(|()| None)
    }

    fn documents(&self, path: &str) -> Option<&[Json]> {
        self.rendered.filter(|_| self.as_values)?.documents(path)
    }
}

/// Builds all overlays of an API directory, such as `onboarding/payments`, sorted by name, from the files in it. Base and
/// components are evaluated once.
///
/// # Errors
/// If the directory cannot be listed.
pub fn overlays(
    snapshot: &Snapshot,
    directory: &str,
    sink: &mut Sink,
) -> Result<Vec<Overlay>, SnapshotError> {
    let files = Own::new(snapshot, directory)?;
    let mut builder = Builder::new(&files);
    let mut overlays = Vec::new();
    for entry in snapshot.list(&format!("{directory}/overlays"))? {
        if entry.kind != crate::snapshot::Kind::Directory {
            continue;
        }
        let name = entry.path.rsplit('/').next().unwrap_or_default();
        overlays.push(Overlay { environment: name.into(), objects: builder.build(&entry.path, sink) });
    }
    Ok(overlays)
}
