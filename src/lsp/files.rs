//! The files of a config repo as an editor sees them.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use lsp_types::{Range as Lines, Uri};
use serde_json::Value as Json;

use super::Open;
use super::file::{Role, uri_of};
use super::text::Encoding;
use crate::diagnostic::Sink;
use crate::platform::{self, LoadedPlatform};
use crate::render;
use crate::schema::{FREEZES, METADATA, PLATFORM, WAIVERS};
use crate::snapshot::Snapshot;

/// The most bytes of a file that positions are found in.
const MAX_BYTES: u64 = 4 << 20;

/// The files of a repo, with what is open laid over them.
#[derive(Debug)]
pub(super) struct Files<'a> {
    root: &'a Path,
    snapshot: Snapshot,
    open: Vec<&'a Open>,
    encoding: Encoding,
}

impl<'a> Files<'a> {
    pub(super) fn new(
        root: &'a Path,
        open: impl Iterator<Item = &'a Open>,
        encoding: Encoding,
    ) -> Result<Self, String> {
        let mut snapshot = Snapshot::work_tree(root).map_err(|error| error.to_string())?;
        let open: Vec<&Open> = open.collect();
        for open in &open {
            // What is no file of a config repo, such as one behind a link, counts as it is on disk.
            let _ = snapshot.lay(&open.path, open.text.as_bytes());
        }
        Ok(Self { root, snapshot, open, encoding })
    }

    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Returns the text of a file, where it has one.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        if let Some(open) = self.find(path) {
            return Some(open.text.clone());
        }
        let bytes = self.snapshot.read(path, MAX_BYTES).ok()??;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    pub(super) fn is_file(&self, path: &str) -> bool {
        matches!(self.snapshot.read(path, MAX_BYTES), Ok(Some(_)))
    }

    /// Returns the address of a file: the editor's own for one that is open.
    pub(super) fn uri(&self, path: &str) -> Option<Uri> {
        self.find(path).map(|open| open.uri.clone()).or_else(|| uri_of(&self.root.join(path)))
    }

    /// Returns the version that the editor gave an open file.
    pub(super) fn version(&self, path: &str) -> Option<i32> {
        self.find(path).map(|open| open.version)
    }

    /// Returns bytes of a file as lines and columns.
    pub(super) fn lines(&self, path: &str, span: Range<usize>) -> Lines {
        match self.find(path) {
            Some(open) => self.encoding.lines(&open.text, span),
            None => self.encoding.lines(&self.text(path).unwrap_or_default(), span),
        }
    }

    /// Returns the platform's side, where it can be read.
    pub(super) fn platform(&self) -> Option<LoadedPlatform> {
        platform::read(&self.snapshot, &mut Sink::default()).ok().flatten()
    }

    fn find(&self, path: &str) -> Option<&'a Open> {
        self.open.iter().find(|open| open.path == path).copied()
    }
}

/// Returns the schema of a file, with the names of the platform in it.
pub(super) fn schema(role: Role, platform: Option<&LoadedPlatform>) -> Option<Cow<'static, Json>> {
    Some(match (role, platform) {
        (Role::Metadata, Some(platform)) => Cow::Owned(render::specialise(&platform.model)),
        (Role::Metadata, None) => Cow::Borrowed(&METADATA.json),
        (Role::Platform, _) => Cow::Borrowed(&PLATFORM.json),
        (Role::Waivers, _) => Cow::Borrowed(&WAIVERS.json),
        (Role::Freezes, _) => Cow::Borrowed(&FREEZES.json),
        (Role::Other, _) => return None,
    })
}

impl std::fmt::Debug for Open {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.path)
    }
}
