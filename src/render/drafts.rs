//! What is rendered, before it is text.
//!
//! Most of it is only looked at: `lint` builds an API in memory, and what was values a moment ago would be written
//! and read again for that. The text of a file is made when somebody asks for it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::FileTree;
use crate::yaml;

/// Bytes that most generated files fit in.
const TYPICAL_FILE: usize = 2048;

/// Files by path from the root of the config repo, each as its documents.
#[derive(Debug, Default)]
pub struct Drafts {
    header: String,
    files: BTreeMap<String, Vec<Json>>,
}

impl Drafts {
    /// Starts with no files; each gets this header.
    pub(super) fn new(header: String) -> Self {
        Self { header, files: BTreeMap::new() }
    }

    pub(super) fn insert(&mut self, path: String, documents: Vec<Json>) {
        self.files.insert(path, documents);
    }

    /// Tells whether a file is rendered.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Tells whether some file lies below a directory.
    pub fn has_below(&self, directory: &str) -> bool {
        let start = format!("{directory}/");
        self.files.range(start.clone()..).next().is_some_and(|(path, _)| path.starts_with(&start))
    }

    /// Returns the documents of a file.
    pub fn documents(&self, path: &str) -> Option<&[Json]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// Writes a file.
    pub fn text(&self, path: &str) -> Option<String> {
        self.documents(path).map(|documents| self.written(documents))
    }

    /// Writes all files.
    pub fn into_tree(self) -> FileTree {
        self.files.iter().map(|(path, documents)| (path.clone(), self.written(documents))).collect()
    }

    fn written(&self, documents: &[Json]) -> String {
        let mut text = String::with_capacity(TYPICAL_FILE);
        text.push_str(&self.header);
        yaml::emit_documents(&mut text, documents);
        text
    }
}
