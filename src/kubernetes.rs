//! What Kubernetes itself says of its objects: the schemas of its kinds and of the custom resources
//! that are rendered beside them, for several versions, inside the binary.
//!
//! `schemas/kubernetes/README.md` says where the data comes from. Nothing of it is read before the
//! first question; a schema is made when it is first asked for, and kept.

mod kinds;
mod store;
mod version;

pub use kinds::{Removed, Scope, is_cluster_kind, kinds, removed, scope};
pub use store::is_loaded;
pub use version::{Nearest, VERSIONS, Version};

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use serde_json::Value as Json;

use crate::diagnostic::Sink;
use crate::schema::{Schema, codes};
use crate::yaml::{Node, Sources, Value};

/// What a tree is held against.
///
/// A definition is named as Kubernetes names it in its published API, without `io.k8s.api.`, or by its last
/// part where that says it all: `core.v1.PodSpec` or `PodSpec`, but `autoscaling.v2.HorizontalPodAutoscalerSpec`.
/// A path may follow, `[]` for any item of a list: `argoproj.io.v1alpha1.Rollout/spec/strategy/canary`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target<'a> {
    /// A whole object.
    Kind {
        /// Its `apiVersion`.
        api_version: &'a str,
        /// Its `kind`.
        kind: &'a str,
    },
    /// A whole value, such as a volume.
    Definition(&'a str),
    /// A map that is put into a whole one later, such as what `pod` says of a pod: nothing is required of
    /// the map itself. Inside it everything is.
    Part(&'a str),
}

/// Says what a version of Kubernetes knows of a target; `None` if nothing.
///
/// The schema is strict: a key that it does not know is refused.
pub fn schema(version: Version, target: Target<'_>) -> Option<Arc<Schema>> {
    type Cache = BTreeMap<(Version, &'static str, String), Arc<OnceLock<Option<Arc<Schema>>>>>;
    static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);
    let key = match target {
        Target::Kind { api_version, kind } => (version, "kind", format!("{api_version} {kind}")),
        Target::Definition(name) => (version, "definition", name.to_owned()),
        Target::Part(name) => (version, "part", name.to_owned()),
    };
    let place = CACHE.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone();
    // Outside the lock: others go on while one is made, and only those wait that want the same.
    place.get_or_init(|| store::schema(version, target).map(Arc::new)).clone()
}

/// Holds a tree against a target: puts a finding into `sink` for each violation, and tells whether there
/// was none. `None` if the version knows nothing of the target.
///
/// `place` is the path to the tree in its file, so that findings name `pod.affinity` and not `affinity`.
/// A key with `null` behind it is no key, as for the API server, but its name is looked at.
pub fn check(
    version: Version,
    target: Target<'_>,
    place: &[&str],
    tree: &Node,
    sources: &Sources<'_>,
    sink: &mut Sink,
) -> Option<bool> {
    let schema = schema(version, target)?;
    let json = tree.to_json();
    if !has_omissions(tree) {
        return Some(schema.check_below(place, tree, &json, sources, sink));
    }
    let before = sink.len();
    // Unknown keys are found in what is written, all else in what is left of it.
    for (json, names) in [(&json, true), (&without_omissions(&json), false)] {
        let mut found = Sink::default();
        schema.check_below(place, tree, json, sources, &mut found);
        let found = found.into_findings().into_iter();
        found
            .filter(|finding| names == (finding.code == &codes::UNKNOWN_KEY))
            .for_each(|finding| sink.push(finding));
    }
    Some(sink.len() == before)
}

/// Tells whether a key has `null` behind it.
fn has_omissions(node: &Node) -> bool {
    node.items().iter().any(has_omissions)
        || node.entries().iter().any(|entry| entry.node.value == Value::Null || has_omissions(&entry.node))
}

fn without_omissions(json: &Json) -> Json {
    match json {
        Json::Array(items) => items.iter().map(without_omissions).collect(),
        Json::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_omissions(value)))
            .collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
