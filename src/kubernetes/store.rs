//! The data, and how a schema is put together from it.
//!
//! A line of the data is a definition in a range of versions, or a kind with the definition of its
//! objects: `schemas/kubernetes/generate.py` has the format. A definition that did not change stands
//! there once for all versions. The text is cut into lines once; a definition is parsed when a schema
//! reaches it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Map, Value as Json};

use super::{Scope, Target, Version};
use crate::schema::Schema;

/// Kinds of Kubernetes itself, then custom resources.
const TEXTS: [&str; 2] =
    [include_str!("../../schemas/kubernetes/core.txt"), include_str!("../../schemas/kubernetes/custom.txt")];

static INDEX: OnceLock<Index> = OnceLock::new();

/// Where everything stands.
#[derive(Debug, Default)]
struct Index {
    /// Few enough to be looked through.
    kinds: Vec<Kind>,
    /// By name, each in order of versions.
    definitions: BTreeMap<&'static str, Vec<Definition>>,
    /// By the last part of the name; `None` where two names end so.
    short: BTreeMap<&'static str, Option<&'static str>>,
}

#[derive(Debug)]
struct Kind {
    api_version: &'static str,
    name: &'static str,
    scope: Scope,
    definition: &'static str,
}

#[derive(Debug)]
struct Definition {
    /// The first and the last version, in minor versions.
    versions: (u32, u32),
    text: &'static str,
}

/// Tells whether anything was read of the data: until then it costs nothing.
pub fn is_loaded() -> bool {
    INDEX.get().is_some()
}

/// Makes the schema of a target; `None` if the version knows nothing of it.
pub(super) fn schema(version: Version, target: Target<'_>) -> Option<Schema> {
    let json = json(version, target)?;
    Some(Schema::compile(json, &[]).expect("the data compiles, a test builds all of it"))
}

/// Puts the text of that schema together.
pub(super) fn json(version: Version, target: Target<'_>) -> Option<Json> {
    let (mut root, mut definitions) = match target {
        Target::Kind { api_version, kind } => {
            index().root(version, index().kind(api_version, kind)?.definition)?
        }
        Target::Definition(name) | Target::Part(name) => index().root(version, name)?,
    };
    // The root is a copy: what a definition inside requires of the same thing stays.
    if matches!(target, Target::Part(_)) {
        root.remove("required");
    }
    root.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    definitions.sort_keys();
    root.insert("$defs".to_owned(), Json::Object(definitions));
    Some(Json::Object(root))
}

/// The scope of a kind with a schema in some version of an API group. Those of Kubernetes itself are
/// namespaced but for the few that a table has.
pub(super) fn scope(group: &str, kind: &str) -> Option<Scope> {
    let of_group = |api_version: &str| api_version.rsplit_once('/').map_or("", |(group, _)| group) == group;
    let mut kinds = index().kinds.iter();
    kinds.find(|known| known.name == kind && of_group(known.api_version)).map(|known| known.scope)
}

/// All kinds with a schema in some version.
pub(super) fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    index().kinds.iter().map(|kind| (kind.api_version, kind.name))
}

/// The names of all definitions.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    index().definitions.keys().copied()
}

fn index() -> &'static Index {
    INDEX.get_or_init(|| {
        let mut index = Index::default();
        for line in TEXTS.iter().flat_map(|text| text.lines()) {
            index
                .add(line)
                .expect("the data has the format that its generator writes, a test reads all of it");
        }
        index
    })
}

impl Index {
    fn add(&mut self, line: &'static str) -> Option<()> {
        if let Some(kind) = line.strip_prefix("kind ") {
            let mut words = kind.split(' ');
            let (api_version, name) = (words.next()?, words.next()?);
            let scope = match words.next()? {
                "Cluster" => Scope::Cluster,
                _ => Scope::Namespaced,
            };
            self.kinds.push(Kind { api_version, name, scope, definition: words.next()? });
            return Some(());
        }
        let mut words = line.splitn(4, ' ');
        let (name, first, last, text) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let versions = match (first, last) {
            ("-", "-") => (0, u32::MAX),
            _ => (minor(first)?, minor(last)?),
        };
        let known = self.definitions.entry(name).or_default();
        if known.is_empty()
            && let Some((_, short)) = name.rsplit_once('.')
        {
            let others = self.short.entry(short).or_insert(Some(name));
            *others = others.filter(|other| *other == name);
        }
        known.push(Definition { versions, text });
        Some(())
    }

    fn kind(&self, api_version: &str, kind: &str) -> Option<&Kind> {
        self.kinds.iter().find(|known| known.api_version == api_version && known.name == kind)
    }

    /// Parses a definition as a version has it.
    fn parse(&self, version: Version, name: &str) -> Option<Map<String, Json>> {
        let within = |known: &&Definition| (known.versions.0..=known.versions.1).contains(&version.minor());
        let definition = self.definitions.get(name)?.iter().find(within)?;
        serde_json::from_str(definition.text).expect("the data is JSON, a test reads all of it")
    }

    /// Returns what a name and a path lead to, and all definitions that it needs.
    fn root(&self, version: Version, target: &str) -> Option<(Map<String, Json>, Map<String, Json>)> {
        let (name, path) = target.split_once('/').unwrap_or((target, ""));
        let name = self.short.get(name).copied().flatten().unwrap_or(name);
        let mut root = self.parse(version, name)?;
        for step in path.split('/').filter(|step| !step.is_empty()) {
            let next = match step {
                "[]" => root.remove("items")?,
                step => root.get_mut("properties")?.as_object_mut()?.remove(step)?,
            };
            let Json::Object(next) = next else { return None };
            root = match next.get("$ref").and_then(referred) {
                Some(name) => self.parse(version, name)?,
                None => next,
            };
        }
        let mut definitions = Map::new();
        let mut wanted = Vec::new();
        references(&root, &mut wanted);
        while let Some(name) = wanted.pop() {
            if !definitions.contains_key(&name) {
                let definition = self.parse(version, &name)?;
                references(&definition, &mut wanted);
                definitions.insert(name, Json::Object(definition));
            }
        }
        Some((root, definitions))
    }
}

fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.parse().ok()
}

/// The definition that a `$ref` names.
fn referred(reference: &Json) -> Option<&str> {
    reference.as_str()?.strip_prefix("#/$defs/")
}

/// Collects the definitions that a schema refers to.
fn references(schema: &Map<String, Json>, found: &mut Vec<String>) {
    for (key, value) in schema {
        match value {
            Json::String(_) if key == "$ref" => found.extend(referred(value).map(str::to_owned)),
            Json::Object(inner) => references(inner, found),
            Json::Array(items) => {
                items.iter().filter_map(Json::as_object).for_each(|item| references(item, found));
            }
            _ => {}
        }
    }
}
