//! From files to entries: one reader for both kinds of exceptions.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::{Pattern, Written};
use crate::diagnostic::Sink;
use crate::schema::{self, Published};
use crate::snapshot::{Kind, Snapshot, SnapshotError};
use crate::yaml::{self, Node};

/// Makes the exceptions of one file.
type Parse<T> = fn(&Arc<str>, Vec<u8>, &mut Sink) -> Vec<T>;

/// Reads all files of a directory.
///
/// # Errors
/// Fails where the directory cannot be listed; what stands in a file's way is a finding.
pub(super) fn all<T>(
    snapshot: &Snapshot,
    directory: &str,
    parse: Parse<T>,
    sink: &mut Sink,
) -> Result<Vec<T>, SnapshotError> {
    let entries = match snapshot.walk(directory) {
        Err(error @ (SnapshotError::Symlink { .. } | SnapshotError::NotADirectory { .. })) => {
            sink.push(error.diagnostic());
            return Ok(Vec::new());
        }
        listed => listed?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let is_yaml = entry.path.ends_with(".yaml") || entry.path.ends_with(".yml");
        if let Err(error) = entry.plain() {
            sink.push(error.diagnostic());
        } else if entry.kind == Kind::File && is_yaml {
            let path: Arc<str> = (*entry.path).into();
            match snapshot.read_entry(&entry, yaml::MAX_BYTES as u64) {
                Ok(bytes) => found.extend(parse(&path, bytes.unwrap_or_default(), sink)),
                Err(error) => sink.push(error.diagnostic()),
            }
        }
    }
    Ok(found)
}

/// Reads the entries of a file's list `key`, each with its place; none where the file is not what the schema says.
pub(super) fn entries<T: DeserializeOwned>(
    path: &Arc<str>,
    bytes: Vec<u8>,
    schema: &Published,
    key: &str,
    sink: &mut Sink,
) -> Vec<(T, Written)> {
    let Some((source, tree)) = schema.read(path, bytes, schema::scalars_as_text, sink) else {
        return Vec::new();
    };
    let nodes = tree.get(key).map(Node::items).unwrap_or_default();
    let source = Arc::new(source);
    let entry = |node: &Node| {
        let raw = schema::typed(path, node, sink)?;
        Some((raw, Written { source: source.clone(), node: node.clone() }))
    };
    nodes.iter().filter_map(entry).collect()
}

/// Reads the pattern that stands at a key of an entry; one that is none is a finding.
pub(super) fn pattern(text: &str, written: &Written, at: &[&str], sink: &mut Sink) -> Option<Pattern> {
    Pattern::read(text, || written.locate(at.iter().copied()), sink)
}
