//! Whether a directory is the same in two views, for as little reading as can be.

use super::{Entry, Kind, MAX_DEPTH, Snapshot, SnapshotError, Source};
use crate::git::Object;

/// The most bytes of a file that are compared; what is larger counts as different.
const MAX_BYTES: u64 = 4 << 20;

impl Snapshot {
    /// Tells whether a directory has the same files in both views. Two revisions are compared by the names of their
    /// objects, so that nothing is read of what is the same. Links and whatever is no file count as different, and so does
    /// what cannot be read: who looks at it then will be told why.
    pub fn is_same(&self, other: &Self, directory: &str) -> bool {
        self.compare(other, directory, 0).unwrap_or(false)
    }

    fn compare(&self, other: &Self, directory: &str, depth: usize) -> Result<bool, SnapshotError> {
        if let (Source::Revision(_), Source::Revision(_)) = (&self.source, &other.source)
            && self.laid.is_empty()
            && other.laid.is_empty()
        {
            let id = |side: &Self| Ok(side.object(directory)?.map(|object| object.id));
            return Ok(id(self)? == id(other)?);
        }
        if depth == MAX_DEPTH {
            return Ok(false);
        }
        let entries = self.list(directory)?;
        if entries != other.list(directory)? {
            return Ok(false);
        }
        for entry in &entries {
            let same = match entry.kind {
                Kind::Directory => self.compare(other, &entry.path, depth + 1)?,
                Kind::File => self.compare_file(other, entry)?,
                Kind::Symlink | Kind::Other | Kind::NonUtf8 => false,
            };
            if !same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn compare_file(&self, other: &Self, entry: &Entry) -> Result<bool, SnapshotError> {
        let bytes = |side: &Self| side.read_entry(entry, MAX_BYTES);
        let (revision, on_disk) = match (&self.source, &other.source) {
            _ if !self.laid.is_empty() || !other.laid.is_empty() => return Ok(bytes(self)? == bytes(other)?),
            (Source::Revision(tree), _) => (tree, other),
            (_, Source::Revision(tree)) => (tree, self),
            _ => return Ok(bytes(self)? == bytes(other)?),
        };
        let from_git = |error| SnapshotError::from_git(&entry.path, error);
        match (revision.find(&entry.path).map_err(from_git)?, bytes(on_disk)?) {
            (Some(file), Some(bytes)) => revision.holds(&file, &bytes).map_err(from_git),
            _ => Ok(false),
        }
    }

    fn object(&self, path: &str) -> Result<Option<Object>, SnapshotError> {
        match &self.source {
            Source::WorkTree(_) => Ok(None),
            Source::Revision(tree) => tree.find(path).map_err(|error| SnapshotError::from_git(path, error)),
        }
    }
}
