//! What is there of an API against what was rendered, and what nobody rendered among it.

use super::foreign::{foreign_file, is_component_of_environment};
use super::{MAX_GENERATED, One, base_name};
use crate::change::{Change, TEMPORARY_PREFIX, is_begun, is_generated};
use crate::diagnostic::Sink;
use crate::render::{COMPONENT_DIRECTORIES, FileTree, GENERATED_DIRECTORIES, KUSTOMIZATION};
use crate::snapshot::{Entry, Kind, Snapshot, SnapshotError};

impl One<'_> {
    /// Compares what is there with what was rendered. Where nothing was rendered only foreign files
    /// are looked for.
    pub(super) fn compare(
        &self,
        directory: &str,
        entries: &[Entry],
        tree: Option<FileTree>,
        sink: &mut Sink,
    ) -> Result<Vec<Change>, SnapshotError> {
        let mut changes = Vec::new();
        let rendered = tree.is_some();
        let mut tree = tree.unwrap_or_default();
        let read = if rendered { Snapshot::read_entry } else { Snapshot::read_head };
        for entry in entries.iter().filter(|entry| entry.kind == Kind::File) {
            let below = entry
                .path
                .strip_prefix(directory)
                .and_then(|path| path.strip_prefix('/'))
                .unwrap_or_default();
            let generated_only = self.is_generated_place(below);
            let temporary = base_name(below).starts_with(TEMPORARY_PREFIX);
            if !generated_only && !temporary && !is_component_of_environment(below) {
                continue;
            }
            let bytes = read(self.snapshot, entry, MAX_GENERATED)?.unwrap_or_default();
            let new = tree.remove(&*entry.path);
            let ours = is_generated(&bytes) || (temporary && is_begun(&bytes));
            if !ours {
                if generated_only {
                    sink.push(foreign_file(&entry.path, below));
                }
                continue;
            }
            if rendered {
                changes.extend(Change::of_file(&entry.path, &bytes, new));
            }
        }
        changes.extend(tree.into_iter().map(Change::added));
        Ok(changes)
    }

    /// Tells whether only generated files may lie at a path below an API's directory.
    fn is_generated_place(&self, path: &str) -> bool {
        let mut parts = path.split('/');
        let first = parts.next().unwrap_or_default();
        if GENERATED_DIRECTORIES.contains(&first) {
            return path.contains('/');
        }
        if !COMPONENT_DIRECTORIES.contains(&first) {
            return false;
        }
        match (parts.next(), parts.next(), parts.next()) {
            (Some(KUSTOMIZATION), None, None) => true,
            (Some(environment), Some(KUSTOMIZATION), None) => {
                self.platform.model.environments.get(environment).is_some()
            }
            _ => false,
        }
    }
}
