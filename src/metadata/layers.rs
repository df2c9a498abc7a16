//! Which layers an API stands on.

use crate::platform::LoadedPlatform;
use crate::yaml::{Entry, Node, SourceId, Sources, Span, Value};

use super::merge::{empty_map, merge};

/// The id of metadata.yaml.
pub const API: SourceId = SourceId(2);

/// Keys of an environment that say where it applies and not what.
const NOT_MERGED: &[&str] = &["enabled"];

/// The key under which an API names its workloads, where it has several.
pub(super) const WORKLOADS: &str = "workloads";

/// Keys that say a container: the main one, and each sidecar and init container.
pub const CONTAINER_KEYS: &[&str] =
    &["image", "command", "args", "ports", "env", "envFrom", "probes", "resources", "container"];

/// Keys that say the rest of a workload. At the top of a file with `workloads` they hold for each.
pub const WORKLOAD_KEYS: &[&str] = &[
    "kind",
    "identity",
    "service",
    "replicas",
    "autoscaling",
    "disruptionBudget",
    "strategy",
    "annotations",
    "podLabels",
    "podAnnotations",
    "serviceAccount",
    "volumes",
    "initContainers",
    "sidecars",
    "pod",
    "spec",
    "schedule",
    "job",
];

/// Keys at the top that cannot hold for several workloads: two objects cannot have one name.
pub(super) const NOT_SHARED: &[&str] = &["identity"];

/// Tells whether a key says a part of a workload.
pub(super) fn is_of_workload(key: &str) -> bool {
    WORKLOAD_KEYS.contains(&key) || CONTAINER_KEYS.contains(&key)
}

/// Tells whether a key at the top of a file with `workloads` holds for each of them.
pub fn holds_for_all(key: &str) -> bool {
    is_of_workload(key) && !NOT_SHARED.contains(&key)
}

/// Returns a tree for each of `workloads`: what the top of the file says for all, and over it what
/// the workload says itself.
///
/// The own key wins whatever layer the shared one came from: it is the more specific of the two.
pub(super) fn share(tree: &Node, nothing_there: &mut dyn FnMut(&Entry)) -> Vec<Node> {
    let Some(workloads) = tree.get(WORKLOADS) else { return Vec::new() };
    let shared = keep(tree, holds_for_all);
    let mut own = |entry: &Entry| merge(shared.clone(), &entry.node, nothing_there);
    workloads.entries().iter().map(&mut own).collect()
}

/// Merges the layers of one API.
#[derive(Debug)]
pub struct Layers<'a> {
    /// The two weaker layers.
    pub platform: &'a LoadedPlatform,
    /// All three files.
    pub sources: &'a Sources<'a>,
}

impl Layers<'_> {
    /// Merges built-in defaults, the platform's defaults for this API, and the top of its file.
    ///
    /// What was adopted gets neither: it renders what ran before, and nothing more.
    pub fn top(&self, written: &Node, nothing_there: &mut dyn FnMut(&Entry)) -> Node {
        if written.get("profile").and_then(Node::as_str) == Some("adopted") {
            return merge(empty_map(written.span), &without(written, &["environments"]), nothing_there);
        }
        let mut tree = self.platform.built_in_tree.clone();
        for layer in self.platform_layers(written) {
            tree = merge(tree, &layer, nothing_there);
        }
        merge(tree, &without(written, &["environments"]), nothing_there)
    }

    /// Merges what one environment says over the top.
    pub fn environment(&self, top: Node, over: &Node, nothing_there: &mut dyn FnMut(&Entry)) -> Node {
        let span = top.span;
        let mut merged = merge(top, &without(over, NOT_MERGED), nothing_there);
        // The API is written where its file starts, even where an environment changes a part.
        merged.span = span;
        merged
    }

    /// Returns the parts of platform.yaml that hold for this API, weakest first: the tier's
    /// resources, then each entry of `defaults` whose `match` fits.
    fn platform_layers(&self, written: &Node) -> Vec<Node> {
        let platform = &self.platform.tree;
        let mut layers = Vec::new();
        let tier = written.get("tier").and_then(Node::as_str);
        if let Some(tier) = tier.and_then(|tier| platform.get("tiers")?.get(tier)) {
            let sizes = only(tier, &["requests", "limits"]);
            if !sizes.entries().is_empty() {
                layers.push(wrap("resources", sizes));
            }
        }
        for entry in platform.get("defaults").map(Node::items).unwrap_or_default() {
            if entry.get("match").is_none_or(|wanted| fits(wanted, written)) {
                layers.push(without(entry, &["match"]));
            }
        }
        layers
    }
}

/// Tells whether an API is one that a `match` means: every key that it names has one of its values.
fn fits(wanted: &Node, written: &Node) -> bool {
    wanted.entries().iter().all(|entry| {
        let actual = match &*entry.key {
            "team" => written.get("owner").and_then(|owner| owner.get("team")),
            key => written.get(key),
        };
        let Some(actual) = actual.and_then(Node::as_str) else { return false };
        match &entry.node.value {
            Value::Seq(items) => items.iter().any(|item| item.as_str() == Some(actual)),
            _ => entry.node.as_str() == Some(actual),
        }
    })
}

fn without(map: &Node, keys: &[&str]) -> Node {
    keep(map, |key| !keys.contains(&key))
}

fn only(map: &Node, keys: &[&str]) -> Node {
    keep(map, |key| keys.contains(&key))
}

fn keep(map: &Node, wanted: impl Fn(&str) -> bool) -> Node {
    let entries = map.entries().iter().filter(|entry| wanted(&entry.key)).cloned().collect();
    Node { span: map.span, value: Value::Map(entries) }
}

fn wrap(key: &str, node: Node) -> Node {
    let span: Span = node.span;
    let mut map = empty_map(span);
    map.value = Value::Map(vec![Entry { key: key.into(), key_span: span, node }]);
    map
}
