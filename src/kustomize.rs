//! What `kustomize build` would print, without it: base, overlays and components evaluated in memory.
//!
//! It covers what `onramp` renders and what people write beside it; a field that it does not know is a finding that
//! names it, never a guess. The semantics are those of kustomize 5.7 and 5.8, down to the bytes.

mod accumulate;
mod base64;
pub mod codes;
mod drafts;
mod field;
mod generator;
mod hash;
mod images;
pub mod json_patch;
mod kustomization;
mod labels;
mod load;
pub mod merge;
pub mod merge_keys;
mod names;
mod namespace;
mod order;
mod patch;
mod pattern;
mod print;
mod quotes;
mod read;
mod references;
mod replicas;
mod resource;
mod scope;
mod selector;
mod target;
mod unprintable;
mod vars;

use serde_json::{Map, Value as Json};

pub(crate) use self::load::normal;

use self::accumulate::Engine;
use self::resource::Resource;
use crate::diagnostic::{Location, Sink};
use crate::snapshot::{Snapshot, SnapshotError};

/// Where a build reads its files. Paths start at the root of the config repo, with `/`.
pub trait Files: Sync {
    /// Reads a regular file; nothing where there is none.
    ///
    /// # Errors
    /// If the path leads out of the repo or through a link, or the file cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SnapshotError>;

    /// Returns the documents of a file that `yaml::emit_documents` writes, where they are at hand. Nothing has a place in
    /// them: who finds something builds again without them.
    fn documents(&self, path: &str) -> Option<&[Json]> {
        let _ = path;
        None
    }

    /// Tells whether strangers wrote the kustomizations, and what they built is what is asked: deprecated fields are read
    /// then, files may lie anywhere, and what a build cannot have is left out of it and told by [`Builder::left_out`].
    fn is_foreign(&self) -> bool {
        false
    }
}

/// What a build of foreign kustomizations goes without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The place that names it.
    pub place: Location,
    /// Why, as a fragment that names it.
    pub why: String,
}

/// The most bytes of a file that a build reads.
pub const MAX_BYTES: u64 = 4 << 20;

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
    engine: Engine<'a>,
}

impl<'a> Builder<'a> {
    /// Makes a builder that reads `files`, which must not change meanwhile.
    pub fn new(files: &'a dyn Files) -> Self {
        Self { engine: Engine::new(files) }
    }

    /// Builds the directory of a kustomization: its objects in the order in which kustomize prints them.
    ///
    /// Nothing is returned where a finding of severity error went into the sink, of this build or of an earlier one of the
    /// same builder that had a directory in common.
    pub fn build(&mut self, directory: &str, sink: &mut Sink) -> Option<Vec<Object>> {
        let (kustomization, mut resources) = self.engine.root(directory, sink)?;
        for resource in resources.iter_mut().filter(|resource| resource.hashed) {
            let hash = match resource.kind() {
                "Secret" => hash::secret(&resource.json),
                _ => hash::config_map(&resource.json),
            };
            resource.remember();
            let name = format!("{}-{hash}", resource.name());
            resource.set_name(&name);
        }
        references::run(&mut resources, sink)?;
        self.engine.fill_in(&mut resources, sink)?;
        let before = sink.len();
        for resource in &resources {
            unprintable::hold(resource, sink);
        }
        if sink.errors_since(before) {
            return None;
        }
        let mut objects: Vec<Object> =
            resources.into_iter().filter(|resource| !is_local(resource)).map(finished).collect();
        if !kustomization.fifo {
            order::sort(&mut objects);
        }
        Some(objects)
    }

    /// Returns what the last build went without: it is not there, or lies somewhere else altogether. There is nothing unless
    /// the files are [foreign](Files::is_foreign).
    pub fn left_out(&self) -> Vec<LeftOut> {
        self.engine.left_out()
    }
}

/// Tells whether an object is for kustomize alone.
fn is_local(resource: &Resource) -> bool {
    let annotations = resource.json.get("metadata").and_then(|metadata| metadata.get("annotations"));
    let local = annotations.and_then(|annotations| annotations.get("config.kubernetes.io/local-config"));
    local.is_some_and(|local| local != "false")
}

/// Returns what is printed of an object: its annotations as text, and none where there is none.
fn finished(mut resource: Resource) -> Object {
    let name = resource.first_name().into();
    resource.print_nulls();
    if let Some(Json::Object(metadata)) = resource.json.get_mut("metadata") {
        match metadata.get_mut("annotations") {
            Some(Json::Object(annotations)) if !annotations.is_empty() => as_texts(annotations),
            Some(_) => drop(metadata.shift_remove("annotations")),
            None => {}
        }
    }
    Object { json: resource.json, name, hashed: resource.hashed }
}

fn as_texts(annotations: &mut Map<String, Json>) {
    for value in annotations.values_mut() {
        match value {
            Json::String(_) => {}
            Json::Null | Json::Number(_) | Json::Bool(_) => *value = value.to_string().into(),
            Json::Array(_) | Json::Object(_) => *value = "".into(),
        }
    }
}

/// Writes objects as `kustomize build` prints them.
pub fn print<'a>(objects: impl IntoIterator<Item = &'a Json>) -> String {
    print::print(objects)
}

#[cfg(test)]
mod tests;
