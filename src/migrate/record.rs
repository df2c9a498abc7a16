//! `migration/<api>.yaml`: what an API was made of, so that it can be proved again, and brought up to date.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::group::Group;
use crate::diagnostic::Sink;
use crate::git::ObjectId;
use crate::legacy::Reference;
use crate::ordered::Ordered;
use crate::snapshot::{Snapshot, SnapshotError};
use crate::yaml::{self, Source, SourceId};

/// The directory of what migrations keep: records, decisions, the baseline.
pub const DIRECTORY: &str = "migration";

/// The first line of a record.
const HEADER: &str = "# Written by onramp migrate. Do not edit.\n";

/// What an API was made of.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Record {
    /// Always `onramp/v1`.
    pub api_version: String,
    /// Its branches.
    pub sources: Vec<Part>,
    /// The files that people keep, from the directory of the API, each by the name that git gives what a migration writes
    /// there. Who edits one takes it over: a migration does not write it any more.
    pub files: Ordered<String>,
    /// Objects that were left out though they are of the API, by kind and name, and why.
    #[serde(default)]
    pub left: Ordered<String>,
}

/// A branch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its short name.
    pub branch: String,
    /// The commit that was read.
    pub commit: String,
    /// The environment that its name says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

impl Part {
    /// Returns the branch as it was read; nothing where the record names no commit.
    pub(super) fn reference(&self) -> Option<Reference> {
        Some(Reference { name: self.branch.clone(), commit: ObjectId::from_hex(&self.commit)? })
    }
}

impl Record {
    /// Makes the record of files by their paths from the directory of the API.
    pub fn new(
        sources: Vec<Part>,
        files: &BTreeMap<String, String>,
        left: &BTreeMap<String, String>,
    ) -> Self {
        let names =
            files.iter().map(|(path, text)| (path.clone(), ObjectId::of_file(text.as_bytes()).to_string()));
        Self {
            api_version: "onramp/v1".to_owned(),
            sources,
            files: names.collect(),
            left: left.iter().map(|(title, why)| (title.clone(), why.clone())).collect(),
        }
    }

    /// Returns where the record of an API lies.
    pub fn path(api: &str) -> String {
        format!("{DIRECTORY}/apis/{api}.yaml")
    }

    /// Reads the record of an API, if it has one.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(snapshot: &Snapshot, api: &str) -> Result<Option<Self>, String> {
        let path = Self::path(api);
        let bytes = snapshot.read(&path, yaml::MAX_BYTES as u64).map_err(|error| error.to_string())?;
        let Some(bytes) = bytes else { return Ok(None) };
        let mut sink = Sink::default();
        let shown: Arc<str> = path.as_str().into();
        let read = yaml::decode(&shown, bytes, &mut sink).and_then(|text| {
            let source = Source { id: SourceId(0), path: shown.clone(), text };
            yaml::parse(&source, &mut sink)
        });
        if let Some(finding) = sink.into_findings().into_iter().next() {
            return Err(format!("`{path}` is no record of a migration: {}", finding.message));
        }
        let read = read.ok_or_else(|| format!("`{path}` is empty"))?;
        read.typed().map(Some).map_err(|error| format!("`{path}` is no record of a migration: {error}"))
    }

    /// Returns its branches as a group is made of them, which are in the order of the record.
    pub(super) fn group(&self, api: &str) -> Group {
        let parts = self.sources.iter().enumerate();
        Group {
            name: api.to_owned(),
            parts: parts.map(|(index, part)| (index, part.environment.clone())).collect(),
            asked: Vec::new(),
        }
    }

    /// Lists the APIs that have a record.
    ///
    /// # Errors
    /// If the directory cannot be listed.
    pub fn apis(snapshot: &Snapshot) -> Result<Vec<String>, SnapshotError> {
        let entries = snapshot.list(&format!("{DIRECTORY}/apis"))?;
        let name = |path: &str| Some(path.rsplit('/').next()?.strip_suffix(".yaml")?.to_owned());
        Ok(entries.iter().filter_map(|entry| name(&entry.path)).collect())
    }

    /// Writes the record.
    pub fn to_text(&self) -> String {
        let map = |texts: &Ordered<String>| -> serde_json::Map<String, serde_json::Value> {
            texts.iter().map(|(key, text)| (key.to_owned(), text.clone().into())).collect()
        };
        let mut json = json!({
            "apiVersion": self.api_version,
            "sources": self.sources,
            "files": map(&self.files),
        });
        if self.left.iter().next().is_some() {
            json["left"] = map(&self.left).into();
        }
        format!("{HEADER}{}", yaml::emit(&json))
    }

    /// Returns the files that hold something else than what was written. One that is gone was not edited: it is written again.
    pub fn edited(&self, snapshot: &Snapshot, directory: &str) -> Vec<String> {
        let is_edited = |path: &str, name: &str| match snapshot.read(&format!("{directory}/{path}"), u64::MAX)
        {
            Ok(Some(bytes)) => ObjectId::of_file(&bytes).to_string() != name,
            Ok(None) => false,
            // What cannot be read is none of what was written.
            Err(_) => true,
        };
        let files = self.files.iter().filter(|(path, name)| is_edited(path, name));
        files.map(|(path, _)| path.to_owned()).collect()
    }
}
