//! What tells, without reading a file, that it is the same as before.

use super::{Snapshot, Source, path};
use crate::git::ObjectKind;

/// How the stamp of an object ends; no file has such a mode.
const OBJECT: [u8; 8] = *b"\xffobject\xff";

/// What tells that a file is the same as before: what the file system says of it, or the name of its bytes in git.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Device, inode, size, and the times of the last change of content and of anything; or the name of an object.
    bytes: [u8; Stamp::LENGTH],
}

impl Stamp {
    /// Makes one of what a file system says: device, inode, size, the times of the last change of the content and of anything, in
    /// nanoseconds since 1970, and the mode.
    pub(super) fn of_file(words: [[u8; 8]; 6]) -> Self {
        let mut bytes = [0; Self::LENGTH];
        bytes.copy_from_slice(words.as_flattened());
        Self { bytes }
    }

    /// How many bytes it has.
    pub const LENGTH: usize = 48;

    /// Takes what was kept of one.
    pub fn of_bytes(bytes: &[u8; Self::LENGTH]) -> Self {
        Self { bytes: *bytes }
    }

    /// Returns what is kept of it.
    pub fn bytes(&self) -> &[u8; Self::LENGTH] {
        &self.bytes
    }

    /// Tells whether the file was surely left alone from before a time, given in nanoseconds since 1970: a change within the same
    /// tick of the clock may not show.
    pub fn is_older_than(&self, time: i128) -> bool {
        let at = |word: usize| {
            let bytes = self.bytes[word * 8..].first_chunk::<8>();
            bytes.map_or(i128::MAX, |bytes| i128::from(i64::from_le_bytes(*bytes)))
        };
        // The name of an object never lies.
        self.bytes[Self::LENGTH - 8..] == OBJECT || at(3).max(at(4)) < time
    }
}

impl Snapshot {
    /// Returns the stamp of a regular file. Of a text that is laid over one there is none.
    pub fn stamp(&self, path: &str) -> Option<Stamp> {
        let path = path::lexical(path).ok()?;
        if self.laid.get(&path).is_some() {
            return None;
        }
        match &self.source {
            Source::WorkTree(tree) => tree.stamp(&path),
            Source::Revision(tree) => {
                let object = tree.find(&path).ok()??;
                (object.kind() == ObjectKind::File).then(|| {
                    let mut bytes = [0; Stamp::LENGTH];
                    let id = object.id.as_bytes();
                    bytes[..id.len()].copy_from_slice(id);
                    bytes[Stamp::LENGTH - 8..].copy_from_slice(&OBJECT);
                    Stamp { bytes }
                })
            }
        }
    }

    /// Tells whether stamps are those of a file system.
    pub fn is_work_tree(&self) -> bool {
        matches!(self.source, Source::WorkTree(_))
    }
}
