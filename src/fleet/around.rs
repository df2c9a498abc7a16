//! What lies outside the APIs' directories: the engine's files, the schemas, the namespaces.

use super::foreign::foreign_file;
use super::{MAX_GENERATED, list};
use crate::change::{Change, ChangeSet, is_generated};
use crate::diagnostic::{Diagnostic, Sink};
use crate::platform::LoadedPlatform;
use crate::render::{self, FileTree, NAMESPACES_DIRECTORY, Share, Templates};
use crate::snapshot::{Kind, Snapshot, SnapshotError};

/// Renders it.
pub(super) fn render(
    platform: &LoadedPlatform,
    templates: &Templates,
    shares: &[Share],
) -> Result<FileTree, Box<Diagnostic>> {
    let mut tree = render::wiring(&platform.model, templates)?;
    tree.extend(render::schemas(&platform.model));
    tree.extend(render::namespaces(shares, &platform.model, templates)?);
    Ok(tree)
}

/// Compares what lies there with what was rendered.
pub(super) fn compare(
    snapshot: &Snapshot,
    mut tree: FileTree,
    sink: &mut Sink,
    changes: &mut ChangeSet,
) -> Result<(), SnapshotError> {
    let mut entries = Vec::new();
    for directory in ["argocd", "schemas"] {
        entries.extend(list(snapshot, directory, sink)?);
    }
    for entry in list(snapshot, NAMESPACES_DIRECTORY, sink)? {
        let below = if entry.kind == Kind::Directory { snapshot.walk(&entry.path)? } else { Vec::new() };
        entries.push(entry);
        entries.extend(below);
    }
    for entry in entries {
        if entry.kind != Kind::File {
            // What stands in a generated file's place could not be replaced.
            let stands_in = |path: &String| *path == *entry.path || is_below(path, &entry.path);
            if let Err(error) = entry.plain()
                && tree.keys().any(stands_in)
            {
                sink.push(error.diagnostic());
            }
            continue;
        }
        let bytes = snapshot.read_entry(&entry, MAX_GENERATED)?.unwrap_or_default();
        let new = tree.remove(&*entry.path);
        match (is_generated(&bytes), new) {
            (true, new) => changes.changes.extend(Change::of_file(&entry.path, &bytes, new)),
            // People may keep files of their own beside the generated ones, but not in their place.
            (false, Some(_)) => sink.push(foreign_file(&entry.path, &entry.path)),
            (false, None) => {}
        }
    }
    changes.changes.extend(tree.into_iter().map(Change::added));
    Ok(())
}

/// Tells whether a path lies below a directory.
fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}
